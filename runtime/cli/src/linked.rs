//! The running objects that a library is linked into.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context as _, Result};
use bpf_subskeleton::{Problem, Running, private};
use bpf_subskeleton_object::btf::{Btf, Type};
use bpf_subskeleton_object::model::Library;

use crate::description::describe;
use crate::globals::ENDIAN;
use crate::library::ObjectFile;

/// A running object that has everything of a library, by name.
pub(crate) struct Linked {
    pub(crate) object: Running,
    /// What the library's companion would say to it.
    pub(crate) problems: Vec<Problem>,
}

/// The running objects that the library in the file is linked into.
pub(crate) fn find(library: &Path) -> Result<Vec<Linked>> {
    let file = ObjectFile::read(library)?;
    let library = file.library()?;
    let description = describe(&library).with_context(|| file.path().display().to_string())?;
    let names = names(&library);
    let objects = Running::all()?.into_iter();
    let linked = objects
        .filter(|object| has_all(object, &names))
        .map(|object| {
            let mut problems = Vec::new();
            if let Err(error) = private::bind(&object, description) {
                problems.extend_from_slice(error.problems());
            }
            if let Err(error) = private::programs(&object, description) {
                problems.extend_from_slice(error.problems());
            }
            Linked { object, problems }
        });
    Ok(linked.collect())
}

/// The names of all that a companion asks for.
fn names(library: &Library<'static>) -> HashSet<&'static str> {
    let programs = library.programs.iter().map(|program| program.name);
    let struct_ops = library.struct_ops.iter().map(|ops| ops.name);
    library.names().chain(programs).chain(struct_ops).collect()
}

fn has_all(object: &Running, names: &HashSet<&str>) -> bool {
    let Ok(btf) = Btf::parse(object.btf_data(), ENDIAN) else {
        return false;
    };
    let found = btf.iter().filter_map(|(_, ty)| match ty {
        Type::Variable { name, .. } | Type::Function { name, .. } => Some(*name),
        _ => None,
    });
    let found: HashSet<_> = found.filter(|name| names.contains(name)).collect();
    !names.is_empty() && found.len() == names.len()
}

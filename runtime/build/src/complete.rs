//! Whether a linked object has all that it uses.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use bpf_subskeleton_object::elf::Elf;
use bpf_subskeleton_object::model::{Library, ReadError};

use crate::error::{Error, Kind};

/// Refuses an object that uses what is neither in it nor in the kernel: libbpf can't open it. It says no more than
/// `failed to find BTF for extern`, and that at run time.
pub(crate) fn check_complete(object: &Path) -> Result<(), Error> {
    let bytes = fs::read(object).map_err(|error| Error::file(object, error))?;
    let damaged = |reason: String| Error::from(Kind::Object(object.to_owned(), reason));
    let elf = Elf::parse(&bytes).map_err(|error| damaged(error.to_string()))?;
    let library = match Library::read(&bytes) {
        Ok(library) => library,
        // Nothing says what is missing.
        Err(ReadError::NoBtf) => return Ok(()),
        Err(error) => return Err(damaged(error.to_string())),
    };
    // libbpf goes by symbols, and takes declarations that nothing uses.
    let undefined = elf.symbols.iter().filter(|symbol| symbol.section.is_none());
    let undefined: BTreeSet<_> = undefined.map(|symbol| symbol.name).collect();
    let mut needs = library.needs();
    needs.retain(|need| !need.kind.is_in_kernel() && undefined.contains(need.name));
    if needs.is_empty() {
        return Ok(());
    }
    let missing = needs
        .iter()
        .map(|need| {
            let weak = match need.weak {
                true => ": only its definition can be weak",
                false => "",
            };
            format!("{} `{}`{weak}", need.kind, need.declaration)
        })
        .collect();
    // Don't leave it for anyone to load.
    fs::remove_file(object).map_err(|error| Error::file(object, error))?;
    Err(Kind::Undefined(missing).into())
}

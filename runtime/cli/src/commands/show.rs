//! `subskeleton show`: what a library offers, what it needs, and what to watch for.

mod hazards;
mod initial;
mod json;
mod maps;
mod needs;
mod text;

use std::process::ExitCode;

use anyhow::{Result, bail};
use bpf_subskeleton_object::btf::{Btf, Linkage, Type};
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::model::{Hidden, Library, Reason};
use bpf_subskeleton_object::{Misplaced, VerifyError, verify_linked};

use crate::args::Show;
use crate::library::ObjectFile;
use crate::output;

pub(crate) fn run(args: &Show, as_json: bool) -> Result<ExitCode> {
    let file = ObjectFile::read(&args.library)?;
    let interface = Interface {
        library: file.library()?,
        misplaced: misplaced(&file)?,
    };
    match as_json {
        true => output::write_json(&interface.to_json(&file))?,
        false => output::write(interface.to_text())?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What is shown.
struct Interface {
    library: Library<'static>,
    misplaced: Vec<Misplaced>,
}

fn misplaced(file: &ObjectFile) -> Result<Vec<Misplaced>> {
    match verify_linked(file.bytes()) {
        Ok(()) => Ok(Vec::new()),
        Err(VerifyError::Misplaced(misplaced)) => Ok(misplaced),
        Err(error) => bail!("{}: {error}", file.path().display()),
    }
}

impl Interface {
    /// The functions that other objects can call.
    fn functions(&self) -> impl Iterator<Item = &Hidden<'static>> {
        let functions = self.library.hidden.iter();
        functions.filter(|hidden| {
            hidden.reason == Reason::Function
                && matches!(
                    self.library.btf.ty(hidden.id),
                    Type::Function {
                        linkage: Linkage::Global,
                        ..
                    }
                )
        })
    }

    /// The variables that user space can't get at, and why.
    fn out_of_reach(&self) -> impl Iterator<Item = (&Hidden<'static>, &'static str)> {
        let hidden = self.library.hidden.iter();
        hidden.filter_map(|hidden| {
            let reason = match hidden.reason {
                Reason::Static => "static",
                Reason::Visibility => "__hidden",
                // These are for libbpf and the kernel.
                Reason::Section if matches!(hidden.section, Some("license" | "version")) => {
                    return None;
                }
                Reason::Section => "in a section that libbpf makes no map of",
                _ => return None,
            };
            Some((hidden, reason))
        })
    }
}

/// The C declaration of a variable or function.
fn hidden_declaration(btf: &Btf<'_>, hidden: &Hidden<'_>) -> String {
    match btf.ty(hidden.id) {
        Type::Variable { ty, .. } | Type::Function { proto: ty, .. } => {
            declaration(btf, *ty, hidden.name)
        }
        _ => hidden.name.to_owned(),
    }
}

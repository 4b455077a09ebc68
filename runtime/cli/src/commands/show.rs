//! `subskeleton show`: what a library offers, what it needs, and what to watch for.

mod hazards;
mod initial;
mod json;
mod maps;
mod text;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, anyhow, bail};
use bpf_subskeleton_object::btf::{Linkage, Type};
use bpf_subskeleton_object::model::{Hidden, Library, Reason};
use bpf_subskeleton_object::{Misplaced, VerifyError, verify_linked};

use crate::args::Show;
use crate::library::ObjectFile;
use crate::{object, output};

pub(crate) fn run(args: &Show, as_json: bool) -> Result<ExitCode> {
    let file = ObjectFile::read(&args.library).map_err(|error| explain(error, &args.library))?;
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

/// Says so if it is no file but a running object.
fn explain(error: anyhow::Error, library: &Path) -> anyhow::Error {
    let text = library.to_string_lossy();
    // Without privilege nobody knows what runs: then the file is missing.
    let runs = !library.is_file() && object::all(&text).is_ok_and(|all| !all.is_empty());
    match runs {
        true => anyhow!(
            "`{text}` is a running object, and `show` takes a file: `subskeleton get {text}` shows its variables"
        ),
        false => error,
    }
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

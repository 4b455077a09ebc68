//! Linking, so that user space finds what BPF code uses.
//!
//! libbpf's linker concatenates sections and adjusts the offsets of variables in BTF, but not always that of a weak
//! variable that another one replaces, nor, in a second pass, that of a global that follows a static of its name.
//! So each result is compared with the ELF symbols; where they differ, another order or one more pass is tried.

use std::collections::BTreeMap;
use std::ffi::{CString, c_char, c_int};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::ptr::NonNull;

use bpf_subskeleton_object::elf::{Binding, Elf, SymbolKind};
use bpf_subskeleton_object::{VerifyError, verify_linked};

use crate::error::{Definition, Error, Kind, Split};
use crate::printf::listening;

/// Links `inputs` to `output`.
///
/// # Errors
///
/// If the linker refuses, or BTF and symbols disagree on a variable in everything that it makes.
pub(crate) fn link(inputs: &[PathBuf], output: &Path) -> Result<(), Error> {
    check_sections(inputs)?;
    let once = output.with_extension("once.o");
    let reversed: Vec<_> = inputs.iter().rev().cloned().collect();
    let mut first = None;
    for order in [inputs, &reversed] {
        run(order, output)?;
        let Some(misplaced) = misplaced(output)? else {
            return Ok(());
        };
        // The second pass sees the linker's own output.
        fs::copy(output, &once).map_err(|error| Error::file(&once, error))?;
        run(std::slice::from_ref(&once), output)?;
        if self::misplaced(output)?.is_none() {
            return Ok(());
        }
        first.get_or_insert(misplaced);
    }
    // Don't leave it for anyone to load.
    fs::remove_file(output).map_err(|error| Error::file(output, error))?;
    Err(Kind::Misplaced(first.unwrap_or_default()).into())
}

/// The variables on whose place BTF and symbols disagree, if any.
fn misplaced(object: &Path) -> Result<Option<Vec<bpf_subskeleton_object::Misplaced>>, Error> {
    let bytes = fs::read(object).map_err(|error| Error::file(object, error))?;
    match verify_linked(&bytes) {
        Ok(()) => Ok(None),
        Err(VerifyError::Misplaced(misplaced)) => Ok(Some(misplaced)),
        Err(error) => Err(Kind::Object(object.to_owned(), error.to_string()).into()),
    }
}

/// Refuses a weak variable that is also defined in another section: the linker writes the bytes of a strong one over a
/// neighbour of the weak one, or crashes, or says "section mismatch" and no more.
fn check_sections(inputs: &[PathBuf]) -> Result<(), Error> {
    let mut definitions: BTreeMap<String, Vec<(Binding, Definition)>> = BTreeMap::new();
    for input in inputs {
        let bytes = fs::read(input).map_err(|error| Error::file(input, error))?;
        let elf =
            Elf::parse(&bytes).map_err(|error| Kind::Object(input.clone(), error.to_string()))?;
        for symbol in &elf.symbols {
            let section = symbol.section.and_then(|index| elf.sections.get(index));
            let (Some(section), SymbolKind::Object) = (section, symbol.kind) else {
                continue;
            };
            if symbol.binding != Binding::Local {
                let definition = Definition {
                    object: input.clone(),
                    section: section.name.to_owned(),
                };
                let all = definitions.entry(symbol.name.to_owned()).or_default();
                all.push((symbol.binding, definition));
            }
        }
    }
    let split = definitions.into_iter().filter_map(|(name, all)| {
        let (_, weak) = all.iter().find(|(binding, _)| *binding == Binding::Weak)?;
        let (_, other) = all
            .iter()
            .find(|(_, other)| other.section != weak.section)?;
        Some(Split {
            name,
            weak: weak.clone(),
            other: other.clone(),
        })
    });
    let split: Vec<_> = split.collect();
    match split.is_empty() {
        true => Ok(()),
        false => Err(Kind::Sections(split).into()),
    }
}

/// One pass of libbpf's linker.
fn run(inputs: &[PathBuf], output: &Path) -> Result<(), Error> {
    let (result, messages) = listening(|| {
        let mut linker = Linker::new(output)?;
        inputs.iter().try_for_each(|input| linker.add(input))?;
        linker.finish()
    });
    result.map_err(|()| {
        // Half an object is worse than none.
        let _ = fs::remove_file(output);
        let reason = match messages.trim() {
            "" => "it does not say why",
            messages => messages,
        };
        let reason = reason.to_owned();
        let inputs = inputs.to_vec();
        Kind::Link { inputs, reason }.into()
    })
}

/// libbpf's linker. libbpf-rs 0.27's panics in debug builds (such as build scripts) when libbpf refuses.
struct Linker(NonNull<libbpf_sys::bpf_linker>);

impl Linker {
    fn new(output: &Path) -> Result<Self, ()> {
        let output = c_path(output)?;
        // SAFETY: the path ends with a NUL, and options may be NULL.
        let linker = unsafe { libbpf_sys::bpf_linker__new(output.as_ptr(), std::ptr::null_mut()) };
        NonNull::new(linker).map(Self).ok_or(())
    }

    fn add(&mut self, input: &Path) -> Result<(), ()> {
        let input = c_path(input)?;
        let (linker, input): (_, *const c_char) = (self.0.as_ptr(), input.as_ptr());
        // SAFETY: the linker is valid until it is dropped, the path ends with a NUL, and options may be NULL.
        success(unsafe { libbpf_sys::bpf_linker__add_file(linker, input, std::ptr::null()) })
    }

    fn finish(&mut self) -> Result<(), ()> {
        // SAFETY: the linker is valid until it is dropped.
        success(unsafe { libbpf_sys::bpf_linker__finalize(self.0.as_ptr()) })
    }
}

impl Drop for Linker {
    fn drop(&mut self) {
        // SAFETY: the linker is valid, and not used after this.
        unsafe { libbpf_sys::bpf_linker__free(self.0.as_ptr()) }
    }
}

fn success(result: c_int) -> Result<(), ()> {
    match result {
        0 => Ok(()),
        _ => Err(()),
    }
}

fn c_path(path: &Path) -> Result<CString, ()> {
    CString::new(path.as_os_str().as_bytes()).map_err(drop)
}

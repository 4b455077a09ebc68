//! What the user calls OBJECT: which running object is meant.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Result, bail};
use bpf_subskeleton::Running;

use crate::linked;

/// Before the id of an object's BTF, which each load has one of.
pub(crate) const BTF: &str = "btf:";

/// The running object that `text` names.
///
/// # Errors
///
/// If there is none, or more than one; the error lists these.
pub(crate) fn find(text: &str) -> Result<Running> {
    let path = Path::new(text);
    if is_elf(path) {
        return of_library(text, path);
    }
    one_of(text, all(text)?)
}

/// The running objects that `text` names, if it is not the file of a library.
pub(crate) fn all(text: &str) -> Result<Vec<Running>> {
    if text.contains('/') {
        return Ok(vec![Running::from_pinned(text)?]);
    }
    if let Ok(id) = text.parse() {
        return Ok(vec![Running::from_program_id(id)?]);
    }
    let mut objects = Running::all()?;
    if let Some(id) = text.strip_prefix(BTF) {
        objects.retain(|object| object.btf_id().to_string() == id);
        return Ok(objects);
    }
    // A program's name is exact, while that of an object is cut: an exact one is the one that is meant.
    let tag = tag(text);
    let has_program = |object: &Running| {
        let mut programs = object.programs().iter();
        programs.any(|program| program.name() == text || tag == Some(program.tag()))
    };
    let by_program = objects.iter().any(has_program);
    objects.retain(|object| match by_program {
        true => has_program(object),
        false => is_name(text, object),
    });
    Ok(objects)
}

/// Says so if something failed because the object has gone meanwhile.
pub(crate) fn explain(error: anyhow::Error, object: &Running) -> anyhow::Error {
    match object.is_current() {
        true => error,
        false => error.context("the object is gone"),
    }
}

/// The running object that a library binds to.
fn of_library(text: &str, path: &Path) -> Result<Running> {
    let linked = linked::find(path)?;
    let (fitting, other): (Vec<_>, Vec<_>) = linked
        .into_iter()
        .partition(|linked| linked.problems.is_empty());
    match other.first() {
        Some(other) if fitting.is_empty() => {
            let problems = other.problems.iter();
            let problems: String = problems.map(|problem| format!("\n  {problem}")).collect();
            bail!(
                "the library in `{text}` is in {BTF}{}, but was built differently:{problems}",
                other.object.btf_id()
            )
        }
        None if fitting.is_empty() => bail!("the library in `{text}` is in no running object"),
        _ => {}
    }
    one_of(
        text,
        fitting.into_iter().map(|linked| linked.object).collect(),
    )
}

fn one_of(text: &str, mut objects: Vec<Running>) -> Result<Running> {
    match objects.len() {
        0 => bail!("no running object is called `{text}`; `subskeleton list` shows what runs"),
        1 => Ok(objects.remove(0)),
        count => {
            let lines = objects.iter().map(|object| {
                let programs = object.programs().iter();
                let names: Vec<_> = programs
                    .map(|program| program.name().to_string_lossy())
                    .collect();
                let programs = match names.is_empty() {
                    true => "without programs".to_owned(),
                    false => names.join(", "),
                };
                format!("\n  {BTF}{}: {programs}", object.btf_id())
            });
            bail!(
                "{count} running objects are called `{text}`:{}",
                lines.collect::<String>()
            )
        }
    }
}

/// Whether libbpf gave the object this name: it begins the names of sections' maps, cut to 7 or 8 characters
/// (`internal_map_name`).
fn is_name(text: &str, object: &Running) -> bool {
    const CUT: usize = 7;
    object.maps().iter().any(|map| {
        let name = map.name().to_str().unwrap_or_default();
        let Some((prefix, section)) = name.find('.').and_then(|dot| name.split_at_checked(dot))
        else {
            return false;
        };
        let is_section = [".bss", ".data", ".rodata", ".kconfig"].contains(&section);
        is_section && (prefix == text || (prefix.len() >= CUT && text.starts_with(prefix)))
    })
}

/// A program's tag, as `bpftool prog` writes it: 16 hexadecimal digits.
fn tag(text: &str) -> Option<[u8; 8]> {
    let is_tag = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let tag = is_tag.then(|| u64::from_str_radix(text, 16).ok());
    tag.flatten().map(u64::to_be_bytes)
}

/// Whether it is an object file, and not something pinned.
fn is_elf(path: &Path) -> bool {
    let mut magic = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut magic));
    read.is_ok() && magic == *b"\x7fELF"
}

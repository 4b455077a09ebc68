//! Programs: finding them by name, and comparing the contexts that user space runs them with.

use core::ffi::CStr;
use core::ptr::NonNull;
use std::collections::{HashMap, HashSet};
use std::ffi::{CString, OsStr};
use std::os::fd::OwnedFd;

use libbpf_rs::{Object, OpenProgramMut, ProgIter, libbpf_sys};

use super::btf::{Btf, Kind};
use super::types::Checker;
use crate::describe;
use crate::error::{self, Problem, Subject};
use crate::program::{OpenedProgram, Program};
use crate::running::{Running, RunningProgram};

/// Finds programs of a loaded object.
pub(super) fn loaded<'obj>(
    object: &'obj Object,
    programs: &[describe::Program],
    problems: &mut Vec<Problem>,
) -> Vec<Program<'obj, Object>> {
    let by_name = object
        .progs_mut()
        .map(|program| (program.name(), program))
        .collect();
    let found = find(programs, by_name, problems);
    found.into_iter().map(Program::new).collect()
}

/// Finds programs of an object that is not yet loaded.
///
/// # Safety
///
/// The object is mutably borrowed for `'obj`, and nobody else has a handle to one of its programs.
pub(super) unsafe fn open<'obj>(
    object: NonNull<libbpf_sys::bpf_object>,
    programs: &[describe::Program],
    problems: &mut Vec<Problem>,
) -> Vec<OpenProgramMut<'obj>> {
    // SAFETY: the caller's promise.
    let object: &'obj libbpf_sys::bpf_object = unsafe { object.as_ref() };
    let by_name = ProgIter::new(object)
        .map(|mut program| {
            // SAFETY: the iterator gives each program once, so there is one mutable handle to each.
            let program = OpenProgramMut::new_mut(unsafe { program.as_mut() });
            (program.name(), program)
        })
        .collect();
    find(programs, by_name, problems)
}

/// Finds programs among the names of those of an object file.
pub(super) fn named(names: &[&str], programs: &[describe::Program], problems: &mut Vec<Problem>) {
    let by_name = names.iter().map(|name| (OsStr::new(*name), ())).collect();
    find(programs, by_name, problems);
}

fn find<P>(
    programs: &[describe::Program],
    mut by_name: HashMap<&OsStr, P>,
    problems: &mut Vec<Problem>,
) -> Vec<P> {
    let mut found = Vec::with_capacity(programs.len());
    for program in programs {
        let name = program.name();
        match by_name.remove(OsStr::new(name)) {
            Some(program) => found.push(program),
            None => {
                let others = by_name.keys().filter_map(|name| name.to_str());
                let text = error::missing(name, others);
                problems.push(Problem::new(Subject::Program, name, text));
            }
        }
    }
    found
}

/// Compares the contexts that user space runs programs with.
pub(super) fn check_contexts(
    btf: Btf<'_>,
    programs: &[describe::Program],
    problems: &mut Vec<Problem>,
) {
    let contexts: HashMap<_, _> = programs
        .iter()
        .filter_map(|program| Some((program.name(), program.context()?)))
        .collect();
    if contexts.is_empty() {
        return;
    }
    for ty in btf.types() {
        let (Kind::Function { proto }, Ok(name)) = (ty.kind, ty.name().to_str()) else {
            continue;
        };
        let Some(expected) = contexts.get(name) else {
            continue;
        };
        let Kind::FunctionProto { first: Some(first) } = btf.ty(proto).kind else {
            continue;
        };
        if let Kind::Pointer { to } = btf.resolve(first).kind {
            let path = format!("{name}(context)");
            Checker::new(btf, Subject::Program, problems).check(&path, expected, to);
        }
    }
}

/// Finds programs of a running object. Those that it has but did not load are none of its problems.
pub(super) fn running<'obj>(
    running: &'obj Running,
    programs: &'static [describe::Program],
    problems: &mut Vec<Problem>,
) -> Vec<Program<'obj, Running>> {
    let functions = functions(running.btf());
    let found = programs.iter().filter_map(|program| {
        let name = program.name();
        let loaded = loaded_program(running, &functions, name);
        let problem = |text| problems.push(Problem::new(Subject::Program, name, text));
        let loaded = loaded.map_err(problem).ok()?;
        Some(Program::running(OpenedProgram { name, loaded }))
    });
    found.collect()
}

/// The names of the object's functions, its programs among them.
fn functions(btf: Btf<'_>) -> HashSet<&CStr> {
    let functions = btf.types().filter_map(|ty| match ty.kind {
        Kind::Function { .. } => Some(ty.name()),
        _ => None,
    });
    functions.collect()
}

fn loaded_program<'obj>(
    running: &'obj Running,
    functions: &HashSet<&CStr>,
    name: &str,
) -> Result<Option<(&'obj RunningProgram, OwnedFd)>, String> {
    let is_function = CString::new(name).is_ok_and(|name| functions.contains(name.as_c_str()));
    let programs = running.programs().iter();
    let mut programs = programs.filter(|program| is_function && program.may_be(name));
    match (programs.next(), programs.count()) {
        (Some(program), 0) => Ok(Some((program, running.open(program)?))),
        (Some(_), others) => Err(format!(
            "the kernel has {} programs whose names begin so: it keeps 15 characters of a name",
            others + 1
        )),
        (None, _) if is_function => Ok(None),
        (None, _) => {
            let others = functions.iter().filter_map(|name| name.to_str().ok());
            Err(error::missing(name, others))
        }
    }
}

//! Programs: finding them by name, and comparing their types and the contexts that user space runs them with.

use core::ffi::CStr;
use core::ptr::NonNull;
use std::collections::{HashMap, HashSet};
use std::ffi::{CString, OsStr};
use std::os::fd::OwnedFd;

use libbpf_rs::{Object, OpenProgramMut, ProgIter, ProgramMut, libbpf_sys};

use super::btf::{Btf, Kind};
use super::types::Checker;
use crate::describe;
use crate::error::{self, Problem, Subject};
use crate::program::{OpenedProgram, Program};
use crate::running::{Running, RunningProgram};
use crate::type_names;

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
    let ty = |program: &ProgramMut<'_>| Some(program.prog_type() as u32);
    let found = find(programs, by_name, ty, problems);
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
    let ty = |program: &OpenProgramMut<'_>| Some(program.prog_type() as u32);
    find(programs, by_name, ty, problems)
}

/// Finds programs among those of an object file: their names and sections.
pub(super) fn of_file(
    found: &[(&str, &str)],
    programs: &[describe::Program],
    problems: &mut Vec<Problem>,
) {
    let by_name = found
        .iter()
        .map(|(name, section)| (OsStr::new(*name), *section));
    let ty = |section: &&str| type_of_section(section);
    find(programs, by_name.collect(), ty, problems);
}

fn find<P>(
    programs: &[describe::Program],
    mut by_name: HashMap<&OsStr, P>,
    ty: impl Fn(&P) -> Option<u32>,
    problems: &mut Vec<Problem>,
) -> Vec<P> {
    let mut found = Vec::with_capacity(programs.len());
    for program in programs {
        let name = program.name();
        match by_name.remove(OsStr::new(name)) {
            Some(same_name) => {
                problems.extend(another_type(program, ty(&same_name)));
                found.push(same_name);
            }
            None => {
                let others = by_name.keys().filter_map(|name| name.to_str());
                let text = error::missing(name, others);
                problems.push(Problem::new(Subject::Program, name, text));
            }
        }
    }
    found
}

/// What there is to say if a program has another type than that of the library. What it may do and how it is run depends
/// on that.
fn another_type(program: &describe::Program, found: Option<u32>) -> Option<Problem> {
    let (expected, found) = (type_of_section(program.section())?, found?);
    let text = |number| type_names::program_type(number).unwrap_or("unknown");
    (expected != found).then(|| {
        let expected = format!("type {} (`{}`)", text(expected), program.section());
        let found = format!("type {}", text(found));
        Problem::mismatch(Subject::Program, program.name(), expected, found)
    })
}

/// The type that libbpf gives programs of a section. It has none for sections that other tools made up.
fn type_of_section(section: &str) -> Option<u32> {
    // Those that libbpf is not to load by itself begin with `?`.
    let section = CString::new(section.trim_start_matches('?')).ok()?;
    let (mut ty, mut attach_type) = (0, 0);
    // SAFETY: the section is a string, and the others are places for results.
    let error = unsafe {
        libbpf_sys::libbpf_prog_type_by_name(section.as_ptr(), &raw mut ty, &raw mut attach_type)
    };
    (error == 0).then_some(ty)
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
        let ty = loaded.as_ref().map(|(program, _)| program.type_number());
        problems.extend(another_type(program, ty));
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

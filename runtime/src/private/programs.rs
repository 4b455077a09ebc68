//! What can be attached of a library, in a loaded object.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::vec;

use libbpf_rs::{AsRawLibbpf, Object, libbpf_sys};

use super::{OUT_OF_STEP, no_btf};
use crate::Program;
use crate::bind::btf::{Btf, Kind};
use crate::bind::types::Checker;
use crate::describe::{self, Library};
use crate::error::{self, BindError, Problem, Subject};
use crate::struct_ops::{Found, StructOps};
use crate::test_run::{PacketProgram, RawTracepointProgram, SkLookupProgram, SyscallProgram};

/// The programs and `struct_ops` of a library, likewise.
pub struct Programs<'obj> {
    programs: vec::IntoIter<Program<'obj>>,
    struct_ops: vec::IntoIter<StructOps<'obj>>,
}

/// Finds the programs and `struct_ops` of `library`.
pub fn programs<'obj>(
    object: &'obj Object,
    library: &'static Library,
) -> Result<Programs<'obj>, BindError> {
    let mut by_name: HashMap<_, _> = object
        .progs_mut()
        .map(|program| (program.name(), program))
        .collect();
    let mut problems = Vec::new();
    let mut programs = Vec::with_capacity(library.programs.len());
    for program in library.programs {
        match by_name.remove(OsStr::new(program.name())) {
            Some(program) => programs.push(Program::new(program)),
            None => problems.push(missing_program(program, &by_name)),
        }
    }
    // SAFETY: an `Object` holds a valid object for as long as it is borrowed.
    let object = unsafe { object.as_libbpf_object().as_ref() };
    check_contexts(object, library, &mut problems);
    let struct_ops = loaded_struct_ops(object, library, &mut problems);
    match problems.is_empty() {
        true => Ok(Programs {
            programs: programs.into_iter(),
            struct_ops: struct_ops.into_iter(),
        }),
        false => Err(BindError::new(library.name, problems)),
    }
}

fn loaded_struct_ops<'obj>(
    object: &'obj libbpf_sys::bpf_object,
    library: &'static Library,
    problems: &mut Vec<Problem>,
) -> Vec<StructOps<'obj>> {
    if library.struct_ops.is_empty() {
        return Vec::new();
    }
    let Some(btf) = Btf::of(object) else {
        problems.push(no_btf());
        return Vec::new();
    };
    let mut found = Found::new(object, btf);
    let struct_ops = library.struct_ops.iter();
    struct_ops
        .filter_map(|ops| {
            let ops = found.loaded(ops);
            ops.map_err(|problem| problems.push(problem)).ok()
        })
        .collect()
}

/// Compares the contexts that programs are called with.
fn check_contexts(
    object: &libbpf_sys::bpf_object,
    library: &'static Library,
    problems: &mut Vec<Problem>,
) {
    let contexts = library.programs.iter();
    let contexts: HashMap<_, _> = contexts
        .filter_map(|program| Some((program.name(), program.context()?)))
        .collect();
    if contexts.is_empty() {
        return;
    }
    let Some(btf) = Btf::of(object) else {
        return problems.push(no_btf());
    };
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

pub(super) fn missing_program<P>(
    program: &describe::Program,
    others: &HashMap<&OsStr, P>,
) -> Problem {
    let others = others.keys().filter_map(|name| name.to_str());
    let text = error::missing(program.name(), others);
    Problem::new(Subject::Program, program.name(), text)
}

impl<'obj> Programs<'obj> {
    /// The next program.
    pub fn program(&mut self) -> Program<'obj> {
        self.programs.next().expect(OUT_OF_STEP)
    }

    /// The next `struct_ops`.
    pub fn struct_ops(&mut self) -> StructOps<'obj> {
        self.struct_ops.next().expect(OUT_OF_STEP)
    }

    /// The next program, which user space calls with a context.
    pub fn syscall_program<C>(&mut self) -> SyscallProgram<'obj, C> {
        SyscallProgram::new(self.program())
    }

    /// The next program, likewise.
    pub fn sk_lookup_program<C>(&mut self) -> SkLookupProgram<'obj, C> {
        SkLookupProgram::new(self.program())
    }

    /// The next program, which user space calls with a packet.
    pub fn packet_program<C>(&mut self) -> PacketProgram<'obj, C> {
        PacketProgram::new(self.program())
    }

    /// The next program, which user space calls with the arguments of a tracepoint.
    pub fn raw_tracepoint_program(&mut self) -> RawTracepointProgram<'obj> {
        RawTracepointProgram::new(self.program())
    }
}

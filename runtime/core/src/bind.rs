//! Finds what a library describes in an object, and compares the two.
//!
//! [`configure`] before load; [`bind`], [`programs`] and [`arena`](fn@arena) after. Tools ask
//! [`check`](file::check) what these would say to an object that nobody opens.
//! Each finder reports what is missing or different and goes on, so that a [`BindError`] lists everything.

pub(crate) mod addresses;
pub(crate) mod arena;
pub(crate) mod btf;
pub(crate) mod detached;
pub(crate) mod file;
pub(crate) mod handles;
mod hasher;
pub(crate) mod instructions;
pub(crate) mod maps;
pub(crate) mod programs;
pub(crate) mod running;
pub(crate) mod sections;
pub(crate) mod struct_ops;
pub(crate) mod types;
pub(crate) mod variables;

use core::mem::ManuallyDrop;
use std::ffi::OsStr;
use std::os::fd::{AsFd as _, AsRawFd as _, RawFd};
use std::rc::Rc;
use std::sync::Arc;

use libbpf_rs::{AsRawLibbpf as _, MapHandle, Object, OpenObject, ProgramMut};

use self::btf::Btf;
use self::handles::{Bound, BoundArena, Configured, OpenVariable, Programs};
use self::sections::{Image, Mapping};
use self::variables::Sections;
use crate::describe::{Library, Variable};
use crate::error::{BindError, Problem, Subject};
use crate::maps::Presence;
use crate::origin::{Origin, sealed};
use crate::program::OpenedProgram;
use crate::running::Running;
use crate::struct_ops::{ObjectStructOps, RunningStructOps};

/// Something that a library can be bound to: an [`Object`] that this process has loaded, or a [`Running`] one.
#[diagnostic::on_unimplemented(
    message = "a library can't be bound to a `{Self}`",
    label = "expected a loaded `libbpf_rs::Object` or a `bpf_subskeleton::Running`",
    note = "a skeleton has its object in `object()`"
)]
pub trait LoadedObject: sealed::Sealed {
    /// [`Object`] or [`Running`], behind whatever pointer.
    type Origin: Bindable;

    /// The object itself.
    #[doc(hidden)]
    fn origin(&self) -> &Self::Origin;
}

/// An [`Origin`] that libraries are bound to.
#[doc(hidden)]
pub trait Bindable: Origin {
    fn bind_library(&self, library: &'static Library) -> Result<Bound, BindError>;

    fn library_programs(&self, library: &'static Library) -> Result<Programs<'_, Self>, BindError>;

    fn library_arena(&self, library: &'static Library) -> Result<BoundArena<'_>, BindError>;
}

/// What a reference to a smart pointer would be coerced to, if the parameter had one type.
macro_rules! pointers {
    ($($pointer:ty),* $(,)?) => {$(
        impl<T: LoadedObject + ?Sized> sealed::Sealed for $pointer {}

        impl<T: LoadedObject + ?Sized> LoadedObject for $pointer {
            type Origin = T::Origin;

            fn origin(&self) -> &T::Origin {
                T::origin(self)
            }
        }
    )*};
}

pointers! { &T, &mut T, Box<T>, Rc<T>, Arc<T>, ManuallyDrop<T> }

impl LoadedObject for Object {
    type Origin = Self;

    fn origin(&self) -> &Self {
        self
    }
}

impl LoadedObject for Running {
    type Origin = Self;

    fn origin(&self) -> &Self {
        self
    }
}

impl Origin for Object {
    type Program<'obj> = ProgramMut<'obj>;
    type StructOps<'obj> = ObjectStructOps<'obj>;

    fn program_name<'p>(program: &'p ProgramMut<'_>) -> &'p OsStr {
        program.name()
    }

    fn raw_fd(program: &ProgramMut<'_>) -> RawFd {
        program.as_fd().as_raw_fd()
    }

    fn struct_ops_name<'p>(struct_ops: &'p ObjectStructOps<'_>) -> &'p OsStr {
        struct_ops.name()
    }
}

impl Bindable for Object {
    fn bind_library(&self, library: &'static Library) -> Result<Bound, BindError> {
        bind_object(self, library)
    }

    fn library_programs(&self, library: &'static Library) -> Result<Programs<'_, Self>, BindError> {
        programs_of_object(self, library)
    }

    fn library_arena(&self, library: &'static Library) -> Result<BoundArena<'_>, BindError> {
        arena_of_object(self, library)
    }
}

impl Origin for Running {
    type Program<'obj> = OpenedProgram<'obj>;
    type StructOps<'obj> = RunningStructOps<'obj>;

    fn program_name<'p>(program: &'p OpenedProgram<'_>) -> &'p OsStr {
        OsStr::new(program.name)
    }

    fn raw_fd(program: &OpenedProgram<'_>) -> RawFd {
        let fd = program.loaded.as_ref();
        fd.map_or(-1, |(_, fd)| fd.as_raw_fd())
    }

    fn struct_ops_name<'p>(struct_ops: &'p RunningStructOps<'_>) -> &'p OsStr {
        OsStr::new(struct_ops.name)
    }
}

impl Bindable for Running {
    fn bind_library(&self, library: &'static Library) -> Result<Bound, BindError> {
        bind_running(self, library)
    }

    fn library_programs(&self, library: &'static Library) -> Result<Programs<'_, Self>, BindError> {
        programs_of_running(self, library)
    }

    fn library_arena(&self, library: &'static Library) -> Result<BoundArena<'_>, BindError> {
        let text = "pointers into its arena hold addresses of the process that loaded it, where the arena is mapped; \
                    call `arena` there, on the `Object`";
        let problem = Problem::new(Subject::Object, "", text);
        Err(BindError::new(library.name, vec![problem]))
    }
}

/// Finds the variables and maps of `library` in a loaded object.
pub fn bind(
    object: &(impl LoadedObject + ?Sized),
    library: &'static Library,
) -> Result<Bound, BindError> {
    object.origin().bind_library(library)
}

/// Finds the programs and `struct_ops` of `library` in a loaded object.
pub fn programs<'obj, Loaded: LoadedObject + ?Sized>(
    object: &'obj Loaded,
    library: &'static Library,
) -> Result<Programs<'obj, Loaded::Origin>, BindError> {
    object.origin().library_programs(library)
}

/// Finds the arena of a loaded object, and the variables of `library` in it.
pub fn arena<'obj>(
    object: &'obj (impl LoadedObject + ?Sized),
    library: &'static Library,
) -> Result<BoundArena<'obj>, BindError> {
    object.origin().library_arena(library)
}

fn bind_object(object: &Object, library: &'static Library) -> Result<Bound, BindError> {
    // SAFETY: an `Object` holds a valid object for as long as it is borrowed.
    let object = unsafe { object.as_libbpf_object().as_ref() };
    let Some(btf) = Btf::of(object) else {
        return Err(BindError::new(library.name, vec![no_btf()]));
    };
    let mut problems = Vec::new();
    let variables = placed(library, Sections::Data);
    let places = variables::locate(btf, Sections::Data, variables, &mut problems);
    let maps = maps::Definitions::new(object, btf, library.maps).loaded(&mut problems);
    let addresses = addresses::resolve(variables, &places, &mut problems, |section| {
        Mapping::new(object, section.name, section.written)
    });
    // Shows where BTF is wrong, which says nothing of an object that has other problems.
    if problems.is_empty() {
        instructions::check(object, variables, &places, &mut problems);
    }
    all_found(library, problems)?;
    Ok(Bound::new(addresses, in_kernel(maps)))
}

/// The kernel has no instructions as they were loaded, so what these tell is unknown here.
fn bind_running(running: &Running, library: &'static Library) -> Result<Bound, BindError> {
    let mut problems = Vec::new();
    let variables = placed(library, Sections::Data);
    let places = variables::locate(running.btf(), Sections::Data, variables, &mut problems);
    let maps = maps::Definitions::of_running(running, library.maps).running(&mut problems);
    let addresses = addresses::resolve(variables, &places, &mut problems, |section| {
        Mapping::of_running(running, section.ty, section.written)
    });
    all_found(library, problems)?;
    Ok(Bound::new(addresses, in_kernel(maps)))
}

fn arena_of_object<'obj>(
    object: &'obj Object,
    library: &'static Library,
) -> Result<BoundArena<'obj>, BindError> {
    // SAFETY: an `Object` holds a valid object for as long as it is borrowed.
    let object: &'obj _ = unsafe { object.as_libbpf_object().as_ref() };
    let Some(btf) = Btf::of(object) else {
        return Err(BindError::new(library.name, vec![no_btf()]));
    };
    let mut problems = Vec::new();
    let variables = placed(library, Sections::Arena);
    let places = variables::locate(btf, Sections::Arena, variables, &mut problems);
    let arena = arena::MappedArena::of(object);
    let arena = arena.map_err(|problem| problems.push(problem)).ok();
    let mut addresses = Vec::new();
    if let Some(arena) = &arena {
        addresses = arena.resolve(variables, &places, &mut problems);
    }
    all_found(library, problems)?;
    let memory = arena.expect(addresses::OUT_OF_STEP).memory();
    Ok(BoundArena::new(addresses, memory))
}

/// The variables of `library` that are looked for in these sections.
fn placed(library: &'static Library, sections: Sections) -> &'static [Variable] {
    let all = library.variables;
    let (data, arena) = all.split_at(all.partition_point(|variable| !variable.is_in_arena()));
    match sections {
        Sections::Data | Sections::Initial => data,
        Sections::Arena => arena,
    }
}

/// Finds everything of `library` in an object that is not yet loaded, except for `.kconfig`, whose values
/// libbpf sets itself.
pub fn configure<'obj>(
    open: &'obj mut OpenObject,
    library: &'static Library,
) -> Result<Configured<'obj>, BindError> {
    let pointer = open.as_libbpf_object();
    // SAFETY: an `OpenObject` holds a valid object. The borrow ends before maps and programs are handed out.
    let object = unsafe { pointer.as_ref() };
    let mut problems = Vec::new();
    let (mut variables, mut maps, mut struct_ops) = (Vec::new(), Vec::new(), Vec::new());
    match Btf::of(object) {
        Some(btf) => {
            for sections in [Sections::Initial, Sections::Arena] {
                let found = open_variables(object, btf, library, sections, &mut problems);
                variables.extend(found);
            }
            struct_ops = struct_ops::open(object, btf, library.struct_ops, &mut problems);
            let definitions = maps::Definitions::new(object, btf, library.maps);
            // SAFETY: `open` is mutably borrowed for as long as the handles live.
            maps = unsafe { definitions.open(&mut problems) };
        }
        None => problems.push(no_btf()),
    }
    // SAFETY: as above; the programs are handed out once.
    let programs = unsafe { programs::open(pointer, library.programs, &mut problems) };
    all_found(library, problems)?;
    Ok(Configured::new(
        pointer, variables, maps, programs, struct_ops,
    ))
}

fn open_variables(
    object: &libbpf_rs::libbpf_sys::bpf_object,
    btf: Btf<'_>,
    library: &'static Library,
    sections: Sections,
    problems: &mut Vec<Problem>,
) -> Vec<Option<OpenVariable>> {
    let variables = placed(library, sections);
    let places = variables::locate(btf, sections, variables, problems);
    let addresses = addresses::resolve(variables, &places, problems, |section| match sections {
        Sections::Data | Sections::Initial => Image::new(object, section.name),
        Sections::Arena => Image::of_arena(object),
    });
    let found = variables.iter().zip(&places.variables).zip(addresses);
    found
        .filter(|((variable, _), _)| sections.may_have(variable))
        .map(|((variable, place), address)| {
            Some(OpenVariable {
                address: address?,
                name: variable.name(),
                // libbpf resizes sections, not arenas.
                alone: sections == Sections::Initial
                    && places.sections[place.as_ref()?.section].found == 1,
            })
        })
        .collect()
}

fn programs_of_object<'obj>(
    object: &'obj Object,
    library: &'static Library,
) -> Result<Programs<'obj, Object>, BindError> {
    let mut problems = Vec::new();
    let programs = programs::loaded(object, library.programs, &mut problems);
    // SAFETY: an `Object` holds a valid object for as long as it is borrowed.
    let object = unsafe { object.as_libbpf_object().as_ref() };
    let with_context = (library.programs.iter()).any(|program| program.context().is_some());
    let mut struct_ops = Vec::new();
    // Most libraries have programs whose types nobody compares, and no `struct_ops`: they need no BTF.
    if with_context || !library.struct_ops.is_empty() {
        match Btf::of(object) {
            Some(btf) => {
                programs::check_contexts(btf, library.programs, &mut problems);
                struct_ops = struct_ops::loaded(object, btf, library.struct_ops, &mut problems);
            }
            None => problems.push(no_btf()),
        }
    }
    all_found(library, problems)?;
    Ok(Programs::new(programs, struct_ops))
}

fn programs_of_running<'obj>(
    running: &'obj Running,
    library: &'static Library,
) -> Result<Programs<'obj, Running>, BindError> {
    let mut problems = Vec::new();
    let programs = programs::running(running, library.programs, &mut problems);
    programs::check_contexts(running.btf(), library.programs, &mut problems);
    let struct_ops = struct_ops::running(running, library.struct_ops, &mut problems);
    all_found(library, problems)?;
    Ok(Programs::new(programs, struct_ops))
}

fn in_kernel(maps: Vec<Option<MapHandle>>) -> impl Iterator<Item = Option<Presence>> {
    maps.into_iter().map(|map| map.map(Presence::Kernel))
}

fn all_found(library: &Library, problems: Vec<Problem>) -> Result<(), BindError> {
    match problems.is_empty() {
        true => Ok(()),
        false => Err(BindError::new(library.name, problems)),
    }
}

fn no_btf() -> Problem {
    Problem::new(
        Subject::Object,
        "",
        "has no BTF to check the library's types against; compile it with `-g`",
    )
}

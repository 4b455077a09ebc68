//! What generated code calls. Not for users: it may change in any release.

use core::ptr::{NonNull, slice_from_raw_parts_mut};
use std::collections::HashMap;
use std::ffi::{CStr, OsStr};
use std::sync::Arc;
use std::vec;

use bytemuck::Pod;
use libbpf_rs::{
    AsRawLibbpf, MapHandle, Object, OpenMapMut, OpenObject, OpenProgramMut, libbpf_sys,
};

use crate::btf::{Btf, Kind};
use crate::check::Checker;
use crate::definition::Definitions;
use crate::error::{self, BindError, Problem, Subject};
use crate::locate::{self, Place, Places};
use crate::maps::kind;
use crate::maps::{Handle as _, Open, Side, TypedMap};
use crate::program;
use crate::resizable::Resizable;
use crate::section::{Image, Mapping, Memory};
use crate::shared::{Access, Shared};
use crate::struct_ops::{self, OpenStructOps};
use crate::test_run::{PacketProgram, RawTracepointProgram, SkLookupProgram, SyscallProgram};
use crate::var::Var;

pub use crate::bits::{
    Bits, Storage, bitfield, cell, member, packed_cell, set_bitfield, set_member, store_bitfield,
};
pub use crate::describe::*;
pub use crate::expect::{
    Plain, Probe, Text, Unknown, expect_layout, expect_offset, expect_pod, wrong_layout,
    wrong_offset, wrong_size, wrong_type,
};

/// Types that every library has.
macro_rules! primitives {
    ($($name:ident = $ty:expr;)*) => {$(
        pub static $name: Type = $ty;
    )*};
}

primitives! {
    U8 = Type::Int { size: 1, signed: false };
    U16 = Type::Int { size: 2, signed: false };
    U32 = Type::Int { size: 4, signed: false };
    U64 = Type::Int { size: 8, signed: false };
    U128 = Type::Int { size: 16, signed: false };
    I8 = Type::Int { size: 1, signed: true };
    I16 = Type::Int { size: 2, signed: true };
    I32 = Type::Int { size: 4, signed: true };
    I64 = Type::Int { size: 8, signed: true };
    I128 = Type::Int { size: 16, signed: true };
    BOOL = Type::Bool;
    F32 = Type::Float { size: 4 };
    F64 = Type::Float { size: 8 };
}

/// A bound library: its variables and maps, taken one after the other in the order of [`Library`].
pub struct Bound {
    variables: vec::IntoIter<Option<Slot<Arc<Mapping>>>>,
    maps: vec::IntoIter<Option<MapHandle>>,
}

/// An open library, likewise.
pub struct Configured<'obj> {
    object: NonNull<libbpf_sys::bpf_object>,
    variables: vec::IntoIter<Option<OpenSlot>>,
    maps: vec::IntoIter<Option<OpenMapMut<'obj>>>,
    programs: vec::IntoIter<OpenProgramMut<'obj>>,
    struct_ops: vec::IntoIter<struct_ops::Slot>,
}

/// The programs and `struct_ops` of a library, likewise.
pub struct Programs<'obj> {
    programs: vec::IntoIter<program::Program<'obj>>,
    struct_ops: vec::IntoIter<struct_ops::StructOps<'obj>>,
}

/// Where a variable is in this process.
struct Slot<M> {
    first: NonNull<u8>,
    size: usize,
    writable: bool,
    memory: M,
}

/// Where a variable of an object that is not yet loaded is.
struct OpenSlot {
    slot: Slot<Image>,
    name: &'static str,
    /// Whether it is the only one of the library in its section.
    alone: bool,
}

/// Finds everything of `library` in a loaded object.
pub fn bind(object: &Object, library: &'static Library) -> Result<Bound, BindError> {
    // SAFETY: an `Object` holds a valid object for as long as it is borrowed.
    let object = unsafe { object.as_libbpf_object().as_ref() };
    let mut problems = Vec::new();
    let variables: Vec<&'static Variable> = library.variables.iter().collect();
    let mut places = Places::default();
    let mut maps = Vec::new();
    match Btf::of(object) {
        Some(btf) => {
            places = locate::locate(btf, &variables, &mut problems);
            maps = Definitions::new(object, btf, library.maps).bind(&mut problems);
        }
        None => problems.push(no_btf()),
    }
    let mut writable = vec![false; places.sections.len()];
    for (variable, place) in variables.iter().zip(&places.variables) {
        if let Some(place) = place {
            writable[place.section] |= variable.is_writable();
        }
    }
    let slots = into_slots(&variables, &places, &mut problems, |section| {
        Mapping::new(object, places.sections[section], writable[section])
    });
    if !problems.is_empty() {
        return Err(BindError::new(library.name, problems));
    }
    Ok(Bound {
        variables: slots.into_iter(),
        maps: maps.into_iter(),
    })
}

/// Finds everything of `library` in an object that is not yet loaded, but for `.kconfig`.
pub fn configure<'obj>(
    open: &'obj mut OpenObject,
    library: &'static Library,
) -> Result<Configured<'obj>, BindError> {
    let mut problems = Vec::new();
    let variables: Vec<&'static Variable> = library
        .variables
        .iter()
        .filter(|variable| variable.section() != ".kconfig")
        .collect();
    let pointer = open.as_libbpf_object();
    // SAFETY: an `OpenObject` holds a valid object. The borrow ends before maps and programs are
    // handed out below.
    let object = unsafe { pointer.as_ref() };
    let mut slots = Vec::new();
    let mut maps = Vec::new();
    let mut struct_ops = Vec::new();
    match Btf::of(object) {
        Some(btf) => {
            let places = locate::locate(btf, &variables, &mut problems);
            struct_ops = open_struct_ops(object, btf, library, &mut problems);
            let definitions = Definitions::new(object, btf, library.maps);
            // SAFETY: `open` is borrowed mutably for as long as the handles live.
            maps = unsafe { definitions.configure(&mut problems) };
            let images = into_slots(&variables, &places, &mut problems, |section| {
                Image::new(object, places.sections[section])
            });
            slots = open_slots(&variables, &places, images);
        }
        None => problems.push(no_btf()),
    }
    let programs = open_programs(pointer, library, &mut problems);
    if !problems.is_empty() {
        return Err(BindError::new(library.name, problems));
    }
    Ok(Configured {
        object: pointer,
        variables: slots.into_iter(),
        maps: maps.into_iter(),
        programs: programs.into_iter(),
        struct_ops: struct_ops.into_iter(),
    })
}

fn open_slots(
    variables: &[&'static Variable],
    places: &Places<'_>,
    slots: Vec<Option<Slot<Image>>>,
) -> Vec<Option<OpenSlot>> {
    let mut in_section = vec![0_usize; places.sections.len()];
    for place in places.variables.iter().flatten() {
        in_section[place.section] += 1;
    }
    let slots = slots.into_iter().zip(&places.variables).zip(variables);
    slots
        .map(|((slot, place), variable)| {
            Some(OpenSlot {
                slot: slot?,
                name: variable.name(),
                alone: in_section[place.as_ref()?.section] == 1,
            })
        })
        .collect()
}

fn open_struct_ops(
    object: &libbpf_sys::bpf_object,
    btf: Btf<'_>,
    library: &'static Library,
    problems: &mut Vec<Problem>,
) -> Vec<struct_ops::Slot> {
    // Most libraries have none.
    if library.struct_ops.is_empty() {
        return Vec::new();
    }
    let mut found = struct_ops::Found::new(object, btf);
    let struct_ops = library.struct_ops.iter();
    struct_ops
        .filter_map(|ops| found.open(ops, problems))
        .collect()
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
            Some(program) => programs.push(program::Program::new(program)),
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
) -> Vec<struct_ops::StructOps<'obj>> {
    if library.struct_ops.is_empty() {
        return Vec::new();
    }
    let Some(btf) = Btf::of(object) else {
        problems.push(no_btf());
        return Vec::new();
    };
    let mut found = struct_ops::Found::new(object, btf);
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

fn no_btf() -> Problem {
    Problem::new(
        Subject::Object,
        "",
        "has no BTF to check the library's types against; compile it with `-g`",
    )
}

fn missing_program<P>(program: &Program, others: &HashMap<&OsStr, P>) -> Problem {
    let others = others.keys().filter_map(|name| name.to_str());
    let text = error::missing(program.name(), others);
    Problem::new(Subject::Program, program.name(), text)
}

/// Puts each place into memory: finds each section once, and checks bounds, alignment and access.
fn into_slots<M: Memory>(
    variables: &[&'static Variable],
    places: &Places<'_>,
    problems: &mut Vec<Problem>,
    memory_of: impl Fn(usize) -> Result<M, String>,
) -> Vec<Option<Slot<M>>> {
    // Of each section: nothing yet, its memory, or that it has none.
    let mut sections: Vec<Option<Option<M>>> = vec![None; places.sections.len()];
    let mut slots = Vec::with_capacity(places.variables.len());
    for (variable, place) in variables.iter().zip(&places.variables) {
        let Some(place) = place else {
            slots.push(None);
            continue;
        };
        let name = places.sections[place.section];
        let memory = sections[place.section].get_or_insert_with(|| {
            memory_of(place.section)
                .map_err(|reason| {
                    let section = name.to_string_lossy();
                    problems.push(Problem::new(Subject::Section, section, reason));
                })
                .ok()
        });
        let slot = memory.as_ref().and_then(|memory| {
            into_slot(variable, *place, name, memory)
                .map_err(|text| {
                    problems.push(Problem::new(Subject::Variable, variable.name(), text));
                })
                .ok()
        });
        slots.push(slot);
    }
    slots
}

fn into_slot<M: Memory>(
    variable: &Variable,
    place: Place,
    section: &CStr,
    memory: &M,
) -> Result<Slot<M>, String> {
    let (start, len) = memory.bytes();
    let (offset, size) = (place.offset as usize, place.size as usize);
    let section = || section.to_string_lossy();
    if offset.checked_add(size).is_none_or(|end| end > len) {
        return Err(format!(
            "{size} bytes at offset {offset} are not inside the {len} bytes of {}",
            section()
        ));
    }
    let first = start.wrapping_add(offset);
    if !first.addr().is_multiple_of(variable.align()) {
        return Err(format!(
            "offset {offset} in {} is not aligned to {} bytes",
            section(),
            variable.align()
        ));
    }
    if variable.is_writable() && !memory.is_writable() {
        return Err(format!(
            "built as a variable that can be written, but {} is read-only once loaded; \
             declare it `const` in the library",
            section()
        ));
    }
    let Some(first) = NonNull::new(first) else {
        return Err(format!("{} has no memory", section()));
    };
    Ok(Slot {
        first,
        size,
        writable: memory.is_writable(),
        memory: memory.clone(),
    })
}

fn open_programs<'obj>(
    object: NonNull<libbpf_sys::bpf_object>,
    library: &'static Library,
    problems: &mut Vec<Problem>,
) -> Vec<OpenProgramMut<'obj>> {
    // SAFETY: the caller borrows the object for `'obj`, mutably, and hands it to nobody else.
    let object: &'obj libbpf_sys::bpf_object = unsafe { object.as_ref() };
    let mut by_name: HashMap<_, _> = libbpf_rs::ProgIter::new(object)
        .map(|mut program| {
            // SAFETY: each program is met once, so there is one mutable handle of each.
            let program = OpenProgramMut::new_mut(unsafe { program.as_mut() });
            (program.name(), program)
        })
        .collect();
    let mut programs = Vec::with_capacity(library.programs.len());
    for program in library.programs {
        match by_name.remove(OsStr::new(program.name())) {
            Some(program) => programs.push(program),
            None => problems.push(missing_program(program, &by_name)),
        }
    }
    programs
}

/// What a generated constructor asks for is what its own table, checked above, describes; anything
/// else is a bug of the generator, and it is better to stop than to hand out a wrong reference.
const OUT_OF_STEP: &str = "generated code and its description of the library disagree";

impl<M> Slot<M> {
    fn expect<T>(&self, size: usize, write: bool) {
        assert!(
            self.size == size && self.first.cast::<T>().is_aligned() && (self.writable || !write),
            "{OUT_OF_STEP}"
        );
    }

    fn len_of<T>(&self) -> usize {
        self.size.checked_div(size_of::<T>()).unwrap_or(0)
    }
}

impl Slot<Image> {
    /// The variable as an array.
    ///
    /// # Safety
    ///
    /// As for [`Configured::variable`], and no other reference to it lives as long.
    unsafe fn elements<'obj, T: Pod>(&self) -> &'obj mut [T] {
        let len = self.len_of::<T>();
        self.expect::<T>(len * size_of::<T>(), true);
        // SAFETY: as there, for `len` elements.
        unsafe { core::slice::from_raw_parts_mut(self.first.as_ptr().cast::<T>(), len) }
    }
}

impl Bound {
    /// The next variable.
    pub fn variable<T, A: Access>(&mut self) -> Var<T, A> {
        self.optional_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, which may be missing.
    pub fn optional_variable<T, A: Access>(&mut self) -> Option<Var<T, A>> {
        let slot = self.variables.next().expect(OUT_OF_STEP)?;
        slot.expect::<T>(size_of::<T>(), A::WRITABLE);
        let memory = slot.first.cast::<Shared<T, A>>();
        // SAFETY: `into_slot` checked that the bytes are inside the mapping, aligned and, where
        // needed, writable, and the line above that `T` has as many and `A` that need.
        Some(unsafe { Var::new(memory, slot.memory) })
    }

    /// The next variable, an array whose length the object decides.
    pub fn unsized_variable<T, A: Access>(&mut self) -> Var<[T], A> {
        self.optional_unsized_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, an array whose length the object decides, which may be missing.
    pub fn optional_unsized_variable<T, A: Access>(&mut self) -> Option<Var<[T], A>> {
        let slot = self.variables.next().expect(OUT_OF_STEP)?;
        let len = slot.len_of::<T>();
        slot.expect::<T>(len * size_of::<T>(), A::WRITABLE);
        let memory = slice_from_raw_parts_mut(slot.first.as_ptr().cast::<T>(), len);
        let memory = NonNull::new(memory as *mut Shared<[T], A>).expect(OUT_OF_STEP);
        // SAFETY: as above, for `len` elements.
        Some(unsafe { Var::new(memory, slot.memory) })
    }

    /// The next map.
    pub fn map<M: kind::Kind, K: Side + ?Sized, V: Side + ?Sized>(&mut self) -> TypedMap<M, K, V> {
        self.optional_map().expect(OUT_OF_STEP)
    }

    /// The next map, which may be missing.
    pub fn optional_map<M: kind::Kind, K: Side + ?Sized, V: Side + ?Sized>(
        &mut self,
    ) -> Option<TypedMap<M, K, V>> {
        let handle = self.maps.next().expect(OUT_OF_STEP)?;
        // Kind and sizes decide how much the kernel writes, so they are looked at once more.
        Some(TypedMap::from_handle(handle).expect(OUT_OF_STEP))
    }
}

impl<'obj> Configured<'obj> {
    /// The next variable.
    pub fn variable<T: Plain>(&mut self) -> &'obj mut T {
        self.optional_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, which may be missing.
    pub fn optional_variable<T: Plain>(&mut self) -> Option<&'obj mut T> {
        let OpenSlot { slot, .. } = self.variables.next().expect(OUT_OF_STEP)?;
        slot.expect::<T>(size_of::<T>(), true);
        // SAFETY: `into_slot` checked that the bytes are inside the image and aligned, the line above
        // that `T` has as many; `locate` that no two variables share one. The open object is
        // borrowed mutably for `'obj`, so nothing else reads, moves or frees the image: the maps
        // handed out beside it are the library's own, never a section's.
        Some(unsafe { slot.first.cast::<T>().as_mut() })
    }

    /// The next variable, an array whose length the object decides.
    pub fn unsized_variable<T: Pod>(&mut self) -> &'obj mut [T] {
        self.optional_unsized_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, an array whose length the object decides, which may be missing.
    pub fn optional_unsized_variable<T: Pod>(&mut self) -> Option<&'obj mut [T]> {
        let OpenSlot { slot, .. } = self.variables.next().expect(OUT_OF_STEP)?;
        // SAFETY: each slot is taken once.
        Some(unsafe { slot.elements() })
    }

    /// The next variable, an array whose length can be set.
    pub fn resizable_variable<T: Pod>(&mut self) -> Resizable<'obj, T> {
        self.optional_resizable_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, an array whose length can be set, which may be missing.
    pub fn optional_resizable_variable<T: Pod>(&mut self) -> Option<Resizable<'obj, T>> {
        let OpenSlot { slot, name, alone } = self.variables.next().expect(OUT_OF_STEP)?;
        let (image, object) = (slot.memory, self.object);
        // SAFETY: each slot is taken once, and `alone` if no other is of that image.
        Some(unsafe { Resizable::new(slot.elements(), image, object, name, alone) })
    }

    /// The next map.
    pub fn map<M>(&mut self) -> Open<'obj, M> {
        self.optional_map().expect(OUT_OF_STEP)
    }

    /// The next map, which may be missing.
    pub fn optional_map<M>(&mut self) -> Option<Open<'obj, M>> {
        self.maps.next().expect(OUT_OF_STEP).map(Open::new)
    }

    /// The next program.
    pub fn program(&mut self) -> OpenProgramMut<'obj> {
        self.programs.next().expect(OUT_OF_STEP)
    }

    /// The next `struct_ops`.
    pub fn struct_ops<T: Pod>(&mut self) -> OpenStructOps<'obj, T> {
        let slot = self.struct_ops.next().expect(OUT_OF_STEP);
        // SAFETY: the open object is borrowed mutably for `'obj`, and each slot is of another `struct_ops`,
        // because a library has no two of one name. No map that is handed out beside it is one of these.
        let ops = unsafe { slot.into_open() };
        ops.expect(OUT_OF_STEP)
    }
}

/// Stands for a field that the macro could not find, in code that doesn't compile for that reason.
pub fn missing<T>() -> T {
    panic!("{OUT_OF_STEP}")
}

impl<'obj> Programs<'obj> {
    /// The next program.
    pub fn program(&mut self) -> program::Program<'obj> {
        self.programs.next().expect(OUT_OF_STEP)
    }

    /// The next `struct_ops`.
    pub fn struct_ops(&mut self) -> struct_ops::StructOps<'obj> {
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

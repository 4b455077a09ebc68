//! A library in an object that is not yet loaded.

use core::ptr::NonNull;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::vec;

use bytemuck::Pod;
use libbpf_rs::{AsRawLibbpf, OpenMapMut, OpenObject, OpenProgramMut, libbpf_sys};

use super::programs::missing_program;
use super::{OUT_OF_STEP, Plain, no_btf};
use crate::bind::addresses::{Slot, into_slots};
use crate::bind::btf::Btf;
use crate::bind::maps::Definitions;
use crate::bind::sections::Image;
use crate::bind::variables::{self, Places};
use crate::describe::{Library, Variable};
use crate::error::{BindError, Problem};
use crate::maps::Open;
use crate::resizable::Resizable;
use crate::struct_ops::{self, OpenStructOps};

/// An open library, likewise.
pub struct Configured<'obj> {
    object: NonNull<libbpf_sys::bpf_object>,
    variables: vec::IntoIter<Option<OpenSlot>>,
    maps: vec::IntoIter<Option<OpenMapMut<'obj>>>,
    programs: vec::IntoIter<OpenProgramMut<'obj>>,
    struct_ops: vec::IntoIter<struct_ops::Slot>,
}

/// Where a variable of an object that is not yet loaded is.
struct OpenSlot {
    slot: Slot<Image>,
    name: &'static str,
    /// Whether it is the only one of the library in its section.
    alone: bool,
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
            let places = variables::locate(btf, &variables, &mut problems);
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

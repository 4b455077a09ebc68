//! A library in a loaded object.

use core::ptr::{NonNull, slice_from_raw_parts_mut};
use std::sync::Arc;
use std::vec;

use libbpf_rs::{AsRawLibbpf, MapHandle, Object};

use super::{OUT_OF_STEP, no_btf};
use crate::bind::addresses::{Slot, into_slots};
use crate::bind::btf::Btf;
use crate::bind::instructions;
use crate::bind::maps::Definitions;
use crate::bind::sections::Mapping;
use crate::bind::variables::{self, Places};
use crate::describe::{Library, Variable};
use crate::error::BindError;
use crate::maps::kind;
use crate::maps::{Handle as _, Side, TypedMap};
use crate::shared::{Access, Shared};
use crate::var::Var;

/// A bound library: its variables and maps, taken one after the other in the order of [`Library`].
pub struct Bound {
    variables: vec::IntoIter<Option<Slot<Arc<Mapping>>>>,
    maps: vec::IntoIter<Option<MapHandle>>,
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
            places = variables::locate(btf, &variables, &mut problems);
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
    // Only of use where BTF says nothing else.
    if problems.is_empty() {
        instructions::check(object, &variables, &places, &mut problems);
    }
    if !problems.is_empty() {
        return Err(BindError::new(library.name, problems));
    }
    Ok(Bound {
        variables: slots.into_iter(),
        maps: maps.into_iter(),
    })
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

//! Variables' addresses in the memory of this process.

use core::ffi::CStr;
use core::ptr::NonNull;

use super::sections::{Access, Memory};
use super::variables::{Place, Places, Section};
use crate::describe::Variable;
use crate::error::{Problem, Subject};
use crate::strided::{self, Elements, Strided};

/// What a generated constructor asks for is what its own table, checked by then, describes. Anything else is
/// a bug in the generator, and stopping beats handing out a wrong reference.
pub(crate) const OUT_OF_STEP: &str = "generated code and its description of the library disagree";

/// Where a variable is in the memory of this process.
pub(super) struct Address<M> {
    pub(super) first: NonNull<u8>,
    size: usize,
    writable: bool,
    pub(super) memory: M,
}

/// Puts each place into memory: finds each section once, and checks bounds, alignment and access.
pub(super) fn resolve<M: Memory>(
    variables: &'static [Variable],
    places: &Places<'_>,
    problems: &mut Vec<Problem>,
    memory_of: impl Fn(&Section<'_>) -> Result<M, String>,
) -> Vec<Option<Address<M>>> {
    // Of each section: nothing yet, its memory, or that it has none.
    let mut sections: Vec<Option<Option<M>>> = vec![None; places.sections.len()];
    let places_of = variables.iter().zip(&places.variables);
    let resolved = places_of.map(|(variable, place)| {
        let place = place.as_ref()?;
        let section = &places.sections[place.section];
        let memory = sections[place.section].get_or_insert_with(|| {
            memory_of(section)
                .map_err(|reason| {
                    let section = section.name.to_string_lossy();
                    problems.push(Problem::new(Subject::Section, section, reason));
                })
                .ok()
        });
        let memory = memory.as_ref()?;
        let first = first_byte(variable, place, section.name, memory)
            .map_err(|text| {
                problems.push(Problem::new(Subject::Variable, variable.name(), text));
            })
            .ok()?;
        Some(Address {
            first,
            size: place.size as usize,
            writable: memory.access() == Access::Writable,
            memory: memory.clone(),
        })
    });
    resolved.collect()
}

/// Where a variable begins in a section's memory, if it may be used there.
fn first_byte<M: Memory>(
    variable: &Variable,
    place: &Place,
    section: &CStr,
    memory: &M,
) -> Result<NonNull<u8>, String> {
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
    if variable.is_writable() {
        match memory.access() {
            Access::Writable => {}
            Access::ReadOnly => {
                return Err(format!(
                    "built as a writable variable, but {} is read-only once loaded; \
                     declare it `const` in the library",
                    section()
                ));
            }
            Access::Frozen => {
                return Err(format!(
                    "built as a writable variable, but the map of {} is frozen: only programs can write to it",
                    section()
                ));
            }
        }
    }
    NonNull::new(first).ok_or_else(|| format!("{} has no memory", section()))
}

impl<M: Memory> Address<M> {
    /// All of that memory.
    pub(super) fn whole(memory: M) -> Option<Self> {
        let (first, size) = memory.bytes();
        Some(Self {
            first: NonNull::new(first)?,
            size,
            writable: memory.access() == Access::Writable,
            memory,
        })
    }
}

impl<M> Address<M> {
    pub(super) fn expect<T>(&self, size: usize, write: bool) {
        assert!(
            self.size == size && self.first.cast::<T>().is_aligned() && (self.writable || !write),
            "{OUT_OF_STEP}"
        );
    }

    /// For a struct that may be longer than `T`.
    pub(super) fn expect_longer<T>(&self, write: bool) {
        assert!(
            self.size >= size_of::<T>()
                && self.first.cast::<T>().is_aligned()
                && (self.writable || !write),
            "{OUT_OF_STEP}"
        );
    }

    /// For an array whose elements may be longer, and where it is.
    pub(super) fn expect_strided<E: Elements>(&self, write: bool) -> *mut Strided<E> {
        assert!(
            strided::is_array_of::<E>(self.size)
                && self.first.cast::<E::Element>().is_aligned()
                && (self.writable || !write),
            "{OUT_OF_STEP}"
        );
        strided::in_bytes(self.first, self.size)
    }

    pub(super) fn len_of<T>(&self) -> usize {
        self.size.checked_div(size_of::<T>()).unwrap_or(0)
    }
}

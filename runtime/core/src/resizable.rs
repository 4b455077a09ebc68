//! [`Resizable`]: an array whose length is set before the object is loaded.

use core::fmt;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;

use bytemuck::Pod;
use libbpf_rs::libbpf_sys;

use crate::bind::btf::{Btf, Kind};
use crate::bind::sections::{Image, Memory as _};
use crate::error::invalid;

/// An array in the initial image of an object, the last of its section, so that its length can be set:
///
/// ```c
/// /* One element for each CPU. */
/// struct stats cpu_stats[1] SEC(".data.cpu_stats");
/// ```
///
/// ```no_run
/// # use bpf_subskeleton::{Resizable, libbpf_rs};
/// # fn f(cpu_stats: &mut Resizable<'_, u64>) -> libbpf_rs::Result<()> {
/// cpu_stats.set_len(libbpf_rs::num_possible_cpus()?)?;
/// cpu_stats[0] = 7;
/// # Ok(())
/// # }
/// ```
///
/// It dereferences to a slice. After load the variable is a `Var<[T]>` of that length.
pub struct Resizable<'obj, T> {
    elements: &'obj mut [T],
    image: Image,
    object: NonNull<libbpf_sys::bpf_object>,
    name: &'static str,
    /// Whether nobody else has a reference into the image.
    alone: bool,
}

impl<'obj, T: Pod> Resizable<'obj, T> {
    /// The elements are the variable `name` of `object`, in `image`.
    ///
    /// # Safety
    ///
    /// The object is mutably borrowed for `'obj`, `elements` lies inside `image`, and if `alone` is set, no
    /// other reference into the image lives as long.
    pub(crate) unsafe fn new(
        elements: &'obj mut [T],
        image: Image,
        object: NonNull<libbpf_sys::bpf_object>,
        name: &'static str,
        alone: bool,
    ) -> Self {
        Self {
            elements,
            image,
            object,
            name,
            alone,
        }
    }

    /// Makes the array `len` elements long. Existing elements stay, new ones are zero.
    ///
    /// # Errors
    ///
    /// If `len` is 0, or too long for the value of a map; if the array is not the last variable of its section
    /// in this object, or shares the section with another variable of the library; if memory runs out. Nothing
    /// changes then.
    pub fn set_len(&mut self, len: usize) -> libbpf_rs::Result<()> {
        let refused = |reason: &str| {
            let name = self.name;
            Err(invalid(format!("`{name}` can't be resized: {reason}")))
        };
        if !self.alone {
            return refused("other variables of the library are in its section");
        }
        let Some(start) = self.offset_as_last() else {
            return refused("it is not the last variable of its section");
        };
        let size = len.checked_mul(size_of::<T>());
        let size = size.and_then(|size| size.checked_add(start as usize));
        // The kernel counts them in an `int` (`bpf_map_area_alloc`, `array_map_alloc_check`).
        let size = size.and_then(|size| i32::try_from(size).ok());
        let Some(size) = size.filter(|_| len > 0) else {
            return refused("its map's value would be empty or larger than 2 GiB");
        };
        // Given up before the memory moves.
        let before = core::ptr::from_mut(core::mem::take(&mut self.elements));
        // SAFETY: the promise of `new`: the object is ours alone, and nobody else refers to the image.
        if let Err(error) = unsafe { self.image.resize(size.cast_unsigned()) } {
            // SAFETY: libbpf keeps the memory where it gets no other (`bpf_map_mmap_resize`).
            self.elements = unsafe { &mut *before };
            return Err(error);
        }
        let (first, bytes) = self.image.bytes();
        let first = first.wrapping_add(start as usize).cast::<T>();
        if bytes != size as usize || !first.is_aligned() {
            return refused("libbpf gave its map memory of another size");
        }
        // SAFETY: `offset_as_last` asked where the variable is, and the image goes on from there for `len`
        // elements: the lines above. It is ours: the promise of `new`.
        self.elements = unsafe { core::slice::from_raw_parts_mut(first, len) };
        // If the memory did not move, it still has what a longer array had there.
        if let Some(new) = self.elements.get_mut(before.len()..) {
            new.fill(T::zeroed());
        }
        Ok(())
    }

    /// The offset of the variable, if it is the one that libbpf makes longer with its map: the last of the
    /// section (`map_btf_datasec_resize`), whose variables libbpf has sorted by place.
    fn offset_as_last(&self) -> Option<u32> {
        // SAFETY: the promise of `new`.
        let btf = Btf::of(unsafe { self.object.as_ref() })?;
        let Kind::DataSection(entries) = btf.ty(self.image.btf_type()).kind else {
            return None;
        };
        let last = entries.iter().last()?;
        let name = btf.ty(last.variable).name();
        // A static may have the same name.
        let own = self
            .elements
            .as_ptr()
            .addr()
            .wrapping_sub(self.image.bytes().0.addr());
        let is_own = name.to_bytes() == self.name.as_bytes() && own == last.offset as usize;
        is_own.then_some(last.offset)
    }
}

impl<T> Deref for Resizable<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        self.elements
    }
}

impl<T> DerefMut for Resizable<'_, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        self.elements
    }
}

impl<T: fmt::Debug> fmt::Debug for Resizable<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.elements.fmt(f)
    }
}

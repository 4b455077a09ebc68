//! Arrays mapped into memory: `BPF_F_MMAPABLE`.

use core::ptr::{NonNull, slice_from_raw_parts_mut};
use std::sync::Arc;

use bytemuck::Pod;
use libbpf_rs::Result;

use super::{Array, invalid};
use crate::bind::sections::{Access, Mapping, Memory as _};
use crate::shared::Shared;
use crate::var::Var;

/// No kernel has smaller pages.
const SMALLEST_PAGE: usize = 4096;

impl<V: Pod> Array<V> {
    /// Maps the values into memory, to read and write them without system calls. The map must be defined with
    /// `__uint(map_flags, BPF_F_MMAPABLE)`.
    ///
    /// # Errors
    ///
    /// If the map can't be mapped, the size of its values is not a multiple of 8 bytes, or they
    /// [are longer] than `V`: then they are further apart than the elements of a slice. Use
    /// [`mmap_each`](Self::mmap_each).
    ///
    /// [are longer]: https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/growing/
    pub fn mmap(&self) -> Result<Var<[V]>> {
        let stride = self.stride()?;
        if stride != size_of::<V>() {
            return Err(invalid(format!(
                "values of {} bytes, {stride} bytes apart, are not contiguous in memory: use `mmap_each`",
                size_of::<V>()
            )));
        }
        let Mapped { mapping, len } = self.mapped(stride)?;
        let (first, _) = mapping.bytes();
        let memory = slice_from_raw_parts_mut(first.cast::<V>(), len) as *mut Shared<[V]>;
        let memory = NonNull::new(memory).ok_or_else(|| invalid("no memory".to_owned()))?;
        // SAFETY: `mapped` has checked that the mapping is writable and holds `len` values this far apart, each of
        // them aligned; being as long, they are those of a slice.
        Ok(unsafe { Var::new(memory, mapping) })
    }

    /// Maps the values into memory as [`mmap`](Self::mmap) does, and returns a handle to each, in the order of their
    /// indices. The values may have any size, and [be longer] than `V`: `set` leaves alone what
    /// is behind.
    ///
    /// ```no_run
    /// use bpf_subskeleton::{Var, libbpf_rs, maps};
    ///
    /// fn of_each_worker(packets: &maps::Array<u32>) -> libbpf_rs::Result<Vec<Var<u32>>> {
    ///     Ok(packets.mmap_each()?.collect())
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If the map can't be mapped.
    ///
    /// [be longer]: https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/growing/
    pub fn mmap_each(&self) -> Result<impl ExactSizeIterator<Item = Var<V>> + use<V>> {
        let stride = self.stride()?;
        let Mapped { mapping, len } = self.mapped(stride)?;
        Ok((0..len).map(move |index| {
            let (first, _) = mapping.bytes();
            let value = first.wrapping_add(index * stride).cast::<Shared<V>>();
            // SAFETY: `mapped` has checked that the mapping is writable and holds `len` values this far apart, each of
            // them aligned; `value_size` that none is shorter than `V`. A mapping is not at address 0.
            unsafe { Var::new(NonNull::new_unchecked(value), Arc::clone(&mapping)) }
        }))
    }

    /// How far apart the values are (`array_map_alloc` in the kernel).
    fn stride(&self) -> Result<usize> {
        Ok(self.value_size()?.next_multiple_of(8))
    }

    fn mapped(&self, stride: usize) -> Result<Mapped> {
        if !stride.is_multiple_of(align_of::<V>()) || align_of::<V>() > SMALLEST_PAGE {
            return Err(invalid(format!(
                "values {stride} bytes apart are not aligned to {} bytes",
                align_of::<V>()
            )));
        }
        let mapping = Mapping::of_array(self.opened()?).map_err(invalid)?;
        let (_, size) = mapping.bytes();
        if mapping.access() != Access::Writable {
            return Err(invalid("the map is read-only or frozen".to_owned()));
        }
        let len = size.checked_div(stride).unwrap_or(0);
        Ok(Mapped { mapping, len })
    }
}

/// A writable mapping of an array, which begins at a page.
struct Mapped {
    mapping: Arc<Mapping>,
    /// How many values it holds, each of which begins where one is aligned.
    len: usize,
}

//! Arrays in memory: `BPF_F_MMAPABLE`.

use core::ptr::{NonNull, slice_from_raw_parts_mut};

use bytemuck::Pod;
use libbpf_rs::{MapCore as _, Result};

use super::{Array, invalid};
use crate::section::{Mapping, Memory as _};
use crate::shared::Shared;
use crate::var::Var;

impl<V: Pod> Array<V> {
    /// The values as memory: reads and writes without system calls. For maps with
    /// `__uint(map_flags, BPF_F_MMAPABLE)`.
    ///
    /// # Errors
    ///
    /// If the map can't be mapped; or if its values have no multiple of 8 bytes, because then they
    /// stand further apart than those of a slice.
    pub fn memory(&self) -> Result<Var<[V]>> {
        self.check_sizes()?;
        if !size_of::<V>().is_multiple_of(8) || align_of::<V>() > 8 {
            return Err(invalid(format!(
                "values of {} bytes are not side by side: the kernel places them 8 bytes apart",
                size_of::<V>()
            )));
        }
        let len = self.handle.max_entries() as usize;
        let mapping = Mapping::of_array(&self.handle, true).map_err(invalid)?;
        let (first, size) = mapping.bytes();
        if !mapping.is_writable() || size < len * size_of::<V>() {
            return Err(invalid("the map can only be read".to_owned()));
        }
        let memory = slice_from_raw_parts_mut(first.cast::<V>(), len) as *mut Shared<[V]>;
        let memory = NonNull::new(memory).ok_or_else(|| invalid("no memory".to_owned()))?;
        // SAFETY: the mapping is writable and holds `len` values, as just checked; it begins at a page,
        // so the values, whose alignment is at most 8, are aligned.
        Ok(unsafe { Var::new(memory, mapping) })
    }
}

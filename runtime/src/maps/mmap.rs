//! Arrays mapped into memory: `BPF_F_MMAPABLE`.

use core::ptr::{NonNull, slice_from_raw_parts_mut};

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
    /// If the map can't be mapped, or the size of its values is not a multiple of 8 bytes: then they are
    /// further apart than the elements of a slice.
    pub fn mmap(&self) -> Result<Var<[V]>> {
        self.check_sizes()?;
        if !size_of::<V>().is_multiple_of(8) || align_of::<V>() > SMALLEST_PAGE {
            return Err(invalid(format!(
                "values of {} bytes are not contiguous in memory: each begins at a multiple of 8 bytes",
                size_of::<V>()
            )));
        }
        let mapping = Mapping::of_array(self.opened()?).map_err(invalid)?;
        let (first, size) = mapping.bytes();
        if mapping.access() != Access::Writable {
            return Err(invalid("the map is read-only or frozen".to_owned()));
        }
        let len = size.checked_div(size_of::<V>()).unwrap_or(0);
        let memory = slice_from_raw_parts_mut(first.cast::<V>(), len) as *mut Shared<[V]>;
        let memory = NonNull::new(memory).ok_or_else(|| invalid("no memory".to_owned()))?;
        // SAFETY: the mapping is writable, as just checked, and holds `len` values; it begins at a page,
        // so the values, whose alignment is at most that of one, are aligned.
        Ok(unsafe { Var::new(memory, mapping) })
    }
}

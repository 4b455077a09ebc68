//! [`RunningSection`]: a section's memory without types, for tools that learn types at run time.

use core::ffi::CStr;
use core::fmt;
use core::ptr::NonNull;
use std::ffi::CString;
use std::sync::Arc;

use bytemuck::Pod;
use libbpf_rs::Result;

use super::Running;
use crate::bind::sections::{Access as SectionAccess, Mapping, Memory as _};
use crate::error::invalid;
use crate::shared::{Access, Read, Shared};
use crate::var::Var;

/// The memory of a section of a [`Running`] object, for tools that learn types from BTF at run time.
///
/// ```no_run
/// use bpf_subskeleton::{Running, Write};
///
/// # fn f(offset: usize) -> bpf_subskeleton::libbpf_rs::Result<()> {
/// let running = Running::from_pinned("/sys/fs/bpf/tally/on_call")?;
/// let bss = running.section(".bss")?;
/// // The offset is that of the variable's entry in the DATASEC `.bss` of `running.btf_data()`.
/// if let Some(events) = bss.variable::<u64, Write>(offset) {
///     events.set(0);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RunningSection {
    name: CString,
    mapping: Arc<Mapping>,
}

impl Running {
    /// The memory of a section: `.bss`, `.data.custom`, `.rodata`.
    ///
    /// It can be written unless the section is read-only in the kernel.
    ///
    /// # Errors
    ///
    /// If the object has no such section, or its map can't be mapped into memory.
    pub fn section(&self, name: &str) -> Result<RunningSection> {
        let context = |reason| invalid(format!("section `{name}`: {reason}"));
        let mut sections = self.btf().data_sections();
        let (section, _) = sections
            .find(|(section, _)| section.name().to_bytes() == name.as_bytes())
            .ok_or_else(|| context("the object has no such section".to_owned()))?;
        let mapping = Mapping::of_running(self, section, true).map_err(context)?;
        let name = section.name().to_owned();
        Ok(RunningSection { name, mapping })
    }
}

impl RunningSection {
    /// Its name.
    pub fn name(&self) -> &CStr {
        &self.name
    }

    /// How many bytes it has.
    #[expect(clippy::len_without_is_empty, reason = "the kernel has no empty maps")]
    pub fn len(&self) -> usize {
        self.mapping.bytes().1
    }

    /// Whether it can be written.
    pub fn is_writable(&self) -> bool {
        self.mapping.access() == SectionAccess::Writable
    }

    /// The `T` at `offset` bytes; `None` if it is not inside the section or not aligned, or `A` is
    /// [`Write`](crate::Write) and the section is read-only.
    pub fn variable<T: Pod, A: Access>(&self, offset: usize) -> Option<Var<T, A>> {
        let (start, len) = self.mapping.bytes();
        let inside = offset.checked_add(size_of::<T>())? <= len;
        let memory = start.wrapping_add(offset).cast::<Shared<T, A>>();
        let allowed = self.is_writable() || !A::WRITABLE;
        if !inside || !memory.is_aligned() || !allowed {
            return None;
        }
        // SAFETY: the lines above checked that the bytes are in the mapping, aligned and, where needed, writable.
        Some(unsafe { Var::new(NonNull::new(memory)?, Arc::clone(&self.mapping)) })
    }

    /// Copies the bytes at `offset` out; `None` if they are not inside the section.
    ///
    /// Whole aligned words of 8 bytes are one load each, and so is an aligned value of 1, 2, 4 or 8 bytes; else it may
    /// tear as [`Shared`](Shared#ordering-and-tearing) says.
    pub fn read(&self, offset: usize, len: usize) -> Option<Vec<u8>> {
        let end = offset.checked_add(len)?;
        let mut bytes = Vec::with_capacity(len.min(self.len()));
        let mut at = offset;
        while at < end {
            // The largest power of two that is aligned here and inside the rest.
            let word = 1 << at.trailing_zeros().min((end - at).ilog2()).min(3);
            match word {
                8 => bytes.extend(self.word::<u64>(at)?.to_ne_bytes()),
                4 => bytes.extend(self.word::<u32>(at)?.to_ne_bytes()),
                2 => bytes.extend(self.word::<u16>(at)?.to_ne_bytes()),
                _ => bytes.push(self.word::<u8>(at)?),
            }
            at += word;
        }
        (end <= self.len()).then_some(bytes)
    }

    fn word<T: Pod>(&self, offset: usize) -> Option<T> {
        // A section's memory begins at a page, so what is aligned in it is aligned.
        self.variable::<T, Read>(offset).map(|word| word.get())
    }
}

impl fmt::Debug for RunningSection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunningSection")
            .field("name", &self.name)
            .field("len", &self.len())
            .field("is_writable", &self.is_writable())
            .finish()
    }
}

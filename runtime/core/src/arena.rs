//! [`Arena`]: memory that BPF programs and this process share, pointers included.

use core::fmt;
use core::ops::Range;
use core::ptr::{NonNull, slice_from_raw_parts};
use core::sync::atomic::{AtomicU64, Ordering};

use bytemuck::Pod;

use crate::shared::Shared;
use crate::value::BpfPtr;

/// The arena of a loaded object (`BPF_MAP_TYPE_ARENA`, since Linux 6.9): memory that BPF programs allocate from, and in
/// which they keep lists and trees that this process can walk.
///
/// The generated `arena(&object)` returns it, with the library's variables in the arena as fields. It borrows the object:
/// a process can map an arena at one address only, and the object owns that mapping. All references into the arena live as
/// long as that borrow, on any thread.
///
/// ```
/// # use bpf_subskeleton::{Arena, BpfPtr, Shared};
/// /// The length of a message, and its bytes.
/// fn message<'obj>(arena: &Arena<'obj>, text: BpfPtr<u8>, len: u32) -> Option<&'obj Shared<[u8]>> {
///     arena.slice(text, len as usize)
/// }
/// ```
///
/// # Pages that come and go
///
/// A program may free a page (`bpf_arena_free_pages`) while this process refers to it. That is no fault: the next access
/// finds a new page of zeroes, which the kernel allocates then and there. So whoever walks a list must expect it to
/// change under their feet: values that mix old and new, pointers that lead to memory which now holds something else,
/// circles. All of these are values like any others, and following them is safe.
///
/// Only if the kernel has no memory left for such a page, it kills the process, as it does when any program's
/// memory can't be had.
pub struct Arena<'obj> {
    memory: &'obj Shared<[u8]>,
    /// The size of a page.
    page: usize,
    /// A bit for each page that the kernel has given before.
    given: Box<[AtomicU64]>,
}

/// A type that a pointer into an arena may lead to.
#[diagnostic::on_unimplemented(
    message = "a pointer to `{Self}` can't be followed",
    label = "nothing is known of its members, or it is not plain old data",
    note = "if the pointer is into an arena, say so in C, at the variable or member that holds it: \
            `__attribute__((btf_decl_tag(\"arena\")))`"
)]
pub trait InArena: Pod {}

#[diagnostic::do_not_recommend]
impl<T: Pod> InArena for T {}

impl<'obj> Arena<'obj> {
    pub(crate) fn new(memory: &'obj Shared<[u8]>) -> Self {
        let page = page_size();
        let words = len(memory).div_ceil(page).div_ceil(u64::BITS as usize);
        Self {
            memory,
            page,
            given: (0..words).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    /// The value that a BPF program's pointer leads to.
    ///
    /// `None` if the pointer is null, if not all of the value is inside the arena, if it is not aligned for a `T`, or if
    /// the kernel has no page there and gives none. Nobody but the kernel knows which pages programs have allocated: on one
    /// that is inside the arena but was never allocated, there are zeroes.
    ///
    /// The first time that a page is asked for costs a system call.
    pub fn get<T: InArena>(&self, pointer: BpfPtr<T>) -> Option<&'obj Shared<T>> {
        let first = self.find::<T>(pointer.address(), 1)?;
        // SAFETY: `find` returns memory of the arena, aligned and as large as a `T`. The arena is readable and writable
        // for `'obj`, and only accessed through `Shared` and by BPF programs.
        Some(unsafe { first.cast::<Shared<T>>().as_ref() })
    }

    /// `len` values, the first of which a BPF program's pointer leads to.
    ///
    /// `None` as with [`get`](Self::get), for all of them.
    pub fn slice<T: InArena>(&self, pointer: BpfPtr<T>, len: usize) -> Option<&'obj Shared<[T]>> {
        let first = self.find::<T>(pointer.address(), len)?;
        let values = slice_from_raw_parts(first.cast::<T>().as_ptr(), len);
        // SAFETY: as in `get`, for `len` values.
        Some(unsafe { &*(values as *const Shared<[T]>) })
    }

    /// The pointer that BPF programs need for a value in the arena; `None` if the value is somewhere else.
    ///
    /// ```
    /// # use bpf_subskeleton::{Arena, BpfPtr, Shared};
    /// /// Makes programs begin at this message.
    /// fn begin_at(arena: &Arena<'_>, message: &Shared<u64>, first: &Shared<BpfPtr<u64>>) {
    ///     first.set(arena.pointer_to(message).unwrap_or_default());
    /// }
    /// ```
    pub fn pointer_to<T>(&self, value: &Shared<T>) -> Option<BpfPtr<T>> {
        let address = core::ptr::from_ref(value).addr();
        let Range { start, end } = self.addresses();
        let inside = address >= start && address.checked_add(size_of::<T>())? <= end;
        inside.then(|| BpfPtr::from_address(address as u64))
    }

    /// The addresses of the arena, the same for BPF programs as for this process.
    pub fn addresses(&self) -> Range<usize> {
        let start = self.first().addr();
        start..start + len(self.memory)
    }

    fn first(&self) -> *const u8 {
        core::ptr::from_ref(self.memory).cast()
    }

    /// Memory for `len` values at this address, if the kernel has all of its pages.
    fn find<T>(&self, address: u64, len: usize) -> Option<NonNull<u8>> {
        let size = size_of::<T>().checked_mul(len)?;
        let offset = offset(address, &self.addresses(), size)?;
        let first = self.first().wrapping_add(offset).cast_mut();
        if !first.addr().is_multiple_of(align_of::<T>()) || !self.has_pages(offset, size) {
            return None;
        }
        NonNull::new(first)
    }

    /// Whether the kernel has, or now gives, the pages of these bytes.
    fn has_pages(&self, offset: usize, size: usize) -> bool {
        let page = self.page;
        let pages = offset / page..(offset + size).div_ceil(page);
        let bit = |number: usize| {
            let word = self.given.get(number / u64::BITS as usize)?;
            Some((word, 1_u64 << (number % u64::BITS as usize)))
        };
        let is_given =
            |number| bit(number).is_some_and(|(word, bit)| word.load(Ordering::Relaxed) & bit != 0);
        if size == 0 || pages.clone().all(is_given) {
            return true;
        }
        let first = self.first().wrapping_add(pages.start * page);
        // SAFETY: the pages are the arena's, which is mapped here as long as it is borrowed. The call only makes the
        // kernel do what a read of each would, but returns an error where that would be a fault.
        let result = unsafe {
            libc::madvise(
                first.cast_mut().cast(),
                pages.len() * page,
                libc::MADV_POPULATE_READ,
            )
        };
        if result != 0 {
            return false;
        }
        for (word, bit) in pages.filter_map(bit) {
            word.fetch_or(bit, Ordering::Relaxed);
        }
        true
    }
}

/// The offset in the arena of `size` bytes at the address that a BPF program stored.
///
/// Pointers are addresses of this process. Programs of an arena with BPF_F_NO_USER_CONV, and those that clang before version
/// 19 compiled without `cast_user`, may store only the lower 32 bits: the kernel never lets an arena cross a multiple of
/// 4 GB, so the upper ones are those of all its addresses.
fn offset(address: u64, arena: &Range<usize>, size: usize) -> Option<usize> {
    const LOWER: u64 = u32::MAX as u64;
    let start = arena.start as u64;
    let address = match address {
        0 => return None,
        1..=LOWER => start & !LOWER | address,
        address => address,
    };
    let offset = usize::try_from(address.checked_sub(start)?).ok()?;
    let end = offset.checked_add(size)?;
    (offset < arena.len() && end <= arena.len()).then_some(offset)
}

/// The size of an arena.
pub(crate) fn len(memory: &Shared<[u8]>) -> usize {
    // The length is part of the reference: no memory is read.
    memory.iter().len()
}

/// The size of the machine's pages, which is that of an arena's entries.
pub(crate) fn page_size() -> usize {
    // SAFETY: always safe to call.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    // POSIX requires it; 4096 is the least of all machines.
    usize::try_from(size).unwrap_or(4096)
}

impl fmt::Debug for Arena<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Range { start, end } = self.addresses();
        write!(f, "Arena({start:#x}..{end:#x})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_inside_has_an_offset() {
        let arena = 0x7_0000_1000..0x7_0000_3000;
        for (address, size, expected) in [
            (0x7_0000_1000, 8, Some(0)),
            (0x7_0000_2ff8, 8, Some(0x1ff8)),
            (0x7_0000_2ff9, 8, None),
            (0x7_0000_0fff, 1, None),
            (0x7_0000_3000, 0, None),
            (0x7_0000_1000, 0x2000, Some(0)),
            (0x7_0000_1000, 0x2001, None),
            (0x7_0000_2000, usize::MAX, None),
            (u64::MAX, 1, None),
            (0, 1, None),
            // The lower half of an address.
            (0x1008, 8, Some(8)),
            (0xfff, 1, None),
            (0x3000, 1, None),
            // The upper half of another.
            (0x8_0000_1000, 1, None),
        ] {
            assert_eq!(
                offset(address, &arena, size),
                expected,
                "{address:#x}, {size}"
            );
        }
    }

    /// A page that the kernel doesn't give is not one to refer to. Here it has no access rights.
    #[test]
    fn pages_must_be_had() {
        let page = page_size();
        // SAFETY: a new mapping, of which the first page becomes accessible. It is never unmapped.
        let memory = unsafe {
            let first = libc::mmap(
                core::ptr::null_mut(),
                2 * page,
                libc::PROT_NONE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            );
            assert_ne!(first, libc::MAP_FAILED);
            let access = libc::PROT_READ | libc::PROT_WRITE;
            assert_eq!(libc::mprotect(first, page, access), 0);
            &*(slice_from_raw_parts(first.cast::<u8>(), 2 * page) as *const Shared<[u8]>)
        };
        let arena = Arena::new(memory);
        let start = arena.addresses().start as u64;
        let at = |offset: usize| BpfPtr::<u64>::from_address(start + offset as u64);
        for _ in 0..2 {
            assert!(arena.get(at(page)).is_none());
            assert_eq!(arena.get(at(page - 8)).map(Shared::get), Some(0));
            assert!(arena.slice(at(page - 8), 2).is_none());
            assert_eq!(
                arena.slice(at(0), page / 8).map(|words| words.len()),
                Some(page / 8)
            );
            assert!(arena.slice(at(page), 0).is_some());
        }
    }
}

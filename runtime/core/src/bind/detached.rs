//! A library without an object: its variables in plain memory of this process, with the values that the library
//! gives them. For tests of a companion's own logic, which then need no kernel and no privilege.

use core::alloc::Layout;
use core::ptr::NonNull;
use std::alloc::{alloc_zeroed, dealloc, handle_alloc_error};
use std::sync::Arc;

use bytemuck::Pod;

use super::addresses::{Address, OUT_OF_STEP};
use super::handles::Bound;
use super::sections::{Mapping, Memory as _};
use crate::describe::{Library, Variable};
use crate::maps::Presence;
use crate::shared::{Shared, Write};
use crate::var::{Const, Var};

/// What a variable holds before anyone sets it: its size in the library, and its bytes without the zeroes at
/// their end. All of what the library doesn't know is zero: `.kconfig`, and what it declares `extern`.
pub type Initial = (usize, &'static [u8]);

/// The variables of `library` in plain memory, with these values. Its maps answer each operation with an error.
pub fn detached(library: &'static Library, initial: &[Initial]) -> Bound {
    assert_eq!(library.variables.len(), initial.len(), "{OUT_OF_STEP}");
    let variables = library.variables.iter().zip(initial);
    let variables = variables.filter(|(variable, _)| !variable.is_in_arena());
    let variables = variables.map(|(variable, initial)| place(variable, *initial));
    let maps = library.maps.iter();
    let maps = maps.map(|map| (!map.is_optional()).then(|| Presence::Detached(map.name())));
    Bound::new(variables.collect(), maps)
}

/// The memory of a variable; `None` if nothing defines it.
fn place(variable: &Variable, (size, bytes): Initial) -> Option<Address<Arc<Mapping>>> {
    if variable.is_optional() && variable.is_extern() {
        return None;
    }
    let layout = Layout::from_size_align(size, variable.align()).expect(OUT_OF_STEP);
    let memory = Mapping::detached(layout);
    fill(&memory, bytes);
    Address::whole(memory)
}

/// Copies `bytes` to the beginning of memory that nobody else has yet.
fn fill(memory: &Arc<Mapping>, bytes: &[u8]) {
    let (first, size) = memory.bytes();
    assert!(bytes.len() <= size, "{OUT_OF_STEP}");
    // SAFETY: the memory has at least as many bytes, and no handle to it exists yet.
    unsafe { first.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
}

/// Memory of this process, zero at first.
pub(crate) struct PlainMemory {
    first: NonNull<u8>,
    layout: Layout,
}

impl PlainMemory {
    pub(super) fn zeroed(layout: Layout) -> Self {
        // There is no memory of no bytes.
        let size = layout.size().max(1);
        let layout = Layout::from_size_align(size, layout.align()).expect(OUT_OF_STEP);
        // SAFETY: the size is not zero.
        let first = NonNull::new(unsafe { alloc_zeroed(layout) });
        let first = first.unwrap_or_else(|| handle_alloc_error(layout));
        Self { first, layout }
    }

    pub(super) fn first(&self) -> *mut u8 {
        self.first.as_ptr()
    }
}

impl Drop for PlainMemory {
    fn drop(&mut self) {
        // SAFETY: `zeroed` allocated it, with this layout.
        unsafe { dealloc(self.first.as_ptr(), self.layout) };
    }
}

// SAFETY: it owns bytes, which are only accessed through `Shared`, atomically.
unsafe impl Send for PlainMemory {}
// SAFETY: as above.
unsafe impl Sync for PlainMemory {}

/// Variables of a test's own.
impl<T: Pod> Var<T> {
    /// A variable in plain memory, which no BPF program has: for tests without a kernel.
    ///
    /// It takes the place of one of a detached library, or is all that a function under test needs:
    ///
    /// ```
    /// # use bpf_subskeleton::{Const, Var};
    /// fn per_second(events: &Var<u64>, seconds: &Const<u64>) -> u64 {
    ///     events.get() / seconds.get()
    /// }
    ///
    /// let events = Var::detached(600);
    /// assert_eq!(per_second(&events, &Var::detached(60).into()), 10);
    /// // As a BPF program would.
    /// events.set(1200);
    /// assert_eq!(per_second(&events, &Var::detached(60).into()), 20);
    /// ```
    pub fn detached(value: T) -> Self {
        let memory = Mapping::detached(Layout::new::<T>());
        let first = NonNull::new(memory.bytes().0).expect(OUT_OF_STEP);
        // SAFETY: the memory has the size and alignment of `T`, and is writable plain memory that only handles
        // have.
        let variable: Self = unsafe { Self::new(first.cast::<Shared<T, Write>>(), memory) };
        variable.set(value);
        variable
    }
}

impl<T: Pod> Var<[T]> {
    /// An array in plain memory, of the length that the final object would give it: for tests without a kernel.
    ///
    /// ```
    /// # use bpf_subskeleton::Var;
    /// let per_cpu = Var::detached_slice(&[3, 4]);
    /// assert_eq!(per_cpu.iter().map(|count: &bpf_subskeleton::Shared<u64>| count.get()).sum::<u64>(), 7);
    /// ```
    pub fn detached_slice(values: &[T]) -> Self {
        let memory = Mapping::detached(Layout::for_value(values));
        fill(&memory, bytemuck::cast_slice(values));
        let first = memory.bytes().0.cast::<T>();
        let elements = core::ptr::slice_from_raw_parts_mut(first, values.len());
        let elements = NonNull::new(elements as *mut Shared<[T], Write>).expect(OUT_OF_STEP);
        // SAFETY: as in `detached`, for as many elements.
        unsafe { Self::new(elements, memory) }
    }
}

/// The same variable, which is only read through this handle.
impl<T: ?Sized> From<Var<T>> for Const<T> {
    fn from(variable: Var<T>) -> Self {
        variable.read_only()
    }
}

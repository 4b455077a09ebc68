//! Counts allocations per thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    /// Bytes that this thread holds now, and the most since `peak` began. Negative if it frees what
    /// another thread allocated.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    /// All bytes that this thread ever allocated, which measures work whose memory is freed again.
    static TOTAL: Cell<usize> = const { Cell::new(0) };
}

fn add(bytes: isize) {
    let held = HELD.get() + bytes;
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
}

// SAFETY: every call goes to the system's allocator; the counters allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as isize);
        TOTAL.set(TOTAL.get() + layout.size());
        // SAFETY: the caller upholds this function's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add(-(layout.size() as isize));
        // SAFETY: the caller upholds this function's contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// In bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allocated {
    /// The most held at one time.
    pub(crate) peak: usize,
    /// The sum of all allocations.
    pub(crate) total: usize,
}

/// What `work` returns, and what it allocated.
pub(crate) fn allocated<T>(work: impl FnOnce() -> T) -> (T, Allocated) {
    let (before, total) = (HELD.get(), TOTAL.get());
    PEAK.set(before);
    let result = work();
    let allocated = Allocated {
        peak: (PEAK.get() - before).max(0) as usize,
        total: TOTAL.get() - total,
    };
    (result, allocated)
}

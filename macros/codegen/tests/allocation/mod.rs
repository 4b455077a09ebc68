//! Counts what is allocated, thread by thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    /// Bytes that this thread holds now, and the most that it held since `peak` began. Negative
    /// where it frees what another allocated.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    /// All that this thread ever asked for: it tells of work that leaves nothing behind.
    static TOTAL: Cell<usize> = const { Cell::new(0) };
}

fn add(bytes: isize) {
    let held = HELD.get() + bytes;
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
}

// SAFETY: all is passed on to the system's allocator; the counters allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as isize);
        TOTAL.set(TOTAL.get() + layout.size());
        // SAFETY: the caller keeps the promises of this very function.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add(-(layout.size() as isize));
        // SAFETY: the caller keeps the promises of this very function.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// In bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allocated {
    /// The most that was held at one time.
    pub(crate) peak: usize,
    /// All together.
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

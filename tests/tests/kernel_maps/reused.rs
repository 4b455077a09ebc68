//! Lookups and updates that allocate nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use bytemuck::cast_slice;
use libbpf_rs::MapFlags;

use super::{bind, cpus, key, total};

/// Counts the allocations of each thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: `System` does it all.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[track_caller]
pub(super) fn without_allocation<T>(work: impl FnOnce() -> T) -> T {
    let before = ALLOCATIONS.get();
    let made = work();
    assert_eq!(ALLOCATIONS.get() - before, 0, "allocations");
    made
}

#[test]
fn allocations_are_counted() {
    let before = ALLOCATIONS.get();
    drop(std::hint::black_box(Box::new(1)));
    assert_eq!(ALLOCATIONS.get() - before, 1);
}

#[test]
fn one_value() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.hash;
    let mut value = total(1);
    without_allocation(|| {
        hash.insert(&key(1, 7), &total(5)).unwrap();
        assert_eq!(hash.lookup(&key(1, 7)).unwrap().unwrap().count, 5);
        assert!(hash.lookup(&key(2, 7)).unwrap().is_none());
        assert!(hash.lookup_into(&key(1, 7), &mut value).unwrap());
        assert_eq!(value.count, 5);
        assert!(!hash.lookup_into(&key(2, 7), &mut value).unwrap());
        assert_eq!(value.count, 5);
    });
}

#[test]
fn a_value_that_is_taken() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.hash;
    hash.insert(&key(1, 7), &total(5)).unwrap();
    without_allocation(|| {
        let taken = hash.lookup_and_delete(&key(1, 7)).unwrap().unwrap();
        assert_eq!(taken.count, 5);
        assert!(hash.lookup_and_delete(&key(1, 7)).unwrap().is_none());
    });
}

#[test]
fn a_value_for_each_cpu() {
    let (_object, kinds) = bind();
    let array = &kinds.maps.percpu_array;
    let values: Vec<_> = (1..=cpus() as u64).map(total).collect();
    let mut found = vec![total(0); cpus()];
    without_allocation(|| {
        array.insert(&2, &values).unwrap();
        assert!(array.lookup_into(&2, &mut found).unwrap());
    });
    assert_eq!(cast_slice::<_, u8>(&found), cast_slice::<_, u8>(&values));
    without_allocation(|| assert!(!array.lookup_into(&4, &mut found).unwrap()));
    assert_eq!(cast_slice::<_, u8>(&found), cast_slice::<_, u8>(&values));
}

/// The kernel has them 8 bytes apart.
#[test]
fn a_value_of_four_bytes_for_each_cpu() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.percpu_hash;
    let values: Vec<_> = (1..=cpus() as u32).collect();
    let mut found = vec![0; cpus()];
    without_allocation(|| {
        hash.insert(&key(1, 7), &values).unwrap();
        assert!(hash.lookup_into(&key(1, 7), &mut found).unwrap());
    });
    assert_eq!(found, values);
    assert_eq!(hash.lookup(&key(1, 7)).unwrap(), Some(values));
    found.fill(9);
    without_allocation(|| assert!(!hash.lookup_into(&key(2, 7), &mut found).unwrap()));
    assert_eq!(found, vec![9; cpus()]);
}

/// Memory behind the values would be written, or not all be read.
#[test]
fn more_or_fewer_values_than_cpus() {
    let (_object, kinds) = bind();
    for len in [0, cpus() - 1, cpus() + 1] {
        let said = format!(
            "{len} values for {} possible CPUs: give one for each",
            cpus()
        );
        let mut totals = vec![total(0); len];
        let mut numbers = vec![0; len];
        for refused in [
            kinds
                .maps
                .percpu_array
                .lookup_into(&0, &mut totals)
                .map(drop),
            kinds.maps.percpu_array.update(&0, &totals, MapFlags::ANY),
            kinds
                .maps
                .percpu_hash
                .lookup_into(&key(1, 7), &mut numbers)
                .map(drop),
            kinds
                .maps
                .percpu_hash
                .update(&key(1, 7), &numbers, MapFlags::ANY),
        ] {
            assert_eq!(refused.unwrap_err().to_string(), said);
        }
    }
}

/// The iterator's buffers serve all batches.
#[test]
fn entries() {
    let (_object, kinds) = bind();
    let array = &kinds.maps.array;
    let entries: Vec<_> = (0..70_000).map(|index| (index, 3 * index)).collect();
    array.update_batch(&entries, MapFlags::ANY).unwrap();
    let mut found = array.entries();
    // The first batch makes the buffers.
    assert_eq!(found.next().unwrap().unwrap(), entries[0]);
    let before = ALLOCATIONS.get();
    for entry in &entries[1..] {
        assert_eq!(found.next().unwrap().unwrap(), *entry);
    }
    assert!(found.next().is_none());
    // One for the position after each batch.
    let allocations = ALLOCATIONS.get() - before;
    assert!(allocations < 20, "{allocations} allocations");
}

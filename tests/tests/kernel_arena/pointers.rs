//! Following pointers.

use std::collections::BTreeMap;
use std::thread;

use bpf_subskeleton::{Arena, BpfPtr};

use super::{Last, Lib, LibArena, lib, loaded, push, run};

/// The values of the list, at most so many.
fn values(arena: &Arena<'_>, first: BpfPtr<lib::node>) -> Vec<u64> {
    let mut values = Vec::new();
    let mut next = first;
    while let Some(node) = arena.get(next)
        && values.len() < 100
    {
        values.push(node.value.get());
        next = node.next.get();
    }
    values
}

#[test]
fn a_list_is_walked() {
    let object = loaded();
    let arena = Lib::arena(&object).unwrap();
    assert_eq!(push(&object, 10, 4), 0);
    assert_eq!(values(&arena, arena.head.get()), [13, 12, 11, 10]);
    let first = arena.get(arena.head.get()).unwrap();
    let leaf = arena.get(first.leaf.get()).unwrap();
    assert_eq!(
        (leaf.weight.get(), leaf.color.get()),
        (13, lib::color::BLACK)
    );
    // User space changes it for programs, and itself.
    let second = first.next.get();
    arena.head.set(second);
    assert_eq!(push(&object, 20, 1), 0);
    assert_eq!(values(&arena, arena.head.get()), [20, 12, 11, 10]);
    // A circle ends where the reader says.
    first.next.set(arena.pointer_to(first).unwrap());
    assert_eq!(values(&arena, arena.pointer_to(first).unwrap()).len(), 100);
}

#[test]
fn marked_pointers_outside_of_the_arena_are_followed() {
    let object = loaded();
    let bound = Lib::bind(&object).unwrap();
    let arena = Lib::arena(&object).unwrap();
    assert_eq!(push(&object, 1, 2), 0);
    let last = arena.get(bound.bss.last.get()).unwrap();
    assert_eq!(last.value.get(), 2);
    assert_eq!(arena.get(bound.bss.leaf.get()).unwrap().weight.get(), 2);
    // A pointer without a mark to a type that others lead to.
    assert_eq!(arena.get(bound.bss.plain.get()).unwrap().value.get(), 2);
    // A selection has no variables in the arena.
    let selected = Last::bind(&object).unwrap();
    let arena = Last::arena(&object).unwrap();
    assert_eq!(arena.get(selected.last.get()).unwrap().value.get(), 2);
}

#[test]
fn slices_cross_pages() {
    let object = loaded();
    let bound = Lib::bind(&object).unwrap();
    let arena = Lib::arena(&object).unwrap();
    assert_eq!(run(&object, "write_text"), 0);
    let (text, len) = (bound.bss.text.get(), bound.bss.text_len.get() as usize);
    let found = arena.slice(text, len).unwrap();
    let bytes: Vec<u8> = found
        .iter()
        .map(|byte| byte.get().cast_unsigned())
        .collect();
    assert_eq!(bytes, b"abcdefghijklmnopqrst");
    assert!(arena.slice(text, 0).unwrap().is_empty());
    assert!(arena.slice(text, usize::MAX).is_none());
    let rest = arena.addresses().end - usize::try_from(text.address()).unwrap();
    assert_eq!(arena.slice(text, rest).unwrap().len(), rest);
    assert!(arena.slice(text, rest + 1).is_none());
    let wide = BpfPtr::<u64>::from_address(text.address() & !7);
    assert!(arena.slice(wide, usize::MAX / 8 + 1).is_none());
}

#[test]
fn pointers_to_elsewhere_lead_nowhere() {
    let object = loaded();
    let arena = Lib::arena(&object).unwrap();
    let (start, end) = (arena.addresses().start as u64, arena.addresses().end as u64);
    let local = 5_u64;
    let is_found = |address| arena.get(BpfPtr::<u64>::from_address(address)).is_some();
    assert!(is_found(start));
    assert!(is_found(end - 8));
    for address in [
        0,
        start - 8,
        start + 1,
        start + 4,
        end - 4,
        end,
        u64::MAX,
        u64::MAX - 7,
        core::ptr::from_ref(&local) as u64,
        // A kernel address.
        0xffff_8880_0000_0000,
    ] {
        assert!(!is_found(address), "{address:#x}");
    }
    // Bytes need no alignment, and what has no size needs no memory.
    assert!(arena.get(BpfPtr::<u8>::from_address(end - 1)).is_some());
    assert!(
        arena
            .get(BpfPtr::<[u64; 0]>::from_address(end - 8))
            .is_some()
    );
    let bound = Lib::bind(&object).unwrap();
    assert!(arena.pointer_to(&bound.bss.text_len).is_none());
}

#[test]
fn the_lower_half_of_an_address_will_do() {
    let object = loaded();
    let arena = Lib::arena(&object).unwrap();
    assert_eq!(push(&object, 10, 2), 0);
    let head = arena.head.get().address();
    let lower = BpfPtr::from_address(head & u64::from(u32::MAX));
    assert_ne!(lower.address(), head);
    assert_eq!(values(&arena, lower), [11, 10]);
    // Not the lower half of an address below or above the arena.
    let start = arena.addresses().start as u64 & u64::from(u32::MAX);
    assert!(
        arena
            .get(BpfPtr::<u8>::from_address(start.wrapping_sub(1)))
            .is_none()
    );
    let end = start + arena.addresses().len() as u64;
    assert!(arena.get(BpfPtr::<u8>::from_address(end)).is_none());
}

/// A page that is freed while someone refers to it becomes one of zeroes.
#[test]
fn freed_pages_are_no_fault() {
    let object = loaded();
    let arena = Lib::arena(&object).unwrap();
    assert_eq!(push(&object, 10, 3), 0);
    let head = arena.head.get();
    let node = arena.get(head).unwrap();
    assert_eq!(node.value.get(), 12);
    assert_eq!(run(&object, "free_first"), 0);
    assert_eq!(node.value.get(), 0);
    node.value.set(5);
    assert_eq!(arena.get(head).unwrap().value.get(), 5);
    // The other way round: free first, then ask.
    arena.head.set(
        arena
            .get(arena.get(head).unwrap().next.get())
            .map_or(head, |_| head),
    );
    assert_eq!(run(&object, "free_first"), 0);
    assert_eq!(values(&arena, head), [0]);
    // One that nobody ever allocated.
    let never = arena.addresses().end - 8;
    let never = arena
        .get(BpfPtr::<u64>::from_address(never as u64))
        .unwrap();
    assert_eq!(never.get(), 0);
}

/// Programs allocate, free and write while threads walk.
#[test]
fn threads_walk_what_programs_change() {
    const fn is_shared<T: Send + Sync>() {}
    const { is_shared::<LibArena<'static>>() };

    let object = loaded();
    let arena = Lib::arena(&object).unwrap();
    arena.limit.set(u64::MAX);
    thread::scope(|scope| {
        let walkers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut seen = BTreeMap::new();
                    for _ in 0..2000 {
                        for value in values(&arena, arena.head.get()) {
                            *seen.entry(value).or_insert(0) += 1;
                        }
                    }
                    seen
                })
            })
            .collect();
        for round in 0..200 {
            // When the pages are used up, it begins anew.
            if push(&object, 1000 + round, 1) != 0 {
                arena.head.set(BpfPtr::NULL);
            }
            if round % 3 == 0 && !arena.head.get().is_null() {
                assert_eq!(run(&object, "free_first"), 0);
            }
        }
        for walker in walkers {
            let seen = walker.join().unwrap();
            // Zeroes of freed pages, and what was pushed; a torn pointer would show other values.
            assert!(
                seen.keys()
                    .all(|value| *value == 0 || (1000..1200).contains(value)),
                "{seen:?}"
            );
        }
    });
}

//! Arrays: plain, per CPU, and mapped into memory.

use libbpf_rs::MapFlags;

use super::{assert_errno, bind, cpus, kinds, run, total};

#[test]
fn array() {
    let (_object, kinds) = bind();
    let array = &kinds.maps.array;
    array.insert(&69_999, &7).unwrap();
    assert_eq!(array.lookup(&69_999).unwrap(), Some(7));
    assert_eq!(array.lookup(&0).unwrap(), Some(0));
    assert_eq!(array.lookup(&70_000).unwrap(), None);
    let behind = array.insert(&70_000, &7).unwrap_err();
    assert_errno(&behind, libc::E2BIG);
    assert_eq!(behind.to_string(), "the map has room for 70000 entries");
    let exists = array.update(&1, &7, MapFlags::NO_EXIST).unwrap_err();
    assert_errno(&exists, libc::EEXIST);
    array
        .update_batch(&[(5, 50), (6, 60)], MapFlags::ANY)
        .unwrap();
    assert_eq!(array.lookup(&6).unwrap(), Some(60));
}

#[test]
fn per_cpu_array() {
    let (object, kinds) = bind();
    let array = &kinds.maps.percpu_array;
    let values: Vec<_> = (0..cpus() as u64).map(total).collect();
    array.insert(&0, &values).unwrap();
    run(&object, "count", 0, 40);
    let found = array.lookup(&0).unwrap().unwrap();
    assert_eq!(found.len(), cpus());
    let sum = |pick: fn(&kinds::total) -> u64, values: &[kinds::total]| -> u64 {
        values.iter().map(pick).sum()
    };
    assert_eq!(sum(|t| t.count, &found), sum(|t| t.count, &values) + 1);
    assert_eq!(sum(|t| t.sum, &found), sum(|t| t.sum, &values) + 40);
    assert!(array.lookup(&4).unwrap().is_none());
    let behind = array.insert(&4, &values).unwrap_err();
    assert_errno(&behind, libc::E2BIG);
    let exists = array.update(&1, &values, MapFlags::NO_EXIST).unwrap_err();
    assert_errno(&exists, libc::EEXIST);
    assert_eq!(array.entries().count(), 4);
}

#[test]
fn array_in_memory() {
    let (object, kinds) = bind();
    let mapped = &kinds.maps.mapped;
    let memory = mapped.mmap().unwrap();
    assert_eq!(memory.len(), 1000);
    memory[3].count.set(5);
    assert_eq!(mapped.lookup(&3).unwrap().unwrap().count, 5);
    mapped.insert(&999, &total(9)).unwrap();
    assert_eq!(memory[999].get().count, 9);
    run(&object, "count", 0, 1);
    assert_eq!(memory[0].count.get(), 1);
    let each: Vec<_> = mapped.mmap_each().unwrap().collect();
    assert_eq!(each.len(), 1000);
    each[7].set(total(8));
    assert_eq!(memory[7].count.get(), 8);
    // The mappings outlive the handle and the object.
    drop((kinds, object));
    assert_eq!(memory[3].count.get(), 5);
    assert_eq!(each[3].count.get(), 5);
}

#[test]
fn array_that_is_not_in_memory() {
    let (_object, kinds) = bind();
    let odd = kinds.maps.array.mmap().unwrap_err().to_string();
    assert!(
        odd.contains("values of 4 bytes, 8 bytes apart, are not contiguous in memory"),
        "{odd}"
    );
    let inner = &kinds.maps.first_inner;
    let each = inner.mmap_each().map(drop);
    for refused in [inner.mmap().map(drop), each] {
        let text = refused.unwrap_err().to_string();
        let advice = "define it with `__uint(map_flags, BPF_F_MMAPABLE)`";
        assert!(text.contains(advice), "{text}");
    }
}

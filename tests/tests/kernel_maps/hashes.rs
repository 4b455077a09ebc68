//! Hashes and the trie: entries by key.

use libbpf_rs::{ErrorKind, MapCore as _, MapFlags};

use super::{assert_errno, bind, cpus, key, kinds, total};

#[test]
fn hash() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.hash;
    let (one, two) = (key(1, 7), key(2, 7));
    assert!(hash.lookup(&one).unwrap().is_none());
    hash.insert(&one, &total(5)).unwrap();
    assert_eq!(hash.lookup(&one).unwrap().unwrap().count, 5);
    let exists = hash
        .update(&one, &total(6), MapFlags::NO_EXIST)
        .unwrap_err();
    assert_eq!(exists.kind(), ErrorKind::AlreadyExists);
    let missing = hash.update(&two, &total(6), MapFlags::EXIST).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::NotFound);
    hash.update(&one, &total(6), MapFlags::EXIST).unwrap();
    hash.update(&two, &total(7), MapFlags::NO_EXIST).unwrap();
    assert_eq!(hash.lookup_and_delete(&one).unwrap().unwrap().count, 6);
    assert!(hash.lookup_and_delete(&one).unwrap().is_none());
    assert!(hash.delete(&two).unwrap());
    assert!(!hash.delete(&two).unwrap());
    // Everything in libbpf-rs' `MapCore` is available.
    assert_eq!(hash.max_entries(), 16_384);
}

#[test]
fn full_hash() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.small_hash;
    for key in 0..4 {
        hash.insert(&key, &(key * 10)).unwrap();
    }
    let full = hash.insert(&4, &40).unwrap_err();
    assert_errno(&full, libc::E2BIG);
    assert_eq!(full.to_string(), "the map has room for 4 entries");
    assert_eq!(full.kind(), ErrorKind::TooBig);
    hash.insert(&3, &31).unwrap();
    let mut entries: Vec<_> = hash.entries().map(Result::unwrap).collect();
    entries.sort_unstable();
    assert_eq!(entries, [(0, 0), (1, 10), (2, 20), (3, 31)]);
}

#[test]
fn full_trie() {
    let (_object, kinds) = bind();
    let routes = &kinds.maps.routes;
    let prefix = |id| kinds::prefix {
        bits: 32,
        address: [10, 0, 0, id],
    };
    let entries: Vec<_> = (0..17).map(|id| (prefix(id), u32::from(id))).collect();
    let error = routes.update_batch(&entries, MapFlags::ANY).unwrap_err();
    assert_eq!(error.done(), 16);
    assert_errno(error.error(), libc::ENOSPC);
    let full = routes.insert(&prefix(16), &16).unwrap_err();
    assert_errno(&full, libc::ENOSPC);
    routes.insert(&prefix(15), &100).unwrap();
    let mut values: Vec<_> = routes.values().map(Result::unwrap).collect();
    values.sort_unstable();
    assert!(values.into_iter().eq((0..15).chain([100])));
}

#[test]
fn lru_hash() {
    let (_object, kinds) = bind();
    let lru = &kinds.maps.lru;
    for key in 0..200 {
        lru.insert(&key, &total(key.into())).unwrap();
    }
    assert_eq!(lru.lookup(&199).unwrap().unwrap().count, 199);
    assert!(lru.entries().count() <= 64);
    assert_eq!(lru.lookup_and_delete(&199).unwrap().unwrap().count, 199);
    assert!(!lru.delete(&199).unwrap());
}

#[test]
fn per_cpu_hashes() {
    let (object, kinds) = bind();
    let (hash, lru) = (&kinds.maps.percpu_hash, &kinds.maps.lru_percpu);
    // Values of 4 bytes, which the kernel places 8 bytes apart.
    let values: Vec<u32> = (0..cpus()).map(|cpu| 100 + cpu as u32).collect();
    hash.insert(&key(3, 1), &values).unwrap();
    assert_eq!(hash.lookup(&key(3, 1)).unwrap().unwrap(), values);
    super::run(&object, "count", 0, 3);
    let counted = hash.lookup(&key(3, 1)).unwrap().unwrap();
    let sum = |values: &[u32]| values.iter().sum::<u32>();
    assert_eq!(sum(&counted), sum(&values) + 1);
    let few = hash.insert(&key(3, 1), &values[1..]).unwrap_err();
    assert!(few.to_string().contains("possible CPUs: give one for each"));
    assert_eq!(
        hash.lookup_and_delete(&key(3, 1)).unwrap().unwrap(),
        counted
    );
    assert!(hash.lookup(&key(3, 1)).unwrap().is_none());
    hash.update(&key(4, 1), &values, MapFlags::NO_EXIST)
        .unwrap();
    let exists = hash.update(&key(4, 1), &values, MapFlags::NO_EXIST);
    assert_eq!(exists.unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert!(hash.delete(&key(4, 1)).unwrap());
    assert!(!hash.delete(&key(4, 1)).unwrap());

    let values: Vec<u64> = (0..cpus() as u64).collect();
    lru.insert(&8, &values).unwrap();
    assert_eq!(lru.lookup(&8).unwrap().as_ref(), Some(&values));
    assert_eq!(lru.lookup_and_delete(&8).unwrap().unwrap(), values);
    assert!(!lru.delete(&8).unwrap());
    // A full one makes room.
    for id in 0..200 {
        lru.insert(&id, &values).unwrap();
    }
    assert_eq!(lru.lookup(&199).unwrap(), Some(values));
}

#[test]
fn longest_prefix() {
    let (_object, kinds) = bind();
    let routes = &kinds.maps.routes;
    let prefix = |bits, address| kinds::prefix { bits, address };
    routes.insert(&prefix(8, [10, 0, 0, 0]), &8).unwrap();
    routes.insert(&prefix(16, [10, 1, 0, 0]), &16).unwrap();
    let lookup = |address| routes.lookup(&prefix(32, address)).unwrap();
    assert_eq!(lookup([10, 1, 2, 3]), Some(16));
    assert_eq!(lookup([10, 2, 2, 3]), Some(8));
    assert_eq!(lookup([11, 2, 2, 3]), None);
    let long = routes.insert(&prefix(33, [10, 1, 0, 0]), &33).unwrap_err();
    assert_errno(&long, libc::EINVAL);
    assert!(routes.delete(&prefix(16, [10, 1, 0, 0])).unwrap());
    assert!(!routes.delete(&prefix(16, [10, 1, 0, 0])).unwrap());
    assert_eq!(lookup([10, 1, 2, 3]), Some(8));
    // A batch that stops at an invalid prefix: the kernel's EINVAL is not taken for "no batches".
    let entries = [(prefix(9, [10, 0, 0, 0]), 9), (prefix(40, [0; 4]), 40)];
    let error = routes.update_batch(&entries, MapFlags::ANY).unwrap_err();
    assert_eq!(error.done(), 1);
    assert_errno(error.error(), libc::EINVAL);
    assert_eq!(lookup([10, 1, 2, 3]), Some(9));
    let all: Vec<_> = routes.keys().map(Result::unwrap).collect();
    routes.delete_batch(&all).unwrap();
    assert_eq!(routes.keys().count(), 0);
}

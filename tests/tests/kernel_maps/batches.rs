//! Many entries with one call, with one value a key or one for each CPU.

use libbpf_rs::{ErrorKind, MapFlags};

use super::without_batches::with_and_without_batches;
use super::{assert_errno, bind, bind_with, cpus, key, kinds, total, with_large_stack};

/// More than two batches.
const MANY: u32 = 10_000;

/// A value for each CPU, all different.
fn values(id: u32) -> Vec<u32> {
    (0..cpus() as u32).map(|cpu| id << 8 | cpu).collect()
}

#[test]
fn insert_batch_stops_where_the_map_is_full() {
    with_and_without_batches(|| {
        let (_object, kinds) = bind();
        let hash = &kinds.maps.small_hash;
        let entries: Vec<_> = (0..6).map(|key| (key, key + 100)).collect();
        let error = hash.update_batch(&entries, MapFlags::ANY).unwrap_err();
        assert_eq!(error.done(), 4);
        assert_errno(error.error(), libc::E2BIG);
        assert!(error.to_string().starts_with("stopped after 4 entries: "));
        for (key, value) in &entries[..4] {
            assert_eq!(hash.lookup(key).unwrap(), Some(*value));
        }
        // One by one, because batches do not support this flag.
        let error = hash.update_batch(&entries, MapFlags::EXIST).unwrap_err();
        assert_eq!(error.done(), 4);
        assert_eq!(error.error().kind(), ErrorKind::NotFound);
        let none: [(u32, u32); 0] = [];
        hash.update_batch(&none, MapFlags::ANY).unwrap();
    });
}

#[test]
fn delete_batch_passes_over_missing_keys() {
    with_and_without_batches(|| {
        let (_object, kinds) = bind();
        let hash = &kinds.maps.hash;
        let entries: Vec<_> = (0..10_000).map(|id| (key(id, 1), total(1))).collect();
        hash.update_batch(&entries, MapFlags::ANY).unwrap();
        // Every third is deleted already, the first and the last among them.
        let missing: Vec<_> = (0..10_000).step_by(3).map(|id| key(id, 1)).collect();
        hash.delete_batch(&missing).unwrap();
        assert_eq!(hash.keys().count(), 10_000 - missing.len());
        let keys: Vec<_> = entries.iter().map(|(key, _)| *key).collect();
        hash.delete_batch(&keys).unwrap();
        assert_eq!(hash.keys().count(), 0);
        hash.delete_batch(&keys).unwrap();
        hash.delete_batch(&[]).unwrap();
    });
}

/// Values of 4 bytes, which the kernel places 8 bytes apart, in several batches.
#[test]
fn per_cpu_hash() {
    with_and_without_batches(|| {
        let (_object, kinds) = bind_with(|maps| maps.percpu_hash.set_max_entries(MANY));
        let hash = &kinds.maps.percpu_hash;
        let entries: Vec<_> = (0..MANY).map(|id| (key(id, 1), values(id))).collect();
        hash.update_batch(&entries, MapFlags::ANY).unwrap();
        for (key, values) in entries.iter().step_by(997) {
            assert_eq!(hash.lookup(key).unwrap().as_ref(), Some(values));
        }
        let error = hash
            .update_batch(&[(key(MANY, 1), values(0))], MapFlags::ANY)
            .unwrap_err();
        assert_eq!(error.done(), 0);
        assert_errno(error.error(), libc::E2BIG);
        let keys: Vec<_> = entries.iter().map(|(key, _)| *key).collect();
        hash.delete_batch(&keys[1..]).unwrap();
        let rest: Vec<_> = hash.entries().map(Result::unwrap).collect();
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0].1, values(0));
        // What a listing returns can be inserted again.
        hash.delete_batch(&keys).unwrap();
        hash.update_batch(&rest, MapFlags::ANY).unwrap();
        assert_eq!(hash.lookup(&key(0, 1)).unwrap(), Some(values(0)));
    });
}

/// Values of 16 bytes, side by side.
#[test]
fn per_cpu_array() {
    with_and_without_batches(|| {
        let (_object, kinds) = bind();
        let array = &kinds.maps.percpu_array;
        let counts = |index: u32| {
            let cpus = 0..cpus() as u64;
            cpus.map(|cpu| total(u64::from(index) << 8 | cpu)).collect()
        };
        let entries: Vec<(u32, Vec<_>)> = (0..5).map(|index| (index, counts(index))).collect();
        let error = array.update_batch(&entries, MapFlags::ANY).unwrap_err();
        // There is no index 4.
        assert_eq!(error.done(), 4);
        assert_errno(error.error(), libc::E2BIG);
        for (found, (index, set)) in array.entries().map(Result::unwrap).zip(entries) {
            assert_eq!(found.0, index);
            let pick = |values: &[kinds::total]| -> Vec<_> {
                values
                    .iter()
                    .map(|total| (total.count, total.sum))
                    .collect()
            };
            assert_eq!(pick(&found.1), pick(&set));
        }
    });
}

#[test]
fn lru_hashes() {
    with_and_without_batches(|| {
        let (_object, kinds) = bind();
        let (lru, per_cpu) = (&kinds.maps.lru, &kinds.maps.lru_percpu);
        let entries: Vec<_> = (0..8).map(|id| (id, total(id.into()))).collect();
        lru.update_batch(&entries, MapFlags::ANY).unwrap();
        assert_eq!(lru.lookup(&7).unwrap().unwrap().count, 7);
        lru.delete_batch(&[6, 7]).unwrap();
        assert_eq!(lru.keys().count(), 6);

        let counts = |id: u32| vec![u64::from(id); cpus()];
        let entries: Vec<_> = (0..8).map(|id| (id, counts(id))).collect();
        per_cpu.update_batch(&entries, MapFlags::ANY).unwrap();
        assert_eq!(per_cpu.lookup(&7).unwrap(), Some(counts(7)));
        per_cpu.delete_batch(&[6, 7]).unwrap();
        assert_eq!(per_cpu.keys().count(), 6);
    });
}

/// One by one, because batches do not support this flag.
#[test]
fn per_cpu_one_by_one() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.percpu_hash;
    let entries: Vec<_> = (0..6).map(|id| (key(id, 1), values(id))).collect();
    hash.update_batch(&entries[..4], MapFlags::NO_EXIST)
        .unwrap();
    let error = hash.update_batch(&entries, MapFlags::EXIST).unwrap_err();
    assert_eq!(error.done(), 4);
    assert_eq!(error.error().kind(), ErrorKind::NotFound);
    for (key, values) in &entries[..4] {
        assert_eq!(hash.lookup(key).unwrap().as_ref(), Some(values));
    }
}

/// With too few values the kernel would read past their end.
#[test]
fn wrong_number_of_values() {
    with_and_without_batches(|| {
        let (_object, kinds) = bind();
        let hash = &kinds.maps.percpu_hash;
        let mut more = values(2);
        more.push(0);
        for (flags, wrong) in [
            (MapFlags::ANY, values(2)[1..].to_vec()),
            (MapFlags::ANY, more),
            (MapFlags::ANY, Vec::new()),
            (MapFlags::NO_EXIST, values(2)[1..].to_vec()),
        ] {
            let entries = [
                (key(0, 1), values(0)),
                (key(1, 1), values(1)),
                (key(2, 1), wrong),
                (key(3, 1), values(3)),
            ];
            let error = hash.update_batch(&entries, flags).unwrap_err();
            assert_eq!(error.done(), 2);
            let text = error.to_string();
            assert!(text.contains("possible CPUs: give one for each"), "{text}");
            // The entries before it are set to their own values.
            let mut keys: Vec<_> = hash.keys().map(|key| key.unwrap().id).collect();
            keys.sort_unstable();
            assert_eq!(keys, [0, 1]);
            for (key, values) in &entries[..2] {
                assert_eq!(hash.lookup(key).unwrap().as_ref(), Some(values));
            }
            hash.delete_batch(&entries.map(|(key, _)| key)).unwrap();
        }
    });
}

/// Values of more than a megabyte, one at a time.
#[test]
fn huge_values() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.huge_hash;
    with_large_stack(|| {
        let last = |value: &kinds::huge| value.words[139_999];
        let entries: Vec<_> = (0..3)
            .map(|key| {
                let mut value = kinds::huge::default();
                value.words[139_999] = u64::from(key) + 7;
                (key, value)
            })
            .collect();
        hash.update_batch(&entries, MapFlags::ANY).unwrap();
        let mut listed: Vec<_> = hash
            .entries()
            .map(Result::unwrap)
            .map(|(key, value)| (key, last(&value)))
            .collect();
        listed.sort_unstable();
        assert_eq!(listed, [(0, 7), (1, 8), (2, 9)]);
        let taken = hash.lookup_and_delete_batches().flat_map(Result::unwrap);
        let mut taken: Vec<_> = taken.map(|(key, value)| (key, last(&value))).collect();
        taken.sort_unstable();
        assert_eq!(taken, listed);
    });
}

/// What `?` makes of it in a function that returns libbpf-rs' error.
#[test]
fn error_of_one() {
    let (_object, kinds) = bind();
    let entries: Vec<_> = (0..6).map(|key| (key, key)).collect();
    let insert = || -> libbpf_rs::Result<()> {
        Ok(kinds
            .maps
            .small_hash
            .update_batch(&entries, MapFlags::ANY)?)
    };
    let error = insert().unwrap_err();
    assert_errno(&error, libc::E2BIG);
    assert_eq!(error.to_string(), "the map has room for 4 entries");
}

/// The kernel has no batches for these map types: entries are set one by one.
#[test]
fn kinds_without_batches() {
    let (_object, kinds) = bind();
    let devices = &kinds.maps.devices_hash;
    let entries: Vec<_> = (0..5).map(|id| (id, 1)).collect();
    let error = devices.update_batch(&entries, MapFlags::ANY).unwrap_err();
    assert_eq!(error.done(), 4);
    assert_errno(error.error(), libc::E2BIG);
    assert_eq!(devices.keys().count(), 4);
    // The kernel's "no such device" is the fault of the second.
    let unknown = [(0, 1), (1, u32::MAX)];
    let error = devices.update_batch(&unknown, MapFlags::ANY).unwrap_err();
    assert_eq!(error.done(), 1);
}

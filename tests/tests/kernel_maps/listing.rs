//! Listing entries: all of them, each once, whatever happens meanwhile.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use libbpf_rs::MapFlags;

use super::without_batches::{
    answer_batches_with, filtered, with_and_without_batches, without_batches,
};
use super::{assert_errno, bind, bind_with, cpus, key, kinds, run, total, with_large_stack};

/// More than two batches.
const MANY: u32 = 10_000;

/// The port of entries that stay, and of those that come and go.
const STAYS: u16 = 9;
const GOES: u16 = 1;

#[test]
fn many_entries() {
    // More than an index of 16 bits could count.
    const BEYOND: u32 = 70_000;
    let (_object, kinds) = bind_with(|maps| maps.hash.set_max_entries(BEYOND));
    let hash = &kinds.maps.hash;
    let entries: Vec<_> = (0..BEYOND)
        .map(|id| (key(id, STAYS), total(id.into())))
        .collect();
    hash.update_batch(&entries, MapFlags::ANY).unwrap();
    let mut seen = HashSet::new();
    for entry in hash.entries() {
        let (key, value) = entry.unwrap();
        assert_eq!(value.count, u64::from(key.id));
        assert!(seen.insert(key.id));
    }
    assert_eq!(seen.len(), BEYOND as usize);
    let sum: u64 = hash.values().map(|value| value.unwrap().count).sum();
    assert_eq!(sum, (0..u64::from(BEYOND)).sum());
    let count = without_batches(|| hash.entries().count());
    assert_eq!(count, BEYOND as usize);
}

#[test]
fn arrays() {
    let (_object, kinds) = bind_with(|maps| maps.array.set_max_entries(MANY));
    let array = &kinds.maps.array;
    let entries: Vec<_> = (0..MANY).map(|index| (index, index ^ 5)).collect();
    array.update_batch(&entries, MapFlags::ANY).unwrap();
    with_and_without_batches(|| {
        assert!(array.entries().map(Result::unwrap).eq(entries.clone()));
        let mut listed = Vec::new();
        for entry in array {
            let (key, value) = entry.unwrap();
            listed.push((key, value));
        }
        assert!(listed.into_iter().eq(entries.clone()));
    });
    assert!(array.keys().map(Result::unwrap).eq(0..MANY));
}

#[test]
fn per_cpu_values() {
    let (_object, kinds) = bind();
    let (hash, array) = (&kinds.maps.percpu_hash, &kinds.maps.percpu_array);
    let values = |id: u32| {
        (0..cpus() as u32)
            .map(|cpu| id * 100 + cpu)
            .collect::<Vec<_>>()
    };
    for id in 0..16 {
        hash.insert(&key(id, 0), &values(id)).unwrap();
    }
    array.insert(&2, &vec![total(4); cpus()]).unwrap();
    with_and_without_batches(|| {
        let entries: Vec<_> = hash.entries().map(Result::unwrap).collect();
        assert_eq!(entries.len(), 16);
        for (key, found) in entries {
            assert_eq!(found, values(key.id));
        }
        let entries = array.entries();
        let counts: Vec<_> = entries.map(|entry| entry.unwrap().1[0].count).collect();
        assert_eq!(counts, [0, 0, 4, 0]);
    });
}

/// Keys with a value for each CPU, in several batches.
#[test]
fn many_per_cpu_values() {
    let (_object, kinds) = bind_with(|maps| {
        maps.percpu_hash.set_max_entries(MANY)?;
        maps.percpu_array.set_max_entries(MANY)
    });
    let (hash, array) = (&kinds.maps.percpu_hash, &kinds.maps.percpu_array);
    let values = |id: u32| (0..cpus() as u32).map(|cpu| id << 8 | cpu).collect();
    let entries: Vec<(_, Vec<_>)> = (0..MANY).map(|id| (key(id, 0), values(id))).collect();
    hash.update_batch(&entries, MapFlags::ANY).unwrap();
    let totals = |id: u32| vec![total(id.into()); cpus()];
    let entries: Vec<_> = (0..MANY).map(|id| (id, totals(id))).collect();
    array.update_batch(&entries, MapFlags::ANY).unwrap();
    with_and_without_batches(|| {
        let mut seen = HashSet::new();
        for entry in hash.entries() {
            let (key, found) = entry.unwrap();
            assert_eq!(found, values(key.id));
            assert!(seen.insert(key.id));
        }
        assert_eq!(seen.len(), MANY as usize);
        let mut next = 0..MANY;
        for entry in array.entries() {
            let (index, found) = entry.unwrap();
            assert_eq!(Some(index), next.next());
            assert_eq!(found.len(), cpus());
            assert!(found.iter().all(|total| total.count == index.into()));
        }
        assert!(next.is_empty());
    });
}

/// Many prefixes: the kernel's batches for tries do not survive a deletion.
#[test]
fn many_prefixes() {
    let (_object, kinds) = bind_with(|maps| maps.routes.set_max_entries(MANY));
    let routes = &kinds.maps.routes;
    let entries: Vec<_> = (0..MANY)
        .map(|id| {
            let address = (id << 8).to_be_bytes();
            (kinds::prefix { bits: 24, address }, id)
        })
        .collect();
    routes.update_batch(&entries, MapFlags::ANY).unwrap();
    let mut listed: Vec<_> = routes.values().map(Result::unwrap).collect();
    listed.sort_unstable();
    assert!(listed.into_iter().eq(0..MANY));
}

/// What was found before an error is listed before it.
#[test]
fn failed_between_batches() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.hash;
    let entries: Vec<_> = (0..10_000).map(|id| (key(id, 0), total(1))).collect();
    hash.update_batch(&entries, MapFlags::ANY).unwrap();
    for errno in [libc::EINVAL, libc::ENOMEM] {
        filtered(|| {
            let mut listed = hash.entries();
            listed.next().unwrap().unwrap();
            answer_batches_with(errno);
            let found: Vec<_> = listed.by_ref().collect();
            let (last, before) = found.split_last().unwrap();
            assert!(before.iter().all(Result::is_ok));
            assert!((1_000..entries.len()).contains(&before.len()));
            assert_errno(last.as_ref().unwrap_err(), errno);
            assert!(listed.next().is_none());
        });
    }
}

/// Values so large that a batch holds two of them, while buckets hold more.
#[test]
fn large_values() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.wide_hash;
    with_large_stack(|| {
        let mut value = kinds::wide::default();
        for key in 0..32 {
            value.words[49_999] = key.into();
            hash.insert(&key, &value).unwrap();
        }
        let mut keys: Vec<_> = hash
            .entries()
            .map(|entry| {
                let (key, value) = entry.unwrap();
                assert_eq!(value.words[49_999], key.into());
                key
            })
            .collect();
        keys.sort_unstable();
        assert!(keys.into_iter().eq(0..32));
    });
}

#[test]
fn empty_and_ended() {
    let (_object, kinds) = bind();
    let mut entries = kinds.maps.hash.entries();
    assert!(entries.next().is_none());
    assert!(entries.next().is_none());
    assert!(without_batches(|| kinds
        .maps
        .hash
        .entries()
        .next()
        .is_none()));
    assert!(kinds.maps.routes.entries().next().is_none());
    assert!(kinds.maps.stacks.entries().next().is_none());
}

/// Another thread inserts and deletes, and a BPF program deletes; what stays is listed once.
#[test]
fn while_others_write() {
    let (object, kinds) = bind();
    let hash = &kinds.maps.hash;
    let stay: Vec<_> = (0..5_000)
        .map(|id| (key(id, STAYS), total(id.into())))
        .collect();
    hash.update_batch(&stay, MapFlags::ANY).unwrap();
    let go: Vec<_> = (0..5_000).map(|id| (key(id, GOES), total(0))).collect();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for (key, value) in &go {
                    hash.insert(key, value).unwrap();
                    // Entries that stay are also updated, which moves them inside their bucket.
                    let (key, value) = &stay[key.id as usize];
                    hash.insert(key, value).unwrap();
                }
                let keys: Vec<_> = go.iter().map(|(key, _)| *key).collect();
                hash.delete_batch(&keys).unwrap();
            }
        });
        scope.spawn(|| {
            for id in (0..5_000)
                .cycle()
                .take_while(|_| !done.load(Ordering::Relaxed))
            {
                // Deletes the entry with this id that comes and goes.
                run(&object, "count", 0, id);
            }
        });
        let lister = scope.spawn(|| {
            for _ in 0..50 {
                let listed: Vec<_> = hash.keys().map(Result::unwrap).collect();
                let stayed: Vec<_> = listed.iter().filter(|key| key.port == STAYS).collect();
                let different: HashSet<_> = stayed.iter().map(|key| key.id).collect();
                assert_eq!((stayed.len(), different.len()), (5_000, 5_000));
            }
        });
        let listed = lister.join();
        done.store(true, Ordering::Relaxed);
        listed.unwrap();
    });
}

/// Without batches, a listing whose key is deleted under it starts over, and lists nothing twice.
#[test]
fn deleted_while_listed() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.hash;
    let entries: Vec<_> = (0..2_000)
        .map(|id| (key(id, STAYS), total(id.into())))
        .collect();
    hash.update_batch(&entries, MapFlags::ANY).unwrap();
    let mut seen = HashSet::new();
    without_batches(|| {
        for (listed, key) in hash.keys().enumerate() {
            let key = key.unwrap();
            assert!(seen.insert(key.id));
            if listed % 100 == 0 {
                assert!(hash.delete(&key).unwrap());
            }
        }
    });
    assert_eq!(seen.len(), 2_000);
    assert_eq!(hash.keys().count(), 1_980);

    let routes = &kinds.maps.routes;
    for bits in 0..16 {
        let prefix = kinds::prefix {
            bits,
            address: [255; 4],
        };
        routes.insert(&prefix, &bits).unwrap();
    }
    let mut listed: Vec<_> = routes
        .entries()
        .map(|entry| {
            let (prefix, bits) = entry.unwrap();
            assert!(routes.delete(&prefix).unwrap());
            bits
        })
        .collect();
    listed.sort_unstable();
    assert!(listed.into_iter().eq(0..16));
}

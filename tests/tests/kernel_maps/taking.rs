//! Taking all entries out of a map: each is returned once, and none is lost.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use bpf_subskeleton::maps::LookupAndDeleteBatches;
use bpf_subskeleton::maps::map_type::LookupAndDelete;
use bytemuck::Pod;
use libbpf_rs::MapFlags;

use super::without_batches::{answer_batches_with, filtered, with_and_without_batches};
use super::{assert_errno, bind, bind_with, cpus, key, kinds, run, total, with_large_stack};

/// More than two batches.
const MANY: u32 = 10_000;

/// Everything in the map, by key; nothing twice, and no empty batch.
fn all<M: LookupAndDelete, K: Pod, V: Pod, I: Ord, W>(
    batches: LookupAndDeleteBatches<'_, M, K, V>,
    of: impl Fn((K, bpf_subskeleton::maps::Output<M, V>)) -> (I, W),
) -> BTreeMap<I, W> {
    let mut taken = BTreeMap::new();
    for batch in batches {
        let batch = batch.unwrap();
        assert!(!batch.is_empty());
        for entry in batch {
            let (id, value) = of(entry);
            assert!(taken.insert(id, value).is_none());
        }
    }
    taken
}

#[test]
fn hash() {
    let (_object, kinds) = bind_with(|maps| maps.hash.set_max_entries(MANY));
    let hash = &kinds.maps.hash;
    let count = |id| u64::from(id) << 4;
    let entries: Vec<_> = (0..MANY).map(|id| (key(id, 1), total(count(id)))).collect();
    with_and_without_batches(|| {
        hash.update_batch(&entries, MapFlags::ANY).unwrap();
        let taken = all(hash.lookup_and_delete_batches(), |(key, value)| {
            (key.id, value.count)
        });
        assert!(taken.into_iter().eq((0..MANY).map(|id| (id, count(id)))));
        assert_eq!(hash.keys().count(), 0);
        let mut batches = hash.lookup_and_delete_batches();
        assert!(batches.next().is_none());
        assert!(batches.next().is_none());
    });
}

#[test]
fn per_cpu_hash() {
    let (_object, kinds) = bind_with(|maps| maps.percpu_hash.set_max_entries(MANY));
    let hash = &kinds.maps.percpu_hash;
    let values = |id| -> Vec<u32> { (0..cpus() as u32).map(|cpu| id << 8 | cpu).collect() };
    let entries: Vec<_> = (0..MANY).map(|id| (key(id, 1), values(id))).collect();
    with_and_without_batches(|| {
        hash.update_batch(&entries, MapFlags::ANY).unwrap();
        let taken = all(hash.lookup_and_delete_batches(), |(key, values)| {
            (key.id, values)
        });
        assert!(taken.into_iter().eq((0..MANY).map(|id| (id, values(id)))));
        assert_eq!(hash.keys().count(), 0);
    });
}

#[test]
fn lru_hashes() {
    let (_object, kinds) = bind();
    let (lru, per_cpu) = (&kinds.maps.lru, &kinds.maps.lru_percpu);
    for id in 0..8 {
        lru.insert(&id, &total(id.into())).unwrap();
        per_cpu.insert(&id, &vec![u64::from(id); cpus()]).unwrap();
    }
    let taken = all(lru.lookup_and_delete_batches(), |(id, total)| {
        (id, total.count)
    });
    assert!(taken.into_iter().eq((0..8).map(|id| (id, u64::from(id)))));
    assert_eq!(lru.keys().count(), 0);
    let taken = all(per_cpu.lookup_and_delete_batches(), |entry| entry);
    let expected = (0..8).map(|id| (id, vec![u64::from(id); cpus()]));
    assert!(taken.into_iter().eq(expected));
    assert_eq!(per_cpu.keys().count(), 0);
}

/// Values so large that a batch holds two of them, while some buckets hold more.
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
        let taken = all(hash.lookup_and_delete_batches(), |(key, value)| {
            (key, value.words[49_999])
        });
        assert!(taken.into_iter().eq((0..32).map(|key| (key, key.into()))));
        assert_eq!(hash.keys().count(), 0);
    });
}

/// A caller that stops has received what was deleted; the rest stays in the map.
#[test]
fn stopped_between_batches() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.hash;
    let entries: Vec<_> = (0..10_000).map(|id| (key(id, 1), total(1))).collect();
    with_and_without_batches(|| {
        hash.update_batch(&entries, MapFlags::ANY).unwrap();
        let first = hash.lookup_and_delete_batches().next().unwrap().unwrap();
        assert!(first.len() < entries.len());
        assert_eq!(first.len() + hash.keys().count(), entries.len());
        for (key, _) in &first {
            assert!(hash.lookup(key).unwrap().is_none());
        }
    });
}

/// A failing step loses nothing: a map that is frozen meanwhile still has the remaining entries.
#[test]
fn frozen_between_batches() {
    let entries: Vec<_> = (0..10_000).map(|id| (key(id, 1), total(1))).collect();
    with_and_without_batches(|| {
        let (_object, kinds) = bind();
        let hash = &kinds.maps.hash;
        hash.update_batch(&entries, MapFlags::ANY).unwrap();
        let mut batches = hash.lookup_and_delete_batches();
        let first = batches.next().unwrap().unwrap();
        hash.freeze().unwrap();
        let error = batches.next().unwrap().unwrap_err();
        assert_errno(&error, libc::EPERM);
        assert!(batches.next().is_none());
        assert_eq!(first.len() + hash.keys().count(), entries.len());
    });
}

/// After the first batch, EINVAL no longer means that batches are unsupported.
#[test]
fn failed_between_batches() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.hash;
    let entries: Vec<_> = (0..10_000).map(|id| (key(id, 1), total(1))).collect();
    for errno in [libc::EINVAL, libc::ENOMEM, libc::ENOSPC] {
        hash.update_batch(&entries, MapFlags::ANY).unwrap();
        let taken = filtered(|| {
            let mut batches = hash.lookup_and_delete_batches();
            let first = batches.next().unwrap().unwrap();
            answer_batches_with(errno);
            let error = batches.next().unwrap().unwrap_err();
            assert_errno(&error, errno);
            assert!(batches.next().is_none());
            first.len()
        });
        assert_eq!(taken + hash.keys().count(), entries.len());
    }
}

/// While a BPF program inserts entries, two threads take them, and everything is taken once.
#[test]
fn while_inserted() {
    const ROUNDS: u32 = 240;
    const ENTRIES: u32 = 100;
    let (object, kinds) = bind_with(|maps| maps.hash.set_max_entries(ROUNDS * ENTRIES));
    let hash = &kinds.maps.hash;
    // If it can't be called, this fails before others wait for it.
    run(&object, "fill", 0, 0);
    with_and_without_batches(|| {
        let done = AtomicBool::new(false);
        let take_all = || {
            let mut ids = Vec::new();
            loop {
                let last = done.load(Ordering::Acquire);
                for (key, value) in hash.lookup_and_delete_batches().flat_map(Result::unwrap) {
                    assert_eq!(value.count, 1);
                    ids.push(key.id);
                }
                if last {
                    return ids;
                }
            }
        };
        let mut ids = thread::scope(|scope| {
            let takers = [scope.spawn(take_all), scope.spawn(take_all)];
            let mut rounds = 0..ROUNDS;
            let filled =
                rounds.all(|round| run(&object, "fill", round * ENTRIES, ENTRIES).result == 0);
            done.store(true, Ordering::Release);
            assert!(filled);
            takers.map(|taker| taker.join().unwrap()).concat()
        });
        assert_eq!(hash.keys().count(), 0);
        ids.sort_unstable();
        assert!(ids.into_iter().eq(0..ROUNDS * ENTRIES));
    });
}

/// Two threads take the same keys at the same time; each key goes to one of them.
#[test]
fn by_two_at_once() {
    const ENTRIES: u32 = 1_000;
    let (_object, kinds) = bind_with(|maps| maps.hash.set_max_entries(ENTRIES));
    let hash = &kinds.maps.hash;
    let entries: Vec<_> = (0..ENTRIES).map(|id| (key(id, 1), total(1))).collect();
    with_and_without_batches(|| {
        let ready = Barrier::new(2);
        for _ in 0..20 {
            hash.update_batch(&entries, MapFlags::ANY).unwrap();
            let take_all = || {
                ready.wait();
                let taken = hash.lookup_and_delete_batches().flat_map(Result::unwrap);
                taken.map(|(key, _)| key.id).collect::<Vec<_>>()
            };
            let mut ids = thread::scope(|scope| {
                let takers = [scope.spawn(take_all), scope.spawn(take_all)];
                takers.map(|taker| taker.join().unwrap()).concat()
            });
            ids.sort_unstable();
            assert!(ids.into_iter().eq(0..ENTRIES));
        }
    });
}

//! Maps of a detached library: each operation is an error that names the map, and none panics.

use core::fmt::Debug;
use std::fs::File;

use libbpf_rs::{MapFlags, RingBufferBuilder};

use super::{
    Array, BloomFilter, Hash, HashOfMaps, PerCpuHash, Queue, RingBuf, SkStorage, SockHash, Stack,
    TypedMap, UserRingBuf,
};

const NAME: &str = "flows";

fn detached<M, K: ?Sized, V: ?Sized>() -> TypedMap<M, K, V> {
    TypedMap::detached(NAME)
}

#[track_caller]
fn refused<T: Debug>(result: Result<T, impl core::error::Error>) {
    let mut error: &dyn core::error::Error = &result.unwrap_err();
    // What was tried may come first.
    while let Some(source) = error.source() {
        error = source;
    }
    let text = error.to_string();
    assert!(text.contains("`flows` is detached"), "{text}");
}

#[test]
fn of_entries() {
    let map: Hash<u32, u64> = detached();
    refused(map.lookup(&1));
    refused(map.lookup_into(&1, &mut 0));
    refused(map.insert(&1, &2));
    refused(map.update(&1, &2, MapFlags::ANY));
    refused(map.delete(&1));
    refused(map.lookup_and_delete(&1));
    refused(map.update_batch(&[(1, 2)], MapFlags::ANY));
    refused(map.delete_batch(&[1]));
    let mut batches = map.lookup_and_delete_batches();
    refused(batches.next().unwrap());
    assert!(batches.next().is_none());
    let mut entries = map.entries();
    refused(entries.next().unwrap());
    assert!(entries.next().is_none());

    let map: Array<u64> = detached();
    refused(map.lookup(&0));
    refused(map.mmap());
    refused(map.mmap_each().map(drop));
    refused(map.values().next().unwrap());

    let map: PerCpuHash<u32, u64> = detached();
    refused(map.lookup(&0));
    refused(map.keys().next().unwrap());
}

#[test]
fn without_keys() {
    let map: Queue<u64> = detached();
    refused(map.push(&1));
    refused(map.push_evict(&1));
    refused(map.pop());
    refused(map.peek());
    let map: Stack<u64> = detached();
    refused(map.push(&1));
    let map: BloomFilter<u64> = detached();
    refused(map.add(&1));
    refused(map.contains(&1));
}

#[test]
fn of_records() {
    let map: RingBuf<u64> = detached();
    refused(map.add_to(&mut RingBufferBuilder::new(), |_| 0));
    let map: RingBuf<[u8]> = detached();
    refused(map.add_to(&mut RingBufferBuilder::new(), |_| 0));
    refused(map.add_records_to(&mut RingBufferBuilder::new(), |_: &u64| 0));
    let records = map.records_of::<u64>();
    refused(records.add_to(&mut RingBufferBuilder::new(), |_| 0));
    let map: UserRingBuf<u64> = detached();
    refused(map.user_ring_buffer().map(drop));
    let map: UserRingBuf<[u8]> = detached();
    refused(map.user_ring_buffer_of::<u64>().map(drop));
}

#[test]
fn of_descriptors() {
    let file = File::open("/dev/null").unwrap();
    let map: SockHash<u32> = detached();
    refused(map.set_fd(&1, &file));
    refused(map.delete_fd(&1));
    refused(map.cookie(&1));
    let map: SkStorage<u64> = detached();
    refused(map.get_storage(&file));
    refused(map.set_storage(&file, &1));
    refused(map.delete_storage(&file));
    let inner: Array<u64> = detached();
    let map: HashOfMaps<u32, Array<u64>> = detached();
    refused(map.lookup_map(&1));
    refused(map.set_map(&1, &inner));
    refused(map.delete_map(&1));
}

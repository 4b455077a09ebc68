//! The same maps as bpftool sees them.

use std::collections::BTreeMap;
use std::process::Command;

use bpf_subskeleton::maps::TypedMap;
use bytemuck::Pod;
use libbpf_rs::{MapCore as _, MapFlags};

use super::without_batches::without_batches;
use super::{bind, cpus, key, kinds, run, total};

/// Key and values, one for each CPU, as bytes.
type Entries = BTreeMap<Vec<u8>, Vec<Vec<u8>>>;

fn id<M, K, V>(map: &TypedMap<M, K, V>) -> u32 {
    map.handle().info().unwrap().info.id
}

/// `bpftool map dump -j`, which writes bytes as `"0x1f"`.
fn dump(id: u32) -> Entries {
    let output = Command::new("bpftool")
        .args(["-j", "map", "dump", "id", &id.to_string()])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let mut entries = Entries::new();
    // bpftool adds formatted values to the bytes of each entry where it has BTF; they are ignored.
    for entry in text.split("{\"key\":[").skip(1) {
        let entry = entry.split("\"formatted\"").next().unwrap();
        let mut lists = entry.split('[').filter_map(|list| {
            let list = list.split(']').next().unwrap();
            let bytes = list.split(',').map(|byte| {
                let byte = byte.trim().trim_matches('"').strip_prefix("0x")?;
                u8::from_str_radix(byte, 16).ok()
            });
            bytes.collect::<Option<Vec<u8>>>()
        });
        let key = lists.next().unwrap();
        assert!(entries.insert(key, lists.collect()).is_none());
    }
    entries
}

fn bytes<T: Pod>(value: &T) -> Vec<u8> {
    bytemuck::bytes_of(value).to_vec()
}

/// One value for each key.
fn single<K: Pod, V: Pod>(entries: impl Iterator<Item = libbpf_rs::Result<(K, V)>>) -> Entries {
    entries
        .map(|entry| {
            let (key, value) = entry.unwrap();
            (bytes(&key), vec![bytes(&value)])
        })
        .collect()
}

/// A value for each CPU.
fn per_cpu<K: Pod, V: Pod>(
    entries: impl Iterator<Item = libbpf_rs::Result<(K, Vec<V>)>>,
) -> Entries {
    entries
        .map(|entry| {
            let (key, values) = entry.unwrap();
            (bytes(&key), values.iter().map(bytes).collect())
        })
        .collect()
}

#[test]
fn hash() {
    let (_object, kinds) = bind();
    let hash = &kinds.maps.hash;
    let entries: Vec<_> = (0..500u32)
        .map(|id| (key(id * 7919, 3), total(id.into())))
        .collect();
    hash.update_batch(&entries, MapFlags::ANY).unwrap();
    let found = single(hash.entries());
    assert_eq!(found.len(), 500);
    assert_eq!(found, dump(id(hash)));
    assert_eq!(found, without_batches(|| single(hash.entries())));
}

#[test]
fn array() {
    let (_object, kinds) = bind();
    let array = &kinds.maps.mapped;
    array.insert(&5, &total(0x0123_4567_89ab_cdef)).unwrap();
    let found = single(array.entries());
    assert_eq!(found.len(), 1000);
    assert_eq!(found, dump(id(array)));
}

#[test]
fn per_cpu_hash() {
    let (object, kinds) = bind();
    let hash = &kinds.maps.percpu_hash;
    for id in 0..9 {
        let values: Vec<_> = (0..cpus() as u32).map(|cpu| id << 16 | cpu).collect();
        hash.insert(&key(id, 1), &values).unwrap();
    }
    run(&object, "count", 0, 4);
    let found = per_cpu(hash.entries());
    assert_eq!(found.len(), 9);
    assert_eq!(found, dump(id(hash)));
    for (key, _) in hash.entries().map(Result::unwrap) {
        let values = hash.lookup(&key).unwrap().unwrap();
        assert_eq!(
            found[&bytes(&key)],
            values.iter().map(bytes).collect::<Vec<_>>()
        );
    }
}

#[test]
fn per_cpu_array() {
    let (object, kinds) = bind();
    let array = &kinds.maps.percpu_array;
    for round in 0..20 {
        run(&object, "count", 0, round);
    }
    let found = per_cpu(array.entries());
    assert_eq!(found.len(), 4);
    assert_eq!(found, dump(id(array)));
}

#[test]
fn trie() {
    let (_object, kinds) = bind();
    let routes = &kinds.maps.routes;
    for bits in 0..=15 {
        let prefix = kinds::prefix {
            bits: 2 * bits,
            address: [0xa5; 4],
        };
        routes.insert(&prefix, &bits).unwrap();
    }
    let found = single(routes.entries());
    assert_eq!(found.len(), 16);
    assert_eq!(found, dump(id(routes)));
}

//! Typed maps of every kind, on the running kernel.

use bpf_subskeleton::libbpf_rs::{MapFlags, ObjectBuilder};
use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::{objects, require_bpf};

/// A map of each kind.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/maps.bpf.o"))]
pub struct Kinds;

#[test]
fn hash() {
    require_bpf();
    let object = ObjectBuilder::default()
        .open_file(objects::object("maps"))
        .unwrap()
        .load()
        .unwrap();
    let maps = Kinds::bind(&object).unwrap().maps;
    let key = kinds::key {
        id: 1,
        port: 2,
        zone: 3,
    };
    assert!(maps.hash.lookup(&key).unwrap().is_none());
    maps.hash
        .insert(&key, &kinds::total { count: 1, sum: 2 })
        .unwrap();
    assert_eq!(maps.hash.lookup(&key).unwrap().unwrap().sum, 2);
    let entries: Vec<_> = (0..70_000)
        .map(|id| {
            (
                kinds::key {
                    id,
                    port: 9,
                    zone: 0,
                },
                kinds::total {
                    count: id.into(),
                    sum: 0,
                },
            )
        })
        .collect();
    maps.hash.insert_batch(&entries, MapFlags::ANY).unwrap();
    assert_eq!(maps.hash.entries().count(), 70_001);
    assert_eq!(maps.percpu_array.lookup(&0).unwrap().unwrap().len(), 2);
    assert_eq!(maps.array.entries().count(), 70_000);
    assert!(maps.outer_array.lookup_map(&1).unwrap().is_some());
    assert!(maps.outer_array.lookup_map(&0).unwrap().is_none());
    let memory = maps.mapped.memory().unwrap();
    memory[3].count.set(5);
    assert_eq!(maps.mapped.lookup(&3).unwrap().unwrap().count, 5);
}

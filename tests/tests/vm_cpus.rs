//! Values of CPUs that are off, in maps of values for each CPU. `make test-kernels` runs this in machines with some.

use std::thread;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::{kernel, objects};
use libbpf_rs::{MapFlags, num_possible_cpus};

/// Maps with a value for each CPU.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/maps.bpf.o"))]
struct Kinds {
    percpu_hash: maps::PerCpuHash<kinds::key, u32>,
    percpu_array: maps::PerCpuArray<kinds::total>,
    lru_percpu: maps::LruPerCpuHash<u32, u64>,
}

#[test]
fn values_of_cpus_that_are_off() {
    let cpus = num_possible_cpus().unwrap();
    let running = thread::available_parallelism().unwrap().get();
    assert!(cpus > running, "{cpus} CPUs, of which {running} run");
    let object = kernel::load(kernel::open(&objects::object("maps")));
    let kinds = Kinds::bind(&object).unwrap();

    let key = kinds::key {
        id: 1,
        port: 2,
        zone: 0,
    };
    let values: Vec<u32> = (0..cpus as u32).map(|cpu| 100 + cpu).collect();
    kinds.percpu_hash.insert(&key, &values).unwrap();
    assert_eq!(
        kinds.percpu_hash.lookup(&key).unwrap(),
        Some(values.clone())
    );
    let mut found = vec![0; cpus];
    assert!(kinds.percpu_hash.lookup_into(&key, &mut found).unwrap());
    assert_eq!(found, values);
    let of_running = kinds.percpu_hash.insert(&key, &values[..running]);
    let error = of_running.unwrap_err().to_string();
    assert!(
        error.contains("possible CPUs: give one for each"),
        "{error}"
    );

    let totals = |from: u64| -> Vec<kinds::total> {
        let count = (0..cpus as u64).map(|cpu| from + cpu);
        count.map(|count| kinds::total { count, sum: 7 }).collect()
    };
    let entries: Vec<_> = (0..4).map(|index| (index, totals(index.into()))).collect();
    let array = &kinds.percpu_array;
    array.update_batch(&entries, MapFlags::ANY).unwrap();
    let listed = array.entries().collect::<libbpf_rs::Result<Vec<_>>>();
    assert_eq!(listed.unwrap(), entries);

    let values: Vec<u64> = (0..cpus as u64).rev().collect();
    kinds.lru_percpu.insert(&8, &values).unwrap();
    assert_eq!(kinds.lru_percpu.lookup(&8).unwrap(), Some(values));
}

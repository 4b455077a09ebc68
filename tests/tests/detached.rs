//! Companions without a kernel: `detached`, as an ordinary user has it. All but the comparison with libbpf, which is
//! C, also runs under Miri: `make miri`.

#![expect(missing_docs, reason = "nobody outside sees these")]

use std::sync::atomic::Ordering;
use std::thread;

use bpf_subskeleton::{Const, Shared, Var, libbpf_rs, subskeleton};

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
pub struct Sampler;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
pub struct Sampling {
    pub samples: Var<u64>,
    pub sample_rate: Const<u32>,
    pub drops: Option<Var<u32>>,
    pub slots: Var<[sampling::slot]>,
    pub by_pid: Option<maps::Hash<_, _>>,
    pub events: maps::RingBuf<sampler::event>,
}

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/resizable.bpf.o"))]
pub struct Tables;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/unresolved.bpf.o"))]
pub struct Asker;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/unresolved.bpf.o"), module = hosts)]
pub struct Host {
    pub host_level: Option<Var<i32>>,
    pub lib_verdict: Option<Var<i32>>,
}

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/arena.bpf.o"))]
pub struct InArena;

/// What a companion adds.
impl Sampling {
    fn estimate(&self) -> u64 {
        let sum: u64 = self.slots.iter().map(|slot| slot.sum.get()).sum();
        sum * u64::from(self.sample_rate.get())
    }
}

/// `Debug` prints each value, of the handles as of libbpf's image.
#[cfg(not(miri))]
mod against_libbpf {
    use super::{Sampler, Tables, subskeleton};
    use bpf_subskeleton::libbpf_rs::{ObjectBuilder, OpenObject};
    use core::fmt::Debug;

    #[subskeleton(obj = concat!(env!("OUT_DIR"), "/types.bpf.o"))]
    pub struct Types;

    fn open(name: &str) -> OpenObject {
        let path = format!("{}/{name}.bpf.o", env!("OUT_DIR"));
        ObjectBuilder::default().open_file(path).unwrap()
    }

    #[track_caller]
    fn assert_same(detached: &impl Debug, open: &impl Debug) {
        let [detached, open] = [format!("{detached:#?}"), format!("{open:#?}")];
        assert_eq!(detached, open);
    }

    #[test]
    fn initial_values_are_those_that_libbpf_loads() {
        let mut open_types = open("types");
        let (types, config) = (
            Types::detached(),
            Types::configure(&mut open_types).unwrap(),
        );
        assert_same(&types.bss, &config.bss);
        assert_same(&types.data, &config.data);
        assert_same(&types.data_custom, &config.data_custom);
        assert_same(&types.rodata, &config.rodata);
        assert_same(&types.rodata_cfg, &config.rodata_cfg);

        let mut open_sampler = open("selection");
        let sampler = Sampler::detached();
        let config = Sampler::configure(&mut open_sampler).unwrap();
        assert_same(&sampler.data, &config.data);
        assert_same(&sampler.data_custom, &config.data_custom);
        assert_same(&sampler.rodata_tuning, &config.rodata_tuning);

        let mut open_tables = open("resizable");
        let tables = Tables::detached();
        let config = Tables::configure(&mut open_tables).unwrap();
        assert_same(&tables.data_table, &config.data_table);
        assert_same(&tables.rodata_limits, &config.rodata_limits);
        assert_same(&tables.bss_pool, &config.bss_pool);
        assert_same(&tables.data_shared, &config.data_shared);
    }
}

#[test]
fn a_variable_has_the_value_that_the_library_gives_it() {
    let sampler = Sampler::detached();
    assert_eq!(sampler.rodata.sample_rate.get(), 10);
    assert_eq!(sampler.data.level.get(), -1);
    assert_eq!(sampler.data.weights.get(), [1, 2, 3, 4]);
    assert_eq!(sampler.data_custom.custom.get(), 5);
    assert_eq!(sampler.bss.samples.get(), 0);
    // libbpf fills this one, at load.
    assert_eq!(sampler.kconfig.CONFIG_HZ.get(), 0);
}

#[test]
fn a_test_gives_constants_other_values() {
    let mut sampler = Sampler::detached();
    sampler.rodata.sample_rate = Var::detached(7).into();
    sampler.kconfig.CONFIG_HZ = Var::detached(250).into();
    assert_eq!(sampler.rodata.sample_rate.get(), 7);
    assert_eq!(sampler.kconfig.CONFIG_HZ.get(), 250);
    assert!(!sampler.rodata.verbose.get());
}

#[test]
fn a_test_writes_as_a_bpf_program_would() {
    let mut sampling = Sampling::detached();
    assert_eq!(sampling.estimate(), 0);
    sampling.slots[3].sum.set(1);
    sampling.slots[63].sum.set(20);
    assert_eq!(sampling.estimate(), 210);

    // libbpf and BPF programs are the only ones who write these; a test keeps the handle that it made.
    let rate = Var::detached(1);
    sampling.sample_rate = rate.clone().into();
    assert_eq!(sampling.estimate(), 21);
    rate.set(2);
    assert_eq!(sampling.estimate(), 42);
}

#[test]
fn what_may_be_missing_is_there_if_the_library_defines_it() {
    let mut sampling = Sampling::detached();
    assert!(sampling.drops.is_some());
    sampling.drops = None;
    assert!(sampling.drops.is_none());

    let host = Host::detached();
    assert!(host.lib_verdict.is_some());
    assert!(host.host_level.is_none());
}

#[test]
fn an_extern_variable_is_zero_until_the_test_sets_it() {
    let mut asker = Asker::detached();
    assert_eq!(asker.externs.host_level.get(), 0);
    asker.externs.host_level.set(3);
    asker.externs.host_limit = Var::detached(4).into();
    assert_eq!(asker.externs.host_level.get(), 3);
    assert_eq!(asker.externs.host_limit.get(), 4);
}

/// Variables in an arena belong to an object, and there is none.
#[test]
fn an_arena_is_left_out() {
    let in_arena = InArena::detached();
    in_arena.bss.text_len.set(3);
    assert_eq!(in_arena.bss.text_len.get(), 3);
    assert!(in_arena.bss.plain.get().is_null());
    assert_eq!(in_arena.bss.addresses.len(), 4);
}

#[test]
fn an_array_has_the_length_that_the_library_or_the_test_gives_it() {
    let mut tables = Tables::detached();
    assert_eq!(tables.rodata_limits.limits.len(), 1);
    assert_eq!(tables.rodata_limits.limits[0].get(), 100);
    tables.rodata_limits.limits = Var::detached_slice(&[1, 2, 3]).into();
    let limits: Vec<_> = tables
        .rodata_limits
        .limits
        .iter()
        .map(Shared::get)
        .collect();
    assert_eq!(limits, [1, 2, 3]);
    tables.bss_pool.pool = Var::detached_slice(&[]);
    assert_eq!(tables.bss_pool.pool.len(), 0);
}

#[test]
fn maps_say_that_there_are_none() {
    let sampling = Sampling::detached();
    assert!(sampling.by_pid.is_none());
    assert_eq!(format!("{:?}", sampling.events), r#"Detached("events")"#);

    let sampler = Sampler::detached();
    let by_pid = &sampler.maps.by_pid;
    let none = "`by_pid` is detached: without a kernel there are variables, but no maps";
    let text = |error: libbpf_rs::Error| format!("{error:#}");
    assert_eq!(text(by_pid.lookup(&1).unwrap_err()), none);
    assert_eq!(text(by_pid.delete(&1).unwrap_err()), none);
    assert_eq!(
        text(by_pid.insert(&1, &sampler::slot::default()).unwrap_err()),
        none
    );
    let entries: Vec<_> = by_pid.entries().collect();
    let [Err(_)] = entries.as_slice() else {
        panic!("{entries:?}");
    };
}

#[test]
#[should_panic(expected = "`untyped` is detached")]
fn a_map_without_a_kernel_has_no_handle() {
    let sampler = Sampler::detached();
    let _ = sampler.maps.untyped.handle();
}

#[test]
fn each_has_memory_of_its_own() {
    let [first, second] = [Sampler::detached(), Sampler::detached()];
    first.bss.samples.set(1);
    assert_eq!(second.bss.samples.get(), 0);
    assert_eq!(first.bss.drops.get(), 0);
}

#[test]
fn handles_keep_their_memory() {
    let slot = {
        let sampler = Sampler::detached();
        sampler.bss.slots.project(|slots| &slots[5])
    };
    slot.sum.set(9);
    assert_eq!(slot.get().sum, 9);
    let read: Const<u32> = Var::detached(3).into();
    assert_eq!(read.clone().get(), 3);
}

#[test]
fn threads_share_them() {
    let sampler = Sampler::detached();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..100 {
                    let samples = sampler.bss.samples.as_atomic();
                    samples.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(sampler.bss.samples.get(), 400);
}

/// Wider values, unions and bitfields are read from and written to the same memory.
#[test]
fn structs_open_up() {
    let sampler = Sampler::detached();
    let mut event = sampler.bss.last_event.get();
    event.pid = 7;
    event.comm[0] = b'x'.cast_signed();
    sampler.bss.last_event.set(event);
    assert_eq!(sampler.bss.last_event.pid.get(), 7);
    assert_eq!(sampler.bss.last_event.comm.text(), "x");
    sampler.data.mode.set(sampler::mode::MODE_DEBUG);
    assert_eq!(sampler.data.mode.get(), sampler::mode::MODE_DEBUG);
}

//! A companion of a library meets a newer version of it, whose maps have longer values.

mod refused;

use std::net::UdpSocket;
use std::os::fd::AsFd as _;

use bpf_subskeleton::maps::{self, Handle as _};
use bpf_subskeleton::{Running, subskeleton};
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::object;
use libbpf_rs::{MapCore as _, MapFlags, MapHandle, Object, ProgramInput};

use super::cpus;
use super::reused::without_allocation;
use super::without_batches::with_and_without_batches;

/// The companion of the older version.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/grows_maps.bpf.o"), grows(totals, stats))]
struct Older;

/// The companion of the newer version.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/grown_maps.bpf.o"), grows(totals, stats))]
struct Newer;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/grows_maps.bpf.o"), module = picked)]
struct Picked {
    #[bpf(grows)]
    by_port: maps::Hash<u32, picked::totals>,
    #[bpf(grows, name = "recent")]
    lately: Option<maps::LruHash<_, _>>,
    calls: maps::Array<u64>,
}

/// How many entries each map gets.
const LEN: u32 = 10;

/// Writes the entries, and what is newer as all ones.
macro_rules! fill {
    ($companion:expr, $module:ident, $totals:expr, $stats:expr) => {{
        let (maps, totals, stats) = (&$companion.maps, $totals, $stats);
        for i in 0..LEN {
            let by_cpu = |i| (0..cpus() as u32).map(move |cpu| i + 100 * cpu);
            let (len, address) = (32, i);
            maps.by_port.insert(&i, &totals(i)).unwrap();
            maps.by_slot.insert(&i, &totals(i)).unwrap();
            maps.by_prefix
                .insert(&$module::prefix { len, address }, &totals(i))
                .unwrap();
            let totals: Vec<_> = by_cpu(i).map(totals).collect();
            maps.by_cpu_slot.insert(&i, &totals).unwrap();
            maps.recent.insert(&u64::from(i), &stats(i)).unwrap();
            let stats: Vec<_> = by_cpu(i).map(stats).collect();
            maps.by_cpu_port.insert(&i, &stats).unwrap();
            maps.waiting.push(&totals[0]).unwrap();
        }
    }};
}

fn totals(i: u32) -> older::totals {
    older::totals {
        packets: i,
        bytes: 10 * i,
        last: 7,
    }
}

fn stats(i: u32) -> older::stats {
    older::stats {
        packets: i.into(),
        bytes: 3,
    }
}

fn newer_totals(i: u32) -> newer::totals {
    let older::totals {
        packets,
        bytes,
        last,
    } = totals(i);
    newer::totals {
        packets,
        bytes,
        last,
        drops: u32::MAX,
        errors: u32::MAX,
    }
}

fn newer_stats(i: u32) -> newer::stats {
    let older::stats { packets, bytes } = stats(i);
    newer::stats {
        packets,
        bytes,
        drops: u64::MAX,
    }
}

/// Either version, with its entries.
fn filled(name: &str) -> (Object, Older) {
    let mut open = kernel::open(&object(name));
    Older::configure(&mut open).unwrap();
    let object = kernel::load(open);
    let older = Older::bind(&object).unwrap();
    match name {
        "grown_maps" => {
            let newer = Newer::bind(&object).unwrap();
            fill!(newer, newer, newer_totals, newer_stats);
        }
        _ => fill!(older, older, totals, stats),
    }
    (object, older)
}

fn newer_version() -> (Object, Older) {
    filled("grown_maps")
}

fn for_either_version(run: impl Fn(&Older)) {
    for name in ["grows_maps", "grown_maps"] {
        let (_object, older) = filled(name);
        run(&older);
    }
}

#[track_caller]
fn assert_totals(found: older::totals, i: u32) {
    assert_eq!(bytemuck::bytes_of(&found), bytemuck::bytes_of(&totals(i)));
}

#[track_caller]
fn assert_stats(found: older::stats, i: u32) {
    assert_eq!(bytemuck::bytes_of(&found), bytemuck::bytes_of(&stats(i)));
}

/// The value of each CPU, as `fill` wrote them.
#[track_caller]
fn assert_each_cpu<V: Copy>(found: &[V], i: u32, check: fn(V, u32)) {
    assert_eq!(found.len(), cpus());
    for (cpu, value) in found.iter().enumerate() {
        check(*value, i + 100 * cpu as u32);
    }
}

#[test]
fn one_value() {
    for_either_version(|older| {
        let maps = &older.maps;
        for i in 0..LEN {
            let (mut into, key) = (
                totals(99),
                older::prefix {
                    len: 32,
                    address: i,
                },
            );
            without_allocation(|| {
                assert_totals(maps.by_port.lookup(&i).unwrap().unwrap(), i);
                assert!(maps.by_slot.lookup_into(&i, &mut into).unwrap());
            });
            assert_totals(into, i);
            assert_totals(maps.by_prefix.lookup(&key).unwrap().unwrap(), i);
            assert_stats(maps.recent.lookup(&i.into()).unwrap().unwrap(), i);
        }
        let mut into = totals(99);
        assert!(maps.by_port.lookup(&LEN).unwrap().is_none());
        assert!(!maps.by_port.lookup_into(&LEN, &mut into).unwrap());
        assert_totals(into, 99);
    });
}

#[test]
fn a_value_for_each_cpu() {
    for_either_version(|older| {
        let maps = &older.maps;
        let mut many_totals = vec![totals(99); cpus()];
        let mut many_stats = vec![stats(99); cpus()];
        for i in 0..LEN {
            assert_each_cpu(
                &maps.by_cpu_slot.lookup(&i).unwrap().unwrap(),
                i,
                assert_totals,
            );
            assert_each_cpu(
                &maps.by_cpu_port.lookup(&i).unwrap().unwrap(),
                i,
                assert_stats,
            );
            assert!(maps.by_cpu_slot.lookup_into(&i, &mut many_totals).unwrap());
            assert_each_cpu(&many_totals, i, assert_totals);
            assert!(maps.by_cpu_port.lookup_into(&i, &mut many_stats).unwrap());
            assert_each_cpu(&many_stats, i, assert_stats);
        }
        assert!(!maps.by_cpu_port.lookup_into(&LEN, &mut many_stats).unwrap());
        assert_each_cpu(&many_stats, LEN - 1, assert_stats);
        many_stats.pop();
        let error = maps.by_cpu_port.lookup_into(&0, &mut many_stats);
        assert!(error.unwrap_err().to_string().contains("possible CPUs"));
    });
}

#[test]
fn listed() {
    for_either_version(|older| {
        with_and_without_batches(|| {
            let maps = &older.maps;
            let mut keys = Vec::new();
            for entry in &maps.by_port {
                let (key, value) = entry.unwrap();
                assert_totals(value, key);
                keys.push(key);
            }
            keys.sort_unstable();
            assert!(keys.into_iter().eq(0..LEN));

            let slots: Vec<_> = maps.by_slot.entries().map(|entry| entry.unwrap()).collect();
            assert_eq!(slots.len(), 100);
            for (key, value) in &slots[..LEN as usize] {
                assert_totals(*value, *key);
            }
            let rest = maps.by_slot.values().skip(LEN as usize);
            rest.for_each(|value| assert_eq!(value.unwrap().last, 0));

            let prefixes = maps.by_prefix.entries().map(|entry| entry.unwrap());
            let prefixes = prefixes.map(|(key, value)| assert_totals(value, key.address));
            assert_eq!(prefixes.count(), 10);

            let slots = maps.by_cpu_slot.entries().take(LEN as usize);
            for (i, slot) in (0..).zip(slots) {
                assert_each_cpu(&slot.unwrap().1, i, assert_totals);
            }
            let ports = maps.by_cpu_port.entries().map(|entry| entry.unwrap());
            let ports = ports.map(|(key, values)| assert_each_cpu(&values, key, assert_stats));
            assert_eq!(ports.count(), 10);
            assert_eq!(maps.recent.keys().count(), 10);
        });
    });
}

#[test]
fn taken() {
    for_either_version(|older| {
        let maps = &older.maps;
        assert_totals(maps.by_port.lookup_and_delete(&3).unwrap().unwrap(), 3);
        assert!(maps.by_port.lookup_and_delete(&3).unwrap().is_none());
        let each = maps.by_cpu_port.lookup_and_delete(&4).unwrap().unwrap();
        assert_each_cpu(&each, 4, assert_stats);
    });
}

#[test]
fn taken_in_batches() {
    for name in ["grows_maps", "grown_maps"] {
        with_and_without_batches(|| {
            let (_object, older) = filled(name);
            let batches = older.maps.by_port.lookup_and_delete_batches();
            let mut taken = 0;
            for (key, value) in batches.flat_map(|batch| batch.unwrap()) {
                assert_totals(value, key);
                taken += 1;
            }
            assert_eq!((taken, older.maps.by_port.keys().count()), (10, 0));
            let batches = older.maps.by_cpu_port.lookup_and_delete_batches();
            for (key, values) in batches.flat_map(|batch| batch.unwrap()) {
                assert_each_cpu(&values, key, assert_stats);
            }
            assert_eq!(older.maps.by_cpu_port.keys().count(), 0);
        });
    }
}

#[test]
fn queued() {
    for_either_version(|older| {
        let waiting = &older.maps.waiting;
        for i in 0..LEN {
            assert_totals(waiting.peek().unwrap().unwrap(), i);
            assert_totals(waiting.pop().unwrap().unwrap(), i);
        }
        assert!(waiting.pop().unwrap().is_none() && waiting.peek().unwrap().is_none());
    });
}

#[test]
fn of_a_socket() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let (_object, older) = filled("grows_maps");
    assert!(older.maps.of_socket.get_storage(&socket).unwrap().is_none());
    older
        .maps
        .of_socket
        .set_storage(&socket, &totals(5))
        .unwrap();
    let found = older.maps.of_socket.get_storage(&socket).unwrap();
    assert_totals(found.unwrap(), 5);

    let (object, older) = newer_version();
    assert!(older.maps.of_socket.get_storage(&socket).unwrap().is_none());
    let newer = Newer::bind(&object).unwrap();
    newer
        .maps
        .of_socket
        .set_storage(&socket, &newer_totals(6))
        .unwrap();
    let found = older.maps.of_socket.get_storage(&socket).unwrap();
    assert_totals(found.unwrap(), 6);
    assert_refused(
        older.maps.of_socket.set_storage(&socket, &totals(7)),
        "20",
        "12",
    );
    let found = newer.maps.of_socket.get_storage(&socket).unwrap();
    assert_eq!(found.unwrap().packets, 6);
    assert!(older.maps.of_socket.delete_storage(&socket).unwrap());
}

#[track_caller]
fn assert_refused<T, E: std::fmt::Display>(result: Result<T, E>, size: &str, known: &str) {
    let Err(error) = result else {
        panic!("it was written");
    };
    let text = error.to_string();
    let expected = format!(
        "the map has values of {size} bytes, and this program knows {known} of them: a write would replace the rest as \
         well; build it with the newer version of the BPF library, or let a BPF program write"
    );
    assert!(text.ends_with(&expected), "{text}");
}

/// An update replaces a value as a whole, and this companion knows a part.
#[test]
fn writes_are_refused() {
    let (object, older) = newer_version();
    let maps = &older.maps;
    let (mut by_cpu, key) = (
        vec![totals(50); cpus()],
        older::prefix {
            len: 32,
            address: 0,
        },
    );
    assert_refused(maps.by_port.insert(&0, &totals(50)), "20", "12");
    assert_refused(maps.by_port.insert(&50, &totals(50)), "20", "12");
    assert_refused(
        maps.by_slot.update(&0, &totals(50), MapFlags::EXIST),
        "20",
        "12",
    );
    assert_refused(maps.by_prefix.insert(&key, &totals(50)), "20", "12");
    assert_refused(maps.by_cpu_slot.insert(&0, &by_cpu), "20", "12");
    by_cpu.clear();
    assert_refused(maps.by_cpu_slot.insert(&0, &by_cpu), "20", "12");
    assert_refused(maps.recent.insert(&0, &stats(50)), "24", "16");
    assert_refused(maps.waiting.push(&totals(50)), "20", "12");
    assert_refused(maps.waiting.push_evict(&totals(50)), "20", "12");
    let many = [(0, totals(50)), (50, totals(50))];
    with_and_without_batches(|| {
        let refused = maps.by_port.update_batch(&many, MapFlags::ANY);
        let refused = refused.unwrap_err();
        assert_eq!(refused.done(), 0);
        assert_refused(Err::<(), _>(refused), "20", "12");
    });

    // Nothing changed, what is newer neither.
    let newer = Newer::bind(&object).unwrap();
    let found = newer.maps.by_port.entries().map(|entry| entry.unwrap());
    let found = found.map(|(key, value)| {
        assert_eq!(
            bytemuck::bytes_of(&value),
            bytemuck::bytes_of(&newer_totals(key))
        );
    });
    assert_eq!(found.count(), 10);
    let slots = newer.maps.by_cpu_slot.lookup(&0).unwrap().unwrap();
    assert!(slots.iter().all(|slot| slot.errors == u32::MAX));
    assert_eq!(maps.recent.lookup(&0).unwrap().unwrap().packets, 0);
    assert_totals(maps.waiting.peek().unwrap().unwrap(), 0);
}

/// Where values are as long as they were, everything is written as ever.
#[test]
fn writes_of_values_that_did_not_grow() {
    let (_object, older) = filled("grows_maps");
    let many = [(0, totals(50)), (50, totals(51))];
    with_and_without_batches(|| {
        let by_port = &older.maps.by_port;
        by_port.update_batch(&many, MapFlags::ANY).unwrap();
        assert_totals(by_port.lookup(&0).unwrap().unwrap(), 50);
        assert_totals(by_port.lookup(&50).unwrap().unwrap(), 51);
        by_port.delete_batch(&[0, 50]).unwrap();
    });
    // And where no struct is the value.
    let (_object, older) = newer_version();
    older.maps.calls.insert(&7, &9).unwrap();
    assert_eq!(older.maps.calls.lookup(&7).unwrap(), Some(9));
}

/// Keys are known in whole.
#[test]
fn deleted() {
    let (_object, older) = newer_version();
    let maps = &older.maps;
    assert!(maps.by_port.delete(&0).unwrap());
    assert!(!maps.by_port.delete(&0).unwrap());
    with_and_without_batches(|| maps.by_port.delete_batch(&[1, 2, 0]).unwrap());
    assert_eq!(maps.by_port.keys().count(), 7);
    let key = older::prefix {
        len: 32,
        address: 3,
    };
    assert!(maps.by_prefix.delete(&key).unwrap());
}

fn count(object: &Object) {
    let program = object.progs_mut().find(|program| program.name() == "count");
    let output = program.unwrap().test_run(ProgramInput::default()).unwrap();
    assert_eq!(output.return_value, 0);
}

/// What the library's programs count goes on, known or not.
#[test]
fn a_program_writes() {
    let (object, older) = newer_version();
    let newer = Newer::bind(&object).unwrap();
    count(&object);
    assert_refused(older.maps.by_port.insert(&80, &totals(0)), "20", "12");
    count(&object);
    let found = older.maps.by_port.lookup(&80).unwrap().unwrap();
    assert_eq!((found.packets, found.bytes), (2, 200));
    let found = newer.maps.by_port.lookup(&80).unwrap().unwrap();
    assert_eq!((found.packets, found.errors), (2, 2));
    let mut in_memory = older.maps.mapped.mmap_each().unwrap();
    assert_eq!(in_memory.nth(1).unwrap().packets.get(), 2);
}

/// The elements of a slice are as long as the companion knows.
#[test]
fn in_memory() {
    let (_object, older) = filled("grows_maps");
    older.maps.mapped.mmap().unwrap()[1].set(stats(4));
    assert_stats(older.maps.mapped.lookup(&1).unwrap().unwrap(), 4);

    let (object, older) = newer_version();
    assert_eq!(
        older.maps.mapped.mmap().unwrap_err().to_string(),
        "values of 16 bytes, 24 bytes apart, are not contiguous in memory: use `mmap_each`"
    );
    let newer = Newer::bind(&object).unwrap();
    newer.maps.mapped.mmap().unwrap()[3].set(newer_stats(4));
    assert_stats(older.maps.mapped.lookup(&3).unwrap().unwrap(), 4);
}

/// In memory the known part can be written alone.
#[test]
fn each_in_memory() {
    for_either_version(|older| {
        let mapped: Vec<_> = older.maps.mapped.mmap_each().unwrap().collect();
        let mapped_totals: Vec<_> = older.maps.mapped_totals.mmap_each().unwrap().collect();
        assert_eq!((mapped.len(), mapped_totals.len()), (4, 4));
        for i in 0..4 {
            mapped[i as usize].set(stats(i));
            mapped_totals[i as usize].set(totals(i));
        }
        for i in 0..4 {
            assert_stats(older.maps.mapped.lookup(&i).unwrap().unwrap(), i);
            assert_totals(older.maps.mapped_totals.lookup(&i).unwrap().unwrap(), i);
            assert_stats(mapped[i as usize].get(), i);
        }
    });

    let (object, older) = newer_version();
    let newer = Newer::bind(&object).unwrap();
    for i in 0..4 {
        newer.maps.mapped.insert(&i, &newer_stats(9)).unwrap();
        newer
            .maps
            .mapped_totals
            .insert(&i, &newer_totals(9))
            .unwrap();
    }
    for (i, value) in (0..).zip(older.maps.mapped.mmap_each().unwrap()) {
        assert_stats(value.get(), 9);
        value.set(stats(i));
    }
    for (i, value) in (0..).zip(older.maps.mapped_totals.mmap_each().unwrap()) {
        value.packets.set(i);
    }
    for i in 0..4 {
        let value = newer.maps.mapped.lookup(&i).unwrap().unwrap();
        assert_eq!(
            bytemuck::bytes_of(&value),
            bytemuck::bytes_of(&newer_stats(i))
        );
        let value = newer.maps.mapped_totals.lookup(&i).unwrap().unwrap();
        assert_eq!(
            (value.packets, value.bytes, value.errors),
            (i, 90, u32::MAX)
        );
    }
}

#[test]
fn a_running_object() {
    let (object, _) = newer_version();
    let program = object.progs_mut().find(|program| program.name() == "count");
    let running = Running::from_program_fd(program.unwrap().as_fd()).unwrap();
    // The maps that its program uses.
    #[subskeleton(obj = concat!(env!("OUT_DIR"), "/grows_maps.bpf.o"))]
    struct Used {
        #[bpf(grows)]
        by_port: maps::Hash<_, _>,
        #[bpf(grows)]
        mapped: maps::Array<_>,
    }
    let used = Used::bind(&running).unwrap();
    count(&object);
    let found = used.by_port.lookup(&80).unwrap().unwrap();
    assert_eq!((found.packets, found.bytes), (1, 100));
    assert_eq!(used.mapped.lookup(&1).unwrap().unwrap().packets, 1);
    assert_refused(used.by_port.insert(&80, &found), "20", "12");
}

#[test]
fn picked() {
    let (object, _) = newer_version();
    let picked = Picked::bind(&object).unwrap();
    assert_eq!(picked.by_port.lookup(&2).unwrap().unwrap().bytes, 20);
    let lately = picked.lately.as_ref().unwrap();
    assert_eq!(lately.lookup(&2).unwrap().unwrap().packets, 2);
    assert_eq!(picked.calls.lookup(&2).unwrap(), Some(0));
}

/// Only `bind` knows that a value begins with what the companion knows.
#[test]
fn a_handle_of_another_map() {
    let (object, older) = newer_version();
    let by_port = object.maps().find(|map| map.name() == "by_port").unwrap();
    let handle = MapHandle::try_from(&by_port).unwrap();
    let error = maps::Hash::<u32, older::totals>::from_handle(handle).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("values of 20 bytes is not a"), "{text}");
    drop(older);
}

//! A companion of a library meets a newer version of it, whose structs have more members at their ends.

use std::cell::RefCell;
use std::os::fd::AsFd as _;
use std::time::Duration;

use bpf_subskeleton::{Running, subskeleton};
use bpf_subskeleton_tests::kernel::{self, assert_refused, lines, problems};
use bpf_subskeleton_tests::objects::{compile_changed, object};
use libbpf_rs::{Object, OpenObject, ProgramInput, RingBufferBuilder};

/// The companion of the older version, on whose structs nobody asked that they may grow.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/grows.bpf.o"))]
struct Strict;

#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/grows.bpf.o"),
    grows(stats, limits, worker, last),
)]
struct Older;

/// The same, with snapshots.
#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/grows.bpf.o"),
    grows(stats, limits, worker, last),
    snapshot,
)]
struct Shot;

type Rows = [strict::stats; 4];

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/grows.bpf.o"), snapshot)]
#[derive(Debug)]
struct Picked {
    #[bpf(grows)]
    total: Var<strict::stats>,
    #[bpf(grows)]
    by_cpu: Var<Rows>,
    #[bpf(grows, name = "seeded")]
    seeds: Option<Var<_>>,
    #[bpf(grows)]
    limits: Const<_>,
    calls: Var<u64>,
    last_kind: Var<strict::kind>,
    events: maps::RingBuf<[u32; 2]>,
}

/// The companion of the newer version.
#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/grown.bpf.o"),
    grows(stats, limits, worker, last),
)]
struct Newer;

fn opened(name: &str) -> OpenObject {
    kernel::open(&object(name))
}

fn run(object: &Object) {
    let program = object.progs_mut().find(|program| program.name() == "run");
    let output = program.unwrap().test_run(ProgramInput::default()).unwrap();
    assert_eq!(output.return_value, 0);
}

/// What the companions of the older version see of either version.
#[test]
fn either_version_is_bound() {
    for name in ["grows", "grown"] {
        let mut open = opened(name);
        let config = Older::configure(&mut open).unwrap();
        assert_eq!(config.data.seeded[2].bytes, 30);
        config.data.seeded[1] = older::stats {
            packets: 50,
            bytes: 60,
        };
        config.bss.by_cpu[3].packets = 1000;
        config.bss.total.bytes = 2000;
        config.rodata.limits.rate = 7;
        let object = kernel::load(open);
        let older = Older::bind(&object).unwrap();
        let picked = Picked::bind(&object).unwrap();
        run(&object);
        run(&object);

        assert_eq!(older.bss.calls.get(), 2, "{name}");
        assert_eq!(older.bss.total.packets.get(), 2);
        assert_eq!(older.bss.total.get().bytes, 2014);
        assert_eq!(older.bss.worker.stats.bytes.get(), 20);
        let bytes = older.bss.by_cpu.iter().map(|stats| stats.bytes.get());
        assert_eq!(bytes.collect::<Vec<_>>(), [2, 4, 6, 8]);
        assert_eq!(older.bss.by_cpu[3].packets.get(), 1002);
        assert_eq!(older.data.seeded[0].get().bytes, 210);
        assert_eq!(older.data.seeded[1].bytes.get(), 260);
        assert_eq!(older.rodata.limits.burst.get(), 10);

        assert_eq!(picked.calls.get(), 2);
        assert_eq!(picked.total.packets.get(), 2);
        assert_eq!(picked.by_cpu[2].bytes.get(), 6);
        assert_eq!(picked.seeds.as_ref().unwrap()[2].packets.get(), 5);
        assert_eq!(picked.limits.rate.get(), 7);
        assert_eq!(picked.last_kind.get(), strict::kind::KIND_WRITE);
        let snapshots = (
            Shot::bind(&object).unwrap().snapshot().bss,
            picked.snapshot(),
        );
        assert_eq!(
            (snapshots.0.total.bytes, snapshots.0.by_cpu[3].bytes),
            (2014, 8)
        );
        assert_eq!(snapshots.1.by_cpu[3].bytes, 8);
        assert_eq!(snapshots.1.seeds.unwrap()[2].packets, 5);
        let last = picked.by_cpu.project(|by_cpu| &by_cpu[3].packets);
        drop(object);
        assert_eq!(last.get(), 1002);
        let shown = format!("{picked:?}");
        assert!(
            shown.contains("by_cpu: [stats { packets: 2, bytes: 2 }, "),
            "{shown}"
        );
    }
}

/// What is new in the object is not written by a companion that does not know it.
#[test]
fn what_is_new_stays_as_it_is() {
    let mut open = opened("grown");
    let newer = Newer::configure(&mut open).unwrap();
    newer.rodata.limits.window = 5;
    newer.data.seeded[1].drops = 11;
    newer.bss.total.drops = 22;
    let older = Older::configure(&mut open).unwrap();
    let value = older::stats {
        packets: 1,
        bytes: 2,
    };
    *older.bss.total = value;
    older
        .data
        .seeded
        .iter_mut()
        .for_each(|stats| *stats = value);
    older.rodata.limits.burst = 3;
    let object = kernel::load(open);
    let newer = Newer::bind(&object).unwrap();
    assert_eq!(newer.bss.total.drops.get(), 22);
    assert_eq!(newer.data.seeded[1].get().drops, 11);
    assert_eq!(newer.data.seeded[1].packets.get(), 1);
    assert_eq!(newer.rodata.limits.window.get(), 5);

    run(&object);
    let older = Older::bind(&object).unwrap();
    older.bss.total.set(value);
    older.bss.by_cpu.iter().for_each(|stats| stats.set(value));
    older.bss.worker.stats.set(value);
    let stats = |stats: newer::stats| (stats.packets, stats.bytes, stats.drops);
    assert_eq!(stats(newer.bss.total.get()), (1, 2, 27));
    for index in 0..4 {
        assert_eq!(stats(newer.bss.by_cpu[index].get()), (1, 2, 5));
    }
    assert_eq!(stats(newer.bss.worker.stats.get()), (1, 2, 5));
    assert_eq!(newer.bss.worker.id.get(), 0);
}

/// The type of a ring buffer's records is not in BTF: a longer one is cut.
#[test]
fn longer_records() {
    for name in ["grows", "grown"] {
        let object = kernel::load(opened(name));
        let picked = Picked::bind(&object).unwrap();
        let received = RefCell::new(Vec::new());
        let mut builder = RingBufferBuilder::new();
        let push = |record: &[u32; 2]| {
            received.borrow_mut().push(*record);
            0
        };
        picked.events.add_to(&mut builder, push).unwrap();
        let poll = builder.build().unwrap();
        run(&object);
        run(&object);
        poll.poll(Duration::ZERO).unwrap();
        drop(poll);
        assert_eq!(received.into_inner(), [[7, 1], [7, 1]], "{name}");
    }
}

#[test]
fn a_running_object() {
    let object = kernel::load(opened("grown"));
    let program = object.progs_mut().find(|program| program.name() == "run");
    let running = Running::from_program_fd(program.unwrap().as_fd()).unwrap();
    let older = Older::bind(&running).unwrap();
    run(&object);
    assert_eq!(older.bss.by_cpu[3].bytes.get(), 4);
}

#[test]
fn nobody_asked() {
    let object = kernel::load(opened("grown"));
    let expected = "
        variable `total`: built with struct stats of 16 bytes, the object has 24 bytes
        variable `total.drops`: built with no such member, the object has u64 at offset 16
        variable `worker`: built with struct worker of 24 bytes, the object has 32 bytes
        variable `worker.stats`: built with struct stats at offset 8, the object has a different one, as in `total` at offset 8
        variable `by_cpu[]`: built with struct stats, the object has a different one, as in `total`
        variable `last`: built with struct last of 16 bytes, the object has 24 bytes
        variable `last.count`: built with no such member, the object has u64 at offset 16
        variable `seeded[]`: built with struct stats, the object has a different one, as in `total`
        variable `limits`: built with struct limits of 8 bytes, the object has 16 bytes
        variable `limits.window`: built with no such member, the object has u64 at offset 8
    ";
    assert_eq!(problems(Strict::bind(&object)), lines(expected));
}

/// `worker` contains a struct that may be longer elsewhere only.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/grows.bpf.o"))]
struct Mixed {
    worker: Var<_>,
    #[bpf(grows)]
    total: Var<_>,
    seeded: Var<_>,
}

#[test]
fn one_field_of_several() {
    let object = kernel::load(opened("grows"));
    let mixed = Mixed::bind(&object).unwrap();
    run(&object);
    let packets =
        [&mixed.worker.stats, &mixed.total, &mixed.seeded[0]].map(|stats| stats.packets.get());
    assert_eq!(packets, [1, 1, 2]);

    let object = kernel::load(opened("grown"));
    let expected = "
        variable `worker`: built with struct worker of 24 bytes, the object has 32 bytes
        variable `worker.stats`: built with struct stats of 16 bytes, the object has 24 bytes
        variable `worker.stats.drops`: built with no such member, the object has u64 at offset 16
        variable `seeded[]`: built with struct stats, the object has a different one, as in `worker.stats`
    ";
    assert_eq!(problems(Mixed::bind(&object)), lines(expected));
}

/// What a companion knows and an older object lacks can't be made up.
#[test]
fn the_other_way_round() {
    let object = kernel::load(opened("grows"));
    let expected = "
        variable `last_kind`: built with KIND_SYNC = 2, the object has no KIND_SYNC
        variable `total`: built with struct stats of at least 24 bytes, the object has 16 bytes
        variable `total.drops`: built with u64 at offset 16, the object has no such member
        variable `worker`: built with struct worker of at least 32 bytes, the object has 24 bytes
        variable `worker.stats`: built with struct stats at offset 8, the object has a different one, as in `total` at offset 8
        variable `by_cpu[]`: built with struct stats, the object has a different one, as in `total`
        variable `last`: built with struct last of at least 24 bytes, the object has 16 bytes
        variable `last.count`: built with u64 at offset 16, the object has no such member
        variable `seeded[]`: built with struct stats, the object has a different one, as in `total`
        variable `limits`: built with struct limits of at least 16 bytes, the object has 8 bytes
        variable `limits.window`: built with u64 at offset 8, the object has no such member
    ";
    assert_eq!(problems(Newer::bind(&object)), lines(expected));
}

/// The problems that all ways to bind have with a version that differs from the newer one in a few places.
#[track_caller]
fn assert_problems(name: &str, changes: &[(&str, &str)], expected: &str) {
    let source = concat!("#define NEWER\n", include_str!("../../bpf-src/grows.bpf.c"));
    assert_refused(
        kernel::open(&compile_changed(&format!("grows-{name}"), source, changes)),
        |open| problems(Older::configure(open)),
        |object| problems(Older::bind(object)),
        expected,
    );
}

#[test]
fn a_known_member_that_differs() {
    assert_problems(
        "type",
        &[("\t__u32 burst;\n", "\t__s32 burst;\n")],
        "variable `limits.burst`: built with u32 at offset 4, the object has s32 at offset 4",
    );
    assert_problems(
        "renamed",
        &[("\t__u32 burst;\n", "\t__u32 peak;\n"), (".burst = 10", ".peak = 10"), ("limits.burst", "limits.peak")],
        "variable `limits.burst`: built with u32 at offset 4, the object has no such member
         variable `limits.peak`: built with no such member, the object has u32 at offset 4, inside the 8 bytes that the library was built with",
    );
    assert_problems(
        "inserted",
        &[("\t__u32 burst;\n", "\t__u32 more;\n\t__u32 burst;\n")],
        "variable `limits.burst`: built with u32 at offset 4, the object has u32 at offset 8
         variable `limits.more`: built with no such member, the object has u32 at offset 4, inside the 8 bytes that the library was built with",
    );
}

/// The number of elements is not what grows.
#[test]
fn an_array_of_another_length() {
    assert_problems(
        "length",
        &[("seeded[3]", "seeded[4]")],
        "variable `seeded`: built with struct stats[3], the object has struct stats[4]",
    );
}

/// References to the elements must be aligned, and those of packed structs need not be.
#[test]
fn an_array_of_elements_that_are_not_aligned() {
    let packed = [
        (
            "\tnewer(__u64 drops)\n};",
            "\t__u32 drops;\n} __attribute__((packed));",
        ),
        (
            "struct stats total;",
            "struct stats total __attribute__((aligned(8)));",
        ),
        (
            "struct stats by_cpu[4];",
            "struct stats by_cpu[4] __attribute__((aligned(8)));",
        ),
        (
            "struct worker worker;",
            "struct worker worker __attribute__((aligned(8)));",
        ),
        (
            "struct stats seeded[3]",
            "struct stats seeded[3] __attribute__((aligned(8)))",
        ),
    ];
    assert_problems(
        "packed",
        &packed,
        "variable `by_cpu`: built with elements aligned to 8 bytes, the object has elements of 20 bytes
         variable `seeded`: built with elements aligned to 8 bytes, the object has elements of 20 bytes",
    );
}

/// `set` writes padding too, so nothing may grow into it.
#[test]
fn a_member_in_padding() {
    assert_problems(
        "padding",
        &[(
            "\t__u32 pid;\n\tnewer(__u64 count)\n",
            "\t__u32 pid;\n\t__u32 count;\n",
        )],
        "variable `last.count`: built with no such member, the object has u32 at offset 12, inside the 16 bytes that the library was built with",
    );
}

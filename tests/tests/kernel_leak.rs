//! Binding and dropping leaves nothing behind. Alone in its file: what it counts is the process's.

use std::fs;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::objects::object;
use bpf_subskeleton_tests::{kernel, require_bpf};
use libbpf_rs::{Object, OpenObject};

/// Four sections, two maps and a program.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/places.bpf.o"))]
struct Places;

/// Another library with some of its variables.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/places.bpf.o"))]
struct Part {
    place_zero: Var<u64>,
}

/// What cannot be bound to it.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/drift.bpf.o"))]
struct Other;

/// Open file descriptors, and mappings of BPF maps.
fn held() -> (usize, usize) {
    let fds = fs::read_dir("/proc/self/fd").unwrap().count();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let maps = maps.lines().filter(|line| line.contains("bpf-map"));
    (fds, maps.count())
}

fn open() -> OpenObject {
    kernel::open(&object("places"))
}

fn bind(object: &Object) -> Places {
    Places::bind(object).unwrap()
}

#[test]
fn a_thousand_cycles() {
    require_bpf();
    // The first object makes libbpf look at the kernel's features.
    drop(bind(&open().load().unwrap()));

    let start = held();
    let object = open().load().unwrap();
    let loaded = held();
    let places = bind(&object);
    let (fds, maps) = held();
    // A mapping for each section, and a descriptor for each map: a mapping needs none.
    assert_eq!(maps - loaded.1, 4);
    assert_eq!(fds - loaded.0, 2);
    // Those that bind to the same object share them.
    let (again, part) = (bind(&object), Part::bind(&object).unwrap());
    assert_eq!(held().1, maps);
    drop((again, part));
    assert_eq!(held(), (fds, maps));
    let clone = places.bss.clone();
    drop(places);
    assert_eq!(held(), (loaded.0, loaded.1 + 1));
    drop(clone);
    assert_eq!(held(), loaded);

    for _ in 0..1_000 {
        let places = bind(&object);
        places.bss.place_zero.set(places.bss.place_zero.get() + 1);
        Places::programs(&object).unwrap();
        assert!(Other::bind(&object).is_err());
    }
    assert_eq!(held(), loaded);
    assert_eq!(bind(&object).bss.place_zero.get(), 1_000);
    in_threads(&object);
    assert_eq!(held(), loaded);
    drop(object);
    assert_eq!(held(), start);

    // Before load too, and whichever goes first.
    for _ in 0..20 {
        let mut open = open();
        *Places::configure(&mut open).unwrap().data.place_wide = 3;
        assert!(Other::configure(&mut open).is_err());
        let object = open.load().unwrap();
        let places = bind(&object);
        drop(object);
        assert_eq!(places.data.place_wide.get(), 3);
    }
    assert_eq!(held(), start);
}

/// Mappings are shared, and dropped, by threads that don't know of each other. Each sees what the object's programs see.
fn in_threads(object: &Object) {
    let other = open().load().unwrap();
    bind(&other).bss.place_zero.set(7);
    let expected = bind(object).bss.place_zero.get();
    // An object is for one thread, and what is bound for all.
    let mut bound: Vec<_> = (0..100).map(|_| (bind(object), bind(&other))).collect();
    while !bound.is_empty() {
        std::thread::scope(|scope| {
            for (this, that) in bound.drain(..bound.len().div_ceil(2)) {
                scope.spawn(move || {
                    assert_eq!(this.bss.place_zero.get(), expected);
                    assert_eq!(that.bss.place_zero.get(), 7);
                });
            }
            // Beside the drops.
            assert_eq!(bind(object).bss.place_zero.get(), expected);
            assert_eq!(bind(&other).bss.place_zero.get(), 7);
        });
    }
}

//! Padding bytes are always initialised when they are passed to a map: the kernel compares keys by all their
//! bytes and shows values to anyone who asks. `make sanitize` checks this with valgrind too.

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::object;
use libbpf_rs::{MapCore, MapFlags, Object, ProgramInput};

use holes::{holed_key, holed_part, holed_value};

/// Keys and values with every kind of padding.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/padding.bpf.o"))]
struct Holes;

/// `kind`, 3 bytes of padding, `id`, `port`, 2 bytes of padding.
const KEY: [u8; 12] = raw_key(0);

/// A key's bytes, with `padding` in its padding.
const fn raw_key(padding: u8) -> [u8; 12] {
    let (p, id, port) = (padding, 2u32.to_ne_bytes(), 3u16.to_ne_bytes());
    [
        1, p, p, p, id[0], id[1], id[2], id[3], port[0], port[1], p, p,
    ]
}

fn load() -> Object {
    kernel::load(kernel::open(&object("padding")))
}

fn run(object: &Object, name: &str) {
    let program = object.progs_mut().find(|program| program.name() == name);
    let output = program.unwrap().test_run(ProgramInput::default()).unwrap();
    assert_eq!(output.return_value, 0);
}

/// The bytes that the kernel stores for a key's bytes.
fn raw_value(map: &impl MapCore, key: &[u8]) -> Vec<u8> {
    map.lookup(key, MapFlags::ANY).unwrap().unwrap()
}

/// Fills the stack with bytes that must not reach a map.
#[inline(never)]
fn leave_garbage_on_the_stack() {
    std::hint::black_box([0xa5u8; 4096]);
}

fn key() -> holed_key {
    holed_key {
        kind: 1,
        id: 2,
        port: 3,
        ..Default::default()
    }
}

fn value() -> holed_value {
    let mut value = holed_value {
        first: 1,
        total: 2,
        last: 3,
        ..Default::default()
    };
    value.parts[1] = holed_part {
        wide: 4,
        narrow: 5,
        ..Default::default()
    };
    value.set_low(6);
    value.set_high(0xff);
    value.set_small(7);
    value
}

/// [`value`], laid out by hand by C's rules.
fn raw_value_by_hand() -> [u8; 40] {
    let mut bytes = [0; 40];
    bytes[0] = 1;
    bytes[8..16].copy_from_slice(&2u64.to_ne_bytes());
    bytes[20..22].copy_from_slice(&4u16.to_ne_bytes());
    bytes[22] = 5;
    let bits: u32 = match cfg!(target_endian = "big") {
        true => 6 << 29 | 0xff << 21,
        false => 6 | 0xff << 3,
    };
    bytes[24..28].copy_from_slice(&bits.to_ne_bytes());
    bytes[28] = 7;
    bytes[32] = 3;
    bytes
}

#[test]
fn values_made_in_rust_have_zeroed_padding() {
    let object = load();
    let holes = Holes::bind(&object).unwrap();
    let map = &holes.maps.holed;
    leave_garbage_on_the_stack();
    map.insert(&key(), &value()).unwrap();
    assert_eq!(raw_value(&**map, &KEY), raw_value_by_hand());

    // Moves and copies keep the zeros.
    let moved = std::hint::black_box(Box::new([key(); 2]))[1];
    let mut copied = holed_key::default();
    copied.clone_from(&moved);
    map.insert(&copied, &value()).unwrap();
    map.update_batch(&[(moved, value())], MapFlags::ANY)
        .unwrap();
    assert_eq!(map.keys().count(), 1);
    assert_eq!(map.lookup(&copied).unwrap().unwrap().last, 3);

    // A BPF program finds the entry.
    run(&object, "holed_scribble");
    run(&object, "holed_find");
    assert_eq!(holes.bss.found.get(), 1);
    assert!(map.delete(&moved).unwrap());
    run(&object, "holed_find");
    assert_eq!(holes.bss.found.get(), 0);
}

#[test]
fn per_cpu_values_have_zeroed_padding() {
    let object = load();
    let map = Holes::bind(&object).unwrap().maps.holed_percpu;
    leave_garbage_on_the_stack();
    let part = holed_part {
        wide: 4,
        narrow: 5,
        ..Default::default()
    };
    let cpus = libbpf_rs::num_possible_cpus().unwrap();
    map.insert(&key(), &vec![part; cpus]).unwrap();
    let wide = 4u16.to_ne_bytes();
    for found in map.lookup(&key()).unwrap().unwrap() {
        assert_eq!(bytemuck::bytes_of(&found), [wide[0], wide[1], 5, 0]);
    }
}

/// A value read from memory keeps the bytes found there, padding included, as a copy in C would: as a key it is
/// a different key. A value built from its members is the same key.
#[test]
fn a_value_that_was_read_keeps_its_padding() {
    let object = load();
    let holes = Holes::bind(&object).unwrap();
    let map = &holes.maps.holed;
    run(&object, "holed_scribble");
    leave_garbage_on_the_stack();
    let (seen, seen_value) = (holes.bss.seen_key.get(), holes.bss.seen_value.get());
    map.insert(&seen, &seen_value).unwrap();
    let mut bytes = [0xa5; 40];
    bytes[8..16].copy_from_slice(&4u64.to_ne_bytes());
    assert_eq!(raw_value(&**map, &raw_key(0xa5)), bytes);
    assert!(map.lookup(&key()).unwrap().is_none());

    let holed_key { kind, id, port, .. } = seen;
    let cleaned = holed_key {
        kind,
        id,
        port,
        ..Default::default()
    };
    map.insert(&cleaned, &value()).unwrap();
    assert_eq!(raw_value(&**map, &KEY), raw_value_by_hand());
    assert_eq!(map.lookup(&key()).unwrap().unwrap().total, 2);

    // Written back whole, the padding is written too; written by members, it is left alone.
    holes.bss.seen_key.set(cleaned);
    assert!(map.lookup(&holes.bss.seen_key.get()).unwrap().is_some());
    run(&object, "holed_scribble");
    holes.bss.seen_key.port.set(3);
    assert_eq!(
        map.lookup(&holes.bss.seen_key.get())
            .unwrap()
            .unwrap()
            .total,
        4
    );
}

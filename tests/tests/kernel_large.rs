//! A struct of more than half a megabyte is read, written and shown by threads with a stack of 64 KB.

use std::thread;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::image::Image;
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::object;
use libbpf_rs::Object;

/// One struct in each of `.bss`, `.data` and `.rodata`.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/large.bpf.o"))]
struct Large;

const _: () = assert!(size_of::<large::large>() > 512 * 1024);

fn load() -> Object {
    kernel::open(&object("large")).load().unwrap()
}

/// Runs it on a stack in which the struct has no place.
fn on_a_small_stack(work: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let small = thread::Builder::new().stack_size(64 * 1024);
        small.spawn_scoped(scope, work).unwrap().join().unwrap();
    });
}

fn in_kernel(object: &Object, name: &str) -> Vec<u8> {
    let image = Image::of(&bpf_subskeleton_tests::objects::object("large"));
    image.variable(name).in_kernel(object)
}

#[test]
fn read() {
    let object = load();
    let large = Large::bind(&object).unwrap();
    let expected = in_kernel(&object, "large_data");
    on_a_small_stack(|| {
        let mut value = large.data.large_data.get_boxed();
        assert!(bytemuck::bytes_of(&*value) == expected);
        assert_eq!((value.counts[2], value.slots[4095].cpu), (3, 5));
        large.rodata.large_rodata.get_into(&mut value);
        assert_eq!((value.counts[2], value.counts[65535]), (0, 7));
        assert_eq!(value.slots[4095].cpu, 0);
    });
}

#[test]
fn written() {
    let object = load();
    let large = Large::bind(&object).unwrap();
    on_a_small_stack(|| {
        let mut value = large.data.large_data.get_boxed();
        value.counts[65535] = 8;
        large.bss.large_bss.set_from(&value);
    });
    let mut expected = in_kernel(&object, "large_data");
    let last = 16 + 65535 * 8;
    expected[last..last + 8].copy_from_slice(&8u64.to_ne_bytes());
    assert!(in_kernel(&object, "large_bss") == expected);
}

#[test]
fn in_place() {
    let object = load();
    let large = Large::bind(&object).unwrap();
    on_a_small_stack(|| {
        let data = &large.data.large_data;
        assert_eq!(data.counts.iter().map(|count| count.get()).sum::<u64>(), 6);
        assert_eq!(
            data.slots.iter().map(|slot| slot.count.get()).sum::<u64>(),
            6
        );
    });
}

#[test]
fn shown() {
    let object = load();
    let large = Large::bind(&object).unwrap();
    on_a_small_stack(|| {
        for text in [
            format!("{:?}", large.data.large_data),
            format!("{:?}", large.data),
            format!("{:?}", large.data.large_data.get_boxed()),
        ] {
            assert!(text.contains("large { name: \"large\", counts: [1, 2, 3, 0,"));
            assert!(text.contains("slot { cpu: 5, busy: 0, count: 6 }] }"));
        }
    });
}

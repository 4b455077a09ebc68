//! Linux before 5.5, which can't mmap sections, simulated on the running kernel.
//!
//! libbpf probes the kernel's features only once, so this binary must have no other test that needs a section.

use std::io;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::kernel::problems;
use bpf_subskeleton_tests::objects::object;
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::libbpf_sys::{BPF_F_MMAPABLE, bpf_map_create_opts};
use libbpf_rs::{MapHandle, MapType, Object, ObjectBuilder};

mod refuse;

/// Variables in six sections, and maps.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
struct Whole;

/// What a companion crate takes that does without variables.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
struct OnlyMaps {
    by_pid: maps::Hash<u32, whole::slot>,
}

/// A variable of one section, and a map.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
struct OneVariable {
    custom: Var<u64>,
    by_pid: maps::Hash<u32, whole::slot>,
}

fn array(map_flags: u32) -> libbpf_rs::Result<MapHandle> {
    let opts = bpf_map_create_opts {
        sz: size_of::<bpf_map_create_opts>() as _,
        map_flags,
        ..Default::default()
    };
    MapHandle::create(MapType::Array, Some("array"), 4, 8, 1, &opts)
}

fn unmapped(section: &str) -> String {
    format!(
        "section `{section}`: its map can't be mapped into memory: that needs Linux 5.5 and, if \
         `reuse_fd` replaced it or a loader other than libbpf made it, a map created with BPF_F_MMAPABLE"
    )
}

/// The library's program sees the values that were set before load, and its map works.
fn sample(object: &Object) {
    let maps = OnlyMaps::bind(object).unwrap();
    let links = Whole::programs(object).unwrap().attach().unwrap();
    std::thread::yield_now();
    drop(links);
    let pid = std::process::id();
    let slot = maps.by_pid.lookup(&pid).unwrap().unwrap();
    assert!(slot.count > 0);
    // Numbers of system calls, divided by the rate.
    assert_eq!(slot.sum, 0);
    assert!(maps.by_pid.delete(&pid).unwrap());
}

#[test]
fn sections_that_an_old_kernel_cannot_map() {
    require_bpf();
    array(BPF_F_MMAPABLE).unwrap();
    refuse::refuse_mmapable();
    let error = array(BPF_F_MMAPABLE).err().unwrap();
    let refused = io::Error::from_raw_os_error(libc::EINVAL);
    assert!(format!("{error:#}").contains(&refused.to_string()));
    array(0).unwrap();

    let path = object("selection");
    let mut open = ObjectBuilder::default().open_file(path).unwrap();
    let config = Whole::configure(&mut open).unwrap();
    *config.rodata.sample_rate = 1_000_000;
    *config.data_custom.custom = 6;
    let object = open.load().unwrap();

    let sections = [
        ".bss",
        ".data",
        ".data.custom",
        ".kconfig",
        ".rodata",
        ".rodata.tuning",
    ];
    assert_eq!(problems(Whole::bind(&object)), sections.map(unmapped));
    let custom = unmapped(".data.custom");
    assert_eq!(problems(OneVariable::bind(&object)), [custom]);
    sample(&object);
}

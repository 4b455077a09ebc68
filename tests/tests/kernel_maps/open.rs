//! Maps before load: their number of entries, where they are pinned, and maps that are reused in their place.

use std::ffi::CString;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process;

use bpf_subskeleton::maps::{Array, Handle as _};
use bpf_subskeleton_tests::{kernel, objects, require_bpf};
use libbpf_rs::{MapCore as _, MapHandle, MapType, OpenObject, libbpf_sys};

use super::{Kinds, assert_errno, key, kinds, total};

fn open() -> OpenObject {
    kernel::open(&objects::object("maps"))
}

/// A bpffs for this test alone: not every machine has one mounted.
struct Bpffs(PathBuf);

impl Bpffs {
    fn mount() -> Self {
        require_bpf();
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("bpffs-{}", process::id()));
        fs::create_dir_all(&path).unwrap();
        let target = CString::new(path.as_os_str().as_bytes()).unwrap();
        // SAFETY: all are strings, and the kernel only reads them.
        let result = unsafe {
            libc::mount(
                c"bpffs".as_ptr(),
                target.as_ptr(),
                c"bpf".as_ptr(),
                0,
                core::ptr::null(),
            )
        };
        assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
        Self(path)
    }
}

impl Drop for Bpffs {
    fn drop(&mut self) {
        let target = CString::new(self.0.as_os_str().as_bytes()).unwrap();
        // SAFETY: the kernel only reads the string.
        let result = unsafe { libc::umount2(target.as_ptr(), libc::MNT_DETACH) };
        assert_eq!(result, 0, "{}", std::io::Error::last_os_error());
        fs::remove_dir(&self.0).unwrap();
    }
}

#[test]
fn the_application_sets_the_number_of_entries() {
    let mut open = open();
    let mut config = Kinds::configure(&mut open).unwrap();
    config.maps.hash.set_max_entries(3).unwrap();
    config.maps.mapped.set_max_entries(5000).unwrap();
    let kinds = Kinds::bind(&open.load().unwrap()).unwrap();
    for id in 0..3 {
        kinds.maps.hash.insert(&key(id, 0), &total(1)).unwrap();
    }
    assert!(kinds.maps.hash.insert(&key(3, 0), &total(1)).is_err());
    assert_eq!(kinds.maps.mapped.mmap().unwrap().len(), 5000);
}

#[test]
fn two_objects_share_a_map_that_one_made() {
    let first = Kinds::bind(&open().load().unwrap()).unwrap();
    let mut open = open();
    let mut config = Kinds::configure(&mut open).unwrap();
    config.maps.hash.reuse(&first.maps.hash).unwrap();
    config
        .maps
        .percpu_array
        .reuse(&first.maps.percpu_array)
        .unwrap();
    let second = Kinds::bind(&open.load().unwrap()).unwrap();
    second.maps.hash.insert(&key(1, 2), &total(7)).unwrap();
    drop(second);
    let found = first.maps.hash.lookup(&key(1, 2)).unwrap();
    assert_eq!(found.map(|total| total.count), Some(7));
}

#[test]
fn a_pinned_map_is_found_again() {
    let bpffs = Bpffs::mount();
    let path = bpffs.0.join("hash");
    for run in 0..2 {
        let mut open = open();
        let mut config = Kinds::configure(&mut open).unwrap();
        config.maps.hash.set_pin_path(&path).unwrap();
        // libbpf pins it at load, or takes the one that is pinned there.
        let kinds = Kinds::bind(&open.load().unwrap()).unwrap();
        let before = kinds.maps.hash.lookup(&key(5, 0)).unwrap();
        let before = before.map(|total| total.count);
        assert_eq!(before, (run == 1).then_some(9));
        kinds.maps.hash.insert(&key(5, 0), &total(9)).unwrap();
    }
}

fn inner(entries: u32) -> Array<kinds::total> {
    let options = libbpf_sys::bpf_map_create_opts {
        sz: size_of::<libbpf_sys::bpf_map_create_opts>() as _,
        ..Default::default()
    };
    let size = size_of::<kinds::total>() as u32;
    let map = MapHandle::create(MapType::Array, Some("inner"), 4, size, entries, &options);
    Array::from_handle(map.unwrap()).unwrap()
}

#[test]
fn inner_maps_match_the_prototype_that_was_set() {
    let mut open = open();
    let mut config = Kinds::configure(&mut open).unwrap();
    let pattern = inner(100);
    config.maps.outer_hash.set_inner_map(&pattern).unwrap();
    assert!(
        config.maps.outer_hash.set_inner_map(&pattern).is_err(),
        "one is enough"
    );
    let object = open.load().unwrap();
    drop(pattern);
    let kinds = Kinds::bind(&object).unwrap();
    let outer = &kinds.maps.outer_hash;
    outer.set_map(&key(0, 0), &inner(100)).unwrap();
    let found = outer.lookup_map(&key(0, 0)).unwrap().unwrap();
    assert_eq!(found.max_entries(), 100);
    // As the C definition declares it.
    assert_errno(
        &outer.set_map(&key(1, 0), &inner(2)).unwrap_err(),
        libc::EINVAL,
    );
}

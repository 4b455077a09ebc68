//! Where variables and maps are: sections and maps that an application replaces, resizes or leaves out,
//! and BTF that cannot be true.

mod impossible_btf;
mod maps;
mod sections;

use std::os::fd::{AsFd, AsRawFd as _};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::kernel::{self, load, problems};
use bpf_subskeleton_tests::objects::{link, object};
use libbpf_rs::libbpf_sys::bpf_map_create_opts;
use libbpf_rs::{
    AsRawLibbpf as _, MapCore as _, MapHandle, MapType, Object, OpenMapMut, OpenObject,
    ProgramInput,
};

/// Sections to move, and maps to exchange.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/places.bpf.o"))]
struct Places;

/// Lets one test run at a time. When libbpf closes an object, it unmaps the image of a section that `reuse_fd`
/// replaced with the size of the *other* map, and with it what other threads have mapped after it.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open() -> OpenObject {
    kernel::open(&object("places"))
}

/// The map of a section, found as libbpf's users find it.
fn section<'obj>(open: &'obj mut OpenObject, name: &str) -> OpenMapMut<'obj> {
    open.maps_mut()
        .find(|map| map.name().to_str().is_some_and(|map| map.ends_with(name)))
        .unwrap_or_else(|| panic!("no {name}"))
}

fn array(name: &str, value_size: u32, map_flags: u32) -> MapHandle {
    let opts = bpf_map_create_opts {
        sz: size_of::<bpf_map_create_opts>() as _,
        map_flags,
        ..Default::default()
    };
    MapHandle::create(MapType::Array, Some(name), 4, value_size, 1, &opts).unwrap()
}

/// Runs the library's program, and returns its result.
fn step(object: &Object) -> u32 {
    let programs = Places::programs(object).unwrap();
    let output = programs.place_step.test_run(ProgramInput::default());
    output.unwrap().return_value
}

#[test]
fn user_space_and_programs_see_the_same_places() {
    let _alone = alone();
    for path in [object("places"), linked()] {
        let object = load(kernel::open(&path));
        let places = Places::bind(&object).unwrap();
        assert_eq!(step(&object), 0);
        assert_eq!(places.data.place_wide.get(), 11);
        assert_eq!(places.data.place_narrow.get(), 21);
        assert_eq!(places.data.place_last.get(), 41);
        assert_eq!(places.bss.place_zero.get(), 1);
        assert_eq!(places.data_ring.place_head.get(), 31);
        assert_eq!(places.data_ring.place_ring.get(), [1, 2, 4]);
        assert_eq!(places.maps.place_left.lookup(&0).unwrap(), Some(1));
        assert_eq!(places.maps.place_right.lookup(&0).unwrap(), Some(2));
        places
            .data
            .place_narrow
            .set(places.rodata.place_limit.get());
        assert_eq!(step(&object), 1);
    }
}

#[test]
fn an_object_that_is_not_loaded() {
    let _alone = alone();
    let open = open();
    // The types do not allow binding to one, so this bypasses them.
    // SAFETY: the object is valid, and is not closed here.
    let object = unsafe { Object::from_ptr(open.as_libbpf_object()) };
    let object = std::mem::ManuallyDrop::new(object);
    let not_loaded = |name: &str| format!("{name} was not created: the object is not loaded");
    assert_eq!(
        problems(Places::bind(&object)),
        [
            not_loaded("map `place_left`:"),
            not_loaded("map `place_right`:"),
            not_loaded("section `.bss`: its map"),
            not_loaded("section `.data`: its map"),
            not_loaded("section `.data.ring`: its map"),
            not_loaded("section `.rodata`: its map"),
        ]
    );
}

/// Makes a map's descriptor refer to something else, without libbpf noticing.
fn replace_unnoticed(object: &Object, name: &str, other: &impl AsFd) {
    let map = object.maps().find(|map| map.name() == name).unwrap();
    // SAFETY: both descriptors are open, and the object does not use its own before it is closed.
    let result = unsafe { libc::dup2(other.as_fd().as_raw_fd(), map.as_fd().as_raw_fd()) };
    assert!(result >= 0);
}

fn linked() -> PathBuf {
    link("places", &[&object("places")])
}

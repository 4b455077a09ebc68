//! Maps: replaced, left out, and different from what libbpf remembers.

use std::fs::File;
use std::os::fd::AsFd;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::object;
use libbpf_rs::libbpf_sys::{self, bpf_map_create_opts};
use libbpf_rs::{MapHandle, MapType};

use super::{Places, alone, array, load, open, problems, replace_unnoticed, step};

/// One of its maps may be missing.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/places.bpf.o"))]
struct OneOfTwo {
    place_left: Option<maps::Array<u64>>,
    place_right: maps::Array<u64>,
}

/// A map whose keys may have any size.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/drift.bpf.o"))]
struct Slots {
    slots: maps::Hash<_, _>,
}

#[test]
fn a_map_left_out() {
    let _alone = alone();
    let mut open = open();
    let mut config = Places::configure(&mut open).unwrap();
    config.maps.place_left.set_autocreate(false).unwrap();
    config.programs.place_step.set_autoload(false);
    let object = load(open);
    assert_eq!(
        problems(Places::bind(&object)),
        ["map `place_left`: was not created: `set_autocreate(false)` left it out"]
    );
}

#[test]
fn an_optional_map_left_out() {
    let _alone = alone();
    let mut open = open();
    let mut config = Places::configure(&mut open).unwrap();
    config.maps.place_left.set_autocreate(false).unwrap();
    config.programs.place_step.set_autoload(false);
    let maps = OneOfTwo::bind(&load(open)).unwrap();
    assert!(maps.place_left.is_none());
    maps.place_right.insert(&0, &1).unwrap();
}

/// `reuse_fd` gives a map the name of the one it reuses, so a search by name finds the wrong map.
#[test]
fn maps_replaced_crosswise() {
    let _alone = alone();
    let [left, right] = ["place_left", "place_right"].map(|name| array(name, 8, 0));
    let mut open = open();
    let mut config = Places::configure(&mut open).unwrap();
    config.maps.place_left.reuse_fd(right.as_fd()).unwrap();
    config.maps.place_right.reuse_fd(left.as_fd()).unwrap();
    // Now each has the other's name; each must still be found, before load too.
    let config = Places::configure(&mut open).unwrap();
    assert_eq!(config.maps.place_left.name(), "place_right");
    let object = load(open);
    let places = Places::bind(&object).unwrap();
    assert_eq!(step(&object), 0);
    assert_eq!(places.maps.place_left.lookup(&0).unwrap(), Some(1));
    assert_eq!(places.maps.place_right.lookup(&0).unwrap(), Some(2));
}

#[test]
fn a_map_replaced_by_one_of_another_shape() {
    let _alone = alone();
    let mut open = open();
    let mut config = Places::configure(&mut open).unwrap();
    let wide = array("wide", 64, 0);
    config.maps.place_left.reuse_fd(wide.as_fd()).unwrap();
    config.maps.place_right.set_type(MapType::Hash).unwrap();
    let wrong = [
        "map `place_left.value`: built with 8 bytes, the object has 64 bytes",
        "map `place_right`: built with array map, the object has hash map",
    ];
    assert_eq!(problems(Places::configure(&mut open).map(drop)), wrong);
    for mut program in open.progs_mut() {
        program.set_autoload(false);
    }
    assert_eq!(problems(Places::bind(&load(open))), wrong);
}

/// Buffers are sized by what libbpf remembers, but the kernel fills them by the map's real sizes.
#[test]
fn maps_that_libbpf_remembers_wrongly() {
    let _alone = alone();
    let mut open = open();
    let mut config = Places::configure(&mut open).unwrap();
    config.maps.place_left.set_value_size(64).unwrap();
    config.maps.place_right.set_type(MapType::Hash).unwrap();
    config.programs.place_step.set_autoload(false);
    let object = load(open);
    for name in ["place_left", "place_right"] {
        replace_unnoticed(&object, name, &array(name, 8, 0));
    }
    // The kernel's are as the library has them.
    let array = "array map with keys of 4 bytes and values of 8 bytes";
    assert_eq!(
        problems(Places::bind(&object)),
        [
            format!(
                "map `place_left`: libbpf remembers array map with keys of 4 bytes and values of 64 bytes, \
                 but its file descriptor is that of {array}"
            ),
            format!(
                "map `place_right`: libbpf remembers hash map with keys of 4 bytes and values of 8 bytes, \
                 but its file descriptor is that of {array}"
            ),
        ]
    );
}

#[test]
fn a_map_whose_keys_libbpf_remembers_wrongly() {
    let _alone = alone();
    let mut open = kernel::open(&object("drift"));
    let mut config = Slots::configure(&mut open).unwrap();
    config.slots.set_key_size(24).unwrap();
    let object = load(open);
    let opts = bpf_map_create_opts {
        sz: size_of::<bpf_map_create_opts>() as _,
        ..Default::default()
    };
    let hash = MapHandle::create(MapType::Hash, Some("slots"), 8, 16, 8, &opts).unwrap();
    replace_unnoticed(&object, "slots", &hash);
    assert_eq!(
        problems(Slots::bind(&object)),
        [
            "map `slots`: libbpf remembers hash map with keys of 24 bytes and values of 16 bytes, but its file \
             descriptor is that of hash map with keys of 8 bytes and values of 16 bytes"
        ]
    );
}

/// Not the same as a map that was left out.
#[test]
fn maps_that_are_none() {
    let _alone = alone();
    let object = load(open());
    let none = File::open("/dev/null").unwrap();
    for name in ["place_left", "place_right", "places.bss"] {
        replace_unnoticed(&object, name, &none);
    }
    let unknown = "is unknown to the kernel: ";
    let found = problems(Places::bind(&object));
    assert_eq!(found.len(), 3, "{found:?}");
    for (found, what) in found.iter().zip([
        "map `place_left`: ",
        "map `place_right`: ",
        "section `.bss`: its map ",
    ]) {
        assert!(found.starts_with(&format!("{what}{unknown}")), "{found}");
    }
    assert_eq!(problems(OneOfTwo::bind(&object)), found[..2]);
}

/// The other way round: libbpf remembers what the library declares.
#[test]
fn maps_that_became_others_unnoticed() {
    let _alone = alone();
    let object = load(open());
    replace_unnoticed(&object, "place_left", &array("wide", 64, 0));
    let opts = bpf_map_create_opts {
        sz: size_of::<bpf_map_create_opts>() as _,
        ..Default::default()
    };
    let hash = MapHandle::create(MapType::Hash, Some("hash"), 8, 8, 1, &opts).unwrap();
    replace_unnoticed(&object, "place_right", &hash);
    let remembers = |name| {
        format!(
            "map `{name}`: libbpf remembers array map with keys of 4 bytes and values of 8 bytes, but its \
             file descriptor is that of"
        )
    };
    let [left, right] = ["place_left", "place_right"].map(remembers);
    assert_eq!(
        problems(Places::bind(&object)),
        [
            "map `place_left.value`: built with 8 bytes, the object has 64 bytes".to_owned(),
            format!("{left} array map with keys of 4 bytes and values of 64 bytes"),
            "map `place_right`: built with array map, the object has hash map".to_owned(),
            "map `place_right.key`: built with 4 bytes, the object has 8 bytes".to_owned(),
            format!("{right} hash map with keys of 8 bytes and values of 8 bytes"),
        ]
    );
}

/// Making a map mappable takes nothing away from the library; making it read-only for programs does.
#[test]
fn maps_with_other_flags() {
    let _alone = alone();
    let mut open = open();
    let mut config = Places::configure(&mut open).unwrap();
    let flags = libbpf_sys::BPF_F_MMAPABLE;
    config.maps.place_left.set_map_flags(flags).unwrap();
    let flags = libbpf_sys::BPF_F_RDONLY_PROG;
    config.maps.place_right.set_map_flags(flags).unwrap();
    config.programs.place_step.set_autoload(false);
    let wrong = [
        "map `place_right.map_flags`: built with no BPF_F_RDONLY_PROG, the object has BPF_F_RDONLY_PROG",
    ];
    assert_eq!(problems(Places::configure(&mut open).map(drop)), wrong);
    assert_eq!(problems(Places::bind(&load(open))), wrong);
}

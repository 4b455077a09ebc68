//! Sections: left out, longer, shorter, replaced, frozen.

use std::os::fd::{AsFd, AsRawFd as _};

use bpf_subskeleton::describe::{Library, Variable};
use bpf_subskeleton::private::{self, U64};
use bpf_subskeleton::{Read, Write};
use libbpf_rs::libbpf_sys::{self, bpf_map_create_opts};
use libbpf_rs::{MapCore as _, MapFlags, MapHandle, MapType};

use super::{Places, alone, array, load, open, problems, replace_unnoticed, section, step};

#[test]
fn a_section_left_out() {
    let _alone = alone();
    let mut open = open();
    section(&mut open, ".bss").set_autocreate(false).unwrap();
    for mut program in open.progs_mut() {
        program.set_autoload(false);
    }
    let object = load(open);
    assert_eq!(
        problems(Places::bind(&object)),
        ["section `.bss`: its map was not created: `set_autocreate(false)` left it out"]
    );
}

/// libbpf has no memory for these, or that of something else.
#[test]
fn a_section_of_another_type() {
    let _alone = alone();
    for ty in [MapType::StructOps, MapType::Arena, MapType::Hash] {
        let mut open = open();
        section(&mut open, ".bss").set_type(ty).unwrap();
        let found = problems(Places::configure(&mut open).map(drop));
        let expected = "section `.bss`: its map is no array any more (`set_type`)";
        assert_eq!(found, [expected], "{ty:?}");
    }
}

#[test]
fn a_section_made_longer() {
    let _alone = alone();
    let mut open = open();
    section(&mut open, ".data.ring")
        .set_value_size(4 + 4 * 1024)
        .unwrap();
    // The array has another length now: libbpf updates BTF.
    let longer = "variable `place_ring`: built with u32[3], the object has u32[1024]";
    assert_eq!(problems(Places::configure(&mut open).map(drop)), [longer]);
    assert_eq!(problems(Places::bind(&load(open))), [longer]);
}

#[test]
fn a_section_made_longer_after_its_variables() {
    let _alone = alone();
    let mut open = open();
    // Its last variable is not an array, so BTF stays as it is.
    section(&mut open, ".data")
        .set_value_size(3 * 4096)
        .unwrap();
    *Places::configure(&mut open).unwrap().data.place_last = 7;
    let object = load(open);
    let places = Places::bind(&object).unwrap();
    assert_eq!(step(&object), 0);
    assert_eq!(places.data.place_wide.get(), 11);
    assert_eq!(places.data.place_last.get(), 8);
}

#[test]
fn a_section_made_shorter() {
    let _alone = alone();
    let mut open = open();
    section(&mut open, ".data").set_value_size(12).unwrap();
    let outside =
        "variable `place_last`: 8 bytes at offset 16 are not inside the 12 bytes of .data";
    assert_eq!(problems(Places::configure(&mut open).map(drop)), [outside]);
}

#[test]
fn a_section_replaced_by_a_longer_one() {
    let _alone = alone();
    let longer = array("longer", 8192, libbpf_sys::BPF_F_MMAPABLE);
    let mut open = open();
    section(&mut open, ".data")
        .reuse_fd(longer.as_fd())
        .unwrap();
    // libbpf does not copy the image into a map that it did not create.
    assert_eq!(
        problems(Places::configure(&mut open).map(drop)),
        [
            "section `.data`: its map was replaced (`reuse_fd`), so initial values would be lost: bind \
          after load, and write to the variables"
        ]
    );
    let object = load(open);
    let places = Places::bind(&object).unwrap();
    assert_eq!(places.data.place_wide.get(), 0);
    places.data.place_wide.set(100);
    assert_eq!(step(&object), 0);
    assert_eq!(places.data.place_wide.get(), 101);
    assert_eq!(places.data.place_last.get(), 1);
}

#[test]
fn a_section_replaced_by_a_shorter_one() {
    let _alone = alone();
    let mut open = open();
    let shorter = array("shorter", 16, libbpf_sys::BPF_F_MMAPABLE);
    section(&mut open, ".data")
        .reuse_fd(shorter.as_fd())
        .unwrap();
    for mut program in open.progs_mut() {
        program.set_autoload(false);
    }
    assert_eq!(
        problems(Places::bind(&load(open))),
        ["variable `place_last`: 8 bytes at offset 16 are not inside the 16 bytes of .data"]
    );
}

#[test]
fn a_section_that_cannot_be_mapped() {
    let _alone = alone();
    let mut open = open();
    section(&mut open, ".bss")
        .reuse_fd(array("plain", 8, 0).as_fd())
        .unwrap();
    let object = load(open);
    assert_eq!(
        problems(Places::bind(&object)),
        [
            "section `.bss`: its map can't be mapped into memory: that needs Linux 5.5 and, if \
          `reuse_fd` replaced it or a loader other than libbpf made it, a map created with BPF_F_MMAPABLE"
        ]
    );
}

#[test]
fn a_section_replaced_by_another_kind_of_map() {
    let _alone = alone();
    let mut open = open();
    let opts = bpf_map_create_opts {
        sz: size_of::<bpf_map_create_opts>() as _,
        ..Default::default()
    };
    let hash = MapHandle::create(MapType::Hash, Some("hash"), 4, 8, 1, &opts).unwrap();
    section(&mut open, ".bss").reuse_fd(hash.as_fd()).unwrap();
    for mut program in open.progs_mut() {
        program.set_autoload(false);
    }
    assert_eq!(
        problems(Places::bind(&load(open))),
        ["section `.bss`: its map was replaced (`reuse_fd`) by one of type Hash, not an array"]
    );
}

#[test]
fn a_section_that_the_application_may_only_read() {
    let _alone = alone();
    let mut open = open();
    let flags = libbpf_sys::BPF_F_MMAPABLE | libbpf_sys::BPF_F_RDONLY_PROG;
    let frozen = array("frozen", 8, flags);
    // SAFETY: the descriptor is open.
    let result = unsafe { libbpf_sys::bpf_map_freeze(frozen.as_fd().as_raw_fd()) };
    assert_eq!(result, 0);
    section(&mut open, ".bss").reuse_fd(frozen.as_fd()).unwrap();
    for mut program in open.progs_mut() {
        program.set_autoload(false);
    }
    assert_eq!(
        problems(Places::bind(&load(open))),
        [
            "variable `place_zero`: built as a writable variable, but .bss is read-only once \
          loaded; declare it `const` in the library"
        ]
    );
}

/// If a library only reads a section, it is mapped read-only; a frozen map is, even if it writes.
#[test]
fn a_frozen_section() {
    static READS: Library = Library {
        name: "Reads",
        variables: &[Variable::new::<u64, Read>(
            "place_zero",
            ".rodata",
            "__u64 place_zero",
            &U64,
        )],
        maps: &[],
        programs: &[],
        struct_ops: &[],
    };
    static WRITES: Library = Library {
        name: "Writes",
        variables: &[Variable::new::<u64, Write>(
            "place_zero",
            ".bss",
            "__u64 place_zero",
            &U64,
        )],
        ..READS
    };
    let _alone = alone();
    let object = load(open());
    let frozen = array("frozen", 8, libbpf_sys::BPF_F_MMAPABLE);
    frozen
        .update(&[0; 4], &7u64.to_ne_bytes(), MapFlags::ANY)
        .unwrap();
    // SAFETY: the descriptor is open.
    let result = unsafe { libbpf_sys::bpf_map_freeze(frozen.as_fd().as_raw_fd()) };
    assert_eq!(result, 0);
    replace_unnoticed(&object, "places.bss", &frozen);
    let mut bound = private::bind(&object, &READS).unwrap();
    assert_eq!(bound.variable::<u64, Read>().get(), 7);
    assert_eq!(
        problems(private::bind(&object, &WRITES)),
        [
            "variable `place_zero`: built as a writable variable, but the map of .bss is frozen: only programs can \
             write to it"
        ]
    );
}

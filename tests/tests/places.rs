//! Where variables and maps are: sections and maps that an application replaces, resizes or leaves out,
//! and BTF that says what can't be.

use std::fs::File;
use std::os::fd::{AsFd, AsRawFd as _};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bpf_subskeleton::describe::{Library, Type as Described, Variable};
use bpf_subskeleton::private::{self, U32, U64};
use bpf_subskeleton::{BindError, Read, Write, subskeleton};
use bpf_subskeleton_codegen::btf::{Btf, Type};
use bpf_subskeleton_codegen::elf::Elf;
use bpf_subskeleton_tests::objects::{changed, link, object, rename};
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::libbpf_sys::{self, bpf_map_create_opts};
use libbpf_rs::{
    AsRawLibbpf as _, MapCore as _, MapFlags, MapHandle, MapType, Object, ObjectBuilder,
    OpenMapMut, OpenObject, ProgramInput,
};

/// Sections to move, and maps to exchange.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/places.bpf.o"))]
struct Places;

/// One of its maps may be missing.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/places.bpf.o"))]
struct OneOfTwo {
    place_left: Option<maps::Array<u64>>,
    place_right: maps::Array<u64>,
}

/// Lets one test run at a time. When libbpf closes an object, it unmaps the image of a section that `reuse_fd`
/// replaced with the size of the *other* map, and with it what other threads have mapped behind.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A map whose keys may have any size.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/drift.bpf.o"))]
struct Slots {
    slots: maps::Hash<_, _>,
}

fn open() -> OpenObject {
    open_file(&object("places"))
}

fn open_file(path: &PathBuf) -> OpenObject {
    require_bpf();
    ObjectBuilder::default()
        .open_file(path)
        .unwrap_or_else(|e| panic!("{}: {e:#}", path.display()))
}

fn load(open: OpenObject) -> Object {
    open.load().unwrap_or_else(|e| panic!("{e:#}"))
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

/// Runs the library's program; what it returns.
fn step(object: &Object) -> u32 {
    let programs = Places::programs(object).unwrap();
    let output = programs.place_step.test_run(ProgramInput::default());
    output.unwrap().return_value
}

fn problems<T>(result: Result<T, BindError>) -> Vec<String> {
    match result {
        Ok(_) => panic!("it binds"),
        Err(error) => error.problems().iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn user_space_and_programs_see_the_same_places() {
    let _alone = alone();
    for path in [object("places"), linked()] {
        let object = load(open_file(&path));
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

#[test]
fn an_object_that_is_not_loaded() {
    let _alone = alone();
    let open = open();
    // The types don't let one be bound, so this goes around them.
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

#[test]
fn a_section_made_longer() {
    let _alone = alone();
    let mut open = open();
    section(&mut open, ".data.ring")
        .set_value_size(4 + 4 * 1024)
        .unwrap();
    // The array is another one now: libbpf writes that into BTF.
    let longer = "variable `place_ring`: built with u32[3], the object has u32[1024]";
    assert_eq!(problems(Places::configure(&mut open).map(drop)), [longer]);
    assert_eq!(problems(Places::bind(&load(open))), [longer]);
}

#[test]
fn a_section_made_longer_behind_its_variables() {
    let _alone = alone();
    let mut open = open();
    // Its last variable is no array, so BTF stays as it is.
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
    // libbpf does not copy the image into a map that it did not make.
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
            "section `.bss`: its map can't be mapped into memory: that takes Linux 5.5 and, where \
          `reuse_fd` replaced it, a map made with BPF_F_MMAPABLE"
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
            "variable `place_zero`: built as a variable that can be written, but .bss is read-only once \
          loaded; declare it `const` in the library"
        ]
    );
}

/// `reuse_fd` gives a map the name of the one it brings: then a search by name finds another map.
#[test]
fn maps_replaced_crosswise() {
    let _alone = alone();
    let [left, right] = ["place_left", "place_right"].map(|name| array(name, 8, 0));
    let mut open = open();
    let mut config = Places::configure(&mut open).unwrap();
    config.maps.place_left.reuse_fd(right.as_fd()).unwrap();
    config.maps.place_right.reuse_fd(left.as_fd()).unwrap();
    // Now they go by each other's name; before load too each is still itself.
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

/// Puts something else behind the descriptor of a map: libbpf does not get to know.
fn replace_unnoticed(object: &Object, name: &str, other: &impl AsFd) {
    let map = object.maps().find(|map| map.name() == name).unwrap();
    // SAFETY: both descriptors are open, and the object does not use its own before it is closed.
    let result = unsafe { libc::dup2(other.as_fd().as_raw_fd(), map.as_fd().as_raw_fd()) };
    assert!(result >= 0);
}

/// Buffers are made by what libbpf remembers, and the kernel fills them by what it has.
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
    let mut open = open_file(&object("drift"));
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

/// That is not the same as a map that was left out.
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

/// The other way round: libbpf remembers what the library has.
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

/// Who puts a map into memory takes nothing from the library; who keeps its program from writing does.
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

fn linked() -> PathBuf {
    link("places", &[&object("places")])
}

/// The linked object, with the entry of `variable` in its DATASEC changed: offset and size. libbpf believes
/// them in a linked object.
fn moved(variable: &str, change: impl FnOnce(&mut [u32; 2])) -> PathBuf {
    changed("places", &linked(), |bytes| {
        let elf = Elf::parse(bytes).unwrap();
        let slice = elf.btf().unwrap();
        let btf = Btf::parse(slice, elf.endian).unwrap();
        let is_wanted = |id| matches!(btf.ty(id), Type::Variable { name, .. } if *name == variable);
        let entry = btf.iter().find_map(|(_, ty)| match ty {
            Type::DataSection { entries, .. } => entries.iter().find(|entry| is_wanted(entry.ty)),
            _ => None,
        });
        let entry = entry.unwrap();
        let words =
            |[offset, size]: [u32; 2]| [entry.ty.0, offset, size].map(u32::to_ne_bytes).concat();
        let before = words([entry.offset, entry.size]);
        let mut place = [entry.offset, entry.size];
        change(&mut place);
        let after = words(place);
        let start = slice.as_ptr().addr() - bytes.as_ptr().addr();
        let section = start..start + slice.len();
        let mut at = section.filter(|at| bytes[*at..].starts_with(&before));
        let (Some(at), None) = (at.next(), at.next()) else {
            panic!("the entry of `{variable}` does not stand there once");
        };
        bytes[at..at + after.len()].copy_from_slice(&after);
    })
}

#[test]
fn btf_that_says_what_cannot_be() {
    let _alone = alone();
    type Change = fn(&mut [u32; 2]);
    let cases: [(&str, Change, &[&str]); 8] = [
        (
            "place_zero",
            |place| place[0] = 4,
            &["variable `place_zero`: 8 bytes at offset 4 are not inside the 8 bytes of .bss"],
        ),
        (
            "place_zero",
            |place| place[0] = u32::MAX - 3,
            &[
                "variable `place_zero`: 8 bytes at offset 4294967292 are not inside the 8 bytes of .bss",
            ],
        ),
        (
            "place_narrow",
            |place| place[0] = 10,
            &["variable `place_narrow`: offset 10 in .data is not aligned to 4 bytes"],
        ),
        (
            "place_narrow",
            |place| place[1] = 8,
            &["variable `place_narrow`: built with 4 bytes, the object has 8 bytes"],
        ),
        (
            "place_narrow",
            |place| place[0] = 4,
            &[
                "variable `place_wide`: 8 bytes at offset 0 overlap `place_narrow`, 4 bytes at offset 4; \
                 link the object once more, which mends what the BPF linker got wrong",
                "variable `place_narrow`: 4 bytes at offset 4 overlap `place_wide`, 8 bytes at offset 0; \
                 link the object once more, which mends what the BPF linker got wrong",
            ],
        ),
        // Behind a neighbour that overlaps nothing.
        (
            "place_narrow",
            |place| place[0] = 20,
            &[
                "variable `place_last`: 8 bytes at offset 16 overlap `place_narrow`, 4 bytes at offset 20; \
                 link the object once more, which mends what the BPF linker got wrong",
                "variable `place_narrow`: 4 bytes at offset 20 overlap `place_last`, 8 bytes at offset 16; \
                 link the object once more, which mends what the BPF linker got wrong",
            ],
        ),
        // Over all of them: each is told once.
        (
            "place_wide",
            |place| place[1] = 24,
            &[
                "variable `place_wide`: 24 bytes at offset 0 overlap `place_narrow`, 4 bytes at offset 8; \
                 link the object once more, which mends what the BPF linker got wrong",
                "variable `place_narrow`: 4 bytes at offset 8 overlap `place_wide`, 24 bytes at offset 0; \
                 link the object once more, which mends what the BPF linker got wrong",
                "variable `place_last`: 8 bytes at offset 16 overlap `place_wide`, 24 bytes at offset 0; \
                 link the object once more, which mends what the BPF linker got wrong",
            ],
        ),
        // What has no bytes shares none.
        (
            "place_narrow",
            |place| *place = [4, 0],
            &["variable `place_narrow`: built with 4 bytes, the object has 0 bytes"],
        ),
    ];
    // The kernel refuses such BTF, which libbpf tells at length, and goes on without.
    libbpf_rs::set_print(None);
    for (variable, change, expected) in cases {
        let mut open = open_file(&moved(variable, change));
        let found = problems(Places::configure(&mut open).map(drop));
        assert_eq!(problems(Places::bind(&load(open))), found);
        assert_eq!(found, expected);
    }
}

/// Where a library only reads, a section is mapped only for that: a frozen map can't be mapped otherwise.
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
    let found = problems(private::bind(&object, &WRITES));
    let denied = "section `.bss`: its map can't be mapped into memory: ";
    assert!(
        found.len() == 1 && found[0].starts_with(denied),
        "{found:?}"
    );
}

/// A library that declares an array `extern` leaves its length to the object, and nothing else.
#[test]
fn arrays_of_a_length_that_the_object_knows() {
    static RING: Described = Described::array(&U32, 0);
    static WIDE: Described = Described::array(&U64, 0);
    static LIBRARY: Library = Library {
        name: "Library",
        variables: &[Variable::unsized_array::<u32, Write>(
            "place_ring",
            "extern",
            "__u32 place_ring[]",
            &RING,
        )],
        maps: &[],
        programs: &[],
        struct_ops: &[],
    };
    static OTHER: Library = Library {
        variables: &[
            Variable::unsized_array::<u64, Write>("place_ring", "extern", "", &WIDE),
            Variable::unsized_array::<u64, Write>("place_wide", "extern", "", &WIDE),
        ],
        ..LIBRARY
    };
    let _alone = alone();
    libbpf_rs::set_print(None);
    let object = load(open_file(&linked()));
    let mut bound = private::bind(&object, &LIBRARY).unwrap();
    let ring = bound.unsized_variable::<u32, Write>();
    assert_eq!(
        ring.iter().map(|word| word.get()).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(
        problems(private::bind(&object, &OTHER)),
        [
            "variable `place_ring[]`: built with u64, the object has u32",
            "variable `place_wide`: built with u64[], the object has u64",
        ]
    );
    let cut = load(open_file(&moved("place_ring", |place| place[1] = 10)));
    assert_eq!(
        problems(private::bind(&cut, &LIBRARY)),
        ["variable `place_ring`: built with elements of 4 bytes, the object has 10 bytes"]
    );
}

#[test]
fn a_section_without_a_map() {
    let _alone = alone();
    let path = changed("places", &linked(), |bytes| {
        let elf = Elf::parse(bytes).unwrap();
        let btf = elf.btf().unwrap();
        let start = btf.as_ptr().addr() - bytes.as_ptr().addr();
        let end = start + btf.len();
        rename(&mut bytes[start..end], ".data.ring", ".data.ding");
    });
    assert_eq!(
        problems(Places::bind(&load(open_file(&path)))),
        ["section `.data.ding`: libbpf made no map of it"]
    );
}

#[test]
fn variables_outside_of_sections() {
    let _alone = alone();
    let path = changed("places", &linked(), |bytes| {
        let elf = Elf::parse(bytes).unwrap();
        let btf = elf.btf().unwrap();
        let start = btf.as_ptr().addr() - bytes.as_ptr().addr();
        let end = start + btf.len();
        rename(&mut bytes[start..end], ".data.ring", ".dots.ring");
    });
    let outside = |name| {
        format!(
            "variable `{name}`: not in the object: its variable of that name is not in a data section"
        )
    };
    assert_eq!(
        problems(Places::bind(&load(open_file(&path)))),
        ["place_head", "place_ring"].map(outside)
    );
}

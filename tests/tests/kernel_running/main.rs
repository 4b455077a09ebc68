//! Objects that are already loaded: by another program, pinned, or without a process.

mod foreign;
mod frozen;
mod permissions;
mod processes;

use std::fs;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::path::{Path, PathBuf};
use std::process::{self, Command};

use bpf_subskeleton::{Running, subskeleton};
use bpf_subskeleton_tests::kernel::{self, problems};
use bpf_subskeleton_tests::objects::{compile_c, object};
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::{MapCore as _, MapFlags, MapHandle, Object, libbpf_sys};

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
struct Sampling;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/types.bpf.o"))]
struct Types;

/// Where objects are pinned.
fn bpf_file_system() -> &'static Path {
    require_bpf();
    let mounted = fs::read_to_string("/proc/mounts").unwrap();
    if !mounted
        .lines()
        .any(|line| line.contains(" /sys/fs/bpf bpf "))
    {
        let status = Command::new("mount")
            .args(["-t", "bpf", "bpf", "/sys/fs/bpf"])
            .status();
        assert!(status.unwrap().success(), "can't mount a BPF file system");
    }
    Path::new("/sys/fs/bpf")
}

/// An object that bpftool loads, and pins in a folder of its own until this is dropped.
struct Pinned {
    folder: PathBuf,
}

impl Pinned {
    fn new(name: &str, object: &Path) -> Self {
        let bpffs = bpf_file_system();
        let folder = bpffs.join(format!("bpf-subskeleton-{}-{name}", process::id()));
        let bpftool = Command::new("bpftool")
            .args(["prog", "loadall"])
            .arg(object)
            .arg(&folder)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&bpftool.stderr);
        assert!(bpftool.status.success(), "{errors}");
        Self { folder }
    }

    fn path(&self, program: &str) -> PathBuf {
        self.folder.join(program)
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn loaded(path: &Path) -> Object {
    kernel::load(kernel::open(path))
}

/// The object, found by its first program.
fn running(object: &Object) -> Running {
    let program = object.progs_mut().next().unwrap();
    Running::from_program_fd(program.as_fd()).unwrap()
}

/// The bytes of a map, looked up by its id.
fn bytes(running: &Running, suffix: &str) -> Vec<u8> {
    let mut maps = running.maps().iter();
    let map = maps.find(|map| map.name().to_str().unwrap().ends_with(suffix));
    let map = MapHandle::from_map_id(map.unwrap().id()).unwrap();
    let zero = 0_u32.to_ne_bytes();
    map.lookup(&zero, MapFlags::ANY).unwrap().unwrap()
}

#[test]
fn a_library_that_bpftool_loaded_is_bound() {
    let pinned = Pinned::new("bound", &object("selection"));
    let running = Running::from_pinned(pinned.path("on_enter")).unwrap();
    let sampling = Sampling::bind(&running).unwrap();

    // One variable of each section, with its initial value.
    assert_eq!(sampling.rodata.sample_rate.get(), 10);
    assert_eq!(sampling.rodata_tuning.tuning.get(), 3);
    assert_eq!(sampling.data.weights.get(), [1, 2, 3, 4]);
    assert_eq!(sampling.data_custom.custom.get(), 5);
    assert_eq!(sampling.bss.samples.get(), 0);
    assert!(sampling.kconfig.CONFIG_HZ.get() > 0);
    // It is shared memory, not a copy.
    sampling.bss.samples.set(0x1122_3344_5566_7788);
    let expected = 0x1122_3344_5566_7788_u64.to_ne_bytes();
    let bss = bytes(&running, ".bss");
    assert!(bss.windows(8).any(|window| window == expected));
    // Ordinary maps.
    let slot = sampling::slot { count: 3, sum: 4 };
    sampling.maps.by_pid.insert(&7, &slot).unwrap();
    assert_eq!(sampling.maps.by_pid.lookup(&7).unwrap().unwrap().sum, 4);
    let again = Sampling::bind(&Running::from_pinned(pinned.path("on_enter")).unwrap()).unwrap();
    assert_eq!(again.maps.by_pid.lookup(&7).unwrap().unwrap().count, 3);
    assert_eq!(again.bss.samples.get(), 0x1122_3344_5566_7788);
}

#[test]
fn an_object_is_current_until_its_programs_are_gone() {
    let pinned = Pinned::new("current", &object("selection"));
    let running = Running::from_pinned(pinned.path("on_enter")).unwrap();
    let sampling = Sampling::bind(&running).unwrap();
    assert!(running.is_current());
    drop(pinned);
    // The kernel frees programs a little later.
    for _ in 0..1000 {
        if !running.is_current() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(!running.is_current());
    // What is mapped stays valid, but nothing more can be bound.
    sampling.bss.samples.set(3);
    assert_eq!(sampling.bss.samples.get(), 3);
    let id = running.programs()[0].id();
    let error = Running::from_program_id(id).unwrap_err();
    assert_eq!(error.to_string(), format!("no program {id} is loaded"));
}

/// As when `bind` took `&Object`, to which references to smart pointers are coerced.
#[test]
#[expect(clippy::unnecessary_mut_passed, reason = "it is what this is about")]
fn smart_pointers_to_objects_are_objects() {
    use std::sync::Arc;
    let object = Arc::new(loaded(&object("selection")));
    let samples = |sampling: Sampling| sampling.bss.samples.get();
    assert_eq!(samples(Sampling::bind(&object).unwrap()), 0);
    assert_eq!(samples(Sampling::bind(&Box::new(&object)).unwrap()), 0);
    let mut object = Arc::into_inner(object).unwrap();
    assert_eq!(samples(Sampling::bind(&mut object).unwrap()), 0);
}

#[test]
fn dropping_a_view_takes_nothing_away() {
    let pinned = Pinned::new("dropped", &object("selection"));
    let path = pinned.path("on_enter");
    let first = Running::from_pinned(&path).unwrap();
    let ids: Vec<_> = first.maps().iter().map(|map| map.id()).collect();
    drop(Sampling::bind(&first).unwrap());
    drop(first);
    let second = Running::from_pinned(&path).unwrap();
    assert_eq!(
        second.maps().iter().map(|map| map.id()).collect::<Vec<_>>(),
        ids
    );
    assert!(path.exists() && second.is_current());
}

#[test]
fn every_way_leads_to_the_same_object() {
    let object = loaded(&object("selection"));
    let by_descriptor = running(&object);
    let btf = by_descriptor.btf_id();
    let program = &by_descriptor.programs()[0];
    assert_eq!(program.name(), "on_enter");
    assert_eq!(
        Running::from_program_id(program.id()).unwrap().btf_id(),
        btf
    );
    // A ring buffer has no BTF of its own; the programs that use it do.
    for map in by_descriptor.maps() {
        let by_map = Running::from_map_id(map.id()).unwrap();
        assert_eq!(by_map.btf_id(), btf, "{}", map.name().display());
        assert_eq!(by_map.maps(), by_descriptor.maps());
    }
    let names: Vec<_> = by_descriptor.maps().iter().map(|map| map.name()).collect();
    for name in ["by_pid", "events", "untyped", "selectio.bss"] {
        assert!(names.iter().any(|found| *found == name), "{names:?}");
    }
    let all = Running::all().unwrap();
    let ours = all.iter().find(|running| running.btf_id() == btf).unwrap();
    assert_eq!(ours.programs(), by_descriptor.programs());
    assert!(ours.holders().contains(&process::id()));
    // Two loads of one object are two objects.
    let other = loaded(&self::object("selection"));
    assert_ne!(running(&other).btf_id(), btf);
}

/// Also those that older kernels have no BTF for; what libbpf puts in their place there is refused.
#[test]
fn every_type_is_bound() {
    let object = loaded(&object("types"));
    let in_object = Types::bind(&object).unwrap();
    let map = object.maps().next().unwrap().info().unwrap().info.id;
    let running = Running::from_map_id(map).unwrap();
    let types = Types::bind(&running).unwrap_or_else(|e| panic!("{e}"));
    in_object.data.data_floats.single.set(1.5);
    assert_eq!(types.data.data_floats.single.get(), 1.5);
}

#[test]
fn another_library_is_refused_as_in_an_object() {
    let object = loaded(&object("selection"));
    let in_object = problems(Types::bind(&object));
    assert!(in_object.len() > 10);
    assert_eq!(problems(Types::bind(&running(&object))), in_object);
}

/// The kernel keeps 15 characters of a name.
#[test]
fn maps_of_one_short_name_are_told_apart_by_definition_or_refused() {
    fn source(second: &str) -> String {
        let map = |name: &str, value: &str| {
            format!(
                "struct {{ int (*type)[1]; int (*max_entries)[8]; unsigned *key; {value} *value; }}
                 a_rather_long_name_{name} __attribute__((section(\".maps\"), used));"
            )
        };
        let (first, second) = (map("first", "unsigned long long"), map("second", second));
        format!(
            "static void *(*lookup)(void *, void *) = (void *)1;
             {first} {second}
             __attribute__((section(\"raw_tp/sys_enter\"), used)) int use(void *ctx) {{
                 unsigned key = 0;
                 return lookup(&a_rather_long_name_first, &key) == lookup(&a_rather_long_name_second, &key);
             }}
             char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";"
        )
    }
    use bpf_subskeleton::describe::{Library, Map, Shape};
    use bpf_subskeleton::maps;
    use bpf_subskeleton::private::{U32, U64, bind};
    static LIBRARY: Library = Library {
        name: "Long",
        variables: &[],
        maps: &[Map::new(
            "a_rather_long_name_first",
            Some(1),
            Shape::Type(&U32),
            Shape::Type(&U64),
        )],
        programs: &[],
        struct_ops: &[],
    };
    let different = loaded(&compile_c("running_different", &source("unsigned")));
    let mut bound = bind(&running(&different), &LIBRARY).unwrap();
    let map: maps::Hash<u32, u64> = bound.map();
    assert_eq!(map.value_size(), 8);
    let alike = loaded(&compile_c("running_alike", &source("unsigned long long")));
    assert_eq!(
        problems(bind(&running(&alike), &LIBRARY)),
        [
            "map `a_rather_long_name_first`: the kernel has 2 maps whose names begin so and whose definitions \
             are alike: it keeps 15 characters of a name"
        ]
    );
}

#[test]
fn what_has_no_btf_says_so() {
    require_bpf();
    // r0 = 0; exit
    let instruction = |code| libbpf_sys::bpf_insn {
        code,
        ..Default::default()
    };
    let instructions = [instruction(0xb7), instruction(0x95)];
    // SAFETY: the strings end with a NUL, there are two instructions, and no options.
    let fd = unsafe {
        libbpf_sys::bpf_prog_load(
            libbpf_sys::BPF_PROG_TYPE_SOCKET_FILTER,
            c"bare".as_ptr(),
            c"GPL".as_ptr(),
            instructions.as_ptr(),
            2,
            std::ptr::null_mut(),
        )
    };
    assert!(fd >= 0);
    // SAFETY: the descriptor is new, and only this function owns it.
    let fd = unsafe { <std::os::fd::OwnedFd as std::os::fd::FromRawFd>::from_raw_fd(fd) };
    let error = Running::from_program_fd(fd.as_fd())
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("(`bare`): loaded without BTF, so its variables are unknown; compile with `-g`, and use a loader that loads BTF"),
        "{error}"
    );
    let file = fs::File::open("/dev/null").unwrap();
    assert!(file.as_raw_fd() >= 0 && Running::from_program_fd(file.as_fd()).is_err());
    let nowhere = Running::from_pinned("/sys/fs/bpf/no/such/pin").unwrap_err();
    assert_eq!(nowhere.to_string(), "/sys/fs/bpf/no/such/pin");
}

//! What loaders other than libbpf leave in the kernel, imitated with their system calls.
//!
//! aya 0.14 creates the maps of sections without BTF, and without `BPF_F_MMAPABLE`. cilium/ebpf 0.22 gives each map and
//! each program BTF of its own, with the types that it uses; a program's has no variables.

use std::ffi::CStr;
use std::os::fd::{AsFd as _, AsRawFd as _, FromRawFd as _, OwnedFd};
use std::path::PathBuf;

use bpf_subskeleton::describe::{Library, Map, Shape, Variable};
use bpf_subskeleton::private::{U32, U64, bind};
use bpf_subskeleton::{Running, Var, Write, maps};
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::{Object, libbpf_sys};

use super::{compile_c, kernel, problems, running};

/// Two variables, each alone in its section.
pub(super) static LIBRARY: Library = Library {
    name: "Foreign",
    variables: &[
        Variable::new::<u64, Write>("hits", ".bss", "u64 hits", &U64),
        Variable::new::<u64, Write>("start", ".data", "u64 start", &U64),
    ],
    maps: &[],
    programs: &[],
    struct_ops: &[],
};

fn source() -> PathBuf {
    compile_c(
        "running_foreign",
        "unsigned long long hits, start = 7;
         __attribute__((section(\"raw_tp/sys_enter\"), used)) int use(void *ctx) { hits += start; start++; return 0; }
         char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";",
    )
}

/// The descriptor, or what the kernel refused.
pub(super) fn descriptor(fd: i32) -> OwnedFd {
    assert!(fd >= 0, "{}", std::io::Error::from_raw_os_error(-fd));
    // SAFETY: the descriptor is new, and only the caller gets it.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

pub(super) const MMAPABLE: u32 = libbpf_sys::BPF_F_MMAPABLE;

/// A map of a section of 8 bytes; with BTF and the type of its value there.
pub(super) fn section_map(name: &CStr, flags: u32, btf: Option<(&OwnedFd, u32)>) -> OwnedFd {
    array(
        name,
        flags,
        (0, btf.map_or(0, |(_, value)| value)),
        btf.map(|(fd, _)| fd),
    )
}

/// An array of one value of 8 bytes.
fn array(name: &CStr, flags: u32, (key, value): (u32, u32), btf: Option<&OwnedFd>) -> OwnedFd {
    let options = libbpf_sys::bpf_map_create_opts {
        sz: size_of::<libbpf_sys::bpf_map_create_opts>() as u64,
        btf_fd: btf.map_or(0, |fd| fd.as_raw_fd() as u32),
        btf_key_type_id: key,
        btf_value_type_id: value,
        map_flags: flags,
        ..Default::default()
    };
    let array = libbpf_sys::BPF_MAP_TYPE_ARRAY;
    // SAFETY: the name ends with a NUL, and the options are valid.
    descriptor(unsafe {
        libbpf_sys::bpf_map_create(array, name.as_ptr(), 4, 8, 1, &raw const options)
    })
}

/// The object, with these maps for its sections.
pub(super) fn with_maps(bss: &OwnedFd, data: Option<&OwnedFd>) -> Object {
    let mut open = kernel::open(&source());
    for mut map in open.maps_mut() {
        let fd = match map.name().to_str().unwrap() {
            name if name.ends_with(".bss") => Some(bss),
            name if name.ends_with(".data") => data,
            _ => None,
        };
        if let Some(fd) = fd {
            map.reuse_fd(fd.as_fd()).unwrap();
        }
    }
    kernel::load(open)
}

#[test]
fn the_map_of_a_section_is_found_by_name_where_it_has_no_btf() {
    require_bpf();
    for name in [c".bss", c"applicat.bss"] {
        let bss = section_map(name, MMAPABLE, None);
        let object = with_maps(&bss, None);
        let mut bound = bind(&running(&object), &LIBRARY).unwrap();
        let [hits, start]: [Var<u64>; 2] = std::array::from_fn(|_| bound.variable());
        hits.set(3);
        assert_eq!((hits.get(), start.get()), (3, 7));
        let mut value = [0_u8; 8];
        let key = 0_u32;
        // SAFETY: the key has 4 bytes and the value 8.
        let result = unsafe {
            libbpf_sys::bpf_map_lookup_elem(
                bss.as_raw_fd(),
                (&raw const key).cast(),
                value.as_mut_ptr().cast(),
            )
        };
        assert_eq!((result, value), (0, 3_u64.to_ne_bytes()));
    }
}

#[test]
fn a_map_without_btf_that_may_be_another_is_refused() {
    require_bpf();
    const UNKNOWN: &str = "section `.bss`: the kernel has no map for it any more, or one without BTF and of another name or \
                           size";
    // Another name: only libbpf knows that it is the section's.
    let object = with_maps(&section_map(c"shared", MMAPABLE, None), None);
    assert_eq!(problems(bind(&running(&object), &LIBRARY)), [UNKNOWN]);
    // Another size.
    let options = libbpf_sys::bpf_map_create_opts {
        sz: size_of::<libbpf_sys::bpf_map_create_opts>() as u64,
        map_flags: MMAPABLE,
        ..Default::default()
    };
    let array = libbpf_sys::BPF_MAP_TYPE_ARRAY;
    // SAFETY: the name ends with a NUL, and the options are valid.
    let larger = unsafe {
        libbpf_sys::bpf_map_create(array, c".bss".as_ptr(), 4, 16, 1, &raw const options)
    };
    let object = with_maps(&descriptor(larger), None);
    assert_eq!(problems(bind(&running(&object), &LIBRARY)), [UNKNOWN]);
    // Two that the name and size fit.
    let (bss, data) = (
        section_map(c"a.bss", MMAPABLE, None),
        section_map(c"b.bss", MMAPABLE, None),
    );
    let object = with_maps(&bss, Some(&data));
    let found = problems(bind(&running(&object), &LIBRARY));
    assert_eq!(found[0], "section `.bss`: it has more than one map");
    assert_eq!(found[1], UNKNOWN.replace(".bss", ".data"));
}

/// As aya does.
#[test]
fn a_map_that_cannot_be_mapped_says_so() {
    require_bpf();
    let object = with_maps(&section_map(c".bss", 0, None), None);
    assert_eq!(
        problems(bind(&running(&object), &LIBRARY)),
        [
            "section `.bss`: its map can't be mapped into memory: that needs Linux 5.5 and, if `reuse_fd` replaced it or \
             a loader other than libbpf made it, a map created with BPF_F_MMAPABLE"
        ]
    );
}

/// BTF that is built type by type, and loaded into the kernel.
struct Types(*mut libbpf_sys::btf);

impl Types {
    fn new() -> Self {
        // SAFETY: always safe to call.
        let btf = unsafe { libbpf_sys::btf__new_empty() };
        assert!(!btf.is_null());
        Self(btf)
    }

    fn integer(&self, name: &CStr, size: u64) -> u32 {
        // SAFETY: the BTF is valid, and the name ends with a NUL.
        id(unsafe { libbpf_sys::btf__add_int(self.0, name.as_ptr(), size, 0) })
    }

    /// A DATASEC with one variable of 8 bytes.
    fn section(&self, name: &CStr, variable: &CStr) -> u32 {
        let ty = self.integer(c"unsigned long long", 8) as i32;
        // SAFETY: the BTF is valid, and the names end with a NUL.
        unsafe {
            let variable = libbpf_sys::btf__add_var(self.0, variable.as_ptr(), 1, ty);
            let section = id(libbpf_sys::btf__add_datasec(self.0, name.as_ptr(), 8));
            assert_eq!(
                libbpf_sys::btf__add_datasec_var_info(self.0, variable, 0, 8),
                0
            );
            section
        }
    }

    /// `int use(void *)`.
    fn function(&self) -> u32 {
        let int = self.integer(c"int", 4) as i32;
        // SAFETY: the BTF is valid, and the names end with a NUL.
        unsafe {
            let pointer = libbpf_sys::btf__add_ptr(self.0, 0);
            let proto = libbpf_sys::btf__add_func_proto(self.0, int);
            assert_eq!(
                libbpf_sys::btf__add_func_param(self.0, c"ctx".as_ptr(), pointer),
                0
            );
            let global = libbpf_sys::BTF_FUNC_GLOBAL;
            id(libbpf_sys::btf__add_func(
                self.0,
                c"use".as_ptr(),
                global,
                proto,
            ))
        }
    }

    fn load(&self) -> OwnedFd {
        // SAFETY: the BTF is valid. It keeps its descriptor, of which the caller gets a copy.
        let result = unsafe { libbpf_sys::btf__load_into_kernel(self.0) };
        assert_eq!(result, 0);
        // SAFETY: as above, and it is open as long as the BTF is not freed.
        let fd = unsafe { std::os::fd::BorrowedFd::borrow_raw(libbpf_sys::btf__fd(self.0)) };
        fd.try_clone_to_owned().unwrap()
    }
}

impl Drop for Types {
    fn drop(&mut self) {
        // SAFETY: it is valid, and nobody uses it any more.
        unsafe { libbpf_sys::btf__free(self.0) }
    }
}

fn id(result: i32) -> u32 {
    u32::try_from(result).expect("the type is added")
}

/// A program that names maps, with BTF of its own.
pub(super) fn program(maps: &[&OwnedFd]) -> OwnedFd {
    let instruction = |code, registers: u8, imm| {
        let mut instruction = libbpf_sys::bpf_insn {
            code,
            imm,
            ..Default::default()
        };
        instruction.set_dst_reg(registers & 0xf);
        instruction.set_src_reg(registers >> 4);
        instruction
    };
    let mut instructions = Vec::new();
    for map in maps {
        // r1 = map ll
        instructions.push(instruction(0x18, 0x11, map.as_raw_fd()));
        instructions.push(instruction(0, 0, 0));
    }
    // r0 = 0; exit
    instructions.extend([instruction(0xb7, 0, 0), instruction(0x95, 0, 0)]);
    let types = Types::new();
    let function = libbpf_sys::bpf_func_info {
        insn_off: 0,
        type_id: types.function(),
    };
    let btf = types.load();
    let options = libbpf_sys::bpf_prog_load_opts {
        sz: size_of::<libbpf_sys::bpf_prog_load_opts>() as u64,
        prog_btf_fd: btf.as_raw_fd() as u32,
        func_info: (&raw const function).cast(),
        func_info_cnt: 1,
        func_info_rec_size: 8,
        ..Default::default()
    };
    // SAFETY: the strings end with a NUL, there are as many instructions, and the options are valid.
    descriptor(unsafe {
        libbpf_sys::bpf_prog_load(
            libbpf_sys::BPF_PROG_TYPE_RAW_TRACEPOINT,
            c"use".as_ptr(),
            c"GPL".as_ptr(),
            instructions.as_ptr(),
            instructions.len() as u64,
            (&raw const options).cast_mut(),
        )
    })
}

/// A section's map with BTF of its own.
pub(super) fn typed_section(name: &CStr, variable: &CStr) -> OwnedFd {
    let types = Types::new();
    let section = types.section(name, variable);
    section_map(name, MMAPABLE, Some((&types.load(), section)))
}

/// As cilium/ebpf does.
#[test]
fn an_object_whose_maps_have_btf_of_their_own_is_bound() {
    require_bpf();
    let load = || {
        let (bss, data) = (
            typed_section(c".bss", c"hits"),
            typed_section(c".data", c"start"),
        );
        let types = Types::new();
        let key = types.integer(c"unsigned int", 4);
        let value = types.integer(c"unsigned long long", 8);
        let counts = array(c"counts", 0, (key, value), Some(&types.load()));
        // The second has the other section, and is known by the one that both use.
        [program(&[&bss, &counts]), program(&[&bss, &data])]
    };
    static WITH_MAP: Library = Library {
        maps: &[Map::new(
            "counts",
            Some(2),
            Shape::Type(&U32),
            Shape::Type(&U64),
        )],
        ..LIBRARY
    };
    let (first, second) = (load(), load());
    let bound = first.each_ref().map(|fd| {
        let running = Running::from_program_fd(fd.as_fd()).unwrap();
        assert_eq!((running.programs().len(), running.maps().len()), (2, 3));
        for map in running.maps() {
            assert_eq!(
                Running::from_map_id(map.id()).unwrap().btf_id(),
                running.btf_id()
            );
        }
        let all = Running::all().unwrap();
        let same = all
            .iter()
            .filter(|other| other.programs() == running.programs());
        assert_eq!(same.count(), 1);
        let mut bound = bind(&running, &WITH_MAP).unwrap();
        let variables: [Var<u64>; 2] = std::array::from_fn(|_| bound.variable());
        let counts: maps::Array<u64> = bound.map();
        (variables, counts)
    });
    let [(ours, counts), (theirs, _)] = bound;
    ours[0].set(5);
    ours[1].set(6);
    counts.insert(&0, &7).unwrap();
    assert_eq!(theirs.map(|variable| variable.get()), [5, 6]);
    // Another load of the same is another object.
    let other = Running::from_program_fd(second[0].as_fd()).unwrap();
    let hits: Var<u64> = bind(&other, &LIBRARY).unwrap().variable();
    assert_eq!(hits.get(), 0);
    // The types of keys and values are compared too, where BTF has no definitions.
    static OTHER_TYPE: Library = Library {
        maps: &[Map::new(
            "counts",
            Some(2),
            Shape::Type(&U64),
            Shape::Type(&U64),
        )],
        variables: &[],
        ..LIBRARY
    };
    assert_eq!(
        problems(bind(&other, &OTHER_TYPE)),
        ["map `counts.key`: built with u64, the object has u32"]
    );
}

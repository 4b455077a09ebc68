//! How C subskeletons behave where this project differs: the proof of the README's comparison.

use std::ffi::{CStr, c_void};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{env, fs, ptr};

use bpf_subskeleton_tests::objects::{compile_c, object};
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::libbpf_sys::{
    bpf_map, bpf_map_skeleton, bpf_object__open_subskeleton, bpf_object_subskeleton,
    bpf_var_skeleton,
};
use libbpf_rs::{AsRawLibbpf as _, Object, ObjectBuilder};

/// An application whose static has the name of a library's global, and that lacks another; and constants.
const APPLICATION: &str = r#"
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
static volatile __u16 counter = 7;
__u32 other = 1;
const volatile __u32 limit = 3;
const volatile __u32 lowest = 2;
SEC("raw_tp/sys_enter") int on_enter(void *ctx) { return counter + other + limit + lowest; }
char LICENSE[] SEC("license") = "GPL";
"#;

/// One test at a time: another could map something else where one has unmapped.
fn load() -> (MutexGuard<'static, ()>, Object) {
    static ALONE: Mutex<()> = Mutex::new(());
    require_bpf();
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let open = ObjectBuilder::default()
        .open_file(compile_c("c_subskeleton", APPLICATION))
        .unwrap();
    (alone, open.load().unwrap())
}

/// Where a C subskeleton has two variables of a section. It must succeed.
fn addresses(object: &Object, section: &CStr, names: [&CStr; 2]) -> [*mut c_void; 2] {
    let mut map: *mut bpf_map = ptr::null_mut();
    let mut maps = [bpf_map_skeleton {
        name: section.as_ptr(),
        map: &raw mut map,
        ..Default::default()
    }];
    let mut addresses: [*mut c_void; 2] = [ptr::null_mut(); 2];
    let [first, second] = &mut addresses;
    let [first_name, second_name] = names;
    let mut variables =
        [(first_name, first), (second_name, second)].map(|(name, addr)| bpf_var_skeleton {
            name: name.as_ptr(),
            map: &raw mut map,
            addr,
        });
    let mut subskeleton = bpf_object_subskeleton {
        sz: size_of::<bpf_object_subskeleton>() as _,
        obj: object.as_libbpf_object().as_ptr(),
        map_cnt: 1,
        map_skel_sz: size_of::<bpf_map_skeleton>() as _,
        maps: maps.as_mut_ptr(),
        var_cnt: 2,
        var_skel_sz: size_of::<bpf_var_skeleton>() as _,
        vars: variables.as_mut_ptr(),
        ..Default::default()
    };
    // SAFETY: the object is loaded, and all that is pointed to lives as long as this function.
    let result = unsafe { bpf_object__open_subskeleton(&raw mut subskeleton) };
    assert_eq!(result, 0);
    addresses
}

/// How this process may access the map that is mapped there; `None` if none is.
fn access(address: *mut c_void) -> Option<String> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let line = maps.lines().find(|line| {
        let (start, rest) = line.split_once('-').unwrap();
        let (end, _) = rest.split_once(' ').unwrap();
        let [start, end] = [start, end].map(|number| usize::from_str_radix(number, 16).unwrap());
        (start..end).contains(&address.addr())
    })?;
    let access = line.split(' ').nth(1).unwrap();
    line.ends_with("bpf-map").then(|| access.to_owned())
}

/// Success, with a static of two bytes for whatever the library's `counter` is, and no `missing`.
#[test]
fn open_subskeleton_compares_names_only() {
    let (_alone, object) = load();
    let [counter, missing] = addresses(&object, c".data", [c"counter", c"missing"]);
    assert!(missing.is_null());
    assert!(!counter.is_null());
    // SAFETY: libbpf found it in the section that it has mapped, two bytes long.
    assert_eq!(unsafe { counter.cast::<u16>().read_volatile() }, 7);
}

/// The pointers are not to `const`, so C lets a program write there, and be killed by SIGSEGV.
#[test]
fn constants_are_mapped_read_only() {
    let (_alone, object) = load();
    let [limit, lowest] = addresses(&object, c".rodata", [c"limit", c"lowest"]);
    assert_eq!(
        [limit, lowest].map(access),
        ["r--s", "r--s"].map(|s| Some(s.to_owned()))
    );
    let [other, _] = addresses(&object, c".data", [c"other", c"counter"]);
    assert_eq!(access(other).as_deref(), Some("rw-s"));
}

#[test]
fn pointers_dangle_once_the_object_is_closed() {
    let (_alone, object) = load();
    let pointers = addresses(&object, c".data", [c"other", c"counter"]);
    assert!(pointers.map(access).iter().all(Option::is_some));
    drop(object);
    assert_eq!(pointers.map(access), [None, None]);
}

#[test]
fn bpftool_refuses_what_the_linker_resolves() {
    for (what, name, success) in [
        ("subskeleton", "unresolved", false),
        ("skeleton", "unresolved", false),
        ("subskeleton", "selection", true),
    ] {
        let path = format!("{}:/usr/sbin:/sbin", env::var("PATH").unwrap_or_default());
        let output = Command::new("bpftool")
            .env("PATH", path)
            .args(["gen", what])
            .arg(object(name))
            .output()
            .unwrap();
        assert_eq!(output.status.success(), success, "{what} of {name}");
    }
}

//! What C does where this project differs: the README's comparison says so, this shows it.

use std::env;
use std::ffi::c_void;
use std::process::Command;
use std::ptr;

use bpf_subskeleton_tests::objects::{compile_c, object};
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::libbpf_sys::{
    bpf_map, bpf_map_skeleton, bpf_object__open_subskeleton, bpf_object_subskeleton,
    bpf_var_skeleton,
};
use libbpf_rs::{AsRawLibbpf as _, ObjectBuilder};

/// An application whose static has the name of a library's global, and that lacks another.
const APPLICATION: &str = r#"
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
static volatile __u16 counter = 7;
__u32 other = 1;
SEC("raw_tp/sys_enter") int on_enter(void *ctx) { return counter + other; }
char LICENSE[] SEC("license") = "GPL";
"#;

#[test]
fn open_subskeleton_compares_names_only() {
    require_bpf();
    let open = ObjectBuilder::default()
        .open_file(compile_c("c_subskeleton", APPLICATION))
        .unwrap();
    let object = open.load().unwrap();

    let mut map: *mut bpf_map = ptr::null_mut();
    let mut maps = [bpf_map_skeleton {
        name: c".data".as_ptr(),
        map: &raw mut map,
        ..Default::default()
    }];
    let mut addresses: [*mut c_void; 2] = [ptr::null_mut(); 2];
    let [counter, missing] = &mut addresses;
    let mut variables =
        [(c"counter", counter), (c"missing", missing)].map(|(name, addr)| bpf_var_skeleton {
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

    // Success, with a static of two bytes for whatever the library's `counter` is, and no `missing`.
    assert_eq!(result, 0);
    let [counter, missing] = addresses;
    assert!(missing.is_null());
    assert!(!counter.is_null());
    // SAFETY: libbpf found it in the section that it has mapped, two bytes long.
    assert_eq!(unsafe { counter.cast::<u16>().read_volatile() }, 7);
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

//! Loads objects into the running kernel.

use std::path::Path;
use std::ptr;

use bpf_subskeleton::BindError;
use libbpf_rs::{AsRawLibbpf as _, Object, ObjectBuilder, OpenObject, ProgramType, libbpf_sys};

use crate::require_bpf;

/// Opens an object for loading. Maps and programs of types that this kernel does not have are left out, as a user
/// would do who supports older kernels.
///
/// # Panics
///
/// If libbpf refuses it, or this process may not load it.
#[must_use]
pub fn open(path: &Path) -> OpenObject {
    require_bpf();
    let mut open = ObjectBuilder::default()
        .open_file(path)
        .unwrap_or_else(|e| panic!("{}: {e:#}", path.display()));
    leave_out(&mut open);
    open
}

/// What libbpf finds out about types that need more than a number, `struct_ops` for one, is not right on all kernels.
fn leave_out(open: &mut OpenObject) {
    for mut map in open.maps_mut() {
        // libbpf-rs does not know the newest types.
        // SAFETY: the pointer is that of a map of the open object.
        let map_type = unsafe { libbpf_sys::bpf_map__type(map.as_libbpf_object().as_ptr()) };
        // SAFETY: always safe to call.
        let known = unsafe { libbpf_sys::libbpf_probe_bpf_map_type(map_type, ptr::null()) };
        if map_type != libbpf_sys::BPF_MAP_TYPE_STRUCT_OPS && known == 0 {
            map.set_autocreate(false)
                .unwrap_or_else(|e| panic!("{}: {e:#}", map.name().display()));
        }
    }
    for mut program in open.progs_mut() {
        let program_type = program.prog_type();
        if program_type == ProgramType::Syscall && matches!(program_type.is_supported(), Ok(false))
        {
            program.set_autoload(false);
        }
    }
}

/// Loads an object.
///
/// # Panics
///
/// If libbpf or the kernel refuses it.
#[must_use]
pub fn load(open: OpenObject) -> Object {
    open.load().unwrap_or_else(|e| panic!("{e:#}"))
}

/// The problems of a failed binding, as text.
///
/// # Panics
///
/// If it binds.
#[must_use]
#[track_caller]
pub fn problems<T>(result: Result<T, BindError>) -> Vec<String> {
    match result {
        Ok(_) => panic!("it binds"),
        Err(error) => error.problems().iter().map(ToString::to_string).collect(),
    }
}

/// Checks that an object has the same [`problems`] before it is loaded and after.
///
/// # Panics
///
/// If they are not the lines of `expected`, or libbpf or the kernel refuses the object.
#[track_caller]
pub fn assert_refused(
    mut open: OpenObject,
    configure: impl FnOnce(&mut OpenObject) -> Vec<String>,
    bind: impl FnOnce(&Object) -> Vec<String>,
    expected: &str,
) {
    assert_eq!(configure(&mut open), lines(expected));
    assert_eq!(bind(&load(open)), lines(expected));
}

/// The lines of a text, without their indentation, as [`problems`] has them.
#[must_use]
pub fn lines(text: &str) -> Vec<&str> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect()
}

//! The names of map and program types, as libbpf and bpftool write them.

use core::ffi::{CStr, c_char};

use libbpf_rs::libbpf_sys;

/// The name of a value of `enum bpf_map_type`: `lru_hash`; `None` for one that libbpf doesn't know.
pub(crate) fn map_type(number: u32) -> Option<&'static str> {
    // SAFETY: the call takes any number, and returns NULL or a constant string.
    unsafe { name(libbpf_sys::libbpf_bpf_map_type_str(number)) }
}

/// The name of a value of `enum bpf_prog_type`: `raw_tracepoint`; `None` for one that libbpf doesn't know.
pub(crate) fn program_type(number: u32) -> Option<&'static str> {
    // SAFETY: as above.
    unsafe { name(libbpf_sys::libbpf_bpf_prog_type_str(number)) }
}

/// # Safety
///
/// The pointer is NULL or that of a string that is never freed.
unsafe fn name(pointer: *const c_char) -> Option<&'static str> {
    // SAFETY: the caller's promise.
    let name = (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) });
    name?.to_str().ok()
}

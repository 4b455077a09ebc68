//! What the kernel says about the programs, maps and BTF that are loaded.

use core::ffi::CStr;
use core::ptr::NonNull;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::time::Duration;

use libbpf_rs::libbpf_sys;

use super::{RunningMap, RunningProgram};

/// A program, its BTF and its maps.
pub(super) struct Program {
    pub(super) program: RunningProgram,
    /// 0 if it was loaded without.
    pub(super) btf: u32,
    pub(super) maps: Vec<u32>,
}

/// A map and its BTF.
pub(super) struct Map {
    pub(super) map: RunningMap,
    /// 0 if it was created without.
    pub(super) btf: u32,
}

/// All programs that are loaded now.
pub(super) fn programs() -> io::Result<Vec<Program>> {
    // SAFETY: any id will do, and the result goes to a valid place.
    let next = |id, next: &mut u32| unsafe { libbpf_sys::bpf_prog_get_next_id(id, next) };
    collect(next, program)
}

/// All maps that exist now.
pub(super) fn maps() -> io::Result<Vec<Map>> {
    // SAFETY: any id will do, and the result goes to a valid place.
    let next = |id, next: &mut u32| unsafe { libbpf_sys::bpf_map_get_next_id(id, next) };
    collect(next, map)
}

/// The program with that id, unless it is gone.
pub(super) fn program(id: u32) -> io::Result<Option<Program>> {
    // SAFETY: any id will do.
    let fd = descriptor(unsafe { libbpf_sys::bpf_prog_get_fd_by_id(id) })?;
    fd.map(|fd| program_of(fd.as_fd())).transpose()
}

/// The map with that id, unless it is gone.
pub(super) fn map(id: u32) -> io::Result<Option<Map>> {
    // SAFETY: any id will do.
    let fd = descriptor(unsafe { libbpf_sys::bpf_map_get_fd_by_id(id) })?;
    fd.map(|fd| map_of(fd.as_fd())).transpose()
}

/// The program that a descriptor is of.
pub(super) fn program_of(fd: BorrowedFd<'_>) -> io::Result<Program> {
    // SAFETY: these are integers, and the kernel wants zero in those that it does not know.
    let mut info: libbpf_sys::bpf_prog_info = unsafe { core::mem::zeroed() };
    // SAFETY: the place is valid for as many bytes.
    unsafe { information(fd, &mut info)? };
    // Between the two calls no program gets or loses maps.
    let mut maps = vec![0_u32; info.nr_map_ids as usize];
    // SAFETY: as above.
    let mut with_maps: libbpf_sys::bpf_prog_info = unsafe { core::mem::zeroed() };
    with_maps.nr_map_ids = info.nr_map_ids;
    with_maps.map_ids = maps.as_mut_ptr() as u64;
    // SAFETY: as above, and there is room for as many ids.
    unsafe { information(fd, &mut with_maps)? };
    Ok(Program {
        program: RunningProgram {
            id: info.id,
            name: name(&info.name),
            loaded: Duration::from_nanos(info.load_time),
        },
        btf: info.btf_id,
        maps,
    })
}

fn map_of(fd: BorrowedFd<'_>) -> io::Result<Map> {
    // SAFETY: these are integers, and the kernel wants zero in those that it does not know.
    let mut info: libbpf_sys::bpf_map_info = unsafe { core::mem::zeroed() };
    // SAFETY: the place is valid for as many bytes.
    unsafe { information(fd, &mut info)? };
    Ok(Map {
        map: RunningMap {
            id: info.id,
            name: name(&info.name),
            value_type: info.btf_value_type_id,
        },
        btf: info.btf_id,
    })
}

/// The BTF with that id.
pub(super) fn btf(id: u32) -> io::Result<NonNull<libbpf_sys::btf>> {
    // SAFETY: any id will do.
    let btf = unsafe { libbpf_sys::btf__load_from_kernel_by_id(id) };
    NonNull::new(btf).ok_or_else(io::Error::last_os_error)
}

/// What a file in a BPF file system is.
pub(super) fn pinned(path: &CStr) -> io::Result<OwnedFd> {
    // SAFETY: the path ends with a NUL.
    let fd = unsafe { libbpf_sys::bpf_obj_get(path.as_ptr()) };
    descriptor(fd)?.ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// Everything, by ids in their order. Those that go meanwhile are left out.
fn collect<T>(
    next: impl Fn(u32, &mut u32) -> i32,
    of_id: impl Fn(u32) -> io::Result<Option<T>>,
) -> io::Result<Vec<T>> {
    let (mut all, mut id) = (Vec::new(), 0);
    loop {
        let mut after = 0;
        if next(id, &mut after) < 0 {
            let error = io::Error::last_os_error();
            return match error.kind() {
                io::ErrorKind::NotFound => Ok(all),
                _ => Err(error),
            };
        }
        id = after;
        all.extend(of_id(id)?);
    }
}

/// # Safety
///
/// `T` is what the kernel fills in for descriptors of this kind.
unsafe fn information<T>(fd: BorrowedFd<'_>, info: &mut T) -> io::Result<()> {
    let mut len = size_of::<T>() as u32;
    let info = core::ptr::from_mut(info).cast();
    // SAFETY: the kernel writes `len` bytes at most, and these are there.
    match unsafe { libbpf_sys::bpf_obj_get_info_by_fd(fd.as_raw_fd(), info, &raw mut len) } {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error.saturating_neg())),
    }
}

/// A descriptor that libbpf returned; `None` if there is no such thing.
fn descriptor(fd: i32) -> io::Result<Option<OwnedFd>> {
    match fd {
        // SAFETY: it is new, and nobody else's.
        0.. => Ok(Some(unsafe { OwnedFd::from_raw_fd(fd) })),
        error => {
            let error = io::Error::from_raw_os_error(error.saturating_neg());
            match error.kind() {
                io::ErrorKind::NotFound => Ok(None),
                _ => Err(error),
            }
        }
    }
}

/// Names end with a NUL, unless they are as long as there is room for.
fn name(chars: &[core::ffi::c_char]) -> OsString {
    let bytes = chars.iter().map(|&c| c as u8).take_while(|&c| c != 0);
    OsStr::from_bytes(&bytes.collect::<Vec<_>>()).to_owned()
}

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
    /// Its function in that BTF, 0 if the kernel doesn't tell.
    pub(super) function: u32,
    pub(super) maps: Vec<u32>,
}

/// A map. Its types are numbered as in its own BTF.
pub(super) struct Map {
    pub(super) map: RunningMap,
    /// Whether its value is a DATASEC: the kernel takes such a type for the values of a map without type of keys,
    /// and nothing else (`array_map_check_btf`).
    pub(super) is_section: bool,
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
    let fd = program_fd(id)?;
    fd.map(|fd| program_of(fd.as_fd())).transpose()
}

/// A descriptor of the program with that id, unless it is gone.
pub(super) fn program_fd(id: u32) -> io::Result<Option<OwnedFd>> {
    // SAFETY: any id will do.
    descriptor(unsafe { libbpf_sys::bpf_prog_get_fd_by_id(id) }).map_err(by_id)
}

/// The map with that id, unless it is gone.
pub(super) fn map(id: u32) -> io::Result<Option<Map>> {
    // SAFETY: any id will do.
    let fd = descriptor(unsafe { libbpf_sys::bpf_map_get_fd_by_id(id) }).map_err(by_id)?;
    fd.map(|fd| map_of(fd.as_fd())).transpose()
}

/// The program that a descriptor is of.
pub(super) fn program_of(fd: BorrowedFd<'_>) -> io::Result<Program> {
    // SAFETY: these are integers, and the kernel wants zero in those that it does not know.
    let mut info: libbpf_sys::bpf_prog_info = unsafe { core::mem::zeroed() };
    // SAFETY: the place is valid for as many bytes.
    unsafe { information(fd, &mut info).map_err(by_id)? };
    // Between the two calls no program gets or loses maps.
    let mut maps = vec![0_u32; info.nr_map_ids as usize];
    // SAFETY: as above.
    let mut with_maps: libbpf_sys::bpf_prog_info = unsafe { core::mem::zeroed() };
    with_maps.nr_map_ids = info.nr_map_ids;
    with_maps.map_ids = maps.as_mut_ptr() as u64;
    // The first of its functions is the program itself.
    let mut function = libbpf_sys::bpf_func_info::default();
    with_maps.nr_func_info = u32::from(info.nr_func_info > 0);
    with_maps.func_info_rec_size = size_of_val(&function) as u32;
    with_maps.func_info = (&raw mut function) as u64;
    // SAFETY: as above, and there is room for as many ids and functions.
    unsafe { information(fd, &mut with_maps)? };
    Ok(Program {
        program: RunningProgram {
            id: info.id,
            name: name(&info.name),
            has_full_name: false,
            program_type: info.type_,
            tag: info.tag,
            loaded: Duration::from_nanos(info.load_time),
        },
        btf: info.btf_id,
        function: function.type_id,
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
            map_type: info.type_,
            kernel_btf: info.btf_id,
            key_type: info.btf_key_type_id,
            value_type: info.btf_value_type_id,
        },
        is_section: info.btf_key_type_id == 0 && info.btf_value_type_id != 0,
    })
}

/// The BTF with that id.
pub(super) fn btf(id: u32) -> io::Result<NonNull<libbpf_sys::btf>> {
    // SAFETY: any id will do.
    let btf = unsafe { libbpf_sys::btf__load_from_kernel_by_id(id) };
    NonNull::new(btf).ok_or_else(|| by_id(io::Error::last_os_error()))
}

/// What a file in a BPF file system is.
pub(super) fn pinned(path: &CStr) -> io::Result<OwnedFd> {
    // SAFETY: the path ends with a NUL.
    let fd = unsafe { libbpf_sys::bpf_obj_get(path.as_ptr()) };
    let fd = descriptor(fd).map_err(|error| match error.raw_os_error() {
        // Linux before 5.19 opens nothing without privilege. Otherwise it is a matter of the file's permissions: EACCES.
        Some(libc::EPERM) => by_id(error),
        _ => error,
    })?;
    fd.ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// Says what is missing where the kernel only says EPERM.
fn by_id(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::PermissionDenied => io::Error::new(
            error.kind(),
            "the kernel shows programs, maps and BTF that others loaded only to processes with CAP_SYS_ADMIN; CAP_BPF \
             is not enough",
        ),
        _ => error,
    }
}

/// Everything, by ids in their order. Those that go meanwhile are left out.
fn collect<T>(
    next: impl Fn(u32, &mut u32) -> i32,
    of_id: impl Fn(u32) -> io::Result<Option<T>>,
) -> io::Result<Vec<T>> {
    let (mut all, mut id) = (Vec::new(), 0);
    loop {
        let mut after = 0;
        let error = next(id, &mut after);
        if error < 0 {
            let error = io::Error::from_raw_os_error(error.saturating_neg());
            return match error.kind() {
                io::ErrorKind::NotFound => Ok(all),
                _ => Err(by_id(error)),
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
pub(super) fn name(chars: &[core::ffi::c_char]) -> OsString {
    let bytes = chars.iter().map(|&c| c as u8).take_while(|&c| c != 0);
    OsStr::from_bytes(&bytes.collect::<Vec<_>>()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ENOENT`
    const NO_SUCH_ENTRY: i32 = 2;

    /// The kernel lists three, and the second is gone before it is opened.
    #[test]
    fn what_goes_between_listing_and_opening_is_left_out() {
        let ids = [3_u32, 5, 8];
        let next = |id, next: &mut u32| match ids.iter().find(|listed| **listed > id) {
            Some(listed) => {
                *next = *listed;
                0
            }
            None => -NO_SUCH_ENTRY,
        };
        let all = collect(next, |id| Ok((id != 5).then_some(id))).unwrap();
        assert_eq!(all, [3, 8]);
    }
}

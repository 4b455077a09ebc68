//! The running kernel's `bpf(2)`, without maps that lie in memory: the answers of Linux before 5.5.
//!
//! A seccomp filter holds each call that makes a map until this process has looked at what it asks for.

use std::io;
use std::mem::{self, offset_of};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::sync::mpsc;
use std::thread;

use libbpf_rs::libbpf_sys::{BPF_F_MMAPABLE, BPF_MAP_CREATE, bpf_attr};
use libc::{
    BPF_ABS, BPF_JEQ, BPF_JMP, BPF_JUMP, BPF_K, BPF_LD, BPF_RET, BPF_STMT, BPF_W,
    SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_IOCTL_NOTIF_RECV, SECCOMP_IOCTL_NOTIF_SEND,
    SECCOMP_RET_ALLOW, SECCOMP_RET_USER_NOTIF, SECCOMP_SET_MODE_FILTER,
    SECCOMP_USER_NOTIF_FLAG_CONTINUE, SYS_bpf, SYS_seccomp, seccomp_data, seccomp_notif,
    seccomp_notif_resp, sock_fprog,
};

/// From now on the kernel answers EINVAL to this thread, and to those it starts, for a map that is to be
/// mapped into memory.
pub(crate) fn refuse_mmapable() {
    let (listener, receive) = mpsc::channel();
    // Started before the filter is installed, so that it is not filtered itself.
    thread::spawn(move || answer(&receive.recv().unwrap()));
    listener.send(listen()).unwrap();
}

/// Puts the filter on this thread; what it holds is read from the descriptor.
fn listen() -> OwnedFd {
    const LOAD: u16 = (BPF_LD | BPF_W | BPF_ABS) as u16;
    const EQUAL: u16 = (BPF_JMP | BPF_JEQ | BPF_K) as u16;
    const RETURN: u16 = (BPF_RET | BPF_K) as u16;
    let number = offset_of!(seccomp_data, nr) as u32;
    // The half that holds a number of 32 bits.
    let half = if cfg!(target_endian = "big") { 4 } else { 0 };
    let command = offset_of!(seccomp_data, args) as u32 + half;
    // SAFETY: these only make values.
    let mut filter = unsafe {
        [
            BPF_STMT(LOAD, number),
            BPF_JUMP(EQUAL, SYS_bpf as u32, 0, 3),
            BPF_STMT(LOAD, command),
            BPF_JUMP(EQUAL, BPF_MAP_CREATE, 0, 1),
            BPF_STMT(RETURN, SECCOMP_RET_USER_NOTIF),
            BPF_STMT(RETURN, SECCOMP_RET_ALLOW),
        ]
    };
    let program = sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: `program` has as many instructions as it says; the kernel copies them.
    let fd = unsafe {
        libc::syscall(
            SYS_seccomp,
            SECCOMP_SET_MODE_FILTER,
            SECCOMP_FILTER_FLAG_NEW_LISTENER,
            &raw const program,
        )
    };
    assert!(fd >= 0, "{}", io::Error::last_os_error());
    // SAFETY: the kernel has just made it for us.
    unsafe { OwnedFd::from_raw_fd(fd as i32) }
}

/// Answers each call that the filter holds, until the threads under it have ended.
fn answer(listener: &OwnedFd) {
    loop {
        // SAFETY: all zeros is a valid value, and the one that the kernel requires.
        let mut call: seccomp_notif = unsafe { mem::zeroed() };
        let fd = listener.as_raw_fd();
        // SAFETY: `call` is of the type that the command writes.
        if unsafe { libc::ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &raw mut call) } != 0 {
            let error = io::Error::last_os_error();
            assert_eq!(error.raw_os_error(), Some(libc::ENOENT), "{error}");
            return;
        }
        let attributes = call.data.args[1] as *const bpf_attr;
        // SAFETY: the filter is only on threads of this process, and holds them while they make a map:
        // they have put the flags there, and wait.
        let flags = unsafe { (*attributes).__bindgen_anon_1.map_flags };
        let mut response = seccomp_notif_resp {
            id: call.id,
            val: 0,
            error: 0,
            flags: 0,
        };
        match flags & BPF_F_MMAPABLE {
            0 => response.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32,
            _ => response.error = -libc::EINVAL,
        }
        // SAFETY: `response` is of the type that the command reads.
        let result = unsafe { libc::ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &raw mut response) };
        assert_eq!(result, 0, "{}", io::Error::last_os_error());
    }
}

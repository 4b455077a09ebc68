//! Values that belong to tasks, files, sockets and control groups.

use std::fs::{self, File};
use std::net::UdpSocket;
use std::os::fd::{AsFd, FromRawFd as _, OwnedFd};
use std::process;

use libbpf_rs::Result;

use super::{bind, kinds, newer, total};

/// This process as a descriptor.
fn pidfd() -> OwnedFd {
    let pid = process::id() as libc::pid_t;
    // SAFETY: the call takes numbers only.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    assert!(descriptor >= 0);
    // SAFETY: the kernel has just created it, and only this function owns it.
    unsafe { OwnedFd::from_raw_fd(descriptor as i32) }
}

/// The root of the control groups of version 2.
pub(crate) fn cgroup() -> File {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
    let mount = mounts.lines().find_map(|line| {
        let mut words = line.split(' ');
        let path = words.nth(1)?;
        (words.next()? == "cgroup2").then_some(path)
    });
    File::open(mount.unwrap()).unwrap()
}

/// Sets, reads and deletes the value of an owner.
macro_rules! check {
    ($map:expr, $owner:expr) => {
        check!($map, $owner, total)
    };
    ($map:expr, $owner:expr, $total:expr) => {{
        let (map, owner, total) = (&$map, &$owner, $total);
        assert!(map.get_storage(owner).unwrap().is_none());
        assert!(!map.delete_storage(owner).unwrap());
        map.set_storage(owner, &total(3)).unwrap();
        assert_eq!(map.get_storage(owner).unwrap().unwrap().count, 3);
        map.set_storage(owner, &total(4)).unwrap();
        assert_eq!(map.get_storage(owner).unwrap().unwrap().count, 4);
        assert!(map.delete_storage(owner).unwrap());
        assert!(map.get_storage(owner).unwrap().is_none());
    }};
}

fn newer_total(count: u64) -> newer::total {
    newer::total { count, sum: 2 }
}

#[test]
fn of_a_task() {
    let (_object, newer) = newer();
    check!(newer.of_task.unwrap(), pidfd(), newer_total);
}

#[test]
fn of_a_socket() {
    let (_object, kinds) = bind();
    check!(
        kinds.maps.of_socket,
        UdpSocket::bind("127.0.0.1:0").unwrap()
    );
}

#[test]
fn of_a_cgroup() {
    let (_object, newer) = newer();
    check!(newer.of_cgroup.unwrap(), cgroup(), newer_total);
}

#[test]
fn of_a_file() {
    let (_object, kinds) = bind();
    check!(kinds.maps.of_inode, File::open("/proc/self/exe").unwrap());
}

/// A descriptor of something else is an error, and not "no value".
#[test]
fn wrong_owner() {
    let (_object, kinds) = bind();
    let owner = File::open("/proc/self/exe").unwrap();
    let found: Result<Option<kinds::total>> = kinds.maps.of_socket.get_storage(&owner.as_fd());
    assert!(found.is_err());
}

#[test]
fn file_instead_of_a_task() {
    let (_object, newer) = newer();
    let owner = File::open("/proc/self/exe").unwrap();
    let of_task = newer.of_task.unwrap();
    assert!(of_task.set_storage(&owner, &newer_total(1)).is_err());
}

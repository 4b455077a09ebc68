//! Maps of sockets.

use std::fs::File;
use std::io;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsFd, AsRawFd as _, FromRawFd as _, OwnedFd};

use super::{assert_errno, bind, key};

/// A new socket of a family.
fn socket(family: libc::c_int, kind: libc::c_int) -> OwnedFd {
    // SAFETY: the call takes numbers only.
    let descriptor = unsafe { libc::socket(family, kind, 0) };
    assert!(descriptor >= 0, "{}", io::Error::last_os_error());
    // SAFETY: the kernel has just created it, and only this function owns it.
    unsafe { OwnedFd::from_raw_fd(descriptor) }
}

fn set_option(socket: &OwnedFd, level: libc::c_int, option: libc::c_int, value: libc::c_int) {
    // SAFETY: address and size are those of the number that each of the options here takes.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            option,
            (&raw const value).cast(),
            size_of_val(&value) as u32,
        )
    };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
}

/// A socket on a port of the loopback device that others may share.
fn shared_port() -> UdpSocket {
    let socket = socket(libc::AF_INET, libc::SOCK_DGRAM);
    set_option(&socket, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1);
    let address = libc::sockaddr_in {
        sin_family: libc::AF_INET as u16,
        sin_port: 0,
        sin_addr: libc::in_addr {
            s_addr: libc::INADDR_LOOPBACK.to_be(),
        },
        sin_zero: [0; 8],
    };
    // SAFETY: address and size are those of a `sockaddr_in`, which the family says it is.
    let result = unsafe {
        libc::bind(
            socket.as_raw_fd(),
            (&raw const address).cast(),
            size_of_val(&address) as u32,
        )
    };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
    socket.into()
}

/// `SO_COOKIE`.
fn cookie(socket: &impl AsFd) -> u64 {
    let (mut cookie, mut size) = (0u64, size_of::<u64>() as u32);
    // SAFETY: address and size are those of the `u64` that this option is.
    let result = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_COOKIE,
            (&raw mut cookie).cast(),
            &raw mut size,
        )
    };
    assert_eq!(result, 0);
    cookie
}

/// A connection, with the listener that accepted it.
fn stream() -> (TcpListener, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    (listener, stream)
}

#[test]
fn socket_map() {
    let (_object, kinds) = bind();
    let sockets = &kinds.maps.sockets;
    let (_listener, stream) = stream();
    sockets.set_fd(&2, &stream).unwrap();
    assert!(sockets.delete_fd(&2).unwrap());
    assert!(!sockets.delete_fd(&2).unwrap());
    assert_errno(&sockets.set_fd(&4, &stream).unwrap_err(), libc::E2BIG);
    let file = File::open("/proc/self/exe").unwrap();
    assert!(sockets.set_fd(&2, &file).is_err());
    let narrow = sockets.cookie(&2).unwrap_err().to_string();
    assert!(narrow.contains("values of 4 bytes"), "{narrow}");
}

#[test]
fn socket_map_with_cookies() {
    let (_object, kinds) = bind();
    let sockets = &kinds.maps.sockets_with_cookies;
    let (_listener, stream) = stream();
    assert_eq!(sockets.cookie(&2).unwrap(), None);
    sockets.set_fd(&2, &stream).unwrap();
    assert_eq!(sockets.cookie(&2).unwrap(), Some(cookie(&stream)));
    assert!(sockets.delete_fd(&2).unwrap());
    assert_eq!(sockets.cookie(&2).unwrap(), None);
    sockets.set_fd(&3, &stream).unwrap();
    // The map does not keep the socket alive.
    drop(stream);
    assert_eq!(sockets.cookie(&3).unwrap(), None);
}

#[test]
fn socket_hash() {
    let (_object, kinds) = bind();
    let sockets = &kinds.maps.socket_hash;
    let (_listener, stream) = stream();
    assert_eq!(sockets.cookie(&key(1, 2)).unwrap(), None);
    sockets.set_fd(&key(1, 2), &stream).unwrap();
    assert_eq!(sockets.cookie(&key(1, 2)).unwrap(), Some(cookie(&stream)));
    assert!(sockets.delete_fd(&key(1, 2)).unwrap());
    assert!(!sockets.delete_fd(&key(1, 2)).unwrap());
}

#[test]
fn group_that_shares_a_port() {
    let (_object, kinds) = bind();
    let (group, socket) = (&kinds.maps.group_with_cookies, shared_port());
    assert_eq!(group.cookie(&1).unwrap(), None);
    group.set_fd(&1, &socket).unwrap();
    assert_eq!(group.cookie(&1).unwrap(), Some(cookie(&socket)));
    assert_errno(&group.set_fd(&4, &socket).unwrap_err(), libc::E2BIG);
    // A socket can be in one place only.
    assert_errno(&group.set_fd(&2, &socket).unwrap_err(), libc::EBUSY);
    assert!(group.delete_fd(&1).unwrap());
    assert!(!group.delete_fd(&1).unwrap());
    assert_eq!(group.cookie(&1).unwrap(), None);
    // Only sockets that share their port can be inserted.
    let alone = UdpSocket::bind("127.0.0.1:0").unwrap();
    assert_errno(&group.set_fd(&1, &alone).unwrap_err(), libc::EINVAL);
    group.set_fd(&2, &socket).unwrap();
    // The map does not keep the socket alive.
    drop(socket);
    assert_eq!(group.cookie(&2).unwrap(), None);
}

#[test]
fn group_without_cookies() {
    let (_object, kinds) = bind();
    let (group, socket) = (&kinds.maps.group, shared_port());
    group.set_fd(&1, &socket).unwrap();
    let narrow = group.cookie(&1).unwrap_err().to_string();
    assert!(narrow.contains("values of 4 bytes"), "{narrow}");
    assert!(group.delete_fd(&1).unwrap());
    assert!(!group.delete_fd(&1).unwrap());
}

#[test]
fn express_data_path() {
    let (_object, kinds) = bind();
    let (xsks, socket) = (&kinds.maps.xsks, socket(libc::AF_XDP, libc::SOCK_RAW));
    // From Linux 7 on, maps take none that can't receive.
    set_option(&socket, libc::SOL_XDP, libc::XDP_RX_RING, 64);
    xsks.set_fd(&1, &socket).unwrap();
    xsks.set_fd(&0, &socket).unwrap();
    assert_errno(&xsks.set_fd(&4, &socket).unwrap_err(), libc::E2BIG);
    assert!(xsks.delete_fd(&1).unwrap());
    // The kernel reports an empty slot in the same way.
    assert!(xsks.delete_fd(&1).unwrap());
    assert_errno(&xsks.delete_fd(&4).unwrap_err(), libc::EINVAL);
    let other = UdpSocket::bind("127.0.0.1:0").unwrap();
    assert_errno(&xsks.set_fd(&0, &other).unwrap_err(), libc::EOPNOTSUPP);
}

//! Maps of programs, devices and maps; and maps without types.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, FromRawFd as _, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use bpf_subskeleton::maps::{Array, Handle as _, Hash, PerCpuArray, RingBuf};
use libbpf_rs::{MapCore as _, MapFlags, MapHandle, MapType, libbpf_sys};

use super::{assert_errno, bind, key, kinds, storage, total};

#[test]
fn programs() {
    let (object, kinds) = bind();
    let programs = &kinds.maps.programs;
    let program = object.progs_mut().find(|program| program.name() == "send");
    let program = program.unwrap();
    programs.set_fd(&1, &program).unwrap();
    assert!(programs.delete_fd(&1).unwrap());
    assert!(!programs.delete_fd(&1).unwrap());
    let behind = programs.set_fd(&4, &program).unwrap_err();
    assert_errno(&behind, libc::E2BIG);
    assert_eq!(behind.to_string(), "the map has room for 4 entries");
    let file = File::open("/proc/self/exe").unwrap();
    assert_errno(&programs.set_fd(&0, &file).unwrap_err(), libc::EINVAL);
}

/// A perf counter that only BPF programs advance.
fn event() -> OwnedFd {
    let mut attributes = libbpf_sys::perf_event_attr {
        type_: libbpf_sys::PERF_TYPE_SOFTWARE,
        size: size_of::<libbpf_sys::perf_event_attr>() as u32,
        config: libbpf_sys::PERF_COUNT_SW_BPF_OUTPUT.into(),
        ..Default::default()
    };
    // SAFETY: the attributes are valid for the call, with their size; the rest are plain numbers: any process
    // on the first CPU, no group, no flags.
    let descriptor =
        unsafe { libc::syscall(libc::SYS_perf_event_open, &raw mut attributes, -1, 0, -1, 0) };
    assert!(descriptor >= 0, "{}", io::Error::last_os_error());
    // SAFETY: the kernel has just created it, and only this function owns it.
    unsafe { OwnedFd::from_raw_fd(descriptor as i32) }
}

#[test]
fn perf_events() {
    let (_object, kinds) = bind();
    let events = &kinds.maps.perf_events;
    events.set_fd(&0, &event()).unwrap();
    assert!(events.delete_fd(&0).unwrap());
    assert!(!events.delete_fd(&0).unwrap());
    let file = File::open("/proc/self/exe").unwrap();
    assert_errno(&events.set_fd(&0, &file).unwrap_err(), libc::EBADF);
}

#[test]
fn cgroups() {
    let (_object, kinds) = bind();
    let cgroups = &kinds.maps.cgroups;
    cgroups.set_fd(&0, &storage::cgroup()).unwrap();
    assert!(cgroups.delete_fd(&0).unwrap());
    assert!(!cgroups.delete_fd(&0).unwrap());
}

/// The loopback device has index 1.
#[test]
fn devices() {
    let (_object, kinds) = bind();
    let devices = &kinds.maps.devices;
    devices.insert(&3, &1).unwrap();
    assert_eq!(devices.lookup(&3).unwrap(), Some(1));
    assert_eq!(devices.lookup(&2).unwrap(), None);
    assert!(devices.insert(&3, &u32::MAX).is_err());
    let entries: Vec<_> = devices.entries().map(Result::unwrap).collect();
    assert_eq!(entries, [(3, 1)]);
    assert!(devices.delete(&3).unwrap());
    assert_eq!(devices.entries().count(), 0);
    // The kernel reports an empty slot in the same way.
    assert!(devices.delete(&3).unwrap());

    let devices = &kinds.maps.devices_hash;
    devices.insert(&77, &1).unwrap();
    devices.insert(&78, &1).unwrap();
    let mut keys: Vec<_> = devices.keys().map(Result::unwrap).collect();
    keys.sort_unstable();
    assert_eq!(keys, [77, 78]);
    devices.delete_batch(&[76, 77, 78]).unwrap();
    assert_eq!(devices.lookup(&77).unwrap(), None);
}

#[test]
fn cpus() {
    let (_object, kinds) = bind();
    let cpus = &kinds.maps.cpus;
    // A queue of 16 packets on the first CPU.
    cpus.insert(&0, &16).unwrap();
    assert_eq!(cpus.lookup(&0).unwrap(), Some(16));
    let entries: Vec<_> = cpus.entries().map(Result::unwrap).collect();
    assert_eq!(entries, [(0, 16)]);
    assert!(cpus.delete(&0).unwrap());
    assert_eq!(cpus.lookup(&0).unwrap(), None);
}

#[test]
fn array_of_maps() {
    let (_object, kinds) = bind();
    let outer = &kinds.maps.outer_array;
    let inner = outer.lookup_map(&1).unwrap().unwrap();
    inner.insert(&1, &total(6)).unwrap();
    let first = &kinds.maps.first_inner;
    assert_eq!(first.lookup(&1).unwrap().unwrap().count, 6);
    assert!(outer.lookup_map(&0).unwrap().is_none());
    outer.set_map(&0, first).unwrap();
    let same = outer.lookup_map(&0).unwrap().unwrap();
    assert_eq!(same.lookup(&1).unwrap().unwrap().count, 6);
    let behind = outer.set_map(&4, first).unwrap_err();
    assert_eq!(behind.to_string(), "the map has room for 4 entries");
    assert!(outer.lookup_map(&4).unwrap().is_none());
    assert!(outer.delete_map(&0).unwrap());
    assert!(!outer.delete_map(&0).unwrap());
}

#[test]
fn hash_of_maps() {
    let (_object, kinds) = bind();
    let outer = &kinds.maps.outer_hash;
    assert!(outer.lookup_map(&key(1, 1)).unwrap().is_none());
    outer.set_map(&key(1, 1), &kinds.maps.first_inner).unwrap();
    let inner: Array<kinds::total> = outer.lookup_map(&key(1, 1)).unwrap().unwrap();
    inner.insert(&0, &total(8)).unwrap();
    assert_eq!(kinds.maps.first_inner.lookup(&0).unwrap().unwrap().count, 8);
    assert!(outer.delete_map(&key(1, 1)).unwrap());
    assert!(!outer.delete_map(&key(1, 1)).unwrap());
}

/// A map that disappears between looking up its ID and opening it is not an error.
#[test]
fn maps_that_come_and_go() {
    let (_object, kinds) = bind();
    let outer = &kinds.maps.outer_array;
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let looked_up = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                assert!(outer.lookup_map(&1).unwrap().is_some());
                // Elsewhere the kernel waits until programs that use the old map have ended.
                thread::yield_now();
            }
        });
        let set = scope.spawn(|| {
            // Linux 6.1 has a map with BTF replaced only by another one.
            let definition = outer.lookup_map(&1).unwrap().unwrap();
            let definition = definition.handle().info().unwrap().info;
            let btf = btf_of(&definition);
            let options = libbpf_sys::bpf_map_create_opts {
                sz: size_of::<libbpf_sys::bpf_map_create_opts>() as _,
                btf_fd: btf.as_raw_fd().cast_unsigned(),
                btf_key_type_id: definition.btf_key_type_id,
                btf_value_type_id: definition.btf_value_type_id,
                ..Default::default()
            };
            for _ in 0..100 {
                let inner = MapHandle::create(MapType::Array, None::<&str>, 4, 16, 2, &options);
                let inner = Array::from_handle(inner.unwrap()).unwrap();
                outer.set_map(&1, &inner).unwrap();
            }
        });
        let set = set.join();
        done.store(true, Ordering::Relaxed);
        looked_up.join().unwrap();
        set.unwrap();
    });
}

fn btf_of(map: &libbpf_sys::bpf_map_info) -> OwnedFd {
    // SAFETY: takes an id.
    let fd = unsafe { libbpf_sys::bpf_btf_get_fd_by_id(map.btf_id) };
    assert!(fd >= 0, "{}", io::Error::last_os_error());
    // SAFETY: nothing else has the new descriptor.
    unsafe { OwnedFd::from_raw_fd(fd) }
}

/// A handle is only given for a map of its type and sizes.
#[test]
fn handles_of_other_maps() {
    let (_object, kinds) = bind();
    let inner = || MapHandle::try_from(kinds.maps.first_inner.handle()).unwrap();
    Array::<kinds::total>::from_handle(inner()).unwrap();
    let value = Array::<u64>::from_handle(inner()).unwrap_err().to_string();
    assert!(
        value.contains("keys of 4 and values of 16 bytes"),
        "{value}"
    );
    Hash::<u32, kinds::total>::from_handle(inner()).unwrap_err();
    Hash::<u64, kinds::total>::from_handle(inner()).unwrap_err();
    PerCpuArray::<kinds::total>::from_handle(inner()).unwrap_err();
    let hash = MapHandle::try_from(kinds.maps.small_hash.handle()).unwrap();
    Hash::<u64, u32>::from_handle(hash).unwrap_err();
    // A ring buffer's sizes say nothing about its records.
    let ring = MapHandle::try_from(kinds.maps.ring.handle()).unwrap();
    RingBuf::<kinds::record>::from_handle(ring).unwrap();
}

#[test]
fn untyped() {
    let (_object, kinds) = bind();
    let untyped = &kinds.maps.untyped;
    untyped
        .update(&[1, 0, 0, 0], &[2; 4], MapFlags::ANY)
        .unwrap();
    let value = untyped.lookup(&[1, 0, 0, 0], MapFlags::ANY).unwrap();
    assert_eq!(value.unwrap(), [2; 4]);
    assert!(untyped.update(&[1, 0], &[2; 4], MapFlags::ANY).is_err());
    assert_eq!(untyped.map_type(), MapType::Hash);
    let _ = untyped.as_fd();
}

//! What the benchmarks of maps have in common: aya's side of a map of flows, and calls that are timed.

use std::hint::black_box;
use std::os::fd::AsFd as _;
use std::time::Duration;

use aya::maps::MapData;
use libbpf_rs::MapHandle;

use crate::rounds::time;

/// The type of the same bytes as `struct flow` that aya takes, which has a trait of its own for them.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Flow {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
}

// SAFETY: integers without padding.
unsafe impl aya::Pod for Flow {}

/// aya's handle of the same map.
pub(crate) fn of_aya(handle: &MapHandle) -> MapData {
    let fd = handle
        .as_fd()
        .try_clone_to_owned()
        .expect("a descriptor more");
    MapData::from_fd(fd).expect("a map")
}

/// How long a call for each key takes.
pub(crate) fn each<K, T>(keys: impl Iterator<Item = K>, mut call: impl FnMut(K) -> T) -> Duration {
    time(|| {
        for key in keys {
            black_box(call(black_box(key)));
        }
    })
}

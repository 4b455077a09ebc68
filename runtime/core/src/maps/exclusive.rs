//! The ends of buffers, of which a process may have one each: two producers would write to one place, and what one
//! consumer has consumed, the kernel writes over while another reads it.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::AsFd as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use libbpf_rs::{MapHandle, MapInfo, Result};

/// An end of a buffer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    Producer,
    Consumer,
}

/// Who has it is the only one at this end of a map. While it has the map open or mapped, the kernel gives no other map its
/// id.
pub(super) struct Exclusive {
    end: End,
    map: u32,
}

/// The ends that somebody has, by the kernel's id of the map.
static TAKEN: Mutex<BTreeSet<(End, u32)>> = Mutex::new(BTreeSet::new());

fn taken() -> MutexGuard<'static, BTreeSet<(End, u32)>> {
    // A panic leaves a set as it was.
    TAKEN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Exclusive {
    pub(super) fn new(end: End, handle: &MapHandle) -> Result<Self> {
        let map = MapInfo::new(handle.as_fd())?.info.id;
        match taken().insert((end, map)) {
            true => Ok(Self { end, map }),
            false => {
                let text = match end {
                    End::Producer => {
                        "this process has a producer of the user ring buffer, and there can be one"
                    }
                    End::Consumer => {
                        "this process has a consumer of the ring buffer, and there can be one: drop the other `RingBuffer` or \
                         its builder first"
                    }
                };
                Err(io::Error::new(io::ErrorKind::ResourceBusy, text).into())
            }
        }
    }
}

impl Drop for Exclusive {
    fn drop(&mut self) {
        taken().remove(&(self.end, self.map));
    }
}

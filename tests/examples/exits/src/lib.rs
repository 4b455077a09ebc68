//! Reports each process that ends: the userspace companion of the BPF library in `bpf/`.
//!
//! An application links `exits.bpf.o` into its BPF object (this crate's build script tells dependents where
//! it is: `DEP_EXITS_BPF_OBJECT`) and loads that in whatever way it likes. The records come through a ring
//! buffer, which is added to the application's builder: the application polls, once for all libraries.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use bpf_subskeleton::libbpf_rs::{Object, RingBufferBuilder};
//! # use exits::Exits;
//! # fn watch(object: &Object) -> Result<(), Box<dyn std::error::Error>> {
//! let exits = Exits::bind(object)?;
//! let mut builder = RingBufferBuilder::new();
//! exits.add_to(&mut builder, |exit| eprintln!("{}: {}", exit.pid, exit.status))?;
//! // … other libraries add theirs
//! let poll = builder.build()?;
//! let links = Exits::programs(object)?.attach()?;
//! poll.poll(Duration::from_secs(1))?;
//! # drop(links);
//! # Ok(())
//! # }
//! ```

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::time::Duration;

use bpf_subskeleton::libbpf_rs::{self, RingBufferBuilder};
use bpf_subskeleton::{Text as _, subskeleton};

/// The library inside a BPF object that it is linked into.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/exits.bpf.o"))]
pub struct Exits {
    /// The records. Before load its size can be set: `Exits::configure(&mut open)?.exits`.
    pub exits: maps::RingBuf<exits::exit_event>,
    exits_lost: Var<u64>,
}

/// A process that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// When, by the clock `CLOCK_MONOTONIC`.
    pub time: Duration,
    /// The process.
    pub pid: u32,
    /// The name of its first thread.
    pub name: String,
    /// How it ended.
    pub status: ExitStatus,
}

impl Exits {
    /// Calls `callback` for each end of a process when the ring buffer of `builder` is polled.
    ///
    /// The callback is called from C, so a panic in it aborts the process.
    ///
    /// # Errors
    ///
    /// If libbpf-rs refuses the map.
    pub fn add_to<'map, 'callback: 'map>(
        &'map self,
        builder: &mut RingBufferBuilder<'map, 'callback>,
        mut callback: impl FnMut(Exit) + 'callback,
    ) -> libbpf_rs::Result<()> {
        self.exits.add_to(builder, move |event| {
            callback(Exit::from(event));
            0
        })
    }

    /// How many ends were not reported because the ring buffer was full.
    pub fn lost(&self) -> u64 {
        self.exits_lost.get()
    }
}

impl From<&exits::exit_event> for Exit {
    fn from(event: &exits::exit_event) -> Self {
        Self {
            time: Duration::from_nanos(event.time),
            pid: event.pid,
            name: event.comm.text().into_owned(),
            status: ExitStatus::from_raw(event.status),
        }
    }
}

//! Reports each program that is started: the userspace companion of the BPF library in `bpf/`.
//!
//! An application links `execs.bpf.o` into its BPF object (this crate's build script tells dependents where
//! it is: `DEP_EXECS_BPF_OBJECT`) and loads that in whatever way it likes. The records come through a ring
//! buffer, which is added to the application's builder: the application polls, once for all libraries.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use bpf_subskeleton::libbpf_rs::{Object, RingBufferBuilder};
//! # use execs::Execs;
//! # fn watch(object: &Object) -> Result<(), Box<dyn std::error::Error>> {
//! let execs = Execs::bind(object)?;
//! let mut builder = RingBufferBuilder::new();
//! execs.add_to(&mut builder, |exec| eprintln!("{}: {}", exec.pid, exec.path))?;
//! // … other libraries add theirs
//! let poll = builder.build()?;
//! let links = Execs::programs(object)?.attach()?;
//! poll.poll(Duration::from_secs(1))?;
//! # drop(links);
//! # Ok(())
//! # }
//! ```

use std::time::Duration;

use bpf_subskeleton::libbpf_rs::{self, RingBufferBuilder};
use bpf_subskeleton::{Text as _, subskeleton};

/// The library inside a BPF object that it is linked into.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/execs.bpf.o"))]
pub struct Execs {
    /// The records. Before load its size can be set: `Execs::configure(&mut open)?.execs`.
    pub execs: maps::RingBuf<execs::exec_event>,
    execs_lost: Var<u64>,
}

/// The start of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exec {
    /// When, by the clock `CLOCK_MONOTONIC`.
    pub time: Duration,
    /// The process that runs it.
    pub pid: u32,
    /// The file, as it was named to execve(2).
    pub path: String,
}

impl Execs {
    /// Calls `callback` for each start of a program when the ring buffer of `builder` is polled.
    ///
    /// The callback is called from C, so a panic in it aborts the process.
    ///
    /// # Errors
    ///
    /// If libbpf-rs refuses the map.
    pub fn add_to<'map, 'callback: 'map>(
        &'map self,
        builder: &mut RingBufferBuilder<'map, 'callback>,
        mut callback: impl FnMut(Exec) + 'callback,
    ) -> libbpf_rs::Result<()> {
        self.execs.add_to(builder, move |event| {
            callback(Exec::from(event));
            0
        })
    }

    /// How many starts were not reported because the ring buffer was full.
    pub fn lost(&self) -> u64 {
        self.execs_lost.get()
    }
}

impl From<&execs::exec_event> for Exec {
    fn from(event: &execs::exec_event) -> Self {
        Self {
            time: Duration::from_nanos(event.time),
            pid: event.pid,
            path: event.path.text().into_owned(),
        }
    }
}

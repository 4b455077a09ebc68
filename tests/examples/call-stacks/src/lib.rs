//! Walks the user stacks of chosen processes: the userspace companion of the BPF library in `bpf/`.
//!
//! The pattern is that of a stack walker that several profilers link in, with its settings in `.bss`. Its
//! userspace half knew its own `.bss` from a skeleton of the library alone, and took it to be the *end* of
//! the final object's, since its object was linked last: it read all of the section, patched the last bytes, and
//! wrote all of it back. One more library in the link, or a variable that the linker pads, and it writes into
//! a stranger's variables; whatever BPF programs counted between the read and the write is lost in any case.
//!
//! Here [`Stacks::bind`] finds each variable by name and type, and a setting is written alone.

use std::time::Duration;

use bpf_subskeleton::libbpf_rs::{Result, RingBufferBuilder};
use bpf_subskeleton::{Text as _, subskeleton};

/// The stack walker inside a BPF object that the library is linked into.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/stacks.bpf.o"))]
pub struct Stacks {
    /// Settings, which may change at any time.
    #[bpf(name = "stacks_config")]
    pub config: Var<stacks::stacks_config>,
    /// Counters.
    #[bpf(name = "stacks_stats")]
    pub stats: Var<stacks::stacks_stats>,
    #[bpf(name = "stacks_targets")]
    targets: maps::Hash<u32, stacks::stacks_target>,
    #[bpf(name = "stacks_samples")]
    samples: maps::RingBuf<stacks::stacks_sample>,
}

/// A stack of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// The process.
    pub pid: u32,
    /// The thread.
    pub tid: u32,
    /// When, since boot.
    pub when: Duration,
    /// The thread's name.
    pub comm: String,
    /// Addresses of instructions, innermost first.
    pub frames: Vec<u64>,
}

impl Stacks {
    /// Starts to collect, at most one stack of each process in `interval`.
    pub fn start(&self, interval: Duration) {
        let interval = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX);
        self.config.min_interval.set(interval);
        self.config.enabled.set(true.into());
    }

    /// Stops to collect.
    pub fn stop(&self) {
        self.config.enabled.set(false.into());
    }

    /// Collects the stacks of a process too.
    ///
    /// # Errors
    ///
    /// What the kernel answers: there is room for 1024 processes.
    pub fn add_target(&self, pid: u32) -> Result<()> {
        self.targets.insert(&pid, &stacks::stacks_target::default())
    }

    /// The number of stacks that were collected of a process.
    ///
    /// # Errors
    ///
    /// What the kernel answers.
    pub fn collected_of(&self, pid: u32) -> Result<u64> {
        let target = self.targets.lookup(&pid)?;
        Ok(target.map_or(0, |target| target.stacks))
    }

    /// Adds the stacks to what the application polls.
    ///
    /// # Errors
    ///
    /// What libbpf answers.
    pub fn add_to<'map, 'callback: 'map>(
        &'map self,
        builder: &mut RingBufferBuilder<'map, 'callback>,
        mut callback: impl FnMut(Stack) + 'callback,
    ) -> Result<()> {
        self.samples.add_to(builder, move |sample| {
            callback(Stack::new(sample));
            0
        })
    }
}

impl Stack {
    fn new(sample: &stacks::stacks_sample) -> Self {
        let frames = sample.frames.iter().copied();
        Self {
            pid: sample.pid,
            tid: sample.tid,
            when: Duration::from_nanos(sample.when),
            comm: sample.comm.text().into_owned(),
            frames: frames.take(sample.frame_count as usize).collect(),
        }
    }
}

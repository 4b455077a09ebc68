//! Finds slow calls: the userspace companion of the BPF library in `bpf/`, which uses another library, the
//! `histogram`.
//!
//! Its C code calls a function of the histogram, reads a variable and looks into a map. `bpftool gen subskeleton`
//! refuses such a library: libbpf opens no object with unresolved externs. So its userspace half went without, or
//! was generated from an object that has the other library linked in, and then claimed that one's variables as its
//! own.
//!
//! Here the library's object is read as it is, and what it declares `extern` is found where the other library
//! defines it.

use std::time::Duration;

use bpf_subskeleton::libbpf_rs::{OpenObject, Result, RingBufferBuilder};
use bpf_subskeleton::{BindError, Bool, Text as _, subskeleton};

/// The library inside a BPF object that it is linked into, with the histogram.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/slow_calls.bpf.o"), module = bpf)]
pub struct SlowCalls {
    slow_threshold: Const<u64>,
    slow_count: Var<u64>,
    slow_calls: maps::RingBuf<bpf::slow_call>,
    /// The other library's.
    hist_enabled: Var<Bool>,
}

/// A call that took long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlowCall {
    /// The process.
    pub pid: u32,
    /// The number of the call.
    pub number: u64,
    /// How long it took.
    pub duration: Duration,
    /// How long all slow calls of the process took so far.
    pub total: Duration,
    /// The name of the thread.
    pub comm: String,
}

impl SlowCalls {
    /// Sets which calls are slow, before load.
    ///
    /// # Errors
    ///
    /// If the library is not in the object.
    pub fn set_threshold(
        open: &mut OpenObject,
        threshold: Duration,
    ) -> core::result::Result<(), BindError> {
        let nanoseconds = u64::try_from(threshold.as_nanos()).unwrap_or(u64::MAX);
        *Self::configure(open)?.slow_threshold = nanoseconds;
        Ok(())
    }

    /// What is slow, in this object.
    pub fn threshold(&self) -> Duration {
        Duration::from_nanos(self.slow_threshold.get())
    }

    /// The number of slow calls.
    pub fn count(&self) -> u64 {
        self.slow_count.get()
    }

    /// Whether the histogram counts; while it does not, no call is slow.
    pub fn is_enabled(&self) -> bool {
        self.hist_enabled.get().into()
    }

    /// Adds the slow calls to what the application polls.
    ///
    /// # Errors
    ///
    /// What libbpf answers.
    pub fn add_to<'map, 'callback: 'map>(
        &'map self,
        builder: &mut RingBufferBuilder<'map, 'callback>,
        mut callback: impl FnMut(SlowCall) + 'callback,
    ) -> Result<()> {
        self.slow_calls.add_to(builder, move |call| {
            callback(SlowCall::new(call));
            0
        })
    }
}

impl SlowCall {
    fn new(call: &bpf::slow_call) -> Self {
        Self {
            pid: call.pid,
            number: call.number,
            duration: Duration::from_nanos(call.duration),
            total: Duration::from_nanos(call.total),
            comm: call.comm.text().into_owned(),
        }
    }
}

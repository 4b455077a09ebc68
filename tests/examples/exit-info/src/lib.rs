//! Why BPF programs stopped: the userspace companion of the BPF library in `bpf/`.
//!
//! The pattern is that of sched_ext's `user_exit_info`: one record in `.data` or `.bss`, shared by many
//! applications. Each of those generates a Rust type of its own for it, together with the rest of its skeleton, so
//! the code that reports the record can't name its type: it is a macro that passes on a raw pointer to each
//! field, and trusts that all of them mean the same struct.
//!
//! Here the record has one type, in this crate, whatever object it is in. An application whose object has
//! another `struct exit_info` does not bind.

use std::fmt;
use std::time::Duration;

use bpf_subskeleton::subskeleton;

pub use self::exit_info::exit_kind as Kind;

/// The record inside a BPF object that the library is linked into.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/exit_info.bpf.o"))]
pub struct ExitInfo;

/// Why BPF programs stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// Whether all is well.
    pub kind: Kind,
    /// A number of the application's choice.
    pub code: i64,
    /// When, since boot.
    pub when: Duration,
    /// In words.
    pub reason: String,
    /// The name of the thread that was running.
    pub comm: String,
}

impl ExitInfo {
    /// What was recorded, if anything was.
    pub fn exit(&self) -> Option<Exit> {
        let info = &self.bss.exit_info;
        // The library sets it last.
        let kind = info.kind.get();
        if kind == Kind::EXIT_NONE {
            return None;
        }
        Some(Exit {
            kind,
            code: info.code.get(),
            when: Duration::from_nanos(info.when.get()),
            reason: info.reason.text(),
            comm: info.comm.text(),
        })
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code, reason, comm, ..
        } = self;
        match self.kind {
            Kind::EXIT_DONE => write!(f, "done: {reason} ({code}), in {comm}"),
            _ => write!(f, "stopped by an error: {reason} ({code}), in {comm}"),
        }
    }
}

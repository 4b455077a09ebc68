//! Two independent applications that report why they stopped in the same record.

use std::thread;
use std::time::{Duration, Instant};

use bpf_subskeleton::libbpf_rs::{self, Link, Object};
use bpf_subskeleton::{BindError, subskeleton};
use exit_info::{Exit, ExitInfo};

/// Counts system calls until a budget is used up.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/budget.bpf.o"))]
pub struct Budget {
    /// The number of calls.
    pub budget: Const<u64>,
    /// The calls so far.
    pub calls: Var<u64>,
}

/// Stops when a process of some name makes a system call.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/watch.bpf.o"))]
pub struct Watch {
    /// The name.
    pub unwanted: Const<[i8; 16]>,
}

/// The one function that waits for the end of either: it takes any object that the library is linked into.
///
/// # Errors
///
/// If the library is not in the object.
pub fn wait_for_exit(object: &Object, patience: Duration) -> Result<Option<Exit>, BindError> {
    let info = ExitInfo::bind(object)?;
    let start = Instant::now();
    while start.elapsed() < patience {
        if let Some(exit) = info.exit() {
            return Ok(Some(exit));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(None)
}

/// Attaches the application's program, whose name is the same in both.
///
/// # Errors
///
/// What libbpf or the kernel answers.
pub fn attach(object: &Object) -> libbpf_rs::Result<Vec<Link>> {
    object
        .progs_mut()
        .filter(|program| program.name() == "on_call")
        .map(|program| program.attach())
        .collect()
}

//! What the tests of bpf-subskeleton share: compiled and linked BPF objects, their bytes, packages
//! that use them, and the privilege to load them.

use std::fs;

pub mod companions;
pub mod drift;
pub mod golden;
pub mod image;
pub mod kernel;
pub mod layouts;
pub mod loader;
pub mod objects;
pub mod package;
pub mod report;
pub mod strict;
pub mod table;

/// Bits of `CapEff` in `/proc/self/status`, see `capabilities(7)`.
const CAP_SYS_ADMIN: u64 = 1 << 21;
const CAP_PERFMON: u64 = 1 << 38;
const CAP_BPF: u64 = 1 << 39;

/// To be called first by every test that loads a BPF program.
///
/// # Panics
///
/// If this process may not load them: a test that needs the kernel never passes by
/// skipping.
pub fn require_bpf() {
    let may_load = effective_capabilities().is_some_and(|caps| {
        caps & CAP_SYS_ADMIN != 0 || caps & (CAP_BPF | CAP_PERFMON) == CAP_BPF | CAP_PERFMON
    });
    assert!(
        may_load,
        "these tests load BPF programs: run them as root (sudo -E env PATH=\"$PATH\" make test)"
    );
}

fn effective_capabilities() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))?;
    u64::from_str_radix(line.trim(), 16).ok()
}

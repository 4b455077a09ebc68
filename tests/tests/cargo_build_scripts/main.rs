//! What bpf-subskeleton-build does in the build scripts of libraries and applications, as cargo runs them.
//!
//! Each test writes a few crates and has cargo check them: build scripts run in that, too.

mod compile;
mod crates;
mod include_object;
mod link;
mod metadata;
mod prebuilt;
mod vmlinux;

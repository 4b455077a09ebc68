//! Reads BPF objects, for [bpf-subskeleton](https://docs.rs/bpf-subskeleton): an implementation detail, which may
//! change in any release. It knows nothing of Rust code, files or the kernel, and depends on nothing but the
//! standard library.
//!
//! [`elf`] and [`btf`] mirror the formats, [`model`] says what a library offers to user space, [`declaration`]
//! writes types as C does, [`map_type`] is the table of map types, [`verify_linked`] finds variables that user space
//! and BPF code would see in different places, and [`complete_btf`] does to BTF what libbpf does when it opens an
//! object.

// A malformed object is the user's mistake: report it, and never panic in the compiler.
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

pub mod btf;
mod complete;
pub mod declaration;
pub mod elf;
mod endian;
pub mod map_type;
pub mod model;
mod verify;

pub use crate::complete::complete_btf;
pub use crate::verify::{Mismatch, Misplaced, VerifyError, verify_linked};

//! Crates that forbid and deny all they can: generated code causes no warnings in them.
//!
//! This module is compiled and linted as part of a library, so that `missing_docs` and `unreachable_pub`
//! check all that is public. `make check` runs clippy on it with warnings denied; nothing calls it.

#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, unused_qualifications)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery, clippy::cargo)]
#![deny(missing_debug_implementations, unused_results, single_use_lifetimes)]

use bpf_subskeleton::{Bool, subskeleton};

/// Every kind of type.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/types.bpf.o"), snapshot)]
pub struct Types;

/// Types with unusual layouts.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/odd_types.bpf.o"), snapshot)]
pub struct OddTypes;

/// Types with traits.
#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/traits.bpf.o"),
    derive(PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize),
    snapshot,
)]
pub struct Traits;

/// The same of those that can have them.
#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/odd_types.bpf.o"),
    module = odd_traits,
    derive?(PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize),
    snapshot,
)]
pub struct OddTraits;

/// Every kind of map.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/maps.bpf.o"))]
pub struct Maps;

/// `struct_ops`.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/struct_ops.bpf.o"))]
pub struct StructOps;

/// Structs of more than half a megabyte.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/large.bpf.o"))]
pub struct Large;

/// Arrays that can be resized.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/resizable.bpf.o"), snapshot)]
pub struct Resizable;

/// Variables in an arena.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/arena.bpf.o"))]
pub struct Arena;

/// Programs that are called.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/test_run.bpf.o"))]
pub struct Calls;

/// Variables, maps and functions of another object.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/unresolved.bpf.o"))]
pub struct Unresolved;

/// One that only the crate sees.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/types.bpf.o"), module = private_types)]
struct PrivateTypes;

/// A selection, with all that a field can be.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
pub struct Selection {
    /// The counter.
    pub samples: Var<u64>,
    /// A constant.
    pub sample_rate: Const<u32>,
    /// Its type is BTF's.
    pub last_event: Var<_>,
    /// A slice.
    pub slots: Var<[selection::slot]>,
    /// An alias.
    pub verbose: Const<Verbose>,
    /// May be missing.
    pub drops: Option<Var<u32>>,
    /// A map.
    pub by_pid: maps::Hash<u32, _>,
    /// A ring buffer.
    pub events: maps::RingBuf<selection::event>,
    balance: Var<i64>,
}

/// As an author would write it.
pub type Verbose = Bool;

impl Selection {
    /// Uses the private field.
    #[must_use]
    pub fn balance(&self) -> i64 {
        self.balance.get()
    }
}

/// Uses the private struct.
#[must_use]
pub const fn variables() -> usize {
    PrivateTypes::VARIABLES.len()
}

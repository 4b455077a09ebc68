//! A crate that denies everything.
#![deny(warnings, missing_docs, unsafe_code, unused, nonstandard_style)]
#![no_implicit_prelude]

use ::bpf_subskeleton::subskeleton;

/// All of it.
#[subskeleton(obj = "selection.bpf.o")]
pub struct Whole;

/// With an arena.
#[subskeleton(obj = "arena.bpf.o")]
pub struct Tree;

/// With traits.
#[subskeleton(
    obj = "traits.bpf.o",
    derive(PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize),
    snapshot
)]
pub struct Tasks;

/// Some of it, whose snapshot has traits.
#[subskeleton(obj = "selection.bpf.o", derive(PartialOrd, serde::Serialize), snapshot)]
pub struct Some {
    /// The counter.
    pub samples: Var<u64>,
    /// The map.
    pub by_pid: maps::Hash<u32, _>,
    drops: Var<u32>,
}

impl Some {
    /// Reads the private field: nothing sets it before load.
    pub fn drops(&self) -> u32 {
        self.drops.get()
    }
}

fn main() {
    /// Inside a function.
    #[subskeleton(obj = "selection.bpf.o", module = inner_types)]
    struct Inner {
        #[allow(dead_code)]
        last_event: Var<_>,
        #[allow(dead_code)]
        slots: Option<Var<_>>,
    }
    let _ = Inner::VARIABLES;
    let _ = Whole::MAPS;
    let _ = Some::PROGRAMS;
}

//! A crate that forbids `unsafe`: generated implementations are a macro's.
#![forbid(unsafe_code)]

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "types.bpf.o")]
pub struct Types;

#[subskeleton(obj = "selection.bpf.o")]
pub struct Sampling {
    pub samples: Var<u64>,
    pub last_event: Var<_>,
}

fn main() {}

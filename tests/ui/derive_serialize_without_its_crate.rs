use bpf_subskeleton::subskeleton;
use serde::Serialize;

#[subskeleton(obj = "selection.bpf.o", derive(Serialize))]
struct Sampling {
    slots: Var<_>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o", derive(serde::Serialize, serde::Deserialize))]
struct Sampling {
    slots: Var<_>,
}

fn main() {}

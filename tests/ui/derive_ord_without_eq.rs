use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o", derive(Ord))]
struct Sampling {
    slots: Var<_>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o", derive(Eq, Clone, std::fmt::Debug))]
struct Sampling {
    slots: Var<_>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o", derive(Eq, Hash, std::cmp::Eq), derive?(Hash))]
struct Sampling {
    slots: Var<_>,
}

fn main() {}

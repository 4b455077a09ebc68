use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o", derive(Report, no_crate::Report))]
struct Sampling {
    slots: Var<_>,
}

fn main() {}

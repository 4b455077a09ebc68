use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o", snapshot = true)]
struct Sampling {
    samples: Var<u64>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o", module = "hist")]
struct Sampling {
    samples: Var<u64>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    weights: Var<[u64]>,
    samples: Var<[u64]>,
}

fn main() {}

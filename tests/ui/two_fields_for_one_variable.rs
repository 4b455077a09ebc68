use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    samples: Var<u64>,
    #[bpf(name = "samples")]
    count: Var<u64>,
}

fn main() {}

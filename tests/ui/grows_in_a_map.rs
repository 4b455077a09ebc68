use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    #[bpf(grows)]
    samples: Var<u64>,
    #[bpf(grows)]
    untyped: maps::Array<u64>,
}

fn main() {}

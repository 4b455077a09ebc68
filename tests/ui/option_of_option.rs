use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    samples: Option<Option<Var<u64>>>,
}

fn main() {}

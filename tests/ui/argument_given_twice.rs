use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o", obj = "selection.bpf.o")]
struct Sampling {
    samples: Var<u64>,
}

fn main() {}

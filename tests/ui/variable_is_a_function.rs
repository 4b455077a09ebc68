use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    sample: Var<u64>,
}

fn main() {}

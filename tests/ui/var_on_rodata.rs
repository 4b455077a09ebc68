use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    sample_rate: Var<u32>,
}

fn main() {}

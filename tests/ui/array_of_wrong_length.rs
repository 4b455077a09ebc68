use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    weights: Var<[u32; 5]>,
}

fn main() {}

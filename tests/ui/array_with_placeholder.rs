use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    weights: Var<[_; 4]>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Whole;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    mode: Var<whole::shape>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

type Count = u32;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    samples: Var<Count>,
}

fn main() {}

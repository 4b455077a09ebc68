use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    verbose: Const<bool>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    hidden_calls: Var<u64>,
}

fn main() {}

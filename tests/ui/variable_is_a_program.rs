use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    on_enter: Var<u64>,
}

fn main() {}

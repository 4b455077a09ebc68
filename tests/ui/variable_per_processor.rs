use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    calls_by_cpu: Var<u64>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    by_pid: Var<u64>,
}

fn main() {}

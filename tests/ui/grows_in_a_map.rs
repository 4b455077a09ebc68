use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    #[bpf(grows)]
    samples: Var<u64>,
    #[bpf(grows)]
    by_pid: maps::Hash<u32, sampling::slot>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    by_pid: maps::Hash<u32, u64>,
}

fn main() {}

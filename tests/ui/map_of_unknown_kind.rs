use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    by_pid: maps::HashMap<u32, _>,
}

fn main() {}

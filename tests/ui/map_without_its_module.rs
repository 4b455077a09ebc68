use bpf_subskeleton::maps::Hash;
use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Hist {
    by_pid: Hash<u32, hist::slot>,
}

fn main() {}

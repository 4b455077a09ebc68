use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    #[bpf(section = ".maps")]
    by_pid: maps::Hash<_, _>,
}

fn main() {}

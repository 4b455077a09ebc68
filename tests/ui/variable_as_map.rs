use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    slots: maps::Array<_>,
}

fn main() {}

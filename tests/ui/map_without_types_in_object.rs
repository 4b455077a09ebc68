use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    untyped: maps::Array<_>,
}

fn main() {}

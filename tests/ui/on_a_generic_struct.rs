use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Hist<T> {
    samples: Var<T>,
}

fn main() {}

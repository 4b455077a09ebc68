use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Whole;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    last_event: Var<whole::slot>,
}

fn main() {}

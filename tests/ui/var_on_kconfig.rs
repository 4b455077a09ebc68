use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    CONFIG_HZ: Var<i32>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    #[bpf(section = ".bss")]
    custom: Var<u64>,
}

fn main() {}

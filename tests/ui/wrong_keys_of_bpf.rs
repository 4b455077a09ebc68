use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    #[bpf(nam = "samples")]
    count: Var<u64>,
    #[bpf(name = samples, section = ".bss" grow, sect = ".bss", name)]
    other: Var<u64>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[allow(non_camel_case_types)]
type u32 = u64;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    drops: Var<u32>,
}

fn main() {}

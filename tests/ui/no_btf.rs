use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "no_btf.bpf.o")]
struct Hist;

fn main() {}

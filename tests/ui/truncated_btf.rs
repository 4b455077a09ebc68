use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "truncated_btf.bpf.o")]
struct Hist;

fn main() {}

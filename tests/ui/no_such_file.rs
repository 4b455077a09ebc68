use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selektion.bpf.o")]
struct Hist;

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "x86.o")]
struct Hist;

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "big_endian.bpf.o")]
struct Hist;

fn main() {}

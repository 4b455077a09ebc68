use bpf_subskeleton::subskeleton;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/hist.bpf.o"))]
struct Hist;

fn main() {}

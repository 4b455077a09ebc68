use bpf_subskeleton::subskeleton;

#[subskeleton(obj = concat!(env!("HIST_OBJECTS"), "/hist.bpf.o"))]
struct Hist;

fn main() {}

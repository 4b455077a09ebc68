use bpf_subskeleton::subskeleton;

#[subskeleton("selection.bpf.o")]
struct Hist;

fn main() {}

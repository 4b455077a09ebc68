use bpf_subskeleton::subskeleton;

#[subskeleton]
struct Hist;

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = OBJECT)]
struct Hist;

fn main() {}

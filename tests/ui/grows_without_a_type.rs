use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o", grows(slots, mode))]
struct Sampler;

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o", grows(slots, slot, mode))]
struct Sampler;

fn main() {}

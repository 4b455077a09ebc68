use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "not_elf.bpf.o")]
struct Hist;

fn main() {}

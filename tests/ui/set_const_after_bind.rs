use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    sample_rate: Const<u32>,
}

fn set(sampling: &Sampling) {
    sampling.sample_rate.set(1);
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    events: maps::RingBuf<sampling::evnt>,
}

fn main() {}

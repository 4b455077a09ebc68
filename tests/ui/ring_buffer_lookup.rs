use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    events: maps::RingBuf,
}

fn look(sampling: &Sampling) {
    let _ = sampling.events.lookup(&0);
}

fn main() {}

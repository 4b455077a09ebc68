use bpf_subskeleton::subskeleton;

type Count = u32;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    samples: Var<Count>,
    drops: Var<u64>,
    sample_rate: Var<u32>,
    weights: Var<[u32; 5]>,
    by_pid: Var<u64>,
    events: maps::Hash<u32, u64>,
    calls: Var<u64>,
    nothing: String,
    #[bpf(nam = "level")]
    other: Var<i32>,
}

// Nothing to say of the rest of the crate.
fn use_all(sampling: &Sampling) -> usize {
    sampling.samples.set(1);
    sampling.drops.set(1);
    sampling.sample_rate.set(1);
    sampling.weights[4].set(1);
    sampling.by_pid.set(1);
    sampling.calls.set(1);
    sampling.other.set(-1);
    let _ = sampling.events.lookup(&1).unwrap();
    sampling.nothing.len()
}

fn main() {
    let _ = use_all;
}

use bpf_subskeleton::subskeleton;

type Count = u32;

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    samples: Var<Count>,
    drops: Var<u64>,
    sample_rate: Var<u32>,
    weights: Var<[u32; 5]>,
    by_pid: Var<u64>,
    calls: Var<u64>,
    nothing: String,
    #[bpf(nam = "level")]
    other: Var<_>,
}

fn main() {
    let _ = Sampling::VARIABLES;
}

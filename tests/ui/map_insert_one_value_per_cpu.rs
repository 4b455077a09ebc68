use bpf_subskeleton::{libbpf_rs, maps};

fn insert(counts: &maps::PerCpuArray<u64>) -> libbpf_rs::Result<()> {
    counts.insert(&0, &1)
}

fn main() {}

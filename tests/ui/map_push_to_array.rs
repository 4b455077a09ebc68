use bpf_subskeleton::{libbpf_rs, maps};

fn push(counts: &maps::Array<u64>) -> libbpf_rs::Result<()> {
    counts.push(&1)
}

fn main() {}

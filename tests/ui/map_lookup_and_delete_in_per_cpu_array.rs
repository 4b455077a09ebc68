use bpf_subskeleton::{libbpf_rs, maps};

fn take(counts: &maps::PerCpuArray<u64>) -> libbpf_rs::Result<Option<Vec<u64>>> {
    counts.lookup_and_delete(&3)
}

fn main() {}

use bpf_subskeleton::{libbpf_rs, maps};

fn delete(counts: &maps::Array<u64>) -> libbpf_rs::Result<bool> {
    counts.delete(&3)
}

fn main() {}

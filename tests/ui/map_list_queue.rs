use bpf_subskeleton::{libbpf_rs, maps};

fn list(jobs: &maps::Queue<u64>) -> usize {
    jobs.entries().count()
}

fn main() {}

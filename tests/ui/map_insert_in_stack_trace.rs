use bpf_subskeleton::{libbpf_rs, maps};

fn insert(stacks: &maps::StackTrace<[u64; 16]>) -> libbpf_rs::Result<()> {
    stacks.insert(&3, &[0; 16])
}

fn main() {}

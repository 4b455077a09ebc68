use bpf_subskeleton::{libbpf_rs, maps};

fn insert(slots: &maps::Hash<u32, u64>, value: u32) -> libbpf_rs::Result<()> {
    slots.insert(&1, &value)
}

fn main() {}

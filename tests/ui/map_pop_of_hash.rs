use bpf_subskeleton::{libbpf_rs, maps};

fn pop(slots: &maps::Hash<u32, u64>) -> libbpf_rs::Result<Option<u64>> {
    slots.pop()
}

fn main() {}

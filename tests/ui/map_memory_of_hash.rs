use bpf_subskeleton::{libbpf_rs, maps};

fn memory(slots: &maps::Hash<u32, u64>) -> bool {
    slots.memory().is_ok()
}

fn main() {}

use bpf_subskeleton::{libbpf_rs, maps};

fn inner(slots: &maps::Hash<u32, u64>) -> bool {
    slots.lookup_map(&1).is_ok()
}

fn main() {}

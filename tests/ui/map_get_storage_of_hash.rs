use bpf_subskeleton::{libbpf_rs, maps};

fn read(slots: &maps::Hash<u32, u64>, file: &std::fs::File) -> libbpf_rs::Result<Option<u64>> {
    slots.get_storage(file)
}

fn main() {}

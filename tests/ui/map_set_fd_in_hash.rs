use bpf_subskeleton::{libbpf_rs, maps};

fn set(slots: &maps::Hash<u32, u32>, file: &std::fs::File) -> libbpf_rs::Result<()> {
    slots.set_fd(&1, file)
}

fn main() {}

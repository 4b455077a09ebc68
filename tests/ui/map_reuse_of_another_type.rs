use bpf_subskeleton::{libbpf_rs, maps};

fn configure(
    counts: &mut maps::Open<'_, maps::Hash<u32, u64>>,
    running: &maps::Hash<u32, u32>,
    array: &maps::Array<u64>,
) -> libbpf_rs::Result<()> {
    counts.reuse(running)?;
    counts.set_inner_map(array)
}

fn main() {}

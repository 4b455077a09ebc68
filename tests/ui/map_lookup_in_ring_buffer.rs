use bpf_subskeleton::{libbpf_rs, maps};

fn lookup(events: &maps::RingBuf<u64>) -> libbpf_rs::Result<()> {
    events.lookup(&()).map(drop)
}

fn main() {}

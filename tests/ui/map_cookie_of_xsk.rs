use bpf_subskeleton::{libbpf_rs, maps};

fn cookie(sockets: &maps::XskMap) -> libbpf_rs::Result<Option<u64>> {
    sockets.cookie(&3)
}

fn main() {}

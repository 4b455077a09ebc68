use bpf_subskeleton::{libbpf_rs, maps};

fn take(routes: &maps::LpmTrie<[u32; 2], u32>) -> libbpf_rs::Result<Option<u32>> {
    routes.lookup_and_delete(&[8, 10])
}

fn main() {}

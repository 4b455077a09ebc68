use bpf_subskeleton::maps;

fn take(routes: &maps::LpmTrie<[u32; 2], u32>) {
    let _ = routes.take_batches();
}

fn main() {}

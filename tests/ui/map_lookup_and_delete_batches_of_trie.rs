use bpf_subskeleton::maps;

fn take(routes: &maps::LpmTrie<[u32; 2], u32>) {
    let _ = routes.lookup_and_delete_batches();
}

fn main() {}

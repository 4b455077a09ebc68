use bpf_subskeleton::maps;

fn take(counts: &maps::Array<u64>) {
    let _ = counts.lookup_and_delete_batches();
}

fn main() {}

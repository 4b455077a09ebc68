use bpf_subskeleton::maps;

fn take(counts: &maps::Array<u64>) {
    let _ = counts.take_batches();
}

fn main() {}

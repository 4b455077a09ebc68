use bpf_subskeleton::maps;

fn iterate(jobs: &maps::Queue<u64>) {
    let _ = jobs.entries();
}

fn main() {}

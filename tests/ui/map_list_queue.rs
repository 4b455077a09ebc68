use bpf_subskeleton::maps;

fn list(jobs: &maps::Queue<u64>) {
    let _ = jobs.entries();
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Hist;

fn look(hist: &Hist) {
    let _ = hist.maps.by_pid.lookup(&1u64);
}

fn main() {}

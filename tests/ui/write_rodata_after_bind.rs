use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Hist;

fn raise(hist: &Hist) {
    hist.rodata.sample_rate.as_atomic().fetch_add(1, std::sync::atomic::Ordering::Relaxed);
}

fn main() {}

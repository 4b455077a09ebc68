use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
struct Hist;

fn reset(hist: &mut Hist) {
    *hist.bss.samples = 0;
}

fn main() {}

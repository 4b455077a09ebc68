use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
enum Hist {
    Samples,
}

fn main() {
    let _ = Hist::Samples;
}

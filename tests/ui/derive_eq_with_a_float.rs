use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "obstacles.bpf.o", derive(PartialEq, Eq), snapshot)]
struct Samples {
    sample: Var<_>,
    load: Var<f64>,
}

fn main() {}

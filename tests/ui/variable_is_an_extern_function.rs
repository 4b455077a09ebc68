use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "unresolved.bpf.o")]
struct Sampling {
    app_hook: Var<_>,
}

fn main() {}

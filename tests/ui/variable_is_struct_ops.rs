use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "struct_ops.bpf.o")]
struct Control {
    cc_linked: Var<_>,
    cc_inits: Var<u64>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "traits.bpf.o", derive(crate::report::Report))]
struct Flags {
    flags: Var<_>,
    padded: Var<_>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "obstacles.bpf.o", derive(PartialEq, Hash), derive?(PartialOrd))]
struct Unions {
    either: Var<_>,
    holder: Var<_>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "arena.bpf.o")]
struct Lib {
    limit: Var<u64>,
}

fn main() {}

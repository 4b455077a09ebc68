use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "two_sections.bpf.o")]
struct Sampling {
    twice: Var<i32>,
}

fn main() {}

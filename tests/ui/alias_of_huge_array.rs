use bpf_subskeleton::subskeleton;

// In 32 bits that is 4.
type Huge = [u32; (1 << 32) + 4];

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    weights: Var<Huge>,
}

fn main() {}

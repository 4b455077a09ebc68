use bpf_subskeleton::subskeleton;

#[repr(C)]
struct Slot {
    count: u64,
    sum: u64,
}

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    #[bpf(grows)]
    slots: Var<[Slot; 64]>,
}

fn main() {}

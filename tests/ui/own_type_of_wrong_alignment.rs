use bpf_subskeleton::subskeleton;

#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Event {
    words: [u32; 8],
}

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    last_event: Var<Event>,
}

fn main() {}

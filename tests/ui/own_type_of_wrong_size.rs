use bpf_subskeleton::subskeleton;

#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
struct Event {
    pid: u32,
    cpu: u32,
    when: u64,
}

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    last_event: Var<Event>,
}

fn main() {}

use bpf_subskeleton::subskeleton;

mod my {
    #[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
    #[repr(C)]
    pub struct Event {
        pub pid: u32,
        pub processor: u32,
        pub when: u64,
        pub comm: [i8; 16],
    }
}

#[subskeleton(obj = "selection.bpf.o", types(event = my::Event))]
struct Sampling {
    last_event: Var<my::Event>,
}

fn main() {}

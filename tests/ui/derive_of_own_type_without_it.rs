use bpf_subskeleton::{bytemuck, subskeleton};

#[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Inner {
    pub count: u64,
}

#[subskeleton(
    obj = "obstacles.bpf.o",
    types(inner = Inner),
    derive(PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)
)]
pub struct Own {
    pub outer: Var<own::outer>,
}

fn main() {}

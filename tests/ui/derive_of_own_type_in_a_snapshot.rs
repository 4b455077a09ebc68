use bpf_subskeleton::{BtfType, bytemuck, describe, subskeleton};

#[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(transparent)]
pub struct Count(u64);

impl BtfType for Count {
    const BTF: &'static describe::Type = u64::BTF;
}

#[subskeleton(obj = "selection.bpf.o", derive(PartialEq), snapshot)]
pub struct Own {
    pub samples: Var<Count>,
}

fn main() {}

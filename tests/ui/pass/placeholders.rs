//! `_` for every type, and `Option` of everything.
use bpf_subskeleton::{Bool, Const, Var, maps, subskeleton};

#[subskeleton(obj = "selection.bpf.o")]
struct Sampling {
    sample_rate: Const<_>,
    verbose: Option<Const<Bool>>,
    samples: Var<_>,
    slots: Option<Var<_>>,
    mode: Var<_>,
    shape: Var<_>,
    by_pid: maps::Hash<_, _>,
    #[bpf(name = "events")]
    ring: Option<maps::RingBuf>,
    untyped: Option<maps::Array<u64>>,
    #[bpf(name = "CONFIG_HZ")]
    hz: Option<Const<_>>,
}

/// An array whose length the final object decides, and one that it must have.
#[subskeleton(obj = "extern_array.bpf.o")]
struct Extern {
    slots: Var<_>,
    limits: Const<[i32; 4]>,
}

fn use_all(sampling: &Sampling, arrays: &Extern) {
    let _: u32 = sampling.sample_rate.get();
    let _: Option<&Const<Bool>> = sampling.verbose.as_ref();
    let _: u64 = sampling.samples.get();
    let slots: Option<&Var<[sampling::slot; 64]>> = sampling.slots.as_ref();
    let _ = slots.map(|slots| slots[3].count.get());
    let _: sampling::mode = sampling.mode.get();
    let _: sampling::shape = sampling.shape.get();
    let _: &maps::Hash<u32, sampling::slot> = &sampling.by_pid;
    let _: &Option<maps::RingBuf> = &sampling.ring;
    let _: &Option<maps::Array<u64>> = &sampling.untyped;
    let _ = sampling.hz.as_ref().map(|hz| hz.get());
    let _: u64 = arrays.slots.iter().map(|slot| slot.count.get()).sum();
    let _: i32 = arrays.limits[0].get();
}

fn main() {
    let _ = use_all;
    // Constants of an enum without a name, and of those that variables have.
    let slots = [0_u8; sampling::SLOT_COUNT as usize];
    assert_eq!(slots.len(), 64);
    assert_eq!(sampling::LEVEL_UNSET, -1);
    assert_eq!(sampling::mode::MODE_DEBUG.0, sampling::MODE_DEBUG);
}

//! Several structs on one object, several objects, and structs inside functions and modules.
use bpf_subskeleton::subskeleton;

#[subskeleton(obj = "selection.bpf.o")]
pub struct Whole;

#[subskeleton(obj = "selection.bpf.o")]
pub struct Counters {
    pub samples: Var<u64>,
    pub drops: Var<u32>,
}

#[subskeleton(obj = "selection.bpf.o", module = tuning_types)]
#[derive(Clone)]
pub(crate) struct Tuning {
    pub(crate) level: Var<i32>,
    /// Of another struct's module.
    slots: Var<[whole::slot; 64]>,
}

#[subskeleton(obj = "types.bpf.o")]
pub struct Types;

#[subskeleton(obj = "selection.bpf.o")]
struct Nothing {}

mod inner {
    /// Of the same name as one outside.
    #[bpf_subskeleton::subskeleton(obj = "unresolved.bpf.o")]
    pub struct Whole;
}

fn one() -> usize {
    #[subskeleton(obj = "selection.bpf.o")]
    struct Local {
        last_event: Var<_>,
    }
    let _ = |local: &Local| local.last_event.pid.get();
    Local::VARIABLES.len()
}

fn other() -> usize {
    #[subskeleton(obj = "selection.bpf.o")]
    struct Local;
    let _ = |local: &Local| local.bss.last_event.pid.get();
    Local::VARIABLES.len()
}

fn main() {
    assert_eq!(one(), 1);
    assert!(other() > 10);
    assert_eq!(Counters::VARIABLES.len(), 2);
    assert_eq!(Nothing::VARIABLES.len(), 0);
    assert_ne!(Whole::MAPS.len(), inner::Whole::MAPS.len());
    let _ = |tuning: &Tuning| (tuning.level.get(), tuning.slots[0].sum.get());
    let _ = Types::VARIABLES;
}

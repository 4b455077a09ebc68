//! The code in the documentation of `#[subskeleton]`.

#![expect(missing_docs, reason = "the documentation shows as little as it can")]

use std::collections::HashSet;

use bpf_subskeleton::describe::{Type, Variable};
use bpf_subskeleton::subskeleton;

/// Everything that the sampler exports.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
pub struct Sampler;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
pub struct Sampling {
    pub samples: Var<u64>,
    pub sample_rate: Const<u32>,
}

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"), module = sampler_types)]
pub struct Slots {
    pub slots: Var<[sampler_types::slot; 64]>,
}

mod sys {
    pub(crate) use bpf_subskeleton as bpf;
}

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"), crate = crate::sys::bpf)]
pub struct Renamed {
    pub drops: Var<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Slot {
    pub count: u64,
    pub sum: u64,
}

#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"),
    types(slot = Slot),
)]
pub struct Histogram {
    pub slots: Var<[Slot; 64]>,
    pub by_pid: maps::Hash<u32, Slot>,
}

#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"),
    grows(event),
    module = growing_types,
)]
pub struct LastEvent {
    pub last_event: Var<growing_types::event>,
}

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"), module = renamed_fields)]
pub struct Last {
    /// The C name is longer.
    #[bpf(name = "hist_last")]
    pub last: Var<_>,
    #[bpf(section = ".rodata.tuning")]
    pub tuning: Const<u32>,
    pub custom: Option<Var<u64>>,
}

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"), module = counted, snapshot)]
pub struct Counted {
    pub samples: Var<u64>,
    pub slots: Var<[counted::slot; 64]>,
}

impl Counted {
    /// How many of the samples are in no slot.
    pub fn lost(&self) -> u64 {
        let CountedSnapshot { samples, slots } = self.snapshot();
        samples.saturating_sub(slots.iter().map(|slot| slot.count).sum())
    }
}

#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"),
    module = compared,
    derive(Eq, Hash),
)]
pub struct Compared {
    pub last_event: Var<compared::event>,
}

impl Compared {
    /// How many different events so many looks find.
    pub fn different(&self, looks: usize) -> usize {
        let events = (0..looks).map(|_| self.last_event.get());
        events.collect::<HashSet<_>>().len()
    }
}

/// What each of them is about.
#[test]
fn arguments_and_keys_mean_what_their_documentation_says() {
    let names = |variables: &[Variable]| {
        let names = variables.iter().map(|variable| variable.name());
        names.collect::<Vec<_>>()
    };
    assert!(names(Sampler::VARIABLES).len() > 10);
    assert_eq!(names(Sampling::VARIABLES), ["samples", "sample_rate"]);
    assert_eq!(names(Slots::VARIABLES), ["slots"]);
    assert_eq!(names(Renamed::VARIABLES), ["drops"]);
    assert_eq!(names(Histogram::VARIABLES), ["slots"]);
    let last_event = LastEvent::VARIABLES[0].ty();
    assert!(matches!(last_event, Type::Growing(_)));
    assert!(!matches!(Histogram::VARIABLES[0].ty(), Type::Growing(_)));
    assert_eq!(Histogram::MAPS[0].name(), "by_pid");
    assert_eq!(names(Last::VARIABLES), ["hist_last", "tuning", "custom"]);
    assert_eq!(Last::VARIABLES[1].section(), ".rodata.tuning");
    assert!(Last::VARIABLES[2].is_optional() && !Last::VARIABLES[0].is_optional());
    let counted = Counted::detached();
    counted.samples.set(3);
    counted.slots[1].count.set(1);
    assert_eq!(counted.lost(), 2);
    assert_eq!(Compared::detached().different(3), 1);
    let _: fn(&Histogram) -> Slot = |histogram| histogram.slots[0].get();
}

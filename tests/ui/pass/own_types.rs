//! Types of the user's own for C types, by every kind of path, in place of the generated ones.
use bpf_subskeleton::{maps, subskeleton};

/// No `Debug`: nothing asks for it.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Event {
    pub pid: u32,
    pub cpu: u32,
    pub when: u64,
    pub comm: [i8; 16],
}

pub mod records {
    #[derive(Clone, Copy, Debug, bytemuck::Pod, bytemuck::Zeroable)]
    #[repr(C)]
    pub struct Slot {
        pub count: u64,
        pub sum: u64,
    }

    /// `self::` and `super::`.
    #[bpf_subskeleton::subskeleton(
        obj = "selection.bpf.o",
        types(slot = self::Slot, event = super::Event)
    )]
    pub struct Inner;
}

/// From the crate's root.
#[subskeleton(obj = "selection.bpf.o", types(event = crate::Event, slot = records::Slot), snapshot)]
pub struct Whole;

#[subskeleton(obj = "selection.bpf.o", types(slot = crate::records::Slot))]
pub struct Sampling {
    slots: Var<_>,
    last_event: Var<Event>,
    by_pid: maps::Hash<u32, records::Slot>,
}

/// `struct rect` holds two `struct point`.
#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Point {
    pub x: i32,
    pub y: i32,
}

#[subskeleton(obj = "types.bpf.o", types(point = Point))]
pub struct Types;

fn use_all(whole: &Whole, sampling: &Sampling, inner: &records::Inner, types: &Types) {
    let event: Event = whole.bss.last_event.get();
    let _: u32 = event.pid;
    let _: records::Slot = whole.bss.slots[0].get();
    let _: Event = sampling.last_event.get();
    let _: u64 = sampling.slots[0].get().count;
    let _: &maps::Hash<u32, records::Slot> = &sampling.by_pid;
    let _: Event = inner.bss.last_event.get();
    let _ = format!("{:?} {:?}", whole.bss, inner.bss);
    let rect = types::rect {
        min: Point { x: 1, y: 2 },
        ..Default::default()
    };
    assert_eq!(format!("{rect:?}"), "rect { .. }");
    let _ = types;
}

fn main() {
    let _ = use_all;
}

mod private {
    /// As visible as the struct that uses it: only here.
    #[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
    #[repr(C)]
    struct Slot {
        count: u64,
        sum: u64,
    }

    #[bpf_subskeleton::subskeleton(obj = "selection.bpf.o", types(slot = Slot))]
    struct Hidden;

    #[allow(dead_code)]
    fn sum(hidden: &Hidden) -> u64 {
        hidden.bss.slots[0].get().sum
    }
}

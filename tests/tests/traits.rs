//! Traits of C types as values: are members compared, hashed, ordered and serialised, and nothing else?

#![expect(missing_docs, reason = "nobody outside sees these")]

use std::cmp::Ordering;
use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher, Hash};

use bpf_subskeleton::{Bool, BpfPtr, Text as _, bytemuck, subskeleton};
use serde_json::json;

#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/traits.bpf.o"),
    derive(PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize),
    snapshot,
)]
pub struct Tasks;

/// A derive macro that nothing is known of but its path.
mod plain {
    pub(crate) use serde::Deserialize;
}

#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/obstacles.bpf.o"),
    derive?(Eq, Hash, crate::plain::Deserialize),
    snapshot,
)]
pub struct Obstacles;

#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/obstacles.bpf.o"),
    module = plain_types,
    derive(crate::plain::Deserialize),
    snapshot,
)]
pub struct Plain {
    pub inner: Var<plain_types::inner>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C)]
pub struct Inner {
    pub count: u64,
}

#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/obstacles.bpf.o"),
    module = with_own,
    types(inner = Inner),
    derive?(Eq),
)]
pub struct WithOwn;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/traits.bpf.o"), module = selected, derive(serde::Serialize), snapshot)]
pub struct Selected {
    pub padded: Var<selected::padded>,
    pub switches: Option<Var<[Bool; 3]>>,
    pub label: Var<_>,
}

fn hash(value: impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

/// All bits set but those of members.
fn noise<T: bytemuck::Pod>() -> T {
    let mut value = T::zeroed();
    bytemuck::bytes_of_mut(&mut value).fill(0xff);
    value
}

#[test]
fn padding_is_not_compared() {
    let mut noisy: tasks::padded = noise();
    (noisy.kind, noisy.length) = (1, 2);
    let mut clean = tasks::padded::default();
    (clean.kind, clean.length) = (1, 2);
    assert_ne!(bytemuck::bytes_of(&noisy), bytemuck::bytes_of(&clean));
    assert_eq!(noisy, clean);
    assert_eq!(noisy.cmp(&clean), Ordering::Equal);
    assert_eq!(hash(noisy), hash(clean));
    clean.length = 3;
    assert_ne!(noisy, clean);
    assert_ne!(hash(noisy), hash(clean));
    assert!(noisy < clean);
}

#[test]
fn bits_without_a_name_are_not_compared() {
    let set = |mut flags: tasks::flags| {
        flags.first = 1;
        flags.set_low(2);
        flags.set_high(-3);
        flags.last = 4;
        flags
    };
    let (noisy, mut clean) = (set(noise()), set(tasks::flags::default()));
    assert_ne!(bytemuck::bytes_of(&noisy), bytemuck::bytes_of(&clean));
    assert_eq!(noisy, clean);
    assert_eq!(hash(noisy), hash(clean));
    clean.set_high(-2);
    assert_ne!(noisy, clean);
    // Bitfields come before what is behind them in C.
    clean.last = 0;
    assert_eq!(noisy.cmp(&clean), Ordering::Less);
    assert_eq!(noisy.partial_cmp(&clean), Some(Ordering::Less));
}

#[test]
fn members_of_packed_structs_are_compared() {
    let set = |mut tight: tasks::tight, when| {
        (tight.kind, tight.when) = (1, when);
        tight.set_low(2);
        tight
    };
    let (noisy, clean) = (set(noise(), 3), set(tasks::tight::default(), 3));
    assert_ne!(bytemuck::bytes_of(&noisy), bytemuck::bytes_of(&clean));
    assert_eq!(noisy, clean);
    assert_eq!(hash(noisy), hash(clean));
    assert!(noisy < set(clean, 4));
    let expected = json!({ "kind": 1, "when": 3, "low": 2 });
    assert_eq!(serde_json::to_value(noisy).unwrap(), expected);
}

/// `Ord::max` takes `self`, so it is found before the bitfield's method of that name.
#[test]
fn bitfields_named_as_methods_of_ord_are_reachable() {
    let mut limits = tasks::limits::default();
    limits.set_max_(5);
    limits.set_min_(1);
    assert_eq!((limits.min_(), limits.max_()), (1, 5));
    let expected = json!({ "min": 1, "max": 5 });
    assert_eq!(serde_json::to_value(limits).unwrap(), expected);
}

#[test]
fn floats_are_equal_as_in_rust() {
    let nan = obstacles::sample { mean: f64::NAN };
    assert_ne!(nan, nan);
    let zero = obstacles::sample { mean: 0.0 };
    assert_eq!(zero, obstacles::sample { mean: -0.0 });
}

#[test]
fn a_trait_is_left_out_where_it_can_not_be() {
    fn is_eq<T: Eq + Hash>() {}
    is_eq::<obstacles::outer>();
    is_eq::<obstacles::inner>();
    let sample: obstacles::sample = serde_json::from_value(json!({ "mean": 0.5 })).unwrap();
    assert_eq!(sample.mean, 0.5);
    let outer = with_own::outer::default();
    assert_eq!(outer, outer);
}

#[test]
fn a_derive_macro_is_called_for_types_and_snapshots() {
    let value = json!({ "inner": { "count": 3 } });
    let snapshot: PlainSnapshot = serde_json::from_value(value).unwrap();
    assert_eq!(snapshot.inner, plain_types::inner { count: 3 });
    assert_ne!(snapshot, Plain::detached().snapshot());
}

#[test]
fn members_are_serialized() {
    let mut task: tasks::task = noise();
    (task.pid, task.state) = (1, tasks::state::STATE_BUSY);
    task.comm = Default::default();
    task.comm.set_text("bash").unwrap();
    task.running = Bool::TRUE;
    task.slots = [7; 40];
    task.flags.first = 1;
    task.flags.set_low(2);
    task.flags.set_high(-3);
    task.flags.last = 4;
    task.next = BpfPtr::from_address(0xffff_8880_0000_0010);
    task.by_cpu = [[Bool::FALSE; 33]; 2];
    let expected = json!({
        "pid": 1,
        "state": "STATE_BUSY",
        "comm": "bash",
        "running": true,
        "slots": vec![7; 40],
        "flags": { "first": 1, "low": 2, "high": -3, "last": 4 },
        "next": "0xffff888000000010",
        "by_cpu": [vec![false; 33], vec![false; 33]],
    });
    assert_eq!(serde_json::to_value(task).unwrap(), expected);
    task.next = BpfPtr::default();
    assert_eq!(serde_json::to_value(task).unwrap()["next"], json!(null));
    // In the order of C.
    let text = serde_json::to_string(&task.flags).unwrap();
    assert_eq!(text, r#"{"first":1,"low":2,"high":-3,"last":4}"#);
    assert_eq!(serde_json::to_value(tasks::state(9)).unwrap(), json!(9));
}

#[test]
fn snapshots_are_compared_and_serialized() {
    let tasks = Tasks::detached();
    let before = tasks.snapshot();
    assert_eq!(before, tasks.snapshot());
    tasks.bss.padded.length.set(3);
    assert!(before < tasks.snapshot());
    let snapshot = serde_json::to_value(tasks.snapshot()).unwrap();
    assert_eq!(snapshot["bss"]["padded"], json!({ "kind": 0, "length": 3 }));
    assert_eq!(snapshot["bss"]["switches"], json!([false, false, false]));
    assert_eq!(snapshot["data"]["label"], json!("task"));

    let selected = Selected::detached().snapshot();
    assert_eq!(selected, Selected::detached().snapshot());
    let expected = json!({
        "padded": { "kind": 0, "length": 0 },
        "switches": [false, false, false],
        "label": "task",
    });
    assert_eq!(serde_json::to_value(selected).unwrap(), expected);
}

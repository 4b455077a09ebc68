//! Annotated structs: a selection of a library's variables and maps, on the running kernel.

use std::path::Path;
use std::sync::atomic::Ordering;

use bpf_subskeleton::libbpf_rs::Object;
use bpf_subskeleton::maps::RingBuf;
use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::kernel::{open, problems};
use bpf_subskeleton_tests::{objects, require_bpf};

/// All of the library.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
pub struct Whole;

type Count = u64;

/// What a companion crate would select.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
#[derive(Debug)]
pub struct Sampling {
    /// How many.
    pub samples: Var<Count>,
    pub(crate) sample_rate: Const<u32>,
    #[bpf(name = "hist_last")]
    pub last: Var<_>,
    pub drops: Option<Var<u32>>,
    #[bpf(section = ".data.custom")]
    pub custom: Var<u64>,
    pub weights: Var<[u32; 4]>,
    pub slots: Var<[whole::slot; 64]>,
    pub mode: Var<whole::mode>,
    pub verbose: Const<_>,
    #[bpf(name = "CONFIG_HZ")]
    pub hz: Const<i32>,
    pub by_pid: maps::Hash<u32, whole::slot>,
}

/// Types of this crate in place of C's.
mod my {
    use bytemuck::{Pod, Zeroable};

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
    #[repr(C)]
    pub(crate) struct Event {
        pub(crate) pid: u32,
        pub(crate) cpu: u32,
        pub(crate) when: u64,
        pub(crate) comm: [i8; 16],
    }

    #[derive(Debug, Clone, Copy, PartialEq, Eq, Pod, Zeroable)]
    #[repr(C)]
    pub(crate) struct Slot {
        pub(crate) count: u64,
        pub(crate) sum: u64,
    }
}

/// One checked by size only, and one checked by offsets and used wherever the C type occurs.
#[subskeleton(
    obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"),
    types(slot = my::Slot),
    module = own_types
)]
struct Own {
    last_event: Var<my::Event>,
    slots: Var<_>,
    by_pid: maps::Hash<_, _>,
}

/// All of these may be missing.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
struct Optional {
    samples: Option<Var<u64>>,
    sample_rate: Option<Const<u32>>,
    weights: Option<Var<_>>,
    #[bpf(name = "events")]
    ring: Option<maps::RingBuf>,
    by_pid: Option<maps::Hash<u32, _>>,
}

fn load(path: &Path) -> Object {
    open(path).load().unwrap()
}

#[test]
fn fields_are_bound() {
    require_bpf();
    let mut open = open(&objects::object("selection"));
    let config = Sampling::configure(&mut open).unwrap();
    *config.sample_rate = 1;
    let object = open.load().unwrap();
    let sampling = Sampling::bind(&object).unwrap();
    assert_eq!(sampling.sample_rate.get(), 1);
    sampling.samples.as_atomic().fetch_add(1, Ordering::Relaxed);
    assert_eq!(sampling.samples.get(), 1);
    assert_eq!(sampling.mode.get(), whole::mode::MODE_ON);
    assert_eq!(sampling.weights[3].get(), 4);
    let _links = Sampling::programs(&object).unwrap().attach().unwrap();
    std::thread::yield_now();
    assert!(sampling.samples.get() > 1);
    assert!(
        sampling
            .by_pid
            .lookup(&std::process::id())
            .unwrap()
            .is_some()
    );
}

/// `configure` uses the same names, including those of optional and renamed fields.
#[test]
fn initial_values() {
    require_bpf();
    let mut open = open(&objects::object("selection"));
    let mut config = Sampling::configure(&mut open).unwrap();
    assert_eq!(*config.weights, [1, 2, 3, 4]);
    *config.last = 7;
    *config.drops.unwrap() = 8;
    *config.custom += 1;
    config.slots[63].sum = 9;
    *config.mode = whole::mode::MODE_DEBUG;
    *config.verbose = true.into();
    config.programs.on_enter.set_autoattach(false);
    let object = open.load().unwrap();

    let sampling = Sampling::bind(&object).unwrap();
    assert_eq!(sampling.last.get(), 7);
    assert_eq!(sampling.drops.unwrap().get(), 8);
    assert_eq!(sampling.custom.get(), 6);
    assert_eq!(sampling.slots[63].sum.get(), 9);
    assert_eq!(sampling.mode.get(), whole::mode::MODE_DEBUG);
    assert!(sampling.verbose.get().as_bool());
    assert!(sampling.hz.get() >= 0);
}

#[test]
fn own_types() {
    require_bpf();
    let mut open = open(&objects::object("selection"));
    let config = Own::configure(&mut open).unwrap();
    config.last_event.pid = 1;
    config.slots[3] = my::Slot { count: 2, sum: 3 };
    let object = open.load().unwrap();
    let own = Own::bind(&object).unwrap();
    assert_eq!(own.last_event.get().pid, 1);
    assert_eq!(own.slots[3].get(), my::Slot { count: 2, sum: 3 });

    let event = my::Event {
        pid: 4,
        cpu: 5,
        when: 6,
        comm: [7; 16],
    };
    own.last_event.set(event);
    // The same memory, as the generated type has it.
    let whole = Whole::bind(&object).unwrap();
    assert_eq!(whole.bss.last_event.cpu.get(), 5);
    assert_eq!(whole.bss.last_event.when.get(), 6);
    whole.bss.last_event.comm[15].set(8);
    assert_eq!(own.last_event.get().comm[15], 8);

    let slot: my::Slot = own_types::slot { count: 9, sum: 10 };
    own.by_pid.insert(&1, &slot).unwrap();
    assert_eq!(own.by_pid.lookup(&1).unwrap(), Some(slot));
}

/// An object with nothing but a program: the rest of the library was dropped from it.
const NONE: &str = r#"
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    SEC("raw_tp/sys_enter") int on_enter(void *ctx) { return 0; }
    char LICENSE[] SEC("license") = "GPL";
"#;

#[test]
fn optional_fields_of_an_object_without_them() {
    require_bpf();
    let path = objects::compile_c("selection-none", NONE);
    let mut open = open(&path);
    let config = Optional::configure(&mut open).unwrap();
    assert!(config.samples.is_none() && config.sample_rate.is_none() && config.weights.is_none());
    assert!(config.ring.is_none() && config.by_pid.is_none());
    let object = open.load().unwrap();
    let optional = Optional::bind(&object).unwrap();
    assert!(optional.samples.is_none() && optional.sample_rate.is_none());
    assert!(optional.weights.is_none());
    assert!(optional.ring.is_none() && optional.by_pid.is_none());
}

#[test]
fn optional_fields_of_an_object_with_them() {
    require_bpf();
    let object = load(&objects::object("selection"));
    let optional = Optional::bind(&object).unwrap();
    assert_eq!(optional.samples.unwrap().get(), 0);
    assert_eq!(optional.sample_rate.unwrap().get(), 10);
    assert_eq!(optional.weights.unwrap()[1].get(), 2);
    assert!(optional.ring.is_some() && optional.by_pid.is_some());
}

/// Present, but not of the type that the library was built with: an error, not `None`.
#[test]
fn an_optional_field_of_another_type() {
    require_bpf();
    let source = format!("{NONE}\nint samples = 1;\n");
    let object = load(&objects::compile_c("selection-other", &source));
    let error = Optional::bind(&object).err().unwrap().to_string();
    assert!(error.contains("samples"), "{error}");
    assert!(!error.contains("weights"), "{error}");
}

/// A variable may be in another section of the final object: a narrowed field finds it, because only the
/// library's own names are narrowed.
#[test]
fn a_section_is_the_librarys() {
    require_bpf();
    let source = format!("{NONE}\nunsigned long long custom = 5;\n");
    let object = load(&objects::compile_c("selection-moved", &source));
    assert_eq!(Narrow::bind(&object).unwrap().custom.get(), 5);
}

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
struct Narrow {
    #[bpf(section = ".data.custom")]
    custom: Var<u64>,
}

const SOURCE: &str = include_str!("../../bpf-src/selection.bpf.c");

/// Its records are of a type that no field has, but a variable of the library.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
struct Records {
    events: maps::RingBuf<records::event>,
    samples: Var<u64>,
}

#[test]
fn the_type_of_records_is_compared() {
    require_bpf();
    let object = load(&objects::object("selection"));
    let records = Records::bind(&object).unwrap();
    assert_eq!(records.samples.get(), 0);
    assert_eq!(size_of::<records::event>(), 32);
    let _: &RingBuf<records::event> = &records.events;

    let changes = [("__u32 cpu;\n\t__u64 when", "__u64 cpu;\n\t__u64 when")];
    let object = load(&objects::compile_changed(
        "selection-record",
        SOURCE,
        &changes,
    ));
    let problems = problems(Records::bind(&object));
    let expected =
        "variable `last_event`: built with struct event of 32 bytes, the object has 40 bytes";
    assert_eq!(problems[0], expected);
}

/// The application's object need not have the variable.
#[test]
fn the_variable_of_a_type_of_records_may_be_missing() {
    require_bpf();
    let changes = [
        ("struct event last_event", "struct event last"),
        ("last_event = ", "last = "),
    ];
    let object = load(&objects::compile_changed(
        "selection-no-record",
        SOURCE,
        &changes,
    ));
    Records::bind(&object).unwrap();
}

/// Constants of enums, whether a variable has the enum's type or not.
#[test]
fn constants() {
    assert_eq!(whole::SLOT_COUNT, 64);
    assert_eq!(whole::SAMPLE_MAX, 1000);
    assert_eq!(whole::LEVEL_UNSET, -1);
    assert_eq!(whole::MODE_DEBUG, whole::mode::MODE_DEBUG.0);
    assert_eq!(whole::SHAPE_LOG2, whole::shape::SHAPE_LOG2.0);
    assert_eq!(sampling::SLOT_COUNT, 64);
    const _: [(); 64] = [(); whole::SLOT_COUNT as usize];
}

//! Annotated structs: a selection of a library's variables and maps, on the running kernel.

use std::sync::atomic::Ordering;

use bpf_subskeleton::libbpf_rs::ObjectBuilder;
use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::{objects, require_bpf};

/// All of the library.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
pub struct Whole;

type Count = u64;

/// What a companion crate would take.
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

#[test]
fn fields_are_bound() {
    require_bpf();
    let mut open = ObjectBuilder::default()
        .open_file(objects::object("selection"))
        .unwrap();
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

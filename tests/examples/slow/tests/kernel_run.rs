//! A library that uses another, in an application that uses both.

use std::process::Command;
use std::time::{Duration, Instant};

use bpf_subskeleton::include_object;
use bpf_subskeleton::libbpf_rs::ObjectBuilder;
use bpf_subskeleton_tests::require_bpf;
use histogram::Histogram;
use slow_calls::SlowCalls;

static OBJECT: &[u8] = include_object!("slow.bpf.o");

#[test]
fn both_companions_see_the_same_calls() {
    require_bpf();
    let mut open = ObjectBuilder::default().open_memory(OBJECT).unwrap();
    SlowCalls::set_threshold(&mut open, Duration::from_millis(3)).unwrap();
    let object = open.load().unwrap();
    let slow_calls = SlowCalls::bind(&object).unwrap();
    let histogram = Histogram::bind(&object).unwrap();
    assert_eq!(slow_calls.threshold(), Duration::from_millis(3));
    assert!(slow_calls.is_enabled());

    let links: Vec<_> = object
        .progs_mut()
        .map(|program| program.attach().unwrap())
        .collect();
    let start = Instant::now();
    while slow_calls.count() < 5 && start.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(4));
    }
    // One library switches the other off.
    histogram.set_enabled(false);
    assert!(!slow_calls.is_enabled());
    drop(links);
    assert!(slow_calls.count() >= 5);
    // A call that ended as the histogram was switched off is in neither.
    assert_eq!(histogram.snapshot().count(), slow_calls.count());
    assert_eq!(histogram.snapshot().unit, "ns");
}

#[test]
fn runs() {
    require_bpf();
    let output = Command::new(env!("CARGO_BIN_EXE_slow")).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let output = String::from_utf8(output.stdout).unwrap();
    assert!(output.contains(" calls of 2ms or more\n"), "{output}");
}

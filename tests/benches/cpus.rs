//! What the values of all CPUs cost, against libbpf-rs' own handle of the same map and against aya: here, and in a virtual
//! machine with 64 CPUs, where this program runs too.

mod flows;
mod rounds;

use std::env;
use std::process::{Command, Stdio};

use aya::maps::{Map, MapData, PerCpuArray};
use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::report::{self, Report, Row};
use libbpf_rs::{MapCore as _, MapFlags, MapHandle, ObjectBuilder, OpenObject, num_possible_cpus};

use crate::flows::{Flow, each, of_aya};
use crate::rounds::compare;

/// What `benches/cpus.bpf.c` holds.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/benched_cpus.bpf.o"))]
pub struct Benched;

use benched::flow;

/// CPUs of the virtual machine. Most of them are off, but maps have values of them.
const POSSIBLE: &str = "64";
/// What says to this program that it is in the virtual machine.
const IN_MACHINE: &str = "in-machine";

const ROUNDS: usize = 32;
/// Calls in a round.
const CALLS: u32 = 20_000;
/// The same where QEMU may have to emulate the processor.
const CALLS_IN_MACHINE: u32 = 2_000;

fn main() {
    bpf_subskeleton_tests::require_bpf();
    let mut report = Report::new(
        "cpus",
        "a call for the values of all CPUs of an entry of an array: here, and in a virtual machine with 64 CPUs, two of \
         which run, emulated by QEMU where there is no KVM",
    );
    if env::args().any(|argument| argument == IN_MACHINE) {
        lookups(CALLS_IN_MACHINE, &mut report);
        report.hand_over();
    } else {
        lookups(CALLS, &mut report);
        in_machine(&mut report);
        report.finish();
    }
}

fn lookups(calls: u32, report: &mut Report) {
    let path = concat!(env!("OUT_DIR"), "/benched_cpus.bpf.o");
    let object = ObjectBuilder::default()
        .open_file(path)
        .and_then(OpenObject::load)
        .unwrap_or_else(|e| panic!("{path}: {e:#}"));
    let benched = Benched::bind(&object).expect("the object that the code was generated from");
    let typed = &benched.maps.of_cpus;
    let raw: &MapHandle = typed.handle();
    let aya: PerCpuArray<MapData, Flow> = Map::PerCpuArray(of_aya(raw))
        .try_into()
        .expect("an array for each CPU");
    let cpus = num_possible_cpus().expect("there is one");
    let mut values = vec![flow::default(); cpus];
    let indices = || (0..calls).map(|i| i % 64);
    let [into, returned, raw_found, aya_found] = compare(
        ROUNDS,
        calls,
        [
            &mut || {
                each(indices(), |index| {
                    typed.lookup_into(&index, &mut values).expect("an array")
                })
            },
            &mut || each(indices(), |index| typed.lookup(&index).expect("an array")),
            &mut || {
                each(indices(), |index| {
                    raw.lookup_percpu(&index.to_ne_bytes(), MapFlags::ANY)
                        .expect("an array")
                })
            },
            &mut || each(indices(), |index| aya.get(&index, 0).expect("it is there")),
        ],
    );
    for (how, here) in [("lookup_into", &into), ("lookup", &returned)] {
        let raw_found = here.beside("libbpf-rs", &raw_found);
        let reused = how == "lookup_into";
        let row = Row::new(format!("{how} of the values of {cpus} CPUs"), here.amount())
            .against(if reused {
                raw_found.at_most(1.0)
            } else {
                raw_found
            })
            .against(here.beside("aya", &aya_found));
        report.add(row);
    }
}

/// The same by this program in a virtual machine.
fn in_machine(report: &mut Report) {
    let program = env::current_exe().expect("it runs");
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--release", "-p", "test-kernels", "--"])
        .arg("program")
        .arg(program)
        .args([env!("OUT_DIR"), POSSIBLE, IN_MACHINE])
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "the virtual machine failed");
    let said = String::from_utf8_lossy(&output.stdout);
    for row in report::handed_over(&said).unwrap_or_else(|e| panic!("{e} in {said}")) {
        report.add(row);
    }
}

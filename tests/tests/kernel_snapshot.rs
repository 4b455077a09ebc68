//! Snapshots of a loaded library: what BPF programs wrote, on the running kernel.

use std::path::Path;

use bpf_subskeleton::libbpf_rs::ProgramInput;
use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::kernel::{load, open};

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/snapshot.bpf.o"), snapshot)]
struct Flows;

#[test]
fn a_snapshot_has_what_a_program_wrote_before_and_nothing_later() {
    let path = concat!(env!("OUT_DIR"), "/snapshot.bpf.o");
    let object = load(open(Path::new(path)));
    let flows = Flows::bind(&object).unwrap();
    let before = flows.snapshot();
    let fill = object.progs_mut().find(|program| program.name() == "fill");
    fill.unwrap().test_run(ProgramInput::default()).unwrap();
    let after = flows.snapshot();
    let values = |snapshot: &FlowsSnapshot| {
        (
            snapshot.bss.samples,
            snapshot.data.widths[3],
            snapshot.bss.last.sum,
            snapshot.bss.table.entries[32_767].sum,
            snapshot.bss.tables[1].entries[32_767].count,
            snapshot.rodata.rate,
        )
    };
    assert_eq!(values(&before), (0, 4, 0, 0, 0, 10));
    assert_eq!(values(&after), (7, 5, 8, 9, 10, 10));
}

//! Snapshots: the values of a companion's variables at one go. Those of a detached one suffice to ask most questions.

#![expect(missing_docs, reason = "nobody outside sees these")]

use std::thread;

use bpf_subskeleton::{Text as _, Var, subskeleton};

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/snapshot.bpf.o"), snapshot)]
pub struct Flows;

type Widths = [u32; 4];

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/snapshot.bpf.o"), module = selected, snapshot)]
pub struct Selected {
    /// Of all kinds.
    pub samples: Var<u64>,
    rate: Const<u32>,
    #[bpf(name = "last")]
    pub latest: Option<Var<selected::entry>>,
    widths: Option<Var<[u32; 4]>>,
    pub unit: Var<_>,
    pub table: Option<Var<_>>,
    pub tables: Var<[selected::table; 2]>,
    pub counts: maps::Array<u64>,
}

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/snapshot.bpf.o"), module = aliased, snapshot)]
pub struct Aliased {
    pub widths: Var<Widths>,
}

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/resizable.bpf.o"), snapshot)]
pub struct Tables;

#[test]
fn a_snapshot_has_every_value() {
    let flows = Flows::detached();
    flows.bss.samples.set(7);
    flows.bss.last.sum.set(8);
    flows.bss.table.entries[32_767].sum.set(9);
    flows.bss.tables[1].entries[32_767].count.set(10);

    let snapshot = flows.snapshot();
    assert_eq!(snapshot.rodata.rate, 10);
    assert_eq!(snapshot.data.widths, [1, 2, 3, 4]);
    assert_eq!(snapshot.data.unit.text(), "packets");
    assert_eq!(snapshot.bss.samples, 7);
    assert_eq!(snapshot.bss.last.sum, 8);
    assert_eq!(snapshot.bss.table.entries[32_767].sum, 9);
    let [first, second] = snapshot.bss.tables.as_slice() else {
        panic!("{} tables", snapshot.bss.tables.len());
    };
    assert_eq!(first.entries[32_767].count, 0);
    assert_eq!(second.entries[32_767].count, 10);
}

#[test]
fn a_snapshot_stays_as_it_is() {
    let flows = Flows::detached();
    let before = flows.data.snapshot();
    flows.data.widths[0].set(9);
    let after: flows::snapshot::Data = flows.data.snapshot();
    assert_eq!(before.clone().widths, [1, 2, 3, 4]);
    assert_eq!(after.widths, [9, 2, 3, 4]);
    let shown = format!("{after:?}");
    assert!(shown.contains("widths: [9, 2, 3, 4]"), "{shown}");
}

#[test]
fn a_char_array_is_shown_as_text() {
    let flows = Flows::detached();
    flows.data.unit.set_text("bytes").unwrap();
    for shown in [
        format!("{:?}", flows.data),
        format!("{:?}", flows.data.snapshot()),
    ] {
        assert!(shown.contains("widths: [1, 2, 3, 4]"), "{shown}");
        assert!(shown.contains(r#"unit: "bytes""#), "{shown}");
    }
}

#[test]
fn a_selection_has_its_variables_and_no_maps() {
    let mut selected = Selected::detached();
    selected.samples.set(7);
    selected.tables[1].entries[1].count.set(10);
    selected.table = None;
    let SelectedSnapshot {
        samples,
        rate,
        latest,
        widths,
        unit,
        table,
        tables,
    } = selected.snapshot();
    assert_eq!((samples, rate), (7, 10));
    assert_eq!(latest.unwrap().sum, 0);
    let widths: Vec<u32> = widths.unwrap();
    assert_eq!(widths, [1, 2, 3, 4]);
    assert_eq!(unit.text(), "packets");
    assert!(table.is_none());
    assert_eq!(tables[1].entries[1].count, 10);
    assert!(Selected::detached().snapshot().table.is_some());
}

#[test]
fn an_alias_stays_the_users_type() {
    let widths: Widths = Aliased::detached().snapshot().widths;
    assert_eq!(widths, [1, 2, 3, 4]);
}

#[test]
fn an_array_has_the_length_that_the_object_gives_it() {
    let mut tables = Tables::detached();
    tables.rodata_limits.limits = Var::detached_slice(&[1, 2, 3]).into();
    assert_eq!(tables.snapshot().rodata_limits.limits, [1, 2, 3]);
}

/// The stack is smaller than one table, in debug builds too.
#[test]
fn large_values_do_not_pass_through_the_stack() {
    let flows = Flows::detached();
    flows.bss.tables[1].entries[32_767].count.set(10);
    let small = thread::Builder::new().stack_size(128 << 10);
    let read = small.spawn(move || {
        let snapshot = flows.snapshot();
        let copy = snapshot.clone();
        (snapshot.bss.table, copy.bss.tables)
    });
    let (table, tables) = read.unwrap().join().unwrap();
    assert_eq!(table.entries[0].sum, 0);
    assert_eq!(tables[1].entries[32_767].count, 10);
}

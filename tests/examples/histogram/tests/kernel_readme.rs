//! Code of the README that stands in none of the examples.

use std::path::Path;

use bpf_subskeleton::libbpf_rs::{self, ObjectBuilder};
use bpf_subskeleton::{Bool, subskeleton};
use bpf_subskeleton_tests::require_bpf;
use histogram::Histogram;

/// A part of the library.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/histogram.bpf.o"))]
pub struct Tasks {
    /// A field may have a different name than in C.
    #[bpf(name = "hist_tasks_lost")]
    pub lost: Var<u64>,
    /// `_` takes the type from the object.
    pub hist_min: Const<_>,
    /// `None` if the application's object does not have it.
    pub hist_enabled: Option<Var<Bool>>,
    pub hist_tasks: maps::Hash<u32, tasks::hist_task>,
}

impl Tasks {
    /// How many values a process recorded; it is forgotten.
    pub fn take(&self, pid: u32) -> libbpf_rs::Result<Option<u64>> {
        let task: Option<tasks::hist_task> = self.hist_tasks.lookup(&pid)?;
        self.hist_tasks.delete(&pid)?;
        Ok(task.map(|task| task.total.count))
    }
}

#[test]
fn a_part_sees_what_the_whole_sees() {
    require_bpf();
    let object = Path::new(env!("OUT_DIR")).join("histogram.bpf.o");
    let mut open = ObjectBuilder::default().open_file(object).unwrap();
    *Histogram::configure(&mut open).unwrap().rodata.hist_min = 7;
    let object = open.load().unwrap();
    let whole = Histogram::bind(&object).unwrap();
    let tasks = Tasks::bind(&object).unwrap();

    assert_eq!(tasks.hist_min.get(), 7);
    whole.bss.hist_tasks_lost.set(3);
    assert_eq!(tasks.lost.get(), 3);
    whole.set_enabled(false);
    assert!(!tasks.hist_enabled.as_ref().unwrap().get());
    let mut task = tasks::hist_task::default();
    task.total.count = 9;
    tasks.hist_tasks.insert(&1, &task).unwrap();
    assert_eq!(tasks.take(1).unwrap(), Some(9));
    assert_eq!(tasks.take(1).unwrap(), None);
}

//! A log2 histogram for BPF programs: the userspace companion of the BPF library in `bpf/`.
//!
//! A BPF program includes `histogram.bpf.h`, calls `hist_record(value)` and is linked with
//! `histogram.bpf.o`; this crate's build script tells dependents where both are
//! (`DEP_HISTOGRAM_BPF_INCLUDE`, `DEP_HISTOGRAM_BPF_OBJECT`). The application then loads its object in
//! whatever way it likes and asks for the [`Histogram`] inside:
//!
//! ```no_run
//! # use histogram::Histogram;
//! # use bpf_subskeleton::libbpf_rs::ObjectBuilder;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut open = ObjectBuilder::default().open_file("application.bpf.o")?;
//! *Histogram::configure(&mut open)?.rodata.hist_min = 1000;
//! let object = open.load()?;
//! let histogram = Histogram::bind(&object)?;
//! // … attach the programs, let them run, and then
//! print!("{}", histogram.snapshot());
//! # Ok(())
//! # }
//! ```

mod snapshot;

use std::array;

use bpf_subskeleton::libbpf_rs;
use bpf_subskeleton::{Text as _, subskeleton};

pub use crate::snapshot::{BUCKETS, Bucket, Snapshot, labels};

/// The histogram inside a BPF object that the library is linked into.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/histogram.bpf.o"))]
pub struct Histogram;

/// What one process contributed to a histogram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The process id.
    pub pid: u32,
    /// The name of its thread that was the first to record a value.
    pub name: String,
    /// Its values.
    pub total: Bucket,
}

impl Histogram {
    /// A copy of all buckets, while BPF programs go on counting.
    pub fn snapshot(&self) -> Snapshot {
        let slots = &self.bss.hist_slots;
        Snapshot {
            unit: self.data.hist_unit.text(),
            buckets: array::from_fn(|i| Bucket {
                count: slots[i].count.get(),
                sum: slots[i].sum.get(),
            }),
        }
    }

    /// The processes that recorded values and still exist, in no order.
    ///
    /// # Errors
    ///
    /// What the kernel answers to a listing of the map.
    pub fn tasks(&self) -> libbpf_rs::Result<Vec<Task>> {
        let entries = self.maps.hist_tasks.entries();
        entries
            .map(|entry| entry.map(|(pid, task)| Task::new(pid, &task)))
            .collect()
    }

    /// Starts (as it is at first) or stops counting.
    pub fn set_enabled(&self, enabled: bool) {
        self.data.hist_enabled.set(enabled.into());
    }

    /// Empties all buckets; [`tasks`](Self::tasks) stay. Values that are recorded meanwhile may or may
    /// not count.
    pub fn reset(&self) {
        for slot in self.bss.hist_slots.iter() {
            slot.count.set(0);
            slot.sum.set(0);
        }
    }
}

impl Task {
    fn new(pid: u32, task: &histogram::hist_task) -> Self {
        Self {
            pid,
            name: task.comm.text().into_owned(),
            total: Bucket {
                count: task.total.count,
                sum: task.total.sum,
            },
        }
    }
}

/// Without a kernel, and without privilege.
#[cfg(test)]
mod tests {
    use bpf_subskeleton::{Text as _, Var};

    use super::{Bucket, Histogram};

    #[test]
    fn a_snapshot_has_every_bucket_and_the_unit() {
        let histogram = Histogram::detached();
        histogram.data.hist_unit.set_text("ns").unwrap();
        // What `hist_record` does in BPF.
        histogram.bss.hist_slots[3].count.set(2);
        histogram.bss.hist_slots[3].sum.set(25);

        let snapshot = histogram.snapshot();
        assert_eq!(snapshot.unit, "ns");
        assert_eq!(snapshot.buckets[3], Bucket { count: 2, sum: 25 });
        assert_eq!(snapshot.count(), 2);
    }

    #[test]
    fn a_weak_unit_may_be_the_applications_own() {
        let mut histogram = Histogram::detached();
        assert_eq!(histogram.snapshot().unit, "");
        let mut unit = [0; 16];
        unit.set_text("pages").unwrap();
        histogram.data.hist_unit = Var::detached(unit);
        assert_eq!(histogram.snapshot().unit, "pages");
    }

    #[test]
    fn reset_empties_every_bucket() {
        let histogram = Histogram::detached();
        for slot in histogram.bss.hist_slots.iter() {
            slot.count.set(1);
            slot.sum.set(1);
        }
        histogram.reset();
        assert_eq!(histogram.snapshot(), Histogram::detached().snapshot());
    }

    #[test]
    fn it_counts_from_the_start_until_told_not_to() {
        let histogram = Histogram::detached();
        assert!(histogram.data.hist_enabled.get().as_bool());
        histogram.set_enabled(false);
        assert!(!histogram.data.hist_enabled.get());
    }

    #[test]
    fn processes_are_in_a_map_which_needs_a_kernel() {
        let error = Histogram::detached().tasks().unwrap_err();
        assert!(format!("{error:#}").contains("`hist_tasks` is detached"));
    }
}

//! One type for a record that is in different places of different objects.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use bpf_subskeleton::include_object;
use bpf_subskeleton::libbpf_rs::ObjectBuilder;
use bpf_subskeleton_tests::require_bpf;
use exit_info::{ExitInfo, Kind};
use stoppers::{Budget, Watch, attach, wait_for_exit};

static BUDGET: &[u8] = include_object!("budget.bpf.o");
static WATCH: &[u8] = include_object!("watch.bpf.o");

const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn budget_ends_in_words() {
    require_bpf();
    let mut open = ObjectBuilder::default().open_memory(BUDGET).unwrap();
    *Budget::configure(&mut open).unwrap().budget = 10;
    let object = open.load().unwrap();
    let links = attach(&object).unwrap();
    let exit = wait_for_exit(&object, PATIENCE).unwrap().unwrap();
    drop(links);
    assert_eq!(exit.kind, Kind::EXIT_DONE);
    assert_eq!(
        exit.to_string(),
        format!("done: the budget is used up (10), in {}", exit.comm)
    );
}

/// The hazard: programs on several CPUs that come to the end at once.
#[test]
fn one_of_many_ends_is_recorded() {
    require_bpf();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
            });
        }
        let all_done = scope.spawn(|| {
            (0..100).all(|_| {
                let mut open = ObjectBuilder::default().open_memory(BUDGET).unwrap();
                // Enough for all CPUs to be busy when it is used up.
                *Budget::configure(&mut open).unwrap().budget = 1_000;
                let object = open.load().unwrap();
                let links = attach(&object).unwrap();
                let exit = wait_for_exit(&object, PATIENCE).unwrap().unwrap();
                drop(links);
                // Not the sum of two.
                exit.kind == Kind::EXIT_DONE
                    && ExitInfo::bind(&object).unwrap().exit() == Some(exit)
            })
        });
        let all_done = all_done.join();
        done.store(true, Ordering::Relaxed);
        assert!(all_done.unwrap());
    });
}

#[test]
fn watch_ends_in_an_error() {
    require_bpf();
    let mut open = ObjectBuilder::default().open_memory(WATCH).unwrap();
    let name = std::fs::read_to_string("/proc/thread-self/comm").unwrap();
    let mut unwanted = [0; 16];
    for (to, from) in unwanted.iter_mut().zip(name.trim_end().bytes()) {
        *to = from as i8;
    }
    *Watch::configure(&mut open).unwrap().unwanted = unwanted;
    let object = open.load().unwrap();
    let links = attach(&object).unwrap();
    let exit = wait_for_exit(&object, PATIENCE).unwrap().unwrap();
    drop(links);
    assert_eq!(exit.kind, Kind::EXIT_ERROR);
    assert_eq!(exit.code, i64::from(std::process::id()));
    assert_eq!(exit.comm, name.trim_end());
}

/// The hazard: the record is in different places in different applications, so user space that relies on one place
/// reads something else in the other.
#[test]
fn places_differ_and_the_companion_finds_both() {
    require_bpf();
    let place = |bytes| {
        let object = ObjectBuilder::default()
            .open_memory(bytes)
            .unwrap()
            .load()
            .unwrap();
        let info = ExitInfo::bind(&object).unwrap();
        assert_eq!(info.exit(), None);
        // Zero pages of different sections: the address in the page tells the offset in the section.
        let address = core::ptr::from_ref(&*info.bss.exit_info).addr();
        address % 4096
    };
    assert_ne!(place(BUDGET), place(WATCH));
}

//! What the libraries owe each other in a poll that they share, on the running kernel.

use std::cell::{Cell, RefCell};
use std::io;
use std::process::Command;
use std::time::Duration;

use bpf_subskeleton::libbpf_rs::{
    Error, Object, ObjectBuilder, OpenObject, Result, RingBuffer, RingBufferBuilder,
};
use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::require_bpf;
use execs::Execs;
use exits::Exits;

/// `Exits`, but for a library that has longer records than this one.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/shared_poll.bpf.o"))]
struct LongerExits {
    exits: maps::RingBuf<[u64; 64]>,
}

fn open() -> OpenObject {
    require_bpf();
    ObjectBuilder::default()
        .open_file(concat!(env!("OUT_DIR"), "/shared_poll.bpf.o"))
        .unwrap()
}

fn attach(object: &Object) -> (impl Sized + use<>, impl Sized + use<>) {
    (
        Execs::programs(object).unwrap().attach().unwrap(),
        Exits::programs(object).unwrap().attach().unwrap(),
    )
}

/// Runs a program to its end: one record of each library. Returns its process id.
fn run_a_program() -> u32 {
    let mut program = Command::new("true").spawn().unwrap();
    assert!(program.wait().unwrap().success());
    program.id()
}

/// Polls until it is so. What other processes do wakes the poll up as well.
fn poll_until(poll: &RingBuffer<'_>, mut is_so: impl FnMut(Result<()>) -> bool) {
    let mut polls = 0..1_000;
    assert!(polls.any(|_| is_so(poll.poll(Duration::from_millis(100)))));
}

/// The process ids of the records that one library delivered.
#[derive(Default)]
struct Pids(RefCell<Vec<u32>>);

impl Pids {
    fn push(&self, pid: u32) {
        self.0.borrow_mut().push(pid);
    }

    /// Those that are ours, in the order they came. The rest of the machine is reported as well.
    fn of(&self, run: &[u32]) -> Vec<u32> {
        let mut pids = self.0.borrow().clone();
        pids.retain(|pid| run.contains(pid));
        pids
    }
}

/// One poll, which puts down the process ids of each library's records.
fn poll_of_both<'all>(
    (execs, started): (&'all Execs, &'all Pids),
    (exits, ended): (&'all Exits, &'all Pids),
) -> RingBuffer<'all> {
    let mut builder = RingBufferBuilder::new();
    execs
        .add_to(&mut builder, |exec| started.push(exec.pid))
        .unwrap();
    exits
        .add_to(&mut builder, |exit| ended.push(exit.pid))
        .unwrap();
    builder.build().unwrap()
}

#[test]
fn every_record_of_both_arrives() {
    let object = open().load().unwrap();
    let execs = Execs::bind(&object).unwrap();
    let exits = Exits::bind(&object).unwrap();
    let (started, ended) = (Pids::default(), Pids::default());
    let poll = poll_of_both((&execs, &started), (&exits, &ended));
    let _links = attach(&object);

    let run: Vec<u32> = (0..100).map(|_| run_a_program()).collect();
    poll_until(&poll, |polled| {
        polled.unwrap();
        ended.of(&run).len() >= run.len() && started.of(&run).len() >= run.len()
    });
    assert_eq!((execs.lost(), exits.lost()), (0, 0));
    assert_eq!(started.of(&run), run);
    assert_eq!(ended.of(&run), run);
}

/// Each short record is an error of one poll. All of the other library's arrive.
#[test]
fn short_records_of_one_do_not_stop_the_other() {
    let object = open().load().unwrap();
    let execs = Execs::bind(&object).unwrap();
    let exits = LongerExits::bind(&object).unwrap();
    let (started, ended) = (Pids::default(), Cell::new(0));
    let mut builder = RingBufferBuilder::new();
    let add_one = |_: &[u64; 64]| {
        ended.set(ended.get() + 1);
        0
    };
    exits.exits.add_to(&mut builder, add_one).unwrap();
    execs
        .add_to(&mut builder, |exec| started.push(exec.pid))
        .unwrap();
    let poll = builder.build().unwrap();
    let _links = attach(&object);

    let run: Vec<u32> = (0..20).map(|_| run_a_program()).collect();
    let short = Error::from(io::Error::from_raw_os_error(libc::EBADMSG)).to_string();
    let mut errors = 0;
    poll_until(&poll, |polled| {
        if let Err(error) = polled {
            assert_eq!(error.to_string(), short);
            errors += 1;
        }
        errors >= run.len() && started.of(&run).len() >= run.len()
    });
    assert_eq!(started.of(&run), run);
    assert_eq!(ended.get(), 0);
    assert_eq!(execs.lost(), 0);
}

/// What has no room in a library's ring buffer is counted, and costs the other library nothing.
#[test]
fn one_full_buffer_does_not_cost_the_other() {
    let mut open = open();
    let mut config = Execs::configure(&mut open).unwrap();
    config.execs.set_max_entries(4096).unwrap();
    let object = open.load().unwrap();
    let execs = Execs::bind(&object).unwrap();
    let exits = Exits::bind(&object).unwrap();
    let (started, ended) = (Pids::default(), Pids::default());
    let poll = poll_of_both((&execs, &started), (&exits, &ended));
    let _links = attach(&object);

    // Pages larger than 4096 bytes hold more than the thirty or so records.
    let mut run: Vec<u32> = Vec::new();
    while execs.lost() == 0 {
        assert!(run.len() < 10_000);
        run.push(run_a_program());
    }
    poll_until(&poll, |polled| {
        polled.unwrap();
        ended.of(&run).len() >= run.len()
    });
    assert_eq!(ended.of(&run), run);
    assert_eq!(exits.lost(), 0);
    // Full is full: after the first that was lost, none got in before the poll.
    let started = started.of(&run);
    assert!(run.starts_with(&started), "{started:?} {run:?}");
    let lost = run.len() - started.len();
    assert!(execs.lost() >= lost as u64, "{lost}");
}

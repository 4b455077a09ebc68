//! Two libraries in one object, and one loop of the application that polls both ring buffers.

use std::cell::RefCell;
use std::time::Duration;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::objects::{link, object};
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::{Object, ObjectBuilder, ProgramInput, RingBufferBuilder};

/// The library that reports opened files.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/opens.bpf.o"))]
struct Opens;

/// The library that reports processes that exit. It knows nothing of the other.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/exits.bpf.o"))]
struct Exits;

fn run(object: &Object, name: &str) {
    let program = object.progs_mut().find(|program| program.name() == name);
    let output = program.unwrap().test_run(ProgramInput::default()).unwrap();
    assert_eq!(output.return_value, 0);
}

#[test]
fn two_libraries_one_poll() {
    require_bpf();
    let application = link("shared_poll", &[&object("opens"), &object("exits")]);
    let object = ObjectBuilder::default()
        .open_file(application)
        .unwrap()
        .load()
        .unwrap();
    let (opens, exits) = (Opens::bind(&object).unwrap(), Exits::bind(&object).unwrap());
    exits.bss.last_exit.status.set(-9);

    // Each library names the type of its records, and adds itself to the application's builder.
    let opens = opens.maps.opens.records_of::<opens::open_event>();
    let received = RefCell::new(Vec::new());
    let mut builder = RingBufferBuilder::new();
    let opened = |event: &opens::open_event| {
        received.borrow_mut().push(("open", event.sequence, 0));
        0
    };
    opens.add_to(&mut builder, opened).unwrap();
    let exited = |event: &exits::exit_event| {
        let event = ("exit", event.sequence, event.status);
        received.borrow_mut().push(event);
        0
    };
    let exits = &exits.maps.exits;
    exits.add_records_to(&mut builder, exited).unwrap();
    let poll = builder.build().unwrap();

    for name in ["send_open", "send_exit", "send_open"] {
        run(&object, name);
    }
    poll.poll(Duration::ZERO).unwrap();
    let mut received = received.take();
    received.sort_unstable();
    assert_eq!(received, [("exit", 1, -9), ("open", 1, 0), ("open", 2, 0)]);
}

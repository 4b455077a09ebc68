//! Ring buffers in both directions, and perf buffers.

use std::cell::RefCell;
use std::time::Duration;

use bpf_subskeleton::maps::{PerfEventArray, RingBuf, UserRingBuf};
use libbpf_rs::{MapHandle, Object, ProgramInput, RingBufferBuilder};

use super::{Kinds, Newer, assert_errno, bind, kinds, newer, run};

const NOW: Duration = Duration::ZERO;

#[test]
fn ring_buffer() {
    let (object, kinds) = bind();
    let ring: RingBuf<kinds::record> = kinds.maps.ring.records_of();
    let received = RefCell::new(Vec::new());
    let mut builder = RingBufferBuilder::new();
    let push = |record: &kinds::record| {
        received.borrow_mut().push((record.sequence, record.kind));
        0
    };
    ring.add_to(&mut builder, push).unwrap();
    let poll = builder.build().unwrap();
    assert_eq!(run(&object, "send", 16, 3).result, 0);
    poll.poll(NOW).unwrap();
    assert_eq!(received.take(), [(0, 7), (1, 7), (2, 7)]);
    // Two good ones, two short ones, one good one: each short one is an error, and nothing else is lost.
    run(&object, "send", 16, 2);
    run(&object, "send", 8, 2);
    run(&object, "send", 16, 1);
    assert_errno(&poll.poll(NOW).unwrap_err(), libc::EBADMSG);
    assert_eq!(received.borrow().len(), 2);
    assert_errno(&poll.poll(NOW).unwrap_err(), libc::EBADMSG);
    assert_eq!(received.borrow().len(), 2);
    poll.poll(NOW).unwrap();
    assert_eq!(received.take(), [(0, 7), (1, 7), (0, 7)]);
}

/// From a handle that can't be moved, as in a method of the library on `&self`.
#[test]
fn records_of_a_whole_library() {
    let (object, kinds) = bind();
    let received = RefCell::new(Vec::new());
    let mut builder = RingBufferBuilder::new();
    let push = |record: &kinds::record| {
        received.borrow_mut().push((record.sequence, record.kind));
        0
    };
    kinds.maps.ring.add_records_to(&mut builder, push).unwrap();
    let poll = builder.build().unwrap();
    run(&object, "send", 16, 2);
    run(&object, "send", 8, 1);
    run(&object, "send", 16, 1);
    assert_errno(&poll.poll(NOW).unwrap_err(), libc::EBADMSG);
    assert_eq!(received.take(), [(0, 7), (1, 7)]);
    poll.poll(NOW).unwrap();
    assert_eq!(received.take(), [(0, 7)]);
}

#[test]
fn records_longer_than_their_type() {
    let (object, kinds) = bind();
    let ring: RingBuf<u64> = kinds.maps.ring.records_of();
    let received = RefCell::new(Vec::new());
    let mut builder = RingBufferBuilder::new();
    let push = |sequence: &u64| {
        received.borrow_mut().push(*sequence);
        0
    };
    ring.add_to(&mut builder, push).unwrap();
    let poll = builder.build().unwrap();
    run(&object, "send", 16, 2);
    poll.poll(NOW).unwrap();
    assert_eq!(received.take(), [0, 1]);
}

/// The kernel aligns records to 8 bytes, so every other one of these is not aligned for its type.
#[test]
fn records_of_a_type_that_is_aligned_to_more() {
    let (object, kinds) = bind();
    let ring: RingBuf<u128> = kinds.maps.ring.records_of();
    assert_eq!(align_of::<u128>(), 16);
    let received = RefCell::new(Vec::new());
    let mut builder = RingBufferBuilder::new();
    let push = |record: &u128| {
        assert!(std::ptr::from_ref(record).is_aligned());
        received.borrow_mut().push(*record as u64);
        0
    };
    ring.add_to(&mut builder, push).unwrap();
    let poll = builder.build().unwrap();
    run(&object, "send", 16, 4);
    run(&object, "send", 8, 1);
    assert_errno(&poll.poll(NOW).unwrap_err(), libc::EBADMSG);
    assert_eq!(received.take(), [0, 1, 2, 3]);
}

#[test]
fn records_as_bytes() {
    let (object, kinds) = bind();
    let lengths = RefCell::new(Vec::new());
    let mut builder = RingBufferBuilder::new();
    let push = |record: &[u8]| {
        lengths.borrow_mut().push(record.len());
        0
    };
    kinds.maps.ring.add_to(&mut builder, push).unwrap();
    let poll = builder.build().unwrap();
    run(&object, "send", 16, 1);
    run(&object, "send", 8, 1);
    poll.poll(NOW).unwrap();
    assert_eq!(lengths.take(), [16, 8]);
}

/// The callback may stop the poll; the next poll delivers the remaining records.
#[test]
fn callback_that_stops() {
    let (object, kinds) = bind();
    let ring: RingBuf<kinds::record> = kinds.maps.ring.records_of();
    let mut received = 0;
    let mut builder = RingBufferBuilder::new();
    let stop_once = |_: &kinds::record| {
        received += 1;
        if received == 1 { -libc::EINTR } else { 0 }
    };
    ring.add_to(&mut builder, stop_once).unwrap();
    let poll = builder.build().unwrap();
    run(&object, "send", 16, 3);
    assert_errno(&poll.poll(NOW).unwrap_err(), libc::EINTR);
    poll.poll(NOW).unwrap();
    drop(poll);
    assert_eq!(received, 3);
}

/// Runs the program that takes all records; returns how many there were.
fn drain(object: &Object) -> usize {
    let program = object.progs_mut().find(|program| program.name() == "drain");
    let output = program.unwrap().test_run(ProgramInput::default()).unwrap();
    output.return_value as usize
}

#[test]
fn user_ring_buffer() {
    let (object, newer) = newer();
    let ring = newer.user_ring.unwrap().records_of::<kinds::record>();
    let mut producer = ring.user_ring_buffer().unwrap();
    let mut send = |sequence| {
        producer.submit(&kinds::record {
            sequence,
            ..Default::default()
        })
    };
    for sequence in [5, 6, 7] {
        send(sequence).unwrap();
    }
    assert_eq!(drain(&object), 3);
    assert_eq!(newer.received.get(), 18);
    // 4096 bytes, of which each record takes 8 for a header and 16.
    let sent = (0..1000).take_while(|_| send(1).is_ok()).count();
    assert_eq!(sent, 4096 / 24);
    assert_eq!(drain(&object), sent);
    assert_eq!(newer.received.get() as usize, 18 + sent);
    send(1).unwrap();
}

#[test]
fn user_ring_buffer_of_a_whole_library() {
    let (object, newer) = newer();
    let ring = newer.user_ring.unwrap();
    let mut producer = ring.user_ring_buffer_of::<kinds::record>().unwrap();
    assert!(ring.user_ring_buffer_of::<kinds::record>().is_err());
    let record = kinds::record {
        sequence: 5,
        ..Default::default()
    };
    producer.submit(&record).unwrap();
    assert_eq!(drain(&object), 1);
    assert_eq!(newer.received.get(), 5);
}

/// Another would have the kernel write over what the first reads.
#[test]
fn one_consumer_of_a_ring_buffer() {
    let ((object, kinds), (_other, other)) = (bind(), bind());
    let again = Kinds::bind(&object).unwrap();
    let add = |kinds: &Kinds| {
        let mut builder = RingBufferBuilder::new();
        let added = kinds.maps.ring.add_to(&mut builder, |_| 0);
        added.map(|()| drop(builder))
    };
    let mut builder = RingBufferBuilder::new();
    kinds.maps.ring.add_to(&mut builder, |_| 0).unwrap();
    let refused = "this process has a consumer of the ring buffer, and there can be one";
    for kinds in [&kinds, &again] {
        let error = add(kinds).unwrap_err().to_string();
        assert!(error.starts_with(refused), "{error}");
    }
    let poll = builder.build().unwrap();
    assert!(add(&again).is_err());
    // That of another map is not in the way, nor is one that is gone.
    add(&other).unwrap();
    drop(poll);
    add(&again).unwrap();
    add(&kinds).unwrap();
}

/// Two producers would reserve the same bytes.
#[test]
fn one_producer_of_a_user_ring_buffer() {
    let rings = || {
        let (object, newer) = newer();
        let again = Newer::bind(&object).unwrap();
        let rings = [newer, again].map(|newer| newer.user_ring.unwrap());
        rings.map(UserRingBuf::records_of::<kinds::record>)
    };
    let ([ring, again], [other, _]) = (rings(), rings());
    let producer = ring.user_ring_buffer().unwrap();
    for ring in [&ring, &again] {
        let error = ring.user_ring_buffer().unwrap_err().to_string();
        assert!(error.contains("there can be one"), "{error}");
    }
    // That of another map is not in the way, nor is one that is gone.
    other.user_ring_buffer().unwrap();
    drop(producer);
    again.user_ring_buffer().unwrap();
}

/// Without a type, a sample is its bytes: here 16, and 4 bytes of padding, because the kernel stores a 4-byte
/// length before them.
#[test]
fn perf_events_as_bytes() {
    let (object, kinds) = bind();
    let lengths = RefCell::new(Vec::new());
    let push = |_cpu, sample: &[u8]| lengths.borrow_mut().push(sample.len());
    let poll = kinds.maps.perf_events.builder().sample_cb(push);
    let poll = poll.build().unwrap();
    run_sample(&object);
    poll.poll(NOW).unwrap();
    drop(poll);
    assert_eq!(lengths.into_inner(), [20, 4]);
}

/// Runs the program of a raw tracepoint, which takes arguments of its own.
fn run_sample(object: &Object) {
    let mut arguments = [0; 2];
    let program = object
        .progs_mut()
        .find(|program| program.name() == "sample");
    let input = ProgramInput {
        context_in: Some(&mut arguments),
        ..ProgramInput::default()
    };
    program.unwrap().test_run(input).unwrap();
}

#[test]
fn perf_events() {
    let (object, kinds) = bind();
    let events: PerfEventArray<kinds::record> = kinds.maps.perf_events.records_of();
    let received = RefCell::new(Vec::new());
    let poll = events
        .builder()
        .sample_cb(|_cpu, sample: &[u8]| {
            let record = PerfEventArray::<kinds::record>::record(sample);
            received
                .borrow_mut()
                .push(record.map(|record| record.sequence));
        })
        .build()
        .unwrap();
    run_sample(&object);
    poll.poll(NOW).unwrap();
    let received = received.take();
    assert_eq!(received[0].as_ref().unwrap(), &5);
    let short = received[1].as_ref().unwrap_err().to_string();
    assert!(short.contains("too short for a record of 16"), "{short}");
    assert_eq!(received.len(), 2);
    // The same run stored its stack trace.
    let id = u32::try_from(kinds.bss.stack_id.get()).unwrap();
    let stack = kinds.maps.stacks.lookup(&id).unwrap().unwrap();
    assert_ne!(stack[0], 0);
    assert_eq!(
        kinds
            .maps
            .stacks
            .keys()
            .map(Result::unwrap)
            .collect::<Vec<_>>(),
        [id]
    );
    assert!(kinds.maps.stacks.delete(&id).unwrap());
    assert!(kinds.maps.stacks.lookup(&id).unwrap().is_none());
    let _: &MapHandle = &kinds.maps.stacks;
}

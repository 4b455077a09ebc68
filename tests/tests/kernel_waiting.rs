//! The code in the guide "Wait for records".

use std::cell::Cell;
use std::error::Error;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::object;
use libbpf_rs::{Object, RingBufferBuilder};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use calls::record as Record;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/maps.bpf.o"))]
struct Calls {
    ring: maps::RingBuf<calls::record>,
}

/// A whole library, whose ring buffer has no type.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/opens.bpf.o"))]
struct Opens;

impl Opens {
    fn add_to<'map, 'callback: 'map>(
        &'map self,
        builder: &mut RingBufferBuilder<'map, 'callback>,
        mut on_open: impl FnMut(u32) + 'callback,
    ) -> libbpf_rs::Result<()> {
        let on_record = move |record: &opens::open_event| {
            on_open(record.pid);
            0
        };
        self.maps.opens.add_records_to(builder, on_record)
    }
}

fn in_a_thread(calls: Calls, sender: mpsc::Sender<u64>) -> JoinHandle<libbpf_rs::Result<()>> {
    thread::spawn(move || {
        let mut builder = RingBufferBuilder::new();
        calls.ring.add_to(&mut builder, |record: &Record| {
            // An answer below zero ends the poll: nobody is listening any more.
            sender.send(record.sequence).map_or(-1, |()| 0)
        })?;
        let ring_buffers = builder.build()?;
        loop {
            // Ends when the receiver is gone.
            match ring_buffers.poll(Duration::from_millis(100)) {
                Ok(()) => {}
                Err(_) => return Ok(()),
            }
        }
    })
}

async fn with_tokio(
    calls: &Calls,
    mut on_record: impl FnMut(&Record) -> bool,
) -> Result<(), Box<dyn Error>> {
    let stop = Cell::new(false);
    let mut builder = RingBufferBuilder::new();
    calls.ring.add_to(&mut builder, |record: &Record| {
        stop.set(!on_record(record));
        0
    })?;
    let ring_buffers = builder.build()?;
    let epoll = ring_buffers.epoll_fd();
    // SAFETY: the descriptor is that of `ring_buffers`, which is dropped after `readable`.
    let readable = unsafe { AsyncFd::register_with_interest(epoll, Interest::READABLE)? };
    while !stop.get() {
        let mut guard = readable.readable().await?;
        // Before records are read, so that none that comes meanwhile is missed.
        guard.clear_ready();
        ring_buffers.consume()?;
    }
    Ok(())
}

fn load() -> (Object, Calls) {
    let object = kernel::load(kernel::open(&object("maps")));
    let calls = Calls::bind(&object).unwrap();
    (object, calls)
}

/// Has BPF send `number` records, with sequences from 0.
fn send(object: &Object, number: u32) {
    let mut request = calls::request {
        what: 16,
        number,
        ..Default::default()
    };
    let programs = Calls::programs(object).unwrap();
    programs.send.run(&mut request).unwrap();
}

#[test]
fn records_of_a_whole_library() {
    let object = kernel::load(kernel::open(&object("opens")));
    let opens = Opens::bind(&object).unwrap();
    opens.bss.last_open.pid.set(7);
    let mut received = Vec::new();
    let mut builder = RingBufferBuilder::new();
    opens
        .add_to(&mut builder, |pid| received.push(pid))
        .unwrap();
    let ring_buffers = builder.build().unwrap();
    let programs = Opens::programs(&object).unwrap();
    programs.send_open.run(&[0]).unwrap();
    ring_buffers.consume().unwrap();
    drop(ring_buffers);
    assert_eq!(received, [7]);
}

#[test]
fn records_arrive_in_a_thread() {
    let (object, calls) = load();
    let (sender, receiver) = mpsc::channel();
    let thread = in_a_thread(calls, sender);
    send(&object, 3);
    let received: Vec<_> = receiver.iter().take(3).collect();
    assert_eq!(received, [0, 1, 2]);
    drop(receiver);
    // The next record finds nobody listening.
    send(&object, 1);
    thread.join().unwrap().unwrap();
}

#[test]
fn records_arrive_in_a_task() {
    let (object, calls) = load();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    // Some before the task begins to wait, and some while it does.
    send(&object, 2);
    let sent = Cell::new(2);
    let mut received = Vec::new();
    let task = with_tokio(&calls, |record| {
        received.push(record.sequence);
        if sent.get() < 6 {
            sent.set(sent.get() + 2);
            send(&object, 2);
        }
        received.len() < 6
    });
    runtime.block_on(task).unwrap();
    assert_eq!(received, [0, 1, 0, 1, 0, 1]);
}

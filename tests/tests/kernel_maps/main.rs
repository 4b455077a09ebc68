//! Typed maps of every map type, on the running kernel.

use std::thread;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::{kernel, objects};
use bytemuck::{Pod, Zeroable};
use libbpf_rs::{Error, MapType, Object, ProgramInput, Result};

mod arrays;
mod batches;
mod bpftool;
mod descriptors;
mod growing;
mod hashes;
mod listing;
mod open;
mod queues;
mod records;
mod reused;
mod sockets;
mod storage;
mod taking;
mod without_batches;

/// A map of each type that Linux 5.10 has.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/maps.bpf.o"))]
struct Kinds;

/// And of each newer one.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/newer_maps.bpf.o"))]
struct Newer {
    of_task: Option<maps::TaskStorage<newer::total>>,
    bloom: Option<maps::BloomFilter<u32>>,
    user_ring: Option<maps::UserRingBuf>,
    of_cgroup: Option<maps::CgrpStorage<newer::total>>,
    received: Var<u64>,
}

/// The context that the library's programs take.
#[repr(C)]
#[derive(Clone, Copy, Default, Pod, Zeroable)]
struct Request {
    what: u32,
    number: u32,
    result: u64,
}

fn bind() -> (Object, Kinds) {
    bind_with(|_maps| Ok(()))
}

/// Lets the maps be changed before load.
fn bind_with(change: impl FnOnce(&mut kinds::config::Maps<'_>) -> Result<()>) -> (Object, Kinds) {
    let mut open = kernel::open(&objects::object("maps"));
    change(&mut Kinds::configure(&mut open).unwrap().maps).unwrap();
    let object = open.load().unwrap();
    let kinds = Kinds::bind(&object).unwrap();
    (object, kinds)
}

/// Those of the newer maps that this kernel has.
fn newer() -> (Object, Newer) {
    let mut open = kernel::open(&objects::object("newer_maps"));
    let has_rings = MapType::UserRingBuf.is_supported().unwrap();
    let mut drain = open
        .progs_mut()
        .find(|program| program.name() == "drain")
        .unwrap();
    drain.set_autoload(has_rings);
    let object = open.load().unwrap();
    let newer = Newer::bind(&object).unwrap();
    (object, newer)
}

/// Runs one of the library's `syscall` programs.
fn run(object: &Object, name: &str, what: u32, number: u32) -> Request {
    let mut request = Request {
        what,
        number,
        result: 0,
    };
    let program = object.progs_mut().find(|program| program.name() == name);
    let input = ProgramInput {
        context_in: Some(bytemuck::bytes_of_mut(&mut request)),
        ..ProgramInput::default()
    };
    program.unwrap().test_run(input).unwrap();
    request
}

fn key(id: u32, port: u16) -> kinds::key {
    kinds::key { id, port, zone: 0 }
}

fn total(count: u64) -> kinds::total {
    kinds::total { count, sum: 2 }
}

/// The kernel's error number, which libbpf-rs' error wraps.
#[track_caller]
fn assert_errno(error: &Error, number: i32) {
    let expected = Error::from(std::io::Error::from_raw_os_error(number));
    assert!(
        format!("{error:#}").ends_with(&expected.to_string()),
        "{error:#}"
    );
}

fn cpus() -> usize {
    libbpf_rs::num_possible_cpus().unwrap()
}

/// Values of hundreds of kilobytes don't fit on the stack of a test.
fn with_large_stack(run: impl FnOnce() + Send) {
    thread::scope(|scope| {
        let builder = thread::Builder::new().stack_size(64 << 20);
        builder.spawn_scoped(scope, run).unwrap().join().unwrap();
    });
}

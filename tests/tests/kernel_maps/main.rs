//! Typed maps of every map type, on the running kernel.

use std::thread;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::{objects, require_bpf};
use bytemuck::{Pod, Zeroable};
use libbpf_rs::{Error, Object, ObjectBuilder, ProgramInput, Result};

mod arrays;
mod batches;
mod bpftool;
mod descriptors;
mod hashes;
mod listing;
mod open;
mod queues;
mod records;
mod sockets;
mod storage;
mod taking;
mod without_batches;

/// A map of each type.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/maps.bpf.o"))]
struct Kinds;

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
    require_bpf();
    let mut open = ObjectBuilder::default()
        .open_file(objects::object("maps"))
        .unwrap();
    change(&mut Kinds::configure(&mut open).unwrap().maps).unwrap();
    let object = open.load().unwrap();
    let kinds = Kinds::bind(&object).unwrap();
    (object, kinds)
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

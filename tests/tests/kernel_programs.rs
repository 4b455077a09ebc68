//! A library's programs: attached without the application's, left off, and called from user space.

use std::os::fd::AsFd as _;
use std::thread;
use std::time::Duration;

use bpf_subskeleton::libbpf_rs::Object;
use bpf_subskeleton::{Running, subskeleton};
use bpf_subskeleton_tests::{kernel, objects, require_bpf};

/// A library with many types of programs.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/prog_lib.bpf.o"))]
pub struct Programs;

/// A library with `SEC("syscall")` programs.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/maps.bpf.o"))]
pub struct Calls;

fn load(name: &str) -> Object {
    kernel::load(kernel::open(&objects::object(name)))
}

#[test]
fn a_call_takes_and_returns_a_context() {
    require_bpf();
    let object = load("maps");
    let calls = Calls::programs(&object).unwrap();
    let mut request = calls::request {
        what: 16,
        number: 3,
        ..Default::default()
    };
    assert_eq!(calls.send.run(&mut request).unwrap(), 3);
    assert_eq!(request.result, 0, "all records fit");
    // More than a page of them.
    request.number = 16;
    for _ in 0..16 {
        assert_eq!(calls.send.run(&mut request).unwrap(), 16);
    }
    assert_ne!(
        request.result, 0,
        "the program wrote that the buffer was full"
    );
}

#[test]
fn a_program_that_reads_no_argument_needs_none() {
    require_bpf();
    let object = load("prog_lib");
    let library = Programs::bind(&object).unwrap();
    let programs = Programs::programs(&object).unwrap();
    assert_eq!(programs.prog_on_enter.run(&[]).unwrap(), 0);
    assert_eq!(library.bss.prog_enters.get(), 1);
}

/// The kernel writes to the arguments of some types of programs, and not of others.
#[test]
fn a_program_of_another_type_is_refused() {
    require_bpf();
    let source = include_str!("../../bpf-src/prog_lib.bpf.c");
    let changes = [
        // A `socket` program may not write to its context.
        ("args->out = args->in + prog_offset", "prog_runs++"),
        ("return args->out", "return 1"),
        ("SEC(\"syscall\")", "SEC(\"socket\")"),
        ("SEC(\"raw_tp/sys_enter\")", "SEC(\"syscall\")"),
    ];
    let path = objects::compile_changed("program-types", source, &changes);
    let expected = [
        "program `prog_on_enter`: built with type raw_tracepoint (`raw_tp/sys_enter`), the object has type syscall",
        "program `prog_run`: built with type syscall (`syscall`), the object has type socket_filter",
    ];
    let mut open = kernel::open(&path);
    assert_eq!(kernel::problems(Programs::configure(&mut open)), expected);
    let object = kernel::load(open);
    assert_eq!(kernel::problems(Programs::programs(&object)), expected);
    let program = object.progs().next().unwrap();
    let running = Running::from_program_fd(program.as_fd()).unwrap();
    assert_eq!(kernel::problems(Programs::programs(&running)), expected);
}

#[test]
fn a_library_is_attached_without_the_application() {
    require_bpf();
    let object = load("prog_lib");
    let library = Programs::bind(&object).unwrap();
    let links = Programs::programs(&object).unwrap().attach().unwrap();
    assert!(links.prog_on_enter.is_some() && links.prog_on_switch_b.is_some());
    assert!(
        links.prog_on_exit.is_none(),
        "`?` means: not unless asked for"
    );
    thread::yield_now();
    let enters = library.bss.prog_enters.get();
    assert_ne!(enters, 0);
    drop(links);
    let enters = library.bss.prog_enters.get();
    thread::sleep(Duration::from_millis(20));
    assert_eq!(library.bss.prog_enters.get(), enters, "the links are gone");
}

#[test]
fn a_library_is_attached_in_part_or_not_at_all() {
    require_bpf();
    let mut open = kernel::open(&objects::object("prog_lib"));
    let mut config = Programs::configure(&mut open).unwrap();
    config.programs.prog_on_enter.set_autoattach(false);
    config.programs.prog_on_exit.set_autoload(true);
    config.programs.prog_on_switch_a.set_autoload(false);
    let object = open.load().unwrap();
    let programs = Programs::programs(&object).unwrap();
    let links = programs.attach().unwrap();
    assert!(links.prog_on_enter.is_none() && links.prog_on_switch_a.is_none());
    assert!(links.prog_on_exit.is_some() && links.prog_on_switch_b.is_some());
    // A program that is not attached automatically can be attached by hand.
    assert!(programs.prog_on_enter.attach().unwrap().is_none());
    drop((*programs.prog_on_enter).attach().unwrap());
}

#[test]
fn a_failure_names_the_program_and_detaches_the_others() {
    require_bpf();
    let source = include_str!("../../bpf-src/prog_lib.bpf.c");
    let nowhere = source.replace("raw_tp/sched_switch", "raw_tp/no_such_tracepoint");
    let path = objects::compile_c("nowhere", &nowhere);
    let object = kernel::load(kernel::open(&path));
    let library = Programs::bind(&object).unwrap();
    let error = Programs::programs(&object).unwrap().attach().unwrap_err();
    assert_eq!(error.name(), "prog_on_switch_a");
    assert!(error.to_string().contains("`prog_on_switch_a`"), "{error}");
    let enters = library.bss.prog_enters.get();
    thread::sleep(Duration::from_millis(20));
    assert_eq!(
        library.bss.prog_enters.get(),
        enters,
        "none is left attached"
    );
}

#[test]
fn a_call_has_no_link() {
    require_bpf();
    let object = load("maps");
    let links = Calls::programs(&object).unwrap().attach().unwrap();
    assert!(links.send.is_none() && links.fill.is_none() && links.count.is_none());
}

#[test]
fn a_program_that_is_not_loaded_cannot_be_called() {
    require_bpf();
    let mut open = kernel::open(&objects::object("maps"));
    let mut config = Calls::configure(&mut open).unwrap();
    config.programs.send.set_autoload(false);
    let object = open.load().unwrap();
    let calls = Calls::programs(&object).unwrap();
    let mut request = calls::request::default();
    calls.send.run(&mut request).unwrap_err();
    calls.count.run(&mut request).unwrap();
}

#[test]
fn a_context_of_another_type_is_an_error() {
    require_bpf();
    let source = include_str!("../../bpf-src/maps.bpf.c");
    let wider = source.replace("__u32 number;", "__u64 number;");
    let path = objects::compile_c("wider_request", &wider);
    let object = kernel::load(kernel::open(&path));
    let error = Calls::programs(&object).unwrap_err();
    let paths: Vec<_> = error
        .problems()
        .iter()
        .map(|problem| problem.path())
        .collect();
    assert!(paths.contains(&"send(context).number"), "{error}");
}

#[test]
fn a_context_without_a_type_is_an_error() {
    require_bpf();
    let source = include_str!("../../bpf-src/maps.bpf.c");
    let typed = "int fill(struct request *request)\n{";
    let untyped = "int fill(void *context)\n{\n\tstruct request *request = context;";
    assert!(source.contains(typed));
    let path = objects::compile_c("untyped_request", &source.replace(typed, untyped));
    let object = kernel::load(kernel::open(&path));
    let error = Calls::programs(&object).unwrap_err();
    let problems: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        ["program `fill(context)`: built with struct request, the object has void"]
    );
}

#[test]
fn contexts_of_an_object_without_btf() {
    require_bpf();
    let source = "
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        SEC(\"syscall\") int send(void *ctx) { return 0; }";
    let path = objects::compile_c("programs_no_btf", source);
    let path = objects::changed("programs_no_btf", &path, |bytes| {
        objects::rename(bytes, ".BTF\0", ".XTF\0");
    });
    let object = kernel::load(kernel::open(&path));
    let error = Calls::programs(&object).unwrap_err();
    // After the programs that it lacks.
    let last = error.problems().last().unwrap().to_string();
    let expected = "object: has no BTF to check the library's types against; compile it with `-g`";
    assert_eq!(last, expected);
}

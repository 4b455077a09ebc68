//! The programs and `struct_ops` of objects that already run.

use bpf_subskeleton::{Running, subskeleton};
use bpf_subskeleton_tests::kernel::{load, open, problems};
use bpf_subskeleton_tests::objects::{compile_c, object};
use libbpf_rs::{MapType, Object, ProgramType};
use std::os::fd::AsFd as _;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/prog_lib.bpf.o"))]
struct Lib;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/test_run.bpf.o"))]
struct TestRun;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/struct_ops.bpf.o"))]
struct Congestion;

/// What the kernel has of the object.
fn running(object: &Object) -> Running {
    let mut programs = object.progs();
    let program = programs.find(|program| program.autoload()).unwrap();
    Running::from_program_fd(program.as_fd()).unwrap()
}

#[test]
fn programs_have_their_ids_and_can_be_called() {
    let object = load(open(&object("prog_lib")));
    let running = running(&object);
    let programs = Lib::programs(&running).unwrap();
    let lib = Lib::bind(&running).unwrap();

    let mut args = lib::prog_args { r#in: 5, out: 0 };
    assert_eq!(programs.prog_run.run(&mut args).unwrap(), 105);
    assert_eq!((args.out, lib.bss.prog_runs.get()), (105, 1));

    let loaded = programs.prog_run.loaded().unwrap();
    let mut infos = libbpf_rs::query::ProgInfoIter::default();
    let info = infos.find(|info| info.id == loaded.id()).unwrap();
    assert_eq!((info.tag.0, info.ty), (loaded.tag(), ProgramType::Syscall));
    assert_eq!(loaded.program_type(), ProgramType::Syscall);
    assert_eq!(loaded.name(), "prog_run");
    assert_eq!(format!("{:?}", programs.prog_run), r#"Program("prog_run")"#);
}

/// The kernel keeps `prog_on_switch_`, and BTF the rest.
#[test]
fn names_that_the_kernel_cuts_are_told_apart() {
    let object = load(open(&object("prog_lib")));
    let running = running(&object);
    let programs = Lib::programs(&running).unwrap();
    let (a, b) = (&programs.prog_on_switch_a, &programs.prog_on_switch_b);
    assert_ne!(a.id(), b.id());
    assert_eq!(a.loaded().unwrap().name(), "prog_on_switch_a");
    assert_eq!(b.loaded().unwrap().name(), "prog_on_switch_b");
}

/// `SEC("?…")`, and what the application leaves out.
#[test]
fn a_program_that_is_not_loaded_has_no_id() {
    let object = load(open(&object("prog_lib")));
    let running = running(&object);
    let programs = Lib::programs(&running).unwrap();
    assert!(programs.prog_on_exit.id().is_none() && programs.prog_on_exit.fd().is_none());
    assert!(programs.prog_on_enter.fd().is_some());

    let mut open = open(&bpf_subskeleton_tests::objects::object("prog_lib"));
    let config = Lib::configure(&mut open).unwrap();
    let mut call = config.programs.prog_run;
    call.set_autoload(false);
    let object = load(open);
    let running = self::running(&object);
    let programs = Lib::programs(&running).unwrap();
    assert!(programs.prog_run.id().is_none());
    let error = programs.prog_run.run(&mut lib::prog_args::default());
    assert_eq!(
        error.unwrap_err().to_string(),
        "program `prog_run` is not loaded: `set_autoload(false)`, or a `?` in its section, leaves it out"
    );
}

#[test]
fn packets_and_arguments_of_tracepoints_are_taken_too() {
    let object = load({
        let mut open = open(&object("test_run"));
        let mut config = TestRun::configure(&mut open).unwrap();
        config.programs.run_on_target.set_autoload(false);
        open
    });
    let running = running(&object);
    let programs = TestRun::programs(&running).unwrap();
    let mut packet = vec![1; 100];
    // XDP_PASS
    assert_eq!(programs.run_xdp.run(&mut packet).unwrap(), 2);
    assert_eq!((packet[0], packet.len()), (2, 64));
    assert_eq!(programs.run_raw_tp.run(&[7, 4]).unwrap(), 3);
}

#[test]
fn programs_that_differ_are_refused_as_in_an_object() {
    let source = "struct prog_args { unsigned in; long out; };
        __attribute__((section(\"syscall\"), used)) int prog_run(struct prog_args *args) { return args->in; }
        char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";";
    let object = load(open(&compile_c("running_context", source)));
    let in_object = problems(Lib::programs(&object));
    assert!(
        in_object
            .iter()
            .any(|problem| problem.starts_with("program `prog_run(context).out`"))
    );
    assert!(in_object.len() > 4);
    assert_eq!(problems(Lib::programs(&running(&object))), in_object);
}

#[test]
fn struct_ops_are_maps_of_the_kernel() {
    let object = load(open(&object("struct_ops")));
    let running = running(&object);
    let programs = Congestion::programs(&running).unwrap();
    let maps: Vec<_> = [&programs.cc_linked, &programs.cc_unlinked]
        .into_iter()
        .map(|ops| ops.map().unwrap())
        .collect();
    assert!(maps.iter().all(|map| map.map_type() == MapType::StructOps));
    assert_ne!(maps[0].id(), maps[1].id());
    // `SEC("?.struct_ops.link")`
    assert!(programs.cc_optional.map().is_none());
}

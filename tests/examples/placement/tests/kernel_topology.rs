//! A library that every application sets up in the same way.

use std::process::Command;

use bpf_subskeleton::include_object;
use bpf_subskeleton::libbpf_rs::{Object, ObjectBuilder, ProgramInput};
use bpf_subskeleton_tests::require_bpf;
use topology::{Domains, Error, Topology};

static OBJECT: &[u8] = include_object!("placement.bpf.o");

fn domains(of_cpu: &[u32]) -> Domains {
    Domains {
        of_cpu: of_cpu.to_vec(),
        smt: true,
    }
}

fn load(domains: &Domains) -> Object {
    let mut open = ObjectBuilder::default().open_memory(OBJECT).unwrap();
    Topology::configure_for(&mut open, domains).unwrap();
    open.load().unwrap()
}

#[test]
fn each_cpu_is_in_its_domain() {
    require_bpf();
    let domains = domains(&[0, 1, 0, 1, 2]);
    let object = load(&domains);
    let topology = Topology::set_up(&object, &domains).unwrap();
    assert_eq!(topology.cpus_of(0).collect::<Vec<_>>(), [0, 2]);
    assert_eq!(topology.cpus_of(1).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(topology.cpus_of(2).collect::<Vec<_>>(), [4]);
    assert_eq!(topology.rodata.topo_nr_domains.get(), 3);
    assert_eq!(topology.bss.topo_domains[1].nr_cpus.get(), 2);
}

#[test]
fn a_cpu_is_refused_twice() {
    require_bpf();
    let domains = domains(&[0, 0]);
    let object = load(&domains);
    Topology::set_up(&object, &domains).unwrap();
    let error = Topology::set_up(&object, &domains).unwrap_err();
    assert!(matches!(error, Error::Refused { cpu: 0, .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the library refuses CPU 0: File exists (os error 17)"
    );
}

/// The hazard: bytes of a struct that has become longer are no argument any more, and nothing says so
/// before the call. The companion's struct is the library's.
#[test]
fn a_slice_of_bytes_is_whatever_it_is() {
    require_bpf();
    let object = load(&domains(&[0]));
    // As a struct of an older library, which had one field less, would be passed.
    let mut bytes = [0; 8];
    let mut programs = object.progs_mut();
    let program = programs
        .find(|program| program.name() == "topo_add_cpu")
        .unwrap();
    let input = ProgramInput {
        context_in: Some(&mut bytes),
        ..Default::default()
    };
    assert!(program.test_run(input).is_err());

    let programs = Topology::programs(&object).unwrap();
    let mut arguments = topology::topology::topo_cpu::default();
    assert_eq!(programs.topo_add_cpu.run(&mut arguments).unwrap(), 0);
    assert_eq!(arguments.nr_cpus, 1);
}

#[test]
fn runs() {
    require_bpf();
    let output = Command::new(env!("CARGO_BIN_EXE_placement"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let output = String::from_utf8(output.stdout).unwrap();
    assert!(output.starts_with("domain 0: CPUs 0"), "{output}");
    assert!(output.contains(" moves to another CPU, "), "{output}");
}

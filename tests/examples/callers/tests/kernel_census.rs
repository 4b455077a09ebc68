//! A tree that BPF programs build, and the companion prints.

use std::collections::BTreeMap;
use std::process::{self, Command};
use std::time::Duration;
use std::{mem, thread};

use bpf_subskeleton::include_object;
use bpf_subskeleton::libbpf_rs::{Link, Object, ObjectBuilder};
use bpf_subskeleton_tests::require_bpf;
use census::{Census, Error};

static OBJECT: &[u8] = include_object!("callers.bpf.o");

fn load() -> Object {
    require_bpf();
    let open = ObjectBuilder::default().open_memory(OBJECT).unwrap();
    open.load().unwrap()
}

fn attach(object: &Object) -> Link {
    let mut programs = object.progs_mut();
    let program = programs.find(|program| program.name() == "on_call");
    program.unwrap().attach().unwrap()
}

/// Makes system calls, here and in another process, whose id is returned.
fn call() -> u32 {
    for _ in 0..100 {
        std::fs::metadata("/proc").unwrap();
    }
    let mut child = Command::new("true").spawn().unwrap();
    child.wait().unwrap();
    child.id()
}

#[test]
fn each_process_is_counted() {
    let object = load();
    let census = Census::allocate(&object, 64).unwrap();
    let arena = Census::arena(&object).unwrap();
    assert_eq!(arena.counts(), []);
    let link = attach(&object);
    let child = call();
    drop(link);
    // The program may still run on another CPU.
    let mut counts = arena.counts();
    loop {
        thread::sleep(Duration::from_millis(50));
        let before = mem::replace(&mut counts, arena.counts());
        if before == counts {
            break;
        }
    }
    assert!(counts.is_sorted(), "{counts:?}");
    let by_pid: BTreeMap<_, _> = counts.into_iter().collect();
    assert!(by_pid[&process::id()] >= 100, "{by_pid:?}");
    assert!(by_pid.contains_key(&child), "{by_pid:?}");
    assert_eq!(census.lost(), 0);
    // The nodes are those that the program was given.
    let nodes = arena.slice(
        census.bss.census_nodes.get(),
        census.bss.census_used.get() as usize,
    );
    let counted = nodes.unwrap().iter().filter(|node| node.count.get() != 0);
    assert_eq!(counted.count(), by_pid.len());
}

#[test]
fn what_has_no_memory_is_lost() {
    let object = load();
    let arena = Census::arena(&object).unwrap();
    let census = Census::bind(&object).unwrap();
    let link = attach(&object);
    call();
    drop(link);
    assert_eq!(arena.counts(), []);
    assert!(census.lost() >= 100);
    // More than the arena has.
    let error = Census::allocate(&object, 2000).unwrap_err();
    assert!(matches!(error, Error::Memory(libc::ENOMEM)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the census gets no memory: Cannot allocate memory (os error 12)"
    );
    Census::allocate(&object, 1).unwrap();
    let error = Census::allocate(&object, 1).unwrap_err();
    assert!(matches!(error, Error::Memory(libc::EEXIST)), "{error:?}");
}

/// The hazard: a pointer that leads anywhere else, a circle, and a page that nobody allocated.
#[test]
fn pointers_may_lead_anywhere() {
    let object = load();
    Census::allocate(&object, 1).unwrap();
    let arena = Census::arena(&object).unwrap();
    let root = arena.pointer_to(arena.census_root).unwrap();
    let children = &arena.census_root.child;
    for address in [1, 0xdead_beef, u64::MAX - 7, root.address() + 4] {
        children[3].set(bpf_subskeleton::BpfPtr::from_address(address));
        assert_eq!(arena.counts(), [], "{address:#x}");
    }
    // The root is its own child on all levels: the key has the same digit everywhere.
    children[3].set(root);
    arena.census_root.count.set(9);
    assert_eq!(arena.counts(), [(0x3333_3333, 9)]);
    let never = arena.addresses().end - 136;
    let zeroes = bpf_subskeleton::BpfPtr::from_address(never as u64);
    children[3].set(zeroes);
    assert_eq!(arena.counts(), []);
}

#[test]
fn runs() {
    require_bpf();
    let output = Command::new(env!("CARGO_BIN_EXE_callers"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let output = String::from_utf8(output.stdout).unwrap();
    assert!(output.contains(" by "), "{output}");
    assert!(
        output.contains(" processes, 0 calls not counted"),
        "{output}"
    );
}

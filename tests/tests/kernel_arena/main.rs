//! Variables in an arena, and what pointers into it lead to.

mod drift;
mod linker;
mod pointers;
mod refused;

use std::path::PathBuf;

use bpf_subskeleton::libbpf_rs::{Object, ProgramInput};
use bpf_subskeleton::{BpfPtr, subskeleton};
use bpf_subskeleton_tests::kernel::{load, open};
use bpf_subskeleton_tests::objects::{compile_c, link, object};
use bpf_subskeleton_tests::require_bpf;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/arena.bpf.o"))]
struct Lib;

/// A selection has no variables in the arena, but follows pointers.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/arena.bpf.o"))]
struct Last {
    last: Var<_>,
}

/// The application: variables of its own in the arena, before and after those of the library, statics of the same name
/// too.
const APPLICATION: &str = r#"
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    #include "arena.h"

    struct {
        __uint(type, ARENA);
        __uint(map_flags, BPF_F_MMAPABLE);
        __uint(max_entries, 100);
    } arena __weak SEC(".maps");

    static __u32 __arena_global hidden_count = 5;
    __u64 __arena_global own_NAME[700] = { 9 };

    SEC("syscall") int own_program_NAME(void *ctx)
    {
    #ifdef __BPF_FEATURE_ADDR_SPACE_CAST
        own_NAME[1] += hidden_count;
    #endif
        return 0;
    }
    char LICENSE[] SEC("license") = "GPL";
"#;

fn part(name: &str) -> PathBuf {
    compile_c(&format!("arena-{name}"), &APPLICATION.replace("NAME", name))
}

/// The library between two parts of an application.
fn linked() -> PathBuf {
    let library = object("arena");
    link("arena-linked", &[&part("front"), &library, &part("back")])
}

fn loaded() -> Object {
    require_bpf();
    load(open(&linked()))
}

fn push(object: &Object, value: u64, count: u64) -> i32 {
    let programs = Lib::programs(object).unwrap();
    programs
        .push
        .run(&mut lib::push_args { value, count })
        .unwrap()
}

fn run(object: &Object, name: &str) -> i32 {
    let mut programs = object.progs_mut();
    let program = programs.find(|program| program.name() == name).unwrap();
    let output = program.test_run(ProgramInput::default()).unwrap();
    output.return_value.cast_signed()
}

#[test]
fn variables_are_where_programs_have_them() {
    let object = loaded();
    let bound = Lib::bind(&object).unwrap();
    let arena = Lib::arena(&object).unwrap();
    assert_eq!(arena.limit.get(), 40);
    assert_eq!(arena.tally.by_kind.get(), [1, 2, 3]);
    assert!(arena.head.get().is_null());
    assert_eq!(&arena.tail.get(), b"ab\0\0\0\0\0\0");

    // What a program writes.
    assert_eq!(push(&object, 7, 2), 0);
    assert_eq!(arena.tally.pushed.get(), 2);
    assert_eq!(arena.tally.by_kind[1].get(), 4);
    assert!(!arena.tally.full.get().as_bool());
    // What a program reads.
    arena.limit.set(3);
    assert_eq!(push(&object, 7, 2), -libc::ENOSPC);
    assert!(arena.tally.full.get().as_bool());
    arena.tail[0].set(b'x');
    assert_eq!(run(&object, "tell"), i32::from(b'x'));
    // Where the programs have them.
    let addresses = bound.bss.addresses.get();
    let own = [
        arena.pointer_to(arena.limit).unwrap().address(),
        arena.pointer_to(arena.tally).unwrap().address(),
        arena.pointer_to(arena.head).unwrap().address(),
        arena.pointer_to(arena.tail).unwrap().address(),
    ];
    assert_eq!(addresses[..2], own[..2]);
    let lower = u64::from(u32::MAX);
    assert_eq!(addresses[2..], [own[2] & lower, own[3] & lower]);
    // Half an address will do.
    let tail = arena.slice(BpfPtr::<u8>::from_address(addresses[3]), 2);
    assert_eq!(tail.unwrap()[0].get(), b'x');
}

#[test]
fn initial_values_are_set_before_load() {
    require_bpf();
    let mut open = open(&linked());
    let config = Lib::configure(&mut open).unwrap();
    assert_eq!(*config.arena.limit, 40);
    *config.arena.limit = 1;
    config.arena.tally.pushed = 1;
    *config.arena.tail = *b"abcdefgh";
    let object = load(open);
    let arena = Lib::arena(&object).unwrap();
    assert_eq!(arena.limit.get(), 1);
    assert_eq!(arena.tally.by_kind.get(), [1, 2, 3]);
    assert_eq!(&arena.tail.get(), b"abcdefgh");
    assert_eq!(push(&object, 0, 1), -libc::ENOSPC);
}

#[test]
fn descriptions_say_which_are_in_the_arena() {
    let in_arena = Lib::VARIABLES
        .iter()
        .filter(|variable| variable.is_in_arena());
    let names: Vec<_> = in_arena.map(|variable| variable.name()).collect();
    assert_eq!(names, ["limit", "tally", "tail", "head"]);
    // Types that hold themselves can be written.
    assert!(format!("{:?}", Lib::VARIABLES).contains("limit"));
}

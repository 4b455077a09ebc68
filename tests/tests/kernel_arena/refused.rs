//! Arenas that can't be bound.

use std::os::fd::AsFd as _;

use bpf_subskeleton::libbpf_rs::{MapCore as _, MapHandle, MapType, Object, OpenObject};
use bpf_subskeleton::{Running, subskeleton};
use bpf_subskeleton_tests::kernel::{load, open, problems};
use bpf_subskeleton_tests::objects::compile_c;
use bpf_subskeleton_tests::require_bpf;

use super::{Lib, linked, loaded};

/// A library whose variables are none of the arena's.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/selection.bpf.o"))]
struct Other;

const NO_ARENA: &str = r#"
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    __u64 limit;
    static __u32 tally;
    SEC("syscall") int none(void *ctx) { limit += tally++; return 0; }
    char LICENSE[] SEC("license") = "GPL";
"#;

/// Loads what is left without the arena, as any kernel can.
fn without_the_arena(mut open: OpenObject) -> Object {
    for mut program in open.progs_mut() {
        program.set_autoload(false);
    }
    let mut map = open.maps_mut().find(|map| map.name() == "arena").unwrap();
    map.set_autocreate(false).unwrap();
    load(open)
}

/// libbpf would give the memory of the arena's variables for it.
#[test]
fn a_section_as_an_arena() {
    require_bpf();
    let mut open = open(&linked());
    for mut map in open.maps_mut() {
        let name = map.name().to_string_lossy().into_owned();
        if name == "arena" {
            map.set_type(MapType::Array).unwrap();
        } else if name.ends_with(".bss") {
            map.set_type(MapType::Arena).unwrap();
        }
    }
    let found = problems(Lib::configure(&mut open));
    let expected =
        "section `.addr_space.1`: the object has no arena, a map of type BPF_MAP_TYPE_ARENA";
    assert!(found.iter().any(|problem| problem == expected), "{found:?}");
}

#[test]
fn an_object_without_an_arena() {
    require_bpf();
    let object = load(open(&compile_c("arena-none", NO_ARENA)));
    let found = problems(Lib::arena(&object));
    assert_eq!(
        found,
        [
            "variable `limit`: not in the object: its variable of that name is not in an arena",
            "variable `tally`: not in the object: it has a static or hidden variable of that name",
            "variable `tail`: not in the object; is the library linked into it?",
            "variable `head`: not in the object; is the library linked into it?",
            "object: the object has no arena, a map of type BPF_MAP_TYPE_ARENA",
        ]
    );
    let mut open = open(&compile_c("arena-none", NO_ARENA));
    let found = problems(Lib::configure(&mut open));
    assert!(
        found.contains(
            &"variable `tail`: not in the object; is the library linked into it?".to_owned()
        ),
        "{found:?}"
    );
}

#[test]
fn a_variable_that_was_moved_into_an_arena() {
    require_bpf();
    let source = r#"
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        #include "arena.h"
        struct {
            __uint(type, ARENA);
            __uint(map_flags, BPF_F_MMAPABLE);
            __uint(max_entries, 10);
        } arena SEC(".maps");
        __u64 __arena_global samples;
        SEC("syscall") int none(void *ctx)
        {
        #ifdef __BPF_FEATURE_ADDR_SPACE_CAST
            samples++;
        #endif
            return 0;
        }
        char LICENSE[] SEC("license") = "GPL";
    "#;
    let object = without_the_arena(open(&compile_c("arena-moved", source)));
    let found = problems(Other::bind(&object));
    let moved = "variable `samples`: not in the object: its variable of that name is in an arena, where `arena` finds it, \
                 not `bind`";
    assert!(found.contains(&moved.to_owned()), "{found:#?}");
}

/// The arena of another object, in place of the object's own.
#[test]
fn an_arena_that_was_replaced() {
    let first = loaded();
    let maps = Lib::bind(&first).unwrap().maps;
    let mut open = open(&linked());
    let mut map = open.maps_mut().find(|map| map.name() == "arena").unwrap();
    map.reuse_fd(maps.arena.as_fd()).unwrap();
    let found = problems(Lib::configure(&mut open));
    assert_eq!(
        found,
        [
            "section `.addr_space.1`: its map was replaced (`reuse_fd`), so initial values would be lost: bind after load, \
          and write to the variables"
        ]
    );
    let second = load(open);
    let found = problems(Lib::arena(&second));
    assert_eq!(
        found,
        [
            "map `arena`: is not mapped into this process by its object: libbpf does that from version 1.4 on, and not for an \
          arena that replaced its own (`reuse_fd`, a pinned map)"
        ]
    );
    // The first is as it was.
    assert_eq!(Lib::arena(&first).unwrap().limit.get(), 40);
}

#[test]
fn an_arena_that_was_left_out() {
    require_bpf();
    let found = problems(Lib::arena(&without_the_arena(open(&linked()))));
    assert_eq!(
        found,
        ["map `arena`: was not created: `set_autocreate(false)` left it out"]
    );
}

/// libbpf doesn't say where it put the variables; programs do.
#[test]
fn an_arena_that_no_program_uses() {
    require_bpf();
    let mut open = open(&linked());
    for mut program in open.progs_mut() {
        program.set_autoload(false);
    }
    let object = load(open);
    let found = problems(Lib::arena(&object));
    assert_eq!(
        found,
        [
            "section `.addr_space.1`: no program that is loaded uses a variable in the arena: it is unknown where libbpf \
          put them"
        ]
    );
}

/// There, a page that is freed is a fault.
#[test]
fn an_arena_with_faults() {
    require_bpf();
    let source = r#"
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        #include "arena.h"
        struct {
            __uint(type, ARENA);
            __uint(map_flags, BPF_F_MMAPABLE | 1U << 17 /* BPF_F_SEGV_ON_FAULT */);
            __uint(max_entries, 10);
        } faulting SEC(".maps");
        SEC("syscall") int none(void *ctx)
        {
        #ifdef __BPF_FEATURE_ADDR_SPACE_CAST
            bpf_arena_free_pages(&faulting, 0, 1);
        #endif
            return 0;
        }
        char LICENSE[] SEC("license") = "GPL";
    "#;
    let object = load(open(&compile_c("arena-faulting", source)));
    let found = problems(super::Last::arena(&object));
    assert_eq!(
        found,
        [
            "map `faulting`: has the flag BPF_F_SEGV_ON_FAULT: once a BPF program frees a page, any access to it kills this \
          process; define it without"
        ]
    );
}

#[test]
fn an_arena_of_another_process() {
    let object = loaded();
    let program = object.progs_mut().next().unwrap();
    let running = Running::from_program_fd(program.as_fd()).unwrap();
    let found = problems(Lib::arena(&running));
    assert_eq!(
        found,
        [
            "object: pointers into its arena hold addresses of the process that loaded it, where the arena is mapped; call \
          `arena` there, on the `Object`"
        ]
    );
    // The map itself is found.
    let info = MapHandle::from_map_id(
        Lib::bind(&running)
            .unwrap()
            .maps
            .arena
            .info()
            .unwrap()
            .info
            .id,
    );
    assert_eq!(info.unwrap().max_entries(), 100);
}

//! Hundreds of variables in an arena: the runtime fills that struct in a loop, too, so each field must be its own
//! variable's, and the arena itself comes after them.

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::{compile_c, link, object};

/// 300 variables in an arena.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/many_in_arena.bpf.o"))]
struct Large;

/// libbpf's place for them is known from a program that uses one.
const USER: &str = r#"
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    #include "arena.h"

    struct {
        __uint(type, ARENA);
        __uint(map_flags, BPF_F_MMAPABLE);
        __uint(max_entries, 10);
    } arena __weak SEC(".maps");

    __u64 __arena_global own = 5;

    SEC("syscall") int user(void *ctx)
    {
    #ifdef __BPF_FEATURE_ADDR_SPACE_CAST
        own += 1;
    #endif
        return 0;
    }
    char LICENSE[] SEC("license") = "GPL";
"#;

#[test]
fn each_field_is_its_own_variable() {
    let user = compile_c("many-in-arena-user", USER);
    let path = link("many-in-arena", &[&object("many_in_arena"), &user]);
    let mut open = kernel::open(&path);
    let config = Large::configure(&mut open).unwrap();
    assert_eq!((*config.arena.a000, config.arena.a299[1]), (1, 300));
    *config.arena.a298 = 7;
    let object = open.load().unwrap();
    let arena = Large::arena(&object).unwrap();
    assert_eq!((arena.a000.get(), arena.a298.get()), (1, 7));
    arena.a299[1].set(8);
    let again = Large::arena(&object).unwrap();
    assert_eq!(again.a299.get(), [0, 8]);
    // The arena that follows the last variable.
    let pointer = again.pointer_to(again.a298).unwrap();
    assert_eq!(again.get(pointer).unwrap().get(), 7);
    let text = format!("{again:?}");
    assert!(
        text.starts_with("LargeArena { a000: 1, a001: [0, 2], "),
        "{text}"
    );
    assert!(
        text.contains(", a298: 7, a299: [0, 8], a_name: \"tasks\", _arena: Arena("),
        "{text}"
    );
}

//! What libbpf's linker does to variables in an arena.

use bpf_subskeleton::Write;
use bpf_subskeleton::describe::{Library, Variable};
use bpf_subskeleton::private::{self, U64};
use bpf_subskeleton_tests::kernel::{load, open, problems};
use bpf_subskeleton_tests::objects::{compile_c, link, link_once};
use bpf_subskeleton_tests::require_bpf;

static LIMIT: Library = Library {
    name: "Limit",
    variables: &[Variable::new::<u64, Write>(
        "limit",
        ".addr_space.1",
        "u64 limit",
        &U64,
    )],
    maps: &[],
    programs: &[],
    struct_ops: &[],
};

const HEADER: &str = r#"
    #include <linux/bpf.h>
    #include <bpf/bpf_helpers.h>
    #include "arena.h"
    struct {
        __uint(type, ARENA);
        __uint(map_flags, BPF_F_MMAPABLE);
        __uint(max_entries, 10);
    } arena __weak SEC(".maps");
"#;

/// One pass leaves BTF with the place of the weak one, which no program uses.
#[test]
fn a_strong_variable_replaces_a_weak_one() {
    require_bpf();
    let weak = format!(
        "{HEADER} __u64 __arena_global before = 3; __u64 __arena_global limit __weak = 1;
         __u64 __arena *weak_limit(void) {{ return &limit; }}"
    );
    let strong = format!(
        "{HEADER} __u64 __arena_global limit = 42;
         #ifdef __BPF_FEATURE_ADDR_SPACE_CAST
         SEC(\"syscall\") int look(void *ctx) {{ return limit; }}
         #endif
         char LICENSE[] SEC(\"license\") = \"GPL\";"
    );
    let weak = compile_c("arena-weak", &weak);
    let strong = compile_c("arena-strong", &strong);
    let inputs = [weak.as_path(), strong.as_path()];

    let object = load(open(&link("arena-twice", &inputs)));
    let mut bound = private::arena(&object, &LIMIT).unwrap();
    assert_eq!(bound.variable::<u64>().get(), 42);

    let object = load(open(&link_once("arena-once", &inputs)));
    assert_eq!(
        problems(private::arena(&object, &LIMIT)),
        [
            "section `.addr_space.1`: BPF code uses offset 16, where BTF has no variable, and does not use \
             `limit` where BTF has it: link the object once more; if that does not help, a weak variable \
             is in another section than the one that replaces it, or a part of the object has no BTF"
        ]
    );
}

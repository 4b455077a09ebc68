//! What is said where a struct can't grow.

#[path = "../../object/tests/clang/mod.rs"]
mod clang;

use std::path::PathBuf;
use std::sync::LazyLock;

use bpf_subskeleton_codegen::internals::{Environment, expand_in};

use clang::compile;

/// Structs in all the places where they can and can't grow.
const LIBRARY: &str = r#"
    #define SEC(name) __attribute__((section(name), used))
    #define __uint(name, val) int (*name)[val]
    #define __array(name, val) typeof(val) *name[]
    #define __type(name, val) typeof(val) *name
    #define grown(n) struct grown##n { unsigned long a, b; }

    grown(0); grown(1); grown(2); grown(3); grown(4); grown(5); grown(6); grown(7); grown(8); grown(9);

    struct grown0 single;
    typedef struct grown0 alias_t;
    alias_t aliased;
    typedef unsigned long number_t;
    number_t number;
    const volatile struct grown0 array[4];
    typedef struct { struct grown1 begin; unsigned long rest; } front_t;
    front_t front;
    struct back { unsigned long begin; struct grown2 end; } back;
    struct padded { unsigned long begin; struct small { int a; } end; } padded;
    struct in_array { struct grown3 all[2]; } in_array;
    union in_union { struct grown4 one; unsigned long other; } in_union;
    struct grown5 rows[2][2];
    extern struct grown6 unknown[];
    struct grown7 resizable[1] SEC(".data.resizable") = { { 1, 1 } };
    struct flexible { int len; int of[]; } flexible = { 2, { 1, 2 } };
    struct empty {} empty[2] SEC(".data.empty");
    enum e { E } e;
    struct opaque *opaque;

    struct in_arena { struct node *first; } in_arena __attribute__((section(".addr_space.1")));
    struct node { struct at_the_end { unsigned long a; } end; };
    struct in_arena not_in_arena;
    struct node node;

    struct operations { struct in_operations { unsigned long flags; } in; } operations SEC(".struct_ops.link");
    struct in_operations in_operations;

    struct { __uint(type, 1); __uint(max_entries, 1); __type(key, struct grown8); __type(value, int); } by_key SEC(".maps");
    struct { __uint(type, 1); __uint(max_entries, 1); __type(key, int); __type(value, struct outer { struct grown9 x[2]; }); } values SEC(".maps");
    struct { __uint(type, 5); __uint(max_entries, 1); __type(key, int); __type(value, struct inside { unsigned long a; struct at_end { int b[2]; } end; }); } per_cpu SEC(".maps");
    struct { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, struct element { int a; }[4]); } of_arrays SEC(".maps");
    struct { __uint(type, 30); __uint(max_entries, 1); __type(value, struct bloomed { int a; }); } bloom SEC(".maps");
    struct { __uint(type, 14); __uint(max_entries, 1); __type(key, int); __type(value, struct device { int a; }); } devices SEC(".maps");
    struct { __uint(type, 1); __uint(max_entries, 1); __uint(key_size, 4); __uint(value_size, 4); } untyped SEC(".maps");
    struct inner { __uint(type, 2); __uint(max_entries, 1); __type(key, int); __type(value, struct in_inner { int a; }); } in_use SEC(".maps");
    struct { __uint(type, 12); __uint(max_entries, 1); __type(key, int); __array(values, struct inner); } of_maps SEC(".maps");
    struct { __uint(type, 27); __uint(max_entries, 4096); } ring SEC(".maps");
    struct { __uint(type, 31); __uint(max_entries, 4096); } user_ring SEC(".maps");

    struct context { unsigned long a; };
    SEC("syscall") int called(struct context *ctx) { return opaque ? unknown[0].a + e : 0; }
"#;

/// The mistakes in the arguments after `obj`, and in the item.
fn mistakes(args: &str, item: &str) -> Vec<String> {
    static OBJECT: LazyLock<PathBuf> = LazyLock::new(|| compile("growth", "bpf", LIBRARY).0);
    let environment = Environment::with([("CARGO_MANIFEST_DIR".to_owned(), "/".to_owned())]);
    let args = format!("obj = {:?}, {args}", *OBJECT).parse().unwrap();
    match expand_in(&environment, args, item.parse().unwrap()) {
        Ok(_) => Vec::new(),
        Err(mistakes) => mistakes,
    }
}

fn of_types(names: &str) -> Vec<String> {
    mistakes(&format!("grows({names})"), "struct Library;")
}

#[test]
fn variables_and_arrays_of_them() {
    assert_eq!(of_types("grown0"), [""; 0]);
    assert_eq!(of_types("alias_t"), [""; 0]);
    assert_eq!(of_types("back, grown2,"), [""; 0]);
    assert_eq!(of_types("front_t, padded, in_array"), [""; 0]);
}

#[test]
fn values_of_maps() {
    assert_eq!(of_types("outer"), [""; 0]);
    assert_eq!(of_types("inside, at_end"), [""; 0]);
    assert_eq!(
        of_types("at_end"),
        [
            "`at_end` can't grow: it is the member `end` of `inside`, which would grow with it: name both"
        ]
    );
    assert_eq!(
        of_types("element, bloomed, device, in_inner"),
        [
            "`element` can't grow in the values of map `of_arrays`: it is an array, whose elements would move",
            "`bloomed` can't grow in the values of map `bloom`: a bloom filter is asked for all of a value",
            "`device` can't grow in the values of map `devices`: the kernel decides what is in it",
            "`in_inner` can't grow: it is in the values of the maps in `of_maps`",
        ]
    );
}

#[test]
fn types_that_are_none() {
    assert_eq!(of_types("grown0, grown0"), ["duplicate type `grown0`"]);
    assert_eq!(of_types("grown0, alias_t"), ["duplicate type `alias_t`"]);
    assert_eq!(
        of_types("number_t"),
        ["`number_t` is not a struct, and only structs grow"]
    );
    assert_eq!(
        of_types("growm0"),
        ["no variable or map here uses a struct `growm0`; did you mean `grown0`?"]
    );
    assert_eq!(
        of_types("e"),
        ["`enum e` can't grow: an enum may have more constants in the object without `grows`"]
    );
    assert_eq!(
        of_types("opaque"),
        ["`struct opaque` needs no `grows`: it is reached through pointers only"]
    );
    assert_eq!(
        of_types("in_union"),
        [
            "`union in_union` can't grow: it is a union, whose new members would share bytes with those known here",
        ]
    );
    assert_eq!(
        of_types("flexible, empty"),
        [
            "`struct flexible` can't grow: it ends with a flexible array, which nothing can follow",
            "`struct empty` can't grow: it has no members",
        ]
    );
}

#[test]
fn places_where_a_struct_would_move_others() {
    assert_eq!(
        of_types("grown1, front_t"),
        [
            "`grown1` can't grow: it is the member `begin` of `front_t`, and would move what is behind it",
        ]
    );
    assert_eq!(
        of_types("grown2"),
        [
            "`grown2` can't grow: it is the member `end` of `back`, which would grow with it: name both",
        ]
    );
    assert_eq!(
        of_types("padded, small"),
        [
            "`small` can't grow: it is the member `end` of `padded`, and would grow into the padding behind it",
        ]
    );
    assert_eq!(
        of_types("grown3, in_array"),
        [
            "`grown3` can't grow: it is the member `all` of `in_array`, an array, and would move what is behind it",
        ]
    );
    assert_eq!(
        of_types("grown4"),
        [
            "`grown4` can't grow: it is the member `one` of `in_union`, and would move what is behind it",
        ]
    );
}

#[test]
fn places_that_others_read() {
    assert_eq!(
        of_types(
            "grown5, grown6, grown7, grown8, grown9, outer, context, in_arena, node, at_the_end, in_operations"
        ),
        [
            "`grown5` can't grow in `struct grown5 rows[2][2]`: it is an array of arrays",
            "`grown6` can't grow in `struct grown6 unknown[]`: the object decides how long the array is",
            "`grown7` can't grow in `struct grown7 resizable[1]`: the array's length can be set before load; select it with its length: `Var<[T; 4]>`",
            "`grown8` can't grow: it is in the keys of map `by_key`",
            "`grown9` can't grow: it is the member `x` of `outer`, an array, and would move what is behind it",
            "`context` can't grow: it is in the context of program `called`",
            "`in_arena` can't grow: `in_arena` is in an arena",
            "`node` can't grow: it is in what pointers into an arena lead to",
            "`at_the_end` can't grow: it is in what pointers into an arena lead to",
            "`in_operations` can't grow: it is in the `struct_ops` `operations`",
        ]
    );
}

#[test]
fn fields() {
    let item = "struct Library {
        #[bpf(grows)] single: Var<_>,
        #[bpf(grows, name = \"array\")] named: Option<Const<[library::grown0; 4]>>,
        #[bpf(grows)] resizable: Var<[library::grown7; 1]>,
        front: Var<_>,
        #[bpf(grows)] values: maps::Hash<_, _>,
        #[bpf(grows)] per_cpu: Option<maps::PerCpuHash<_, _>>,
    }";
    assert_eq!(mistakes("", item), [""; 0]);
    let item = "struct Library {
        #[bpf(grows)] e: Var<_>,
        #[bpf(grows)] in_union: Var<_>,
        #[bpf(grows)] flexible: Var<_>,
        #[bpf(grows)] rows: Var<_>,
        #[bpf(grows)] resizable: Var<_>,
        #[bpf(grows)] unknown: Var<_>,
        #[bpf(grows)] by_key: maps::Hash<_, _>,
        #[bpf(grows)] of_arrays: maps::Array<_>,
        #[bpf(grows)] bloom: maps::BloomFilter<_>,
        #[bpf(grows)] devices: maps::DevMap<_>,
        #[bpf(grows)] untyped: maps::Hash<u32, u32>,
        #[bpf(grows)] of_maps: maps::ArrayOfMaps<_>,
        #[bpf(grows)] ring: maps::RingBuf,
        #[bpf(grows)] user_ring: maps::UserRingBuf,
        #[bpf(grows, grows)] single: Var<_>,
    }";
    assert_eq!(
        mistakes("", item),
        [
            "duplicate key",
            "`enum e e` can't grow: an enum may have more constants in the object without `grows`",
            "`union in_union in_union` can't grow: it is a union, whose new members would share bytes with those known here",
            "`struct flexible flexible` can't grow: it ends with a flexible array, which nothing can follow",
            "`struct grown5 rows[2][2]` can't grow: it is an array of arrays",
            "`struct grown7 resizable[1]` can't grow: the array's length can be set before load; select it with its length: `Var<[T; 4]>`",
            "`struct grown6 unknown[]` can't grow: the object decides how long the array is",
            "`int` can't grow in the values of map `by_key`: it is not a struct",
            "`struct element [4]` can't grow in the values of map `of_arrays`: it is an array, whose elements would move",
            "`struct bloomed` can't grow in the values of map `bloom`: a bloom filter is asked for all of a value",
            "`struct device` can't grow in the values of map `devices`: the kernel decides what is in it",
            "the values of map `untyped` can't grow: BTF does not say what they are",
            "the values of map `of_maps` can't grow: a map that is set there later is compared by its sizes alone",
            "records of `ring` may be longer than their type without `grows`",
            "records of `user_ring` are as long as their type, with `grows` or without",
        ]
    );
}

/// Of a type that only a field names.
#[test]
fn inside_records() {
    let item = "struct Events { ring: maps::RingBuf<events::in_array> }";
    assert_eq!(mistakes("grows(in_array)", item), [""; 0]);
    assert_eq!(
        mistakes("grows(grown3)", item),
        [
            "`grown3` can't grow: it is the member `all` of `in_array`, an array, and would move what is behind it"
        ]
    );
}

//! Differences between two builds of the library.

use bpf_subskeleton::BindError;
use bpf_subskeleton_tests::kernel::{load, open, problems};
use bpf_subskeleton_tests::objects::compile_c;
use bpf_subskeleton_tests::require_bpf;

use super::{Last, Lib};

const SOURCE: &str = include_str!("../../../bpf-src/arena.bpf.c");

/// The problems of `arena`, `bind`, and a selection's `bind` with the library once it is changed.
fn changed(name: &str, edits: &[[&str; 2]]) -> [Vec<String>; 3] {
    require_bpf();
    let mut source = SOURCE.to_owned();
    for [from, to] in edits {
        assert_eq!(source.matches(from).count(), 1, "{from}");
        source = source.replace(from, to);
    }
    let object = load(open(&compile_c(&format!("arena-drift-{name}"), &source)));
    let texts = |result: Result<(), BindError>| {
        result.map_or_else(|error| problems(Err::<(), _>(error)), |()| Vec::new())
    };
    [
        texts(Lib::arena(&object).map(drop)),
        texts(Lib::bind(&object).map(drop)),
        texts(Last::bind(&object).map(drop)),
    ]
}

#[test]
fn variables() {
    let edit = ["__u64 __arena_global limit", "__u32 __arena_global limit"];
    let [arena, bind, _] = changed("variable", &[edit]);
    assert_eq!(
        arena,
        ["variable `limit`: built with u64, the object has u32"]
    );
    assert!(bind.is_empty());
    let [arena, ..] = changed("member", &[["__u16 by_kind[3]", "__u16 by_kind[4]"]]);
    assert_eq!(
        arena,
        [
            "variable `tally`: built with struct tally of 12 bytes, the object has 16 bytes",
            "variable `tally.by_kind`: built with u16[3] at offset 4, the object has u16[4] at offset 4",
            "variable `tally.full`: built with _Bool at offset 10, the object has _Bool at offset 12",
        ]
    );
}

/// What pointers lead to is compared as well, once, wherever they are.
#[test]
fn what_pointers_lead_to() {
    let edit = [
        "\t__u64 value;\n\tstruct leaf",
        "\t__u32 value;\n\tstruct leaf",
    ];
    let [arena, bind, selection] = changed("node", &[edit]);
    let value = "value`: built with u64 at offset 8, the object has u32 at offset 8";
    assert_eq!(arena, [format!("variable `head->{value}")]);
    assert_eq!(bind, [format!("variable `last->{value}")]);
    assert_eq!(selection, [format!("variable `last->{value}")]);

    let [arena, bind, selection] = changed("leaf", &[["\t__u32 weight;\n", "\t__u64 weight;\n"]]);
    let (template, bind) = bind.split_last().unwrap();
    assert_eq!(
        template,
        "variable `template`: built with struct leaf, the object has a different one, as in `last->leaf`"
    );
    for (start, problems) in [
        ("head", arena.as_slice()),
        ("last", &selection),
        ("last", bind),
    ] {
        let differences = [
            "`: built with struct leaf of 8 bytes, the object has 16 bytes",
            "->weight`: built with u32 at offset 0, the object has u64 at offset 0",
            "->color`: built with enum color at offset 4, the object has enum color at offset 8",
        ];
        let expected = differences.map(|difference| format!("variable `{start}->leaf{difference}"));
        assert_eq!(problems, expected);
    }
    let [arena, ..] = changed("enum", &[["\tRED = 1,\n", "\tRED = 2,\n"]]);
    assert_eq!(
        arena,
        [
            "variable `head->leaf->color`: built with RED = 1, the object has RED = 2",
            "variable `head->leaf->color`: built with BLACK = 2, the object has BLACK = 3",
        ]
    );
}

#[test]
fn pointers() {
    let edits = [
        ["struct node __arena *last __leads_to_arena;", "__u64 last;"],
        ["last = node;", "last = (__u64)node;"],
    ];
    let [_, _, selection] = changed("pointer", &edits);
    assert_eq!(
        selection,
        ["variable `last`: built with struct node *, the object has u64"]
    );
    // clang leaves out of BTF what only members of structs point to.
    let edits = [
        [
            "struct leaf __arena *leaf __leads_to_arena;\nstruct leaf template;\n",
            "",
        ],
        ["\t\tleaf = of_node;\n", ""],
    ];
    let [arena, bind, _] = changed("declared", &edits);
    let declared = "->leaf`: built with struct leaf * at offset 16, the object has only a declaration of struct leaf at \
                    offset 16";
    assert_eq!(arena, [format!("variable `head{declared}")]);
    assert_eq!(
        bind,
        [
            format!("variable `last{declared}"),
            "variable `leaf`: not in the object; is the library linked into it?".to_owned(),
            "variable `template`: not in the object; is the library linked into it?".to_owned(),
        ]
    );
}

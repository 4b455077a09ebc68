use super::*;
use crate::bind::btf::builder::BtfBuilder;
use crate::describe::Member;
use crate::describe::primitives::{I32, U32, U64};

/// `struct stats { u64 packets; u32 flags: 3; u32 by_cpu[4]; };`
static STATS: Type = Type::Struct(Composite {
    name: "stats",
    size: 32,
    members: &[
        Member::new("packets", 0, &U64),
        Member::bits("flags", 64, 3, &U32),
        Member::new("by_cpu", 12, &BY_CPU),
    ],
});
static BY_CPU: Type = Type::array(&U32, 4);

/// What differs, as path and both sides.
fn differences(btf: &BtfBuilder, expected: &'static Type, id: u32) -> Vec<String> {
    let mut problems = Vec::new();
    let mut checker = Checker::new(btf.btf(), Subject::Variable, &mut problems);
    let equal = checker.check("v", expected, id);
    assert_eq!(equal, problems.is_empty());
    let problems = problems.iter();
    problems
        .map(|problem| {
            let expected = problem.expected().unwrap();
            format!("{}: {expected} / {}", problem.path(), problem.found())
        })
        .collect()
}

/// `struct stats` with a changed array length and offset.
fn stats(btf: &mut BtfBuilder, tag: &str, len: u32, at: u32) -> u32 {
    let (long, int) = (btf.int("long", 8, false), btf.int("int", 4, false));
    let by_cpu = btf.array(int, len);
    btf.structure(
        tag,
        32,
        &[
            ("packets", long, 0, 0),
            ("flags", int, 64, 3),
            ("by_cpu", by_cpu, at * 8, 0),
        ],
    )
}

#[test]
fn a_path_is_written_as_in_c() {
    let variable = Path::Root("v");
    let elements = Path::Elements(&variable);
    // A member of an anonymous struct.
    let anonymous = Path::Member(&elements, "");
    let member = Path::Member(&anonymous, "flags");
    assert_eq!(member.written(), "v[].flags");
    let pointee = Path::Root("v.next->");
    assert_eq!(pointee.written(), "v.next");
    assert_eq!(Path::Member(&pointee, "flags").written(), "v.next->flags");
    let anonymous = Path::Member(&pointee, "");
    assert_eq!(anonymous.written(), "v.next");
    assert_eq!(Path::Member(&anonymous, "flags").written(), "v.next->flags");
}

#[test]
fn tags_and_typedefs_do_not_count() {
    let mut btf = BtfBuilder::new();
    let renamed = stats(&mut btf, "counts", 4, 12);
    let typedef = btf.typedef("stats_t", renamed);
    assert_eq!(differences(&btf, &STATS, typedef), [""; 0]);
}

#[test]
fn members_count_with_place_and_type() {
    let mut btf = BtfBuilder::new();
    let longer = stats(&mut btf, "stats", 5, 12);
    let moved = stats(&mut btf, "stats", 4, 16);
    assert_eq!(
        differences(&btf, &STATS, longer),
        ["v.by_cpu: u32[4] at offset 12 / u32[5] at offset 12"]
    );
    assert_eq!(
        differences(&btf, &STATS, moved),
        ["v.by_cpu: u32[4] at offset 12 / u32[4] at offset 16"]
    );
}

#[test]
fn members_are_matched_by_name() {
    let mut btf = BtfBuilder::new();
    let (long, int) = (btf.int("long", 8, false), btf.int("int", 4, false));
    let by_cpu = btf.array(int, 4);
    let members = [
        ("total", long, 0, 0),
        ("flags", int, 64, 2),
        ("by_cpu", by_cpu, 96, 0),
    ];
    let other = btf.structure("stats", 32, &members);
    assert_eq!(
        differences(&btf, &STATS, other),
        [
            "v.packets: u64 at offset 0 / no such member",
            "v.flags: u32 at bits 64 to 66 / u32 at bits 64 to 65",
            "v.total: no such member / u64 at offset 0",
        ]
    );
}

#[test]
fn a_struct_that_many_share_is_explained_once() {
    let mut btf = BtfBuilder::new();
    let longer = stats(&mut btf, "stats", 5, 12);
    let mut problems = Vec::new();
    let mut checker = Checker::new(btf.btf(), Subject::Variable, &mut problems);
    assert!(!checker.check("first", &STATS, longer));
    assert!(!checker.check("second", &STATS, longer));
    let found: Vec<_> = problems.iter().map(|p| (p.path(), p.found())).collect();
    assert_eq!(
        found,
        [
            ("first.by_cpu", "u32[5] at offset 12"),
            ("second", "a different one, as in `first`"),
        ]
    );
}

/// More than are remembered without a table.
#[test]
fn each_of_many_structs_is_explained_once() {
    let mut btf = BtfBuilder::new();
    let longer: Vec<u32> = (0..10)
        .map(|i| stats(&mut btf, "stats", 5 + i, 12))
        .collect();
    let mut problems = Vec::new();
    let mut checker = Checker::new(btf.btf(), Subject::Variable, &mut problems);
    for name in ["first", "second"] {
        for id in &longer {
            assert!(!checker.check(name, &STATS, *id));
        }
    }
    let (first, second) = problems.split_at(longer.len());
    for (i, problem) in first.iter().enumerate() {
        assert_eq!(problem.found(), format!("u32[{}] at offset 12", 5 + i));
    }
    assert_eq!(second.len(), longer.len());
    for problem in second {
        assert_eq!(problem.found(), "a different one, as in `first`");
    }
}

#[test]
fn integers_count_with_size_and_sign() {
    let mut btf = BtfBuilder::new();
    let signed = btf.int("int", 4, true);
    let wide = btf.int("long", 8, false);
    assert_eq!(differences(&btf, &I32, signed), [""; 0]);
    assert_eq!(differences(&btf, &U32, signed), ["v: u32 / s32"]);
    assert_eq!(differences(&btf, &U32, wide), ["v: u32 / u64"]);
}

#[test]
fn enumerators_count_by_name() {
    static STATE: Type = Type::Enum(Enum {
        name: "state",
        size: 4,
        values: &[("IDLE", 0), ("BUSY", 1), ("DONE", 2)],
    });
    let mut btf = BtfBuilder::new();
    let longer = btf.enumeration(
        "state",
        4,
        &[("NEW", 7), ("IDLE", 0), ("DONE", 2), ("BUSY", 1)],
    );
    let changed = btf.enumeration("state", 4, &[("IDLE", 0), ("BUSY", 5)]);
    assert_eq!(differences(&btf, &STATE, longer), [""; 0]);
    assert_eq!(
        differences(&btf, &STATE, changed),
        ["v: BUSY = 1 / BUSY = 5", "v: DONE = 2 / no DONE"]
    );
}

/// clang before 16 writes 64-bit enums with 32-bit values.
#[test]
fn of_cut_enumerators_the_rest_counts() {
    static WIDE: Type = Type::Enum(Enum {
        name: "wide",
        size: 8,
        values: &[("LOW", 3), ("HIGH", 0x7000_0000_0000_0001)],
    });
    let mut btf = BtfBuilder::new();
    let cut = btf.enumeration("wide", 8, &[("LOW", 3), ("HIGH", 1)]);
    let changed = btf.enumeration("wide", 8, &[("LOW", 4), ("HIGH", 1)]);
    assert_eq!(differences(&btf, &WIDE, cut), [""; 0]);
    assert_eq!(differences(&btf, &WIDE, changed), ["v: LOW = 3 / LOW = 4"]);
}

#[test]
fn pointers_count_one_level_deep() {
    static TO_STRUCT: Type = Type::Pointer(Pointee::Struct("sock"));
    let mut btf = BtfBuilder::new();
    let other = btf.structure("socket", 8, &[]);
    let to_other = btf.pointer(other);
    let int = btf.int("int", 4, true);
    let to_int = btf.pointer(int);
    assert_eq!(differences(&btf, &TO_STRUCT, to_other), [""; 0]);
    assert_eq!(
        differences(&btf, &TO_STRUCT, to_int),
        ["v: struct sock * / s32 *"]
    );
}

#[test]
fn an_array_of_unknown_length_takes_any() {
    static EXTERN: Type = Type::array(&U32, 0);
    let mut btf = BtfBuilder::new();
    let (int, long) = (btf.int("int", 4, false), btf.int("long", 8, false));
    let (ints, longs) = (btf.array(int, 9), btf.array(long, 9));
    assert_eq!(differences(&btf, &EXTERN, ints), [""; 0]);
    assert_eq!(differences(&btf, &EXTERN, longs), ["v[]: u32 / u64"]);
}

#[test]
fn structs_count_with_their_size() {
    let mut btf = BtfBuilder::new();
    let long = btf.int("long", 8, false);
    let padded = btf.structure("pair", 24, &[("a", long, 0, 0), ("b", long, 64, 0)]);
    static PAIR: Type = Type::Struct(Composite {
        name: "pair",
        size: 16,
        members: &[Member::new("a", 0, &U64), Member::new("b", 8, &U64)],
    });
    assert_eq!(
        differences(&btf, &PAIR, padded),
        ["v: struct pair of 16 bytes / 24 bytes"]
    );
}

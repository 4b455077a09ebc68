use super::*;
use crate::bind::btf::builder::BtfBuilder;
use crate::describe::primitives::{U32, U64};
use crate::describe::{Composite, Member};
use crate::shared::Write;

const PACKETS: Variable = Variable::new::<u64, Write>("packets", ".bss", "u64 packets", &U64);
const ERRORS: Variable = Variable::new::<u32, Write>("errors", ".bss", "u32 errors", &U32);
const DROPS: Variable = Variable::new::<u32, Write>("drops", ".bss", "u32 drops", &U32).optional();

/// Offsets, and the problems as messages write them.
fn located(btf: &BtfBuilder, variables: &'static [Variable]) -> (Vec<Option<u32>>, Vec<String>) {
    let mut problems = Vec::new();
    let places = locate(btf.btf(), Sections::Data, variables, &mut problems);
    let offsets = places.variables.iter();
    let offsets = offsets.map(|place| place.map(|place| place.offset));
    (
        offsets.collect(),
        problems.iter().map(ToString::to_string).collect(),
    )
}

#[test]
fn variables_are_found_in_any_order_and_section() {
    let mut btf = BtfBuilder::new();
    let (long, int) = (btf.int("long", 8, false), btf.int("int", 4, false));
    let (packets, errors) = (btf.variable("packets", long), btf.variable("errors", int));
    btf.section(".data.late", &[(errors, 16, 4)]);
    btf.section(".bss", &[(packets, 8, 8)]);
    // libbpf makes no map of it.
    btf.section(".database", &[(packets, 0, 8)]);
    let (offsets, problems) = located(&btf, &[PACKETS, ERRORS, DROPS]);
    assert_eq!(offsets, [Some(8), Some(16), None]);
    assert_eq!(problems, [""; 0]);
}

/// libbpf fills it at load, so it has no initial value.
#[test]
fn kconfig_is_looked_for_after_load_only() {
    const HZ: Variable =
        Variable::new::<u32, Write>("CONFIG_HZ", ".kconfig", "u32 CONFIG_HZ", &U32);
    let mut btf = BtfBuilder::new();
    let int = btf.int("int", 4, false);
    let (hz, errors) = (btf.variable("CONFIG_HZ", int), btf.variable("errors", int));
    btf.section(".kconfig", &[(hz, 4, 4)]);
    btf.section(".bss", &[(errors, 0, 4)]);
    for (sections, offset) in [(Sections::Data, Some(4)), (Sections::Initial, None)] {
        let mut problems = Vec::new();
        let places = locate(btf.btf(), sections, &[HZ, ERRORS], &mut problems);
        let offsets = places.variables.iter();
        let offsets: Vec<_> = offsets
            .map(|place| place.map(|place| place.offset))
            .collect();
        assert_eq!(offsets, [offset, Some(0)]);
        assert!(problems.is_empty());
    }
}

#[test]
fn a_static_of_the_same_name_is_not_taken() {
    let mut btf = BtfBuilder::new();
    let int = btf.int("int", 4, false);
    let hidden = btf.variable_with("errors", int, STATIC);
    btf.section(".bss", &[(hidden, 0, 4)]);
    let (offsets, problems) = located(&btf, &[ERRORS]);
    assert_eq!(offsets, [None]);
    assert_eq!(
        problems,
        ["variable `errors`: not in the object: it has a static or hidden variable of that name"]
    );
}

#[test]
fn missing_names_are_explained_or_near_ones_suggested() {
    let mut btf = BtfBuilder::new();
    let int = btf.int("int", 4, false);
    let near = btf.variable("error", int);
    btf.section(".bss", &[(near, 0, 4)]);
    btf.function("packets");
    let (_, problems) = located(&btf, &[PACKETS, ERRORS]);
    assert_eq!(
        problems,
        [
            "variable `packets`: not in the object: it has a function of that name",
            "variable `errors`: not in the object; it has `error`",
        ]
    );
}

#[test]
fn overlapping_variables_are_reported_once_each() {
    let mut btf = BtfBuilder::new();
    let (long, int) = (btf.int("long", 8, false), btf.int("int", 4, false));
    let packets = btf.variable("packets", long);
    let errors = btf.variable("errors", int);
    let drops = btf.variable("drops", int);
    // The long one covers both of the others; none of these touches the other.
    btf.section(".bss", &[(packets, 0, 8), (errors, 0, 4), (drops, 4, 4)]);
    let (offsets, problems) = located(&btf, &[PACKETS, ERRORS, DROPS]);
    assert_eq!(offsets, [None; 3]);
    let starts = [
        "variable `packets`: 8 bytes at offset 0 overlap `errors`, 4 bytes at offset 0;",
        "variable `errors`: 4 bytes at offset 0 overlap `packets`, 8 bytes at offset 0;",
        "variable `drops`: 4 bytes at offset 4 overlap `packets`, 8 bytes at offset 0;",
    ];
    assert_eq!(problems.len(), starts.len(), "{problems:#?}");
    for (problem, start) in problems.iter().zip(starts) {
        assert!(problem.starts_with(start), "{problem}");
    }
}

#[test]
fn neighbours_do_not_overlap() {
    let mut btf = BtfBuilder::new();
    let (long, int) = (btf.int("long", 8, false), btf.int("int", 4, false));
    let packets = btf.variable("packets", long);
    let errors = btf.variable("errors", int);
    // Not sorted, as in an object that libbpf has not opened.
    btf.section(".bss", &[(errors, 8, 4), (packets, 0, 8)]);
    let (offsets, problems) = located(&btf, &[PACKETS, ERRORS]);
    assert_eq!(offsets, [Some(0), Some(8)]);
    assert_eq!(problems, [""; 0]);
}

#[test]
fn two_variables_of_one_name_are_ambiguous() {
    let mut btf = BtfBuilder::new();
    let int = btf.int("int", 4, false);
    let (first, second) = (btf.variable("errors", int), btf.variable("errors", int));
    btf.section(".bss", &[(first, 0, 4)]);
    btf.section(".data", &[(second, 0, 4)]);
    let (offsets, problems) = located(&btf, &[ERRORS]);
    assert_eq!(offsets, [None]);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("in .bss and in .data"), "{problems:?}");
}

#[test]
fn a_section_that_is_described_twice_is_refused() {
    let mut btf = BtfBuilder::new();
    let int = btf.int("int", 4, false);
    let (errors, drops) = (btf.variable("errors", int), btf.variable("drops", int));
    btf.section(".bss", &[(errors, 0, 4)]);
    btf.section(".bss", &[(drops, 0, 4)]);
    let (_, problems) = located(&btf, &[ERRORS, DROPS]);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].starts_with("section `.bss`: "), "{problems:?}");
}

#[test]
fn a_size_that_differs_from_the_types_is_refused() {
    let mut btf = BtfBuilder::new();
    let int = btf.int("int", 4, false);
    let errors = btf.variable("errors", int);
    btf.section(".bss", &[(errors, 0, 16)]);
    let (offsets, problems) = located(&btf, &[ERRORS]);
    assert_eq!(offsets, [None]);
    assert_eq!(
        problems,
        ["variable `errors`: built with 4 bytes, the object has 16 bytes"]
    );
}

static COUNT: Type = Type::Struct(Composite {
    name: "count",
    size: 8,
    members: &[Member::new("packets", 0, &U64)],
});
const COUNTS: Variable =
    Variable::new::<[u64; 4], Write>("counts", ".bss", "struct count counts[4]", &COUNTED);
const TOTAL: Variable =
    Variable::new::<u64, Write>("total", ".bss", "struct count total", &GROWING);
static GROWING: Type = Type::Growing(&COUNT);
static COUNTED: Type = Type::array(&GROWING, 4);

/// The problems with structs of this size, of which a section gives `counts` and `total` so many bytes.
fn problems_of_growing(size: u32, counts: u32, total: u32) -> Vec<String> {
    let mut btf = BtfBuilder::new();
    let long = btf.int("long", 8, false);
    let count = btf.structure("count", size, &[("packets", long, 0, 0)]);
    let array = btf.array(count, 4);
    let variables = [btf.variable("counts", array), btf.variable("total", count)];
    btf.section(
        ".bss",
        &[(variables[0], 0, counts), (variables[1], counts, total)],
    );
    located(&btf, &[COUNTS, TOTAL]).1
}

#[test]
fn sizes_of_growing_structs_are_those_of_their_types() {
    assert_eq!(problems_of_growing(8, 32, 8), [""; 0]);
    assert_eq!(problems_of_growing(24, 96, 24), [""; 0]);
    // The struct ends with a flexible array now.
    assert_eq!(problems_of_growing(16, 64, 24), [""; 0]);
    assert_eq!(
        problems_of_growing(16, 96, 8),
        [
            "variable `counts`: has 96 bytes, and its type 64 bytes: link the object anew",
            "variable `total`: has 8 bytes, and its type 16 bytes: link the object anew",
        ]
    );
    assert_eq!(
        problems_of_growing(0x4000_0000, 0, 0x4000_0000),
        ["variable `counts`: has 0 bytes, and its type too many: link the object anew"]
    );
}

#[test]
fn elements_that_grow_stay_aligned() {
    assert_eq!(
        problems_of_growing(12, 48, 12),
        [
            "variable `counts`: built with elements aligned to 8 bytes, the object has elements of 12 bytes"
        ]
    );
}

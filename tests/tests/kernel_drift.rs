//! Type drift: the library as the macro read it, and the library as it was linked.
//!
//! The cases are in `drift/*.diff`: lines of `bpf-src/drift.bpf.c` that go (`-`) and come (`+`), and the
//! problems that binding then has (`=`), neither less nor more. With `BLESS` set, the problems are
//! written anew.

use std::fmt::Write as _;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::{env, fs};

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_tests::drift::Case;
use bpf_subskeleton_tests::objects::compile_c;
use bpf_subskeleton_tests::{kernel, require_bpf};
use libbpf_rs::libbpf_sys::bpf_map_create_opts;
use libbpf_rs::{MapHandle, MapType, Object};

/// The library as it was built.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/drift.bpf.o"))]
struct Drift;

const SOURCE: &str = include_str!("../../bpf-src/drift.bpf.c");

fn load(case: &Case<'_>) -> Object {
    let path = compile_c("drift", &case.source(SOURCE));
    kernel::open(&path)
        .load()
        .unwrap_or_else(|e| panic!("{}: {e:#}", case.name))
}

/// Runs the cases of a file: the library binds in all of them, or in none.
fn run(file: &str, binds: bool) {
    require_bpf();
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/drift")
        .join(file);
    let text = fs::read_to_string(&path).unwrap();
    let cases = Case::read_all(&text);
    assert!(!cases.is_empty());
    let (mut blessed, mut wrong) = (String::new(), String::new());
    for case in &cases {
        let found: Vec<_> = match Drift::bind(&load(case)) {
            Ok(_) => Vec::new(),
            Err(error) => error.problems().iter().map(ToString::to_string).collect(),
        };
        let gap = if blessed.is_empty() { "" } else { "\n" };
        writeln!(blessed, "{gap}# {}", case.name).unwrap();
        for line in case.lines.iter().filter(|line| !line.starts_with('=')) {
            writeln!(blessed, "{line}").unwrap();
        }
        for problem in &found {
            writeln!(blessed, "= {problem}").unwrap();
        }
        let expected: Vec<_> = case.marked('=').map(str::trim_start).collect();
        if found != expected || found.is_empty() != binds {
            writeln!(wrong, "{}: {found:#?}", case.name).unwrap();
        }
    }
    if env::var_os("BLESS").is_some() {
        fs::write(&path, blessed).unwrap();
    } else {
        assert!(wrong.is_empty(), "{}: {wrong}", path.display());
    }
}

#[test]
fn variables() {
    run("variables.diff", false);
}

#[test]
fn arrays() {
    run("arrays.diff", false);
}

#[test]
fn enums() {
    run("enums.diff", false);
}

#[test]
fn members() {
    run("members.diff", false);
}

#[test]
fn bitfields() {
    run("bitfields.diff", false);
}

#[test]
fn anonymous_members() {
    run("anonymous.diff", false);
}

#[test]
fn pointers() {
    run("pointers.diff", false);
}

#[test]
fn maps() {
    run("maps.diff", false);
}

/// The kernel makes no map of maps without an inner one, so the application brings one.
#[test]
fn inner_maps_that_are_not_defined() {
    require_bpf();
    let cases = [
        (
            "\t__array(values, struct inner_map);\n",
            "\t__uint(value_size, 4);\n",
            "map `by_node.values`: built with hash map, the object has no definition of inner maps",
        ),
        (
            "\t__type(value, struct node);\n",
            "",
            "map `by_node.values.value`: built with 16 bytes, the object has no size",
        ),
    ];
    for (before, after, expected) in cases {
        assert_eq!(SOURCE.matches(before).count(), 1);
        let path = compile_c("drift", &SOURCE.replace(before, after));
        let mut open = kernel::open(&path);
        let opts = bpf_map_create_opts {
            sz: size_of::<bpf_map_create_opts>() as _,
            ..Default::default()
        };
        let inner = MapHandle::create(MapType::Hash, Some("inner"), 4, 16, 4, &opts).unwrap();
        let mut outer = open.maps_mut().find(|map| map.name() == "by_node").unwrap();
        outer.set_inner_map_fd(inner.as_fd()).unwrap();

        let error = Drift::configure(&mut open).err().unwrap();
        let found: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
        assert_eq!(found, [expected]);
        let error = Drift::bind(&open.load().unwrap()).err().unwrap();
        let found: Vec<_> = error.problems().iter().map(ToString::to_string).collect();
        assert_eq!(found, [expected]);
    }
}

/// Changes that leave the layout as it is: where a variable stands, its neighbours, and names of types,
/// since layout decides.
#[test]
fn compatible() {
    run("compatible.diff", true);
}

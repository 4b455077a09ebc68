//! The generated code of a few libraries, for review: `golden/NAME.rs` is the expansion for
//! `golden/NAME.bpf.c`.
//!
//! `make bless` rewrites the files after an intended change; review the diff like handwritten code.

use std::fs;
use std::path::Path;

use bpf_subskeleton_codegen::internals::Environment;
use bpf_subskeleton_codegen::internals::subskeleton_in;
use bpf_subskeleton_tests::golden::assert_golden;
use bpf_subskeleton_tests::objects::compile_c;

#[track_caller]
fn check(name: &str, item: &str) {
    check_with(name, "", item);
}

/// With more arguments of the attribute, each after a comma.
#[track_caller]
fn check_with(name: &str, arguments: &str, item: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
    let source = fs::read_to_string(folder.join(format!("{name}.bpf.c"))).unwrap();
    let object = compile_c(&format!("golden-{name}"), &source);
    // The crate that the item is in.
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("golden");
    fs::create_dir_all(&root).unwrap();
    fs::copy(object, root.join(format!("{name}.bpf.o"))).unwrap();
    let root = root.to_str().unwrap();
    let environment = Environment::with([("CARGO_MANIFEST_DIR".to_owned(), root.to_owned())]);

    let args = format!("obj = \"{name}.bpf.o\"{arguments}");
    let code = subskeleton_in(&environment, args.parse().unwrap(), item.parse().unwrap());
    let code = prettyplease::unparse(&syn::parse2(code).unwrap()).replace(root, "/path/to/crate");

    assert_golden(&format!("{name}.rs"), &code);
}

#[test]
fn counters() {
    check("counters", "pub struct Counters;");
}

#[test]
fn structs() {
    check("structs", "pub struct Workers;");
}

#[test]
fn maps() {
    check("maps", "pub struct Flows;");
}

#[test]
fn programs() {
    check("programs", "pub struct Calls;");
}

#[test]
fn struct_ops() {
    check("struct_ops", "pub struct Quiet;");
}

#[test]
fn arena() {
    check("arena", "pub struct Trace;");
}

#[test]
fn resizable() {
    check("resizable", "pub struct Cpus;");
}

#[test]
fn growing() {
    let arguments = ", grows(stats, worker)";
    check_with("growing", arguments, "pub struct Totals;");
}

#[test]
fn externs() {
    check("externs", "pub struct Ticks;");
}

#[test]
fn records() {
    check(
        "records",
        r"
        pub struct Records {
            pub events: maps::RingBuf<records::event>,
            pub urgent: maps::RingBuf<records::event_t>,
            pub samples: maps::PerfEventArray<records::sample>,
            pub owner: Option<Var<_>>,
        }
        ",
    );
}

#[test]
fn selection() {
    check(
        "selection",
        r#"
        /// What the sampler found.
        #[derive(Debug)]
        pub struct Sampling {
            /// How many there were.
            pub samples: Var<u64>,
            #[bpf(name = "last_sample")]
            pub(crate) last: Var<_>,
            drops: Option<Var<Drops>>,
            slots: Var<[my::Slot; 8]>,
            pub sample_rate: Const<u32>,
            pub by_pid: maps::Hash<u32, _>,
        }
        "#,
    );
}

#[test]
fn snapshot() {
    check_with("snapshot", ", snapshot", "pub struct Flows;");
}

#[test]
fn traits() {
    check_with(
        "traits",
        ", derive(PartialOrd, serde::Serialize), derive?(Eq, Hash, Ord, my::Other), snapshot",
        "pub struct Traits { plain: Var<_>, odd: Var<_> }",
    );
}

//! The macro as a function: its output in odd environments, and for many fields.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use bpf_subskeleton_codegen::internals::Environment;
use bpf_subskeleton_codegen::internals::subskeleton_in;
use bpf_subskeleton_tests::objects::{compile_c, object};

/// The folder of a crate that has an object.
fn crate_with(object: &Path) -> Environment {
    let name = object.file_stem().unwrap().to_str().unwrap();
    let root = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("expansion")
        .join(name);
    fs::create_dir_all(&root).unwrap();
    fs::copy(object, root.join("hist.bpf.o")).unwrap();
    variables([("CARGO_MANIFEST_DIR", root.to_str().unwrap())])
}

fn variables<const N: usize>(variables: [(&str, &str); N]) -> Environment {
    Environment::with(variables.map(|(name, value)| (name.to_owned(), value.to_owned())))
}

fn expand(environment: &Environment, args: &str, item: &str) -> String {
    let code = subskeleton_in(environment, args.parse().unwrap(), item.parse().unwrap());
    prettyplease::unparse(&syn::parse2(code).unwrap())
}

/// An editor expands macros without a build script's variables, and before there is an object. The
/// struct must exist for the rest of the file.
#[test]
fn without_the_object_there_is_one_error_and_the_struct() {
    let out_dir = r#"obj = concat!(env!("OUT_DIR"), "/hist.bpf.o")"#;
    let literal = r#"obj = "hist.bpf.o""#;
    let nowhere = env!("CARGO_TARGET_TMPDIR");
    let surroundings = [
        ("no variables", variables([]), out_dir),
        ("no crate", variables([]), literal),
        (
            "an empty crate",
            variables([("CARGO_MANIFEST_DIR", nowhere)]),
            literal,
        ),
        (
            "an empty OUT_DIR",
            variables([("OUT_DIR", nowhere)]),
            out_dir,
        ),
        (
            "no folder",
            variables([("OUT_DIR", "/nowhere/at/all")]),
            out_dir,
        ),
        (
            "a folder",
            variables([("OUT_DIR", nowhere)]),
            r#"obj = env!("OUT_DIR")"#,
        ),
        ("nothing", variables([]), ""),
        ("half an argument", variables([]), "obj ="),
    ];
    let items = [
        "pub struct Hist;",
        "pub struct Hist { pub samples: Var<u64>, pub slots: Option<Var<_>> }",
    ];
    for (what, environment, args) in surroundings {
        for item in items {
            let code = expand(&environment, args, item);
            assert_eq!(code.matches("compile_error!").count(), 1, "{what}:\n{code}");
            assert!(code.contains("pub struct Hist;"), "{what}:\n{code}");
        }
    }
}

/// The item is kept whatever it is, so that one mistake is one error.
#[test]
fn an_item_that_is_not_a_struct_is_kept() {
    let environment = crate_with(&object("selection"));
    let items = [
        ("pub enum Hist { Samples }", "pub enum Hist"),
        ("pub struct Hist(Var<u64>);", "pub struct Hist;"),
        (
            "pub struct Hist<'a, T> { samples: &'a T }",
            "pub struct Hist;",
        ),
        ("pub union Hist { samples: u64 }", "pub union Hist"),
        ("pub fn hist() {}", "pub fn hist"),
        ("pub mod hist {}", "pub mod hist"),
        ("impl Hist {}", "impl Hist"),
    ];
    for (item, kept) in items {
        let code = expand(&environment, r#"obj = "hist.bpf.o""#, item);
        assert_eq!(code.matches("compile_error!").count(), 1, "{code}");
        assert!(code.contains(kept), "{code}");
    }
}

/// Code that `subskeleton expand` prints is linted like a user's own, and what is not used is a warning.
#[test]
fn what_was_found_is_kept_only_if_something_is_taken_from_it() {
    let program = "__attribute__((section(\"socket\"), used)) int run(void *ctx) { return 0; }";
    // `configure`, `bind` and `detached`, and `programs` if there are any.
    for (source, kept, library) in [("int counter;", 3, "library"), (program, 4, "_")] {
        let environment = crate_with(&compile_c("taken", source));
        let code = expand(&environment, r#"obj = "hist.bpf.o""#, "pub struct Hist;");
        assert!(!code.contains("let library"), "{code}");
        assert_eq!(code.matches("let mut library").count(), kept, "{code}");
        assert!(code.contains(&format!("from_library({library}:")), "{code}");
    }
}

/// Generated code uses a renamed dependency by its new name only. (Cargo doesn't allow two names for one
/// package, so `ui/pass/renamed_crate.rs` would not notice a slip.)
#[test]
fn generated_code_uses_only_the_renamed_crate() {
    for (object, item) in [
        ("selection", "pub struct Hist;"),
        ("types", "pub struct Hist;"),
        ("unresolved", "pub struct Hist;"),
        (
            "selection",
            "struct Hist { samples: Var<Count>, slots: Option<Var<[my::Slot; 64]>>, nothing: Var<u8>,
                by_pid: maps::Hash<Key, _>, sample_rate: Var<u32>, calls: maps::Array<_> }",
        ),
    ] {
        let environment = crate_with(&bpf_subskeleton_tests::objects::object(object));
        let code = expand(&environment, r#"obj = "hist.bpf.o", crate = renamed"#, item);
        assert!(code.contains("renamed::"), "{code}");
        assert!(!code.contains("bpf_subskeleton"), "{code}");
    }
}

/// As the documentation of `Variables` and of the attribute says.
#[test]
fn a_section_of_more_than_128_variables_is_filled_by_a_table() {
    for (count, is_large) in [(128, false), (129, true)] {
        let declarations = (0..count).map(|variable| format!("int v{variable};\n"));
        let source: String = declarations.collect();
        let environment = crate_with(&compile_c(&format!("section_of_{count}"), &source));
        let code = expand(&environment, r#"obj = "hist.bpf.o""#, "pub struct Hist;");
        let handles = "pub bss: ::bpf_subskeleton::Variables<hist::Bss>";
        assert_eq!(code.contains(handles), is_large, "{code}");
        assert_eq!(code.contains("::Group for Bss {"), is_large, "{code}");
    }
}

/// Code, and so the compiler's work, is linear in the number of fields.
#[test]
fn code_is_linear_in_the_number_of_fields() {
    let lines = |count: usize| {
        let mut source = String::from("struct slot { unsigned long long count; };\n");
        let mut fields = String::new();
        for i in 0..count {
            writeln!(source, "struct slot counter_{i};").unwrap();
            let ty = ["_", "hist::slot", "my::Slot"][i % 3];
            write!(fields, "pub counter_{i}: Var<{ty}>,").unwrap();
        }
        let environment = crate_with(&compile_c(&format!("many-{count}"), &source));
        let item = format!("pub struct Hist {{ {fields} }}");
        let code = expand(&environment, r#"obj = "hist.bpf.o""#, &item);
        assert!(!code.contains("compile_error!(\"the library"), "{code}");
        code.lines().count()
    };
    let [none, hundred, thousand] = [0, 100, 1000].map(lines);
    let each = (hundred - none).div_ceil(100);
    assert!(each < 30, "{each} lines for a field");
    assert!(
        thousand - none <= each * 1000,
        "{none}, {hundred}, {thousand}"
    );
}

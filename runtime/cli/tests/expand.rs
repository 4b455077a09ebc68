//! `subskeleton expand`: the code that the attribute would generate.

mod command;

use std::fs;
use std::path::{Path, PathBuf};

use bpf_subskeleton_tests::objects::{compile_c, object};

use command::{Output, subskeleton};

fn expand(library: &Path, args: &[&str]) -> Output {
    let args = args.iter().map(|arg| (*arg).as_ref());
    subskeleton(
        ["expand".as_ref(), library.as_os_str()]
            .into_iter()
            .chain(args),
    )
}

/// The object of a library in `tests/golden`, and the code that the attribute generates for it.
fn golden(name: &str) -> (PathBuf, String) {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    let source = fs::read_to_string(golden.join(format!("{name}.bpf.c"))).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("expand");
    fs::create_dir_all(&folder).unwrap();
    let object = folder.join(format!("{name}.bpf.o"));
    fs::copy(compile_c("cli-golden", &source), &object).unwrap();
    let code = fs::read_to_string(golden.join(format!("{name}.rs"))).unwrap();
    (
        object,
        code.replace("/path/to/crate", folder.to_str().unwrap()),
    )
}

#[test]
fn as_the_attribute() {
    let structs = [
        ("counters", None),
        ("structs", Some("Workers")),
        ("maps", Some("Flows")),
        ("programs", Some("Calls")),
        ("struct_ops", Some("Quiet")),
        ("resizable", Some("Cpus")),
        ("externs", Some("Ticks")),
    ];
    for (library, name) in structs {
        let (object, code) = golden(library);
        let name = name.map(|name| ["--name", name]);
        let output = expand(&object, name.as_ref().map_or(&[], |name| name.as_slice()));
        assert_eq!((output.status, output.stderr.as_str()), (0, ""));
        assert!(output.stdout == code, "{library}");
    }
}

#[test]
fn selected_fields() {
    let fields = "samples,sample_rate,CONFIG_HZ,by_pid,events,untyped";
    let output = expand(
        &object("selection"),
        &["--fields", fields, "--name", "Part"],
    );
    assert_eq!((output.status, output.stderr.as_str()), (0, ""));
    let code: String = output.stdout.split_whitespace().collect();
    for field in [
        "pubstructPart{",
        "pubsamples:::bpf_subskeleton::Var<::core::primitive::u64>,",
        "pubsample_rate:::bpf_subskeleton::Const<::core::primitive::u32>,",
        "pubCONFIG_HZ:::bpf_subskeleton::Const<::core::primitive::i32>,",
        "pubby_pid:::bpf_subskeleton::maps::Hash<::core::primitive::u32,part::types::slot",
        "pubevents:::bpf_subskeleton::maps::RingBuf,",
        "pubuntyped:::bpf_subskeleton::maps::Untyped,",
    ] {
        assert!(code.contains(field), "{field}\n{}", output.stdout);
    }
    assert!(!code.contains("weights"));
}

/// Every map of a library can be a field.
#[test]
fn every_map() {
    let library = object("maps");
    let show = subskeleton(["--json".as_ref(), "show".as_ref(), library.as_os_str()]).json();
    let maps = show["maps"].as_array().unwrap().iter();
    let names: Vec<_> = maps.map(|map| map["name"].as_str().unwrap()).collect();
    assert!(names.len() > 30);
    let output = expand(&library, &["--fields", &names.join(",")]);
    assert_eq!((output.status, output.stderr.as_str()), (0, ""));
}

/// Fields whose C names are no Rust identifiers.
#[test]
fn keywords() {
    let object = compile_c("cli-keywords", "int type; int self; int a;");
    let output = expand(&object, &["--fields", "type,self"]);
    assert_eq!((output.status, output.stderr.as_str()), (0, ""));
    assert!(output.stdout.contains("pub r#type: "), "{}", output.stdout);
    assert!(output.stdout.contains("pub self_: "), "{}", output.stdout);
}

#[test]
fn wrong_fields() {
    let object = object("selection");
    let output = expand(&object, &["--fields", "sampels,calls,samples"]);
    assert_eq!((output.status, output.stdout.as_str()), (2, ""));
    let object = object.display();
    assert_eq!(
        output.stderr,
        format!(
            "subskeleton: {object}: the library has no variable or map `sampels`; did you mean `samples`?\n{object}: \
             `calls` is `static`, so it can't be found from outside the library: make it global\n"
        )
    );
}

#[test]
fn names() {
    let library = object("subskel_lib");
    let output = expand(&library, &[]);
    assert!(
        output.stdout.contains("pub struct SubskelLib {"),
        "{}",
        output.stdout
    );
    let output = expand(&library, &["--name", "a b"]);
    assert_eq!(
        (output.status, output.stderr.as_str()),
        (
            2,
            "subskeleton: `a b` can't be the name of a struct in Rust\n"
        )
    );
}

#[test]
fn json() {
    let library = object("selection");
    let code = expand(&library, &[]).stdout;
    assert_eq!(expand(&library, &["--json"]).json()["code"], code);
}

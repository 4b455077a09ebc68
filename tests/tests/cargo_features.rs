//! A companion's build has syn without its syntax trees, which packages of this workspace have cargo add for all of them.
//! So is the macro the same without?

use std::fs;
use std::path::{Path, PathBuf};

use bpf_subskeleton_tests::objects::object;
use bpf_subskeleton_tests::package::Package;

/// A package of one file of `ui`. Tests run beside each other, so each has its own.
fn package(name: &str, case: &str) -> Package {
    let package = Package::new(
        env!("CARGO_TARGET_TMPDIR"),
        name,
        "bpf-subskeleton = { path = \"{workspace}/runtime\" }",
    );
    package.write("src/main.rs", fs::read(case_path(case, "rs")).unwrap());
    let selection = fs::read(object("selection")).unwrap();
    package.write("selection.bpf.o", selection);
    package
}

fn case_path(case: &str, extension: &str) -> PathBuf {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    ui.join(case).with_extension(extension)
}

/// The first lines of errors, and where these point.
fn errors(text: &str) -> Vec<&str> {
    let lines = text.lines().filter(|line| {
        line.starts_with("error: ") && !line.starts_with("error: could not compile")
            || line.trim_start().starts_with("-->")
    });
    let without_path = lines.map(|line| match line.split_once(".rs:") {
        Some((_, place)) => place,
        None => line,
    });
    without_path.collect()
}

#[test]
fn cargo_adds_no_syntax_trees() {
    let package = package("features", "pass/types_of_every_form");
    let mut tree = package.cargo("tree");
    let tree = tree.args(["--edges", "features", "--invert", "syn@3"]);
    let output = tree.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("syn feature \"parsing\""), "{text}");
    for feature in ["derive", "full"] {
        assert!(
            !text.contains(&format!("syn feature {feature:?}")),
            "{text}"
        );
    }
}

#[test]
fn types_and_paths_of_every_form_compile() {
    for case in ["pass/types_of_every_form", "pass/objects_of_every_form"] {
        let output = package("forms", case).cargo("check").output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{case}: {text}");
    }
}

#[test]
fn mistakes_are_the_same() {
    for case in [
        "array_of_wrong_length",
        "object_is_any_expression",
        "on_what_is_no_struct",
        "several_mistakes",
    ] {
        let output = package("mistakes", case).cargo("check").output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        let expected = fs::read_to_string(case_path(case, "stderr")).unwrap();
        assert!(!errors(&expected).is_empty(), "{case}");
        assert_eq!(errors(&text), errors(&expected), "{case}: {text}");
    }
}

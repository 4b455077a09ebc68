//! Committed objects, for machines without a compiler.

use std::fs;

use crate::crates::{Checked, Crate, path_without_clang};

const WORKSPACE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const VARIABLE: &str = "BPF_SUBSKELETON_PREBUILT";

/// A library with a committed object, which is written already.
fn library(name: &str, calls: &str) -> Crate {
    let calls = format!("{calls}.include(\"bpf\").prebuilt(\"bpf/lib.bpf.o\")");
    let library = Crate::library(name, &calls, &[]);
    library.write("bpf/step.h", "#define STEP 1\n");
    library.write(
        "bpf/lib.bpf.c",
        "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include \"step.h\"\nint committed = STEP;\n",
    );
    library.check_in(&[(VARIABLE, "write")]).succeeds();
    library
}

/// The files in the record. Their names are the same on every machine.
fn recorded(library: &Crate) -> Vec<String> {
    let record = fs::read_to_string(library.root().join("bpf/lib.bpf.o.sources")).unwrap();
    let lines = record.lines().filter(|line| !line.starts_with('#'));
    let names = lines.map(|line| line.split_once(' ').unwrap().1.to_owned());
    names.collect()
}

/// As on docs.rs: no clang, and nothing is left of an earlier build.
fn check_without_clang(library: &Crate) -> Checked {
    check_without_clang_in(library, &[])
}

fn check_without_clang_in(library: &Crate, environment: &[(&str, &str)]) -> Checked {
    for out in library.all_out_dirs() {
        fs::remove_dir_all(out.parent().unwrap()).unwrap();
    }
    let path = path_without_clang();
    library.check_in(&[environment, &[("PATH", &path)]].concat())
}

#[test]
fn without_a_compiler_it_is_used() {
    let library = library("prebuilt", "");
    let checked = check_without_clang(&library).succeeds();
    checked.is_silent_about("warning");
    let committed = fs::read(library.root().join("bpf/lib.bpf.o")).unwrap();
    assert_eq!(checked.object(&library, "lib.bpf.o").bytes, committed);
    // The same on every machine.
    assert_eq!(
        recorded(&library),
        ["bpf/lib.bpf.c", "bpf/step.h", "object"]
    );
    // Its dependents don't notice.
    let application = Crate::application("prebuilt-application", "", &[&library]);
    application.build_script("Application::of_libraries(\"app\")");
    let checked = application
        .check_in(&[("PATH", &path_without_clang())])
        .succeeds();
    let object = checked.object(&application, "app.bpf.o");
    assert_eq!(object.symbols(), ["committed"]);
}

#[test]
fn without_a_compiler_one_that_is_out_of_date_is_an_error() {
    let library = library("stale", "");
    let cure = "build once with BPF_SUBSKELETON_PREBUILT=write";
    let stale = |why: &str| {
        let text = format!("bpf/lib.bpf.o is out of date: {why}");
        check_without_clang(&library).fails(&[&text, cure]);
    };
    library.write("bpf/step.h", "#define STEP 2\n");
    stale("bpf/step.h has changed");
    library.write("bpf/step.h", "#define STEP 1\n");
    check_without_clang(&library).succeeds();

    fs::remove_file(library.root().join("bpf/step.h")).unwrap();
    stale("bpf/step.h is missing");
    library.write("bpf/step.h", "#define STEP 1\n");

    library.write("bpf/lib.bpf.o", "another");
    stale("it is not the one that was written with its record");
    fs::remove_file(library.root().join("bpf/lib.bpf.o")).unwrap();
    stale("it does not exist yet");
    library.check_in(&[(VARIABLE, "write")]).succeeds();

    let calls = ".source(\"bpf/new.bpf.c\").include(\"bpf\").prebuilt(\"bpf/lib.bpf.o\")";
    library.build_script(&format!("Library::new(\"bpf/lib.bpf.c\"){calls}"));
    library.write("bpf/new.bpf.c", "int new;");
    stale("bpf/new.bpf.c has changed");
    library.build_script(
        "Library::new(\"bpf/lib.bpf.c\").include(\"bpf\").define(\"X\", 1).prebuilt(\"bpf/lib.bpf.o\")",
    );
    stale("the list of flags has changed");
}

#[test]
fn with_a_compiler_one_that_is_out_of_date_is_a_warning_or_rewritten() {
    let library = library("rewritten", "");
    library.check().succeeds().is_silent_about("warning");
    library.check_in(&[(VARIABLE, "check")]).succeeds();
    let committed = || fs::read(library.root().join("bpf/lib.bpf.o")).unwrap();
    let before = committed();

    library.write("bpf/step.h", "#define STEP 2\n");
    let text = "bpf/lib.bpf.o is out of date: bpf/step.h has changed";
    let checked = library.check().succeeds().says(&["warning: ", text]);
    let object = checked.object(&library, "lib.bpf.o");
    assert_eq!(object.contents(".data"), 2_u32.to_ne_bytes());
    library
        .check_in(&[(VARIABLE, "check")])
        .fails(&[&format!("Error: {text}")]);
    assert_eq!(committed(), before);

    library.check_in(&[(VARIABLE, "write")]).succeeds();
    assert_eq!(committed(), object.bytes);
    library.check_in(&[(VARIABLE, "check")]).succeeds();
    check_without_clang(&library).succeeds();

    // One source less.
    let calls = ".include(\"bpf\").prebuilt(\"bpf/lib.bpf.o\")";
    let more = format!("Library::new(\"bpf/lib.bpf.c\").source(\"bpf/more.bpf.c\"){calls}");
    library.write("bpf/more.bpf.c", "int more;");
    library.build_script(&more);
    library.check_in(&[(VARIABLE, "write")]).succeeds();
    assert_eq!(
        recorded(&library),
        ["bpf/lib.bpf.c", "bpf/more.bpf.c", "bpf/step.h", "object"]
    );
    library.build_script(&format!("Library::new(\"bpf/lib.bpf.c\"){calls}"));
    library
        .check_in(&[(VARIABLE, "check")])
        .fails(&["bpf/more.bpf.c is no longer part of it"]);
}

#[test]
fn a_compiler_that_is_asked_for_and_missing_is_not_passed_over() {
    let library = library("asked-for", "");
    let calls = ".clang(\"clang-of-the-author\").include(\"bpf\").prebuilt(\"bpf/lib.bpf.o\")";
    library.build_script(&format!("Library::new(\"bpf/lib.bpf.c\"){calls}"));
    // docs.rs has not the one that the build script names.
    check_without_clang(&library).succeeds();
    // Who sets CLANG wants it to compile.
    check_without_clang_in(&library, &[("CLANG", "/nowhere/clang-1")])
        .fails(&["can't run /nowhere/clang-1"]);
    for mode in ["write", "check"] {
        check_without_clang_in(&library, &[(VARIABLE, mode)])
            .fails(&["can't run clang-of-the-author"]);
    }
    check_without_clang_in(&library, &[(VARIABLE, "yes")])
        .fails(&["BPF_SUBSKELETON_PREBUILT=yes means nothing: set it to `write` or `check`"]);
}

/// The package's folder is around those of others: with its target folder, libbpf-sys' headers are in it. docs.rs has
/// them elsewhere.
#[test]
fn only_files_of_the_library_are_recorded() {
    let library = library("recorded", "");
    library.write("target/system/system.h", "");
    let manifest = Crate::manifest("recorded-base", "links = \"recorded-base\"", "");
    let base = library.member("base", &manifest.replace("[workspace]", ""));
    base.write("src/lib.rs", "");
    base.write("bpf/lib.bpf.c", "");
    base.write("include/base.bpf.h", "");
    base.build_script("Library::new(\"bpf/lib.bpf.c\").include(\"include\")");
    let manifest = Crate::manifest(
        "recorded",
        "links = \"recorded\"",
        "recorded-base.path = \"base\"",
    );
    library.write("Cargo.toml", manifest.replace("{workspace}", WORKSPACE));
    library.write(
        "bpf/lib.bpf.c",
        "#include <system.h>\n#include <base.bpf.h>\n#include <step.h>\nint committed;",
    );
    let system = library.root().join("target/system");
    let flags = format!("-isystem {}", system.display());
    library
        .check_in(&[(VARIABLE, "write"), ("NIX_CFLAGS_COMPILE", &flags)])
        .succeeds();
    assert_eq!(
        recorded(&library),
        ["bpf/lib.bpf.c", "bpf/step.h", "object"]
    );
}

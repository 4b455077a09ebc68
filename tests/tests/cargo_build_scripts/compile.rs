//! Compiling: headers, options, compilers, and when it is done again.

use std::fs;

use bpf_subskeleton_tests::objects::clang;

use crate::crates::{Checked, Crate, path_without_clang};

/// A library with a header, and an application that includes it.
fn library_and_application(name: &str) -> (Crate, Crate) {
    let library = Crate::library(&format!("{name}-library"), ".include(\"bpf\")", &[]);
    library.write(
        "bpf/tally.bpf.h",
        "extern int tally;\nint count(int);\n#define STEP 1\n",
    );
    library.write(
        "bpf/lib.bpf.c",
        "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n#include \"tally.bpf.h\"\n\
         int tally = 1;\n\
         __attribute__((noinline)) int count(int by) { return tally += by * STEP; }\n",
    );
    let application = Crate::application(&format!("{name}-application"), "", &[&library]);
    application.write(
        "bpf/app.bpf.c",
        "#include <tally.bpf.h>\n\
         __attribute__((section(\"syscall\"))) int run(void *context) { return count(STEP) + tally; }\n",
    );
    (library, application)
}

#[test]
fn an_application_finds_header_and_object_of_its_library() {
    let (library, application) = library_and_application("finds");
    let checked = application.check().succeeds();
    let names = checked.object(&application, "app.bpf.o").symbols();
    assert_eq!(names, ["count", "run", "tally"]);
    let names = checked.object(&library, "lib.bpf.o").symbols();
    assert_eq!(names, ["count", "tally"]);
}

#[test]
fn it_is_compiled_again_if_a_file_changes_that_was_read() {
    let (library, application) = library_and_application("again");
    library.write("bpf/unrelated.bpf.h", "int unrelated;");
    let written = |checked: &Checked| {
        let library = checked.object(&library, "lib.bpf.o").written();
        (library, checked.object(&application, "app.bpf.o").written())
    };
    let first = written(&application.check().succeeds());
    library.write("bpf/unrelated.bpf.h", "int edited;");
    library.write("src/lib.rs", "// edited");
    assert_eq!(written(&application.check().succeeds()), first);

    library.write(
        "bpf/tally.bpf.h",
        "extern int tally;\nint count(int);\n#define STEP 2\n",
    );
    let checked = application.check().succeeds();
    let second = written(&checked);
    assert!(second.0 > first.0 && second.1 > first.1);

    // The application links the library's object, though it does not include that file.
    library.write(
        "bpf/lib.bpf.c",
        "int tally, more; int count(int by) { return by; }",
    );
    let checked = application.check().succeeds();
    let names = checked.object(&application, "app.bpf.o").symbols();
    assert_eq!(names, ["count", "more", "run", "tally"]);
}

#[test]
fn options_are_for_all_sources() {
    let library = Crate::library(
        "options",
        ".source(\"bpf/second.bpf.c\").source(\"bpf/nested/lib.bpf.c\")\
         .define(\"LENGTH\", 40 + 2).flag(\"-DNAMED\").include(\"headers\")",
        &[],
    );
    library.write("headers/name.h", "#define NAME(n) n");
    library.write(
        "bpf/lib.bpf.c",
        "#include <name.h>\n#ifdef NAMED\nchar NAME(first)[LENGTH];\n#endif\n\
         char arch =\n#ifdef __TARGET_ARCH_x86\n1\n#else\n2\n#endif\n;",
    );
    library.write(
        "bpf/second.bpf.c",
        "#include <name.h>\nchar NAME(second)[LENGTH];",
    );
    // Its object has the name of the first source's.
    library.write("bpf/nested/lib.bpf.c", "char third[LENGTH];");
    let object = library.check().succeeds().object(&library, "lib.bpf.o");
    let sizes = ["first", "second", "third"].map(|name| object.size(name));
    assert_eq!(sizes, [42; 3]);
    if cfg!(target_arch = "x86_64") {
        assert_eq!(object.contents(".data"), [1]);
    }
}

/// A program that says who called it before it calls a compiler that works.
fn compiler(of: &Crate, name: &str) -> String {
    of.write(
        name,
        format!(
            "#!/bin/sh\necho {name} >> called\nexec {} \"$@\"\n",
            clang()
        ),
    );
    let path = of.root().join(name);
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn the_compiler_is_that_of_the_environment_or_of_the_build_script() {
    let library = Crate::library("compilers", "", &[]);
    library.write("bpf/lib.bpf.c", "int variable;");
    let (chosen, other) = (compiler(&library, "chosen"), compiler(&library, "other"));
    library.build_script(&format!(
        "Library::new(\"bpf/lib.bpf.c\").clang({chosen:?})"
    ));
    let called = || {
        let called = fs::read_to_string(library.root().join("called")).unwrap();
        let mut called: Vec<_> = called.lines().map(str::to_owned).collect();
        called.dedup();
        called
    };
    library.check().succeeds();
    assert_eq!(called(), ["chosen"]);
    library.check_in(&[("CLANG", &other)]).succeeds();
    assert_eq!(called(), ["chosen", "other"]);
    // None at all.
    library.check_in(&[("CLANG", "")]).succeeds();
    assert_eq!(called(), ["chosen", "other", "chosen"]);
    library
        .check_in(&[("CLANG", "/nowhere/clang-1")])
        .fails(&["can't run /nowhere/clang-1"]);
    library
        .check_in(&[("CLANG", "/bin/false")])
        .fails(&["/bin/false --version ends with exit status: 1, so it is not clang"]);
}

/// A link to a version that was removed is not a compiler, nor is one whose libraries were. The one that compiles is
/// not asked for its version: that would take half as long again.
#[test]
fn a_newer_compiler_that_does_not_run_is_passed_over() {
    let library = Crate::library("dangling", "", &[]);
    library.write("bpf/lib.bpf.c", "int variable;");
    let broken = "#!/bin/sh\necho broken >> called\nexit 127\n";
    library.write("bin/clang-998", broken);
    let broken = library.root().join("bin/clang-998");
    fs::set_permissions(&broken, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    compiler(&library, "bin/clang-997");
    let link = library.root().join("bin/clang-999");
    let _ = fs::remove_file(&link);
    std::os::unix::fs::symlink("/nowhere/clang", link).unwrap();
    let path = format!(
        "{}:{}",
        library.root().join("bin").display(),
        std::env::var("PATH").unwrap()
    );
    let called = || {
        let log = library.root().join("called");
        let called = fs::read_to_string(&log).unwrap();
        fs::remove_file(log).unwrap();
        called.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    library.check_in(&[("PATH", &path)]).succeeds();
    // To compile, then for its version; and the next one for its version before it compiles.
    let works = "bin/clang-997";
    assert_eq!(called(), ["broken", "broken", works, works]);
    fs::remove_file(broken).unwrap();
    library.write("bpf/lib.bpf.c", "int another;");
    library.check_in(&[("PATH", &path)]).succeeds();
    assert_eq!(called(), [works]);
}

#[test]
fn a_compiler_without_bpf_says_so() {
    let library = Crate::library("no-target", "", &[]);
    library.write("bpf/lib.bpf.c", "int variable;");
    library.write(
        "other-clang",
        "#!/bin/sh\n[ \"$1\" = --version ] && exit 0\n\
         echo \"error: unable to create target: 'No available targets'\" >&2\nexit 1\n",
    );
    let clang = library.root().join("other-clang");
    fs::set_permissions(&clang, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    library
        .check_in(&[("CLANG", clang.to_str().unwrap())])
        .fails(&["other-clang can't compile for BPF: install a clang that can"]);
}

#[test]
fn without_a_compiler_the_error_says_what_to_install() {
    let library = Crate::library("no-compiler", "", &[]);
    library.write("bpf/lib.bpf.c", "int variable;");
    library
        .check_in(&[("PATH", &path_without_clang())])
        .fails(&["no clang in PATH: install clang", "or set CLANG"]);
}

#[test]
fn what_clang_says_is_shown() {
    let library = Crate::library("diagnostics", "", &[]);
    library.write("bpf/lib.bpf.c", "int function(void) { return missing; }");
    let error = [
        "undeclared identifier 'missing'",
        "clang could not compile bpf/lib.bpf.c",
    ];
    let failed = library.check().fails(&error);
    // Once, though cargo shows what a failed build script wrote.
    assert_eq!(failed.stderr.matches("undeclared").count(), 1);

    // Cargo takes colours out where it does not write to a terminal.
    let always = ("CARGO_TERM_COLOR", "always");
    let clangs_red = "\x1b[0;1;31m";
    library.check_in(&[always]).fails(&[clangs_red]);
    let failed = library.check_in(&[always, ("NO_COLOR", "1")]).fails(&error);
    failed.is_silent_about(clangs_red);

    library.write(
        "bpf/lib.bpf.c",
        "int function(void) { int unused; return 0; }",
    );
    library
        .check()
        .succeeds()
        .says(&["warning: diagnostics@0.1.0: ", "unused variable 'unused'"]);
}

#[test]
fn missing_headers_have_an_advice_each() {
    let library = Crate::library("headers", "", &[]);
    for (header, advice) in [
        ("bpf/missing.h", "libbpf-dev"),
        ("linux/missing.h", "linux-libc-dev"),
        ("asm/missing.h", "linux-libc-dev"),
        ("vmlinux.h", "`.vmlinux()`"),
        ("missing.bpf.h", "a dependency on its crate"),
    ] {
        library.write("bpf/lib.bpf.c", format!("#include <{header}>\n"));
        library.check().fails(&[
            &format!("bpf/lib.bpf.c needs <{header}>, which was not found"),
            advice,
        ]);
    }
}

#[test]
fn what_the_build_script_names_and_is_not_there_is_named() {
    let library = Crate::library("missing", ".include(\"no/such/folder\")", &[]);
    library.write("bpf/lib.bpf.c", "int variable;");
    let wrong =
        |path| format!("{path} does not exist; paths are relative to the folder of Cargo.toml");
    library.check().fails(&[&wrong("no/such/folder")]);
    library.build_script("Library::new(\"bpf/lib.bpf.c\").source(\"bpf/no.bpf.c\")");
    library.check().fails(&[&wrong("bpf/no.bpf.c")]);
    // Cargo tells nobody about a package without `links`.
    let unnamed = Crate::new("unnamed", "", &[]);
    unnamed.write("src/lib.rs", "");
    unnamed.write("bpf/lib.bpf.c", "int variable;");
    unnamed.build_script("Library::new(\"bpf/lib.bpf.c\")");
    unnamed
        .check()
        .fails(&["add a line like `links = \"histogram_bpf\"` to [package]"]);
}

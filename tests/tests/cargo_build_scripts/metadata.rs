//! Libraries that use libraries: what each tells its dependents.

use crate::crates::{Crate, MANIFEST};

/// A library with this source.
fn library(name: &str, source: &str, dependencies: &[&Crate]) -> Crate {
    let library = Crate::library(name, ".include(\"bpf\")", dependencies);
    library.write("bpf/lib.bpf.c", source);
    library
}

fn application(name: &str, source: &str, dependencies: &[&Crate]) -> Crate {
    let application = Crate::application(name, "", dependencies);
    application.write("bpf/app.bpf.c", source);
    application
}

/// A library with a variable, a function and a map for others.
fn base(name: &str) -> Crate {
    let base = library(
        name,
        "#include \"base.bpf.h\"\n\
         struct entries entries SEC(\".maps\");\n\
         int base = 1;\n\
         __attribute__((noinline)) int base_add(int by) { return base += by; }\n",
        &[],
    );
    base.write(
        "bpf/base.bpf.h",
        "#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\n\
         struct entries {\n\
             __uint(type, BPF_MAP_TYPE_ARRAY);\n\
             __uint(max_entries, 4);\n\
             __type(key, __u32);\n\
             __type(value, __u64);\n\
         };\n\
         extern struct entries entries SEC(\".maps\");\n\
         extern int base;\n\
         int base_add(int by);\n",
    );
    base
}

/// A library that uses variable, function and map of [`base`].
fn user(name: &str, function: &str, base: &Crate) -> Crate {
    let source = format!(
        "#include <base.bpf.h>\n\
         int {function}(void) {{\n\
             __u32 key = 0;\n\
             return bpf_map_lookup_elem(&entries, &key) ? base_add(1) : base;\n\
         }}\n"
    );
    library(name, &source, &[base])
}

#[test]
fn a_library_that_two_others_use_is_linked_once() {
    let base = base("diamond-base");
    let left = user("diamond-left", "left", &base);
    let right = user("diamond-right", "right", &base);
    let application = application(
        "diamond",
        // Headers of libraries that it does not depend on itself are there too.
        "#include <base.bpf.h>\nint left(void), right(void);\n\
         SEC(\"syscall\") int run(void *context) { return left() + right(); }\n",
        &[&left, &right],
    );
    let checked = application.check().succeeds();

    let alone = checked.object(&left, "lib.bpf.o");
    assert_eq!(alone.symbols(), ["left"]);
    assert_eq!(alone.undefined(), ["base", "base_add", "entries"]);

    let linked = checked.object(&application, "app.bpf.o");
    assert_eq!(
        linked.symbols(),
        ["base", "base_add", "entries", "left", "right", "run"]
    );
    assert_eq!(linked.undefined(), [""; 0]);
    linked.assert_in_order();
}

/// In metadata, in make's rules, in clang's arguments.
#[test]
fn folders_may_have_any_name() {
    let folder = "odd, = ; | % # $ name";
    let manifest = Crate::manifest("odd-library", "links = \"odd-library\"", "");
    let library = Crate::with_manifest(folder, &manifest);
    library.write("src/lib.rs", "");
    library.write("some headers/odd.bpf.h", "extern int odd;\n");
    library.write("bpf/lib.bpf.c", "#include <odd.bpf.h>\nint odd = 1;\n");
    library.build_script("Library::new(\"bpf/lib.bpf.c\").include(\"some headers\")");
    let dependency = format!("odd-library.path = \"{{packages}}/{folder}\"");
    let manifest = Crate::manifest("odd-application", "", &dependency);
    let application = Crate::with_manifest("odd-application", &manifest);
    application.write("src/main.rs", "fn main() {}");
    application.write(
        "bpf/app.bpf.c",
        "#include <odd.bpf.h>\nint run(void) { return odd; }",
    );
    application.build_script("Application::new(\"bpf/app.bpf.c\")");
    let object = application.check().succeeds();
    let object = object.object(&application, "app.bpf.o");
    assert_eq!(object.symbols(), ["odd", "run"]);

    library.write(
        "some headers/odd.bpf.h",
        "extern int odd;\nstatic volatile int edited;\n",
    );
    let first = object.written();
    let checked = application.check().succeeds();
    assert!(checked.object(&application, "app.bpf.o").written() > first);
    // No folder of this machine is in the object.
    let text = String::from_utf8_lossy(&object.bytes).into_owned();
    assert!(
        !text.contains("odd-application"),
        "{}",
        object.path.display()
    );
}

/// Cargo tells build scripts only about direct dependencies.
#[test]
fn a_crate_without_bpf_code_passes_on_what_it_depends_on() {
    let base = base("passed-base");
    let middle = Crate::new("passed-middle", "links = \"passed_middle\"\n", &[&base]);
    middle.write("src/lib.rs", "");
    middle.write(
        "build.rs",
        "fn main() -> Result<(), bpf_subskeleton_build::Error> {
             bpf_subskeleton_build::Library::pass_on()
         }",
    );
    let application = application(
        "passed",
        "#include <base.bpf.h>\nint get(void) { return base; }",
        &[&middle],
    );
    let checked = application.check().succeeds();
    let linked = checked.object(&application, "app.bpf.o");
    assert_eq!(linked.symbols(), ["base", "base_add", "entries", "get"]);
}

#[test]
fn two_versions_of_a_library_are_an_error_with_both_paths() {
    let version = |folder: &str, version: &str| {
        let base = Crate::with_manifest(
            folder,
            &format!(
                "[package]\nname = \"twice\"\nversion = \"{version}\"\nedition = \"2024\"\nlinks = \"{folder}\"\n\
                 {}",
                MANIFEST
            ),
        );
        base.write("src/lib.rs", "");
        base.write("bpf/lib.bpf.c", "int base;");
        base.build_script("Library::new(\"bpf/lib.bpf.c\")");
        base
    };
    let (old, new) = (version("twice-old", "0.1.0"), version("twice-new", "0.2.0"));
    let over = |name: &str, base: &str| {
        let library = Crate::with_dependencies(
            name,
            &format!("links = \"{name}\"\n"),
            &format!("twice.path = \"{{packages}}/{base}\"\n"),
        );
        library.write("src/lib.rs", "");
        library.write("bpf/lib.bpf.c", "");
        library.build_script("Library::new(\"bpf/lib.bpf.c\")");
        library
    };
    let left = over("twice-left", "twice-old");
    let right = over("twice-right", "twice-new");
    let far = library("twice-far", "", &[&right]);
    drop((old, new));
    application("twice-application", "", &[&left, &far])
        .check()
        .fails(&[
            "two versions of the BPF library `twice` can't be in one object:",
            "twice-application → twice-left → twice 0.1.0",
            "twice-application → twice-far → twice-right → twice 0.2.0",
        ]);
}

#[test]
fn two_applications_of_a_workspace_have_one_object_of_a_library() {
    let base = base("workspace-base");
    let workspace = Crate::with_manifest(
        "workspace",
        "[workspace]\nresolver = \"3\"\nmembers = [\"one\", \"two\"]\n\n[profile.dev]\ndebug = false\n",
    );
    for member in ["one", "two"] {
        let name = format!("workspace-{member}");
        let manifest = Crate::manifest(&name, "", &base.as_dependency());
        let manifest = manifest.replace("[workspace]", "");
        let member = workspace.member(member, &manifest);
        member.write("src/main.rs", "fn main() {}");
        member.write("bpf/app.bpf.c", "int own;");
        member.build_script("Application::new(\"bpf/app.bpf.c\")");
    }
    let one = workspace.check_package("workspace-one").succeeds();
    let first = one.object(&base, "lib.bpf.o");
    let two = workspace.check_package("workspace-two").succeeds();
    let second = two.object(&base, "lib.bpf.o");
    assert_eq!(
        (&second.path, second.written()),
        (&first.path, first.written())
    );
    // `object` wants one folder for the library; now both are checked at once.
    let both = workspace.check().succeeds();
    assert_eq!(both.object(&base, "lib.bpf.o").path, first.path);
}

//! Linking: what libbpf's linker gets wrong is mended, or refused by name.

use crate::crates::{Checked, Crate};

/// An application of two sources, which are linked in this order.
fn link(name: &str, first: &str, second: &str) -> (Crate, Checked) {
    let application = Crate::application(name, ".source(\"bpf/second.bpf.c\")", &[]);
    application.write("bpf/app.bpf.c", first);
    application.write("bpf/second.bpf.c", second);
    let checked = application.check();
    (application, checked)
}

/// libbpf leaves the place of the weak one in BTF.
#[test]
fn a_weak_variable_before_a_strong_one_is_repaired() {
    let weak = "int a = 1; __attribute__((weak)) int level = 2; int get(void) { return level; }";
    let strong = "int b = 3, c = 4, level = 5; int other(void) { return level; }";
    for (name, first, second) in [("weak-first", weak, strong), ("strong-first", strong, weak)] {
        let (application, checked) = link(name, first, second);
        let object = checked.succeeds().object(&application, "app.bpf.o");
        object.assert_in_order();
        assert!(object.symbols().contains(&"level".to_owned()));
    }
}

/// A second pass would give the global the place of the static.
#[test]
fn a_static_before_a_global_of_its_name_is_in_order() {
    let first = "static volatile int level = 2; int get(void) { return level; }";
    let second = "int b = 3, level = 5; int other(void) { return level; }";
    let (application, checked) = link("static-first", first, second);
    let object = checked.succeeds().object(&application, "app.bpf.o");
    object.assert_in_order();
}

/// libbpf crashes here, or writes one variable over another.
#[test]
fn weak_and_strong_in_two_sections_are_refused() {
    let weak = "int a; __attribute__((weak)) int level; int get(void) { return level + a; }";
    let strong = "int level = 5; int other(void) { return level; }";
    for (name, first, second) in [
        ("sections-weak-first", weak, strong),
        ("sections-strong-first", strong, weak),
    ] {
        let (_, checked) = link(name, first, second);
        checked.fails(&[
            "`level` is weak in .bss (",
            ") and defined in .data (",
            "SEC(…)",
        ]);
    }
}

#[test]
fn all_variables_in_two_sections_are_named() {
    let weak = "__attribute__((weak)) int c, a; __attribute__((weak)) int b = 1;
                int get(void) { return a + b + c; }";
    let other =
        "int a = 5; __attribute__((weak)) int b; int c; int other(void) { return a + b + c; }";
    let (_, checked) = link("sections-many", weak, other);
    let checked = checked.fails(&["`a` is weak in .bss (", "`b` is weak in .data ("]);
    let (a, b) = (
        checked.stderr.find("`a` is weak"),
        checked.stderr.find("`b` is weak"),
    );
    assert!(a < b, "{}", checked.stderr);
    // It is in .bss in both.
    checked.is_silent_about("`c` is weak");
}

#[test]
fn what_libbpf_says_when_it_refuses_is_shown() {
    let (application, checked) = link("two-strong", "int level = 5;", "int level = 6;");
    for out in application.all_out_dirs() {
        assert!(!out.join("app.bpf.o").exists(), "half an object");
    }
    checked.fails(&[
        "libbpf could not link ",
        "0-app.bpf.o",
        "1-second.bpf.o: ",
        "conflicting non-weak symbol",
    ]);
}

/// One pass leaves a weak variable misplaced in either order; a second pass, a global after a static.
#[test]
fn what_no_order_mends_is_refused_by_name() {
    let first = "int a = 1; __attribute__((weak)) int x = 2; int y = 3; static volatile int s = 4; int t = 5;
                 int f(void) { return x + y + s + t; }";
    let second = "int b = 1, c = 2; __attribute__((weak)) int y = 6; int x = 7; static volatile int t = 8; int s = 9;
                  int g(void) { return x + y + s + t; }";
    let (application, checked) = link("beyond-repair", first, second);
    checked.fails(&["in whatever order the objects are linked:", "`x`"]);
    // Nobody finds the object that is wrong.
    let out_dirs = application.all_out_dirs();
    assert!(!out_dirs.is_empty());
    for out in out_dirs {
        assert!(!out.join("app.bpf.o").exists());
    }
}

#[test]
fn an_application_may_consist_of_libraries() {
    let one = Crate::library("of-libraries-one", "", &[]);
    one.write("bpf/lib.bpf.c", "int one;");
    let two = Crate::library("of-libraries-two", "", &[]);
    two.write("bpf/lib.bpf.c", "int two;");
    let application = Crate::application("of-libraries", "", &[&one, &two]);
    application.build_script("Application::of_libraries(\"both\")");
    let checked = application.check().succeeds();
    let object = checked.object(&application, "both.bpf.o");
    assert_eq!(object.symbols(), ["one", "two"]);

    let alone = Crate::application("of-no-libraries", "", &[]);
    alone.build_script("Application::of_libraries(\"none\")");
    alone
        .check()
        .fails(&["there is nothing to link: name a source, or depend on the crate"]);
}

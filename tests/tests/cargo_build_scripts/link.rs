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

/// A weak `x` that another file replaces: wrong after one pass, if it comes first.
const WEAK_X: &str = "__attribute__((weak)) int x = 2; int get_x(void) { return x; }";
const STRONG_X: &str = "int x = 3; int other_x(void) { return x; }";
const WEAK_Y: &str = "__attribute__((weak)) int y = 4; int get_y(void) { return y; }";
const STRONG_Y: &str = "int y = 5; int other_y(void) { return y; }";

/// A static `s` and another file's global: wrong after two passes, if the static comes first.
const STATIC_S: &str = "static volatile int s = 6; int get_s(void) { return s; }";
const GLOBAL_S: &str = "int s = 7; int other_s(void) { return s; }";
const STATIC_T: &str = "static volatile int t = 8; int get_t(void) { return t; }";
const GLOBAL_T: &str = "int t = 9; int other_t(void) { return t; }";

/// Keeps the other variables off the beginning.
const BEFORE: [&str; 2] = ["int a = 1;", "int b = 1, c = 1;"];

#[track_caller]
fn link_parts(name: &str, first: &[&str], second: &[&str]) -> (Crate, Checked) {
    let part = |before: &str, parts: &[&str]| format!("{before}\n{}\n", parts.join("\n"));
    link(name, &part(BEFORE[0], first), &part(BEFORE[1], second))
}

#[track_caller]
fn assert_repaired(name: &str, first: &[&str], second: &[&str]) {
    let (application, checked) = link_parts(name, first, second);
    let object = checked.succeeds().object(&application, "app.bpf.o");
    object.assert_in_order();
    assert!(object.symbols().contains(&"c".to_owned()));
}

/// libbpf leaves the place of the weak one in BTF.
#[test]
fn a_weak_variable_before_a_strong_one_is_repaired() {
    assert_repaired("weak-first", &[WEAK_X], &[STRONG_X]);
    assert_repaired("strong-first", &[STRONG_X], &[WEAK_X]);
}

#[test]
fn weak_variables_in_either_file_are_repaired_by_a_second_pass() {
    assert_repaired("weak-both", &[WEAK_X, STRONG_Y], &[STRONG_X, WEAK_Y]);
}

#[test]
fn statics_before_globals_in_either_file_are_spared_a_second_pass() {
    assert_repaired("static-both", &[STATIC_S, GLOBAL_T], &[GLOBAL_S, STATIC_T]);
}

#[test]
fn a_weak_variable_beside_a_static_is_repaired_by_another_order() {
    assert_repaired("order", &[WEAK_X, STATIC_S], &[STRONG_X, GLOBAL_S]);
}

/// Weak variables need the second pass, and the statics are spoiled by it, in either order.
#[test]
fn what_no_order_mends_is_refused_by_name() {
    let first = [WEAK_X, STRONG_Y, STATIC_S, GLOBAL_T];
    let second = [STRONG_X, WEAK_Y, GLOBAL_S, STATIC_T];
    let (application, checked) = link_parts("beyond-repair", &first, &second);
    checked.fails(&["in whatever order the objects are linked:", "`x`"]);
    // Nobody finds the object that is wrong.
    let out_dirs = application.all_out_dirs();
    assert!(!out_dirs.is_empty());
    for out in out_dirs {
        assert!(!out.join("app.bpf.o").exists());
    }
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

/// libbpf refuses, and says `section mismatch 4 vs 6`.
#[test]
fn weak_variables_in_two_sections_are_refused_by_name() {
    let data = "__attribute__((weak)) int level = 1; int get(void) { return level; }";
    let bss = "int a; __attribute__((weak)) int level; int other(void) { return level + a; }";
    let (application, checked) = link("sections-weak", data, bss);
    let text = ["`level` is weak in .data (", ") and defined in .bss ("];
    checked.fails(&text);

    // A strong one in the section of the first does not hide the second weak one.
    application.write("bpf/third.bpf.c", "int level = 2;");
    application.build_script(
        "Application::new(\"bpf/app.bpf.c\").source(\"bpf/third.bpf.c\").source(\"bpf/second.bpf.c\")",
    );
    application.check().fails(&text);
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

/// Its header was copied, and its crate is no dependency.
#[test]
fn what_nothing_defines_is_refused_by_name() {
    let code = "#include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        int bucket_take(__u32, __u32);
        extern int bucket_level;
        extern int bucket_unused;
        extern int CONFIG_HZ __kconfig;
        extern const int bpf_prog_active __ksym;
        void bpf_rcu_read_lock(void) __ksym;
        int bucket_trace(void) __attribute__((weak));
        SEC(\"syscall\") int run(void *context) {
            bpf_rcu_read_lock();
            if (bucket_trace)
                bucket_trace();
            return bucket_take(CONFIG_HZ, bucket_level) + (long)&bpf_prog_active;
        }";
    let application = Crate::application("bucket-missing", "", &[]);
    application.write("bpf/app.bpf.c", code);
    let checked = application.check().fails(&[
        "libbpf can't open the linked object, because nothing in it defines:",
        "- variable `int bucket_level`\n",
        "- function `int bucket_take(__u32, __u32)`\n",
        "- function `int bucket_trace(void)`: only its definition can be weak",
        "is the crate of each library in [dependencies]?",
    ]);
    assert_eq!(checked.stderr.matches("\n  - ").count(), 3);
    for out in application.all_out_dirs() {
        assert!(!out.join("app.bpf.o").exists());
    }

    // A library may leave it to others.
    let definitions = "int bucket_level = 1;
        __attribute__((noinline)) int bucket_take(unsigned key, unsigned count)
        { return bucket_level += key + count; }
        __attribute__((weak, noinline)) int bucket_trace(void) { return bucket_level; }";
    let bucket = Crate::library("bucket", "", &[]);
    bucket.write("bpf/lib.bpf.c", definitions);
    let user = Crate::library("bucket-user", "", &[]);
    user.write("bpf/lib.bpf.c", code);
    user.check().succeeds();
    let complete = Crate::application("bucket-complete", "", &[&bucket]);
    complete.write("bpf/app.bpf.c", code);
    complete.check().succeeds();
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

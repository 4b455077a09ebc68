//! A name binds the library's own symbol, wherever the linker put it, and nothing else of that name.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bpf_subskeleton::describe::{Library, Map, Shape, Variable};
use bpf_subskeleton::maps::map_type;
use bpf_subskeleton::private::{self, I32};
use bpf_subskeleton::{BindError, Read, Subject, Write, subskeleton};
use bpf_subskeleton_tests::kernel::{self, open, problems};
use bpf_subskeleton_tests::objects::{changed, compile_c, link, link_once, object, rename};
use libbpf_rs::{MapCore as _, Object, ProgramInput};

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/subskel_lib.bpf.o"))]
struct Lib;

/// libbpf itself refuses to open this object: it lacks a variable, a constant, a map and a function.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/unresolved.bpf.o"))]
struct Unresolved;

#[subskeleton(obj = concat!(env!("OUT_DIR"), "/statics.bpf.o"))]
struct Statics;

/// The variable of those that programs use.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/statics.bpf.o"))]
struct Shown {
    shown: Var<i32>,
}

/// Its variable is declared in a section that it names itself.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/declared.bpf.o"))]
struct Declared;

fn load(path: &Path) -> Object {
    kernel::load(open(path))
}

/// Runs the program `name`; what it returns.
fn run(object: &Object, name: &str) -> i32 {
    let program = object.progs_mut().find(|program| program.name() == name);
    let output = program.unwrap().test_run(ProgramInput::default()).unwrap();
    output.return_value.cast_signed()
}

#[test]
fn an_extern_is_bound_to_its_definition() {
    let [lib, app] = ["unresolved", "unresolved_app"].map(object);
    for inputs in [[&lib, &app], [&app, &lib]] {
        let object = load(&link("unresolved", &inputs.map(PathBuf::as_path)));
        let lib = Unresolved::bind(&object).unwrap();
        assert_eq!(lib.externs.host_level.get(), 5);
        assert_eq!(lib.externs.host_limit.get(), 10);
        assert_eq!(run(&object, "lib_ask"), 10);
        let event = lib.maps.host_events.lookup(&0).unwrap().unwrap();
        assert_eq!((event.level, event.verdict), (5, 10));

        lib.externs.host_level.set(11);
        assert_eq!(run(&object, "lib_ask"), -1);
        assert_eq!(lib.bss.lib_verdict.get(), -1);
    }
}

#[test]
fn a_declared_variable_that_turns_out_to_be_constant() {
    let app = "#include \"unresolved.h\"
        const volatile int host_level = 5;
        const volatile int host_limit = 10;
        struct host_map host_events SEC(\".maps\");
        __noinline int app_hook(int level) { return level * 2; }";
    let app = compile_c("constant", app);
    let path = link("constant", &[&object("unresolved"), &app]);
    let mut open = open(&path);
    // Before load a constant can be set.
    *Unresolved::configure(&mut open).unwrap().externs.host_level = 7;
    assert_eq!(
        problems(Unresolved::bind(&open.load().unwrap())),
        [
            "variable `host_level`: built as a writable variable, but .rodata is read-only once \
          loaded; declare it `const` in the library"
        ]
    );
}

#[test]
fn a_static_never_stands_in_for_a_global() {
    let [lib, app] = ["statics", "statics_app"].map(object);
    for inputs in [[&lib, &app], [&app, &lib]] {
        let mut open = open(&link_once("statics", &inputs.map(PathBuf::as_path)));
        let config = Statics::configure(&mut open).unwrap();
        assert_eq!(*config.data.shown, 1);
        assert_eq!(*config.rodata.shown_rodata, 3);
        let object = open.load().unwrap();
        let statics = Statics::bind(&object).unwrap();
        assert_eq!(statics.data.shown.get(), 1);
        assert_eq!(statics.data.shown_weak.get(), 2);
        // The application's statics are still its own.
        assert_eq!(run(&object, "app_look"), 111 + 333);
        assert_eq!(statics.bss.shown_bss.get(), 0);
        assert_eq!(run(&object, "shown_prog"), 9 + 10 + 11);
        assert_eq!(
            statics.bss.shown_bss.get(),
            u64::try_from(1 + 2 + 6 + 7 + 8).unwrap()
        );
        assert_eq!(statics.maps.shown_map.lookup(&0).unwrap(), Some(3));
    }
}

/// In a second pass, libbpf's linker gives the global the offset of the static before it.
#[test]
fn a_global_with_the_offset_of_a_static_is_refused() {
    let path = link("statics", &[&object("statics_app"), &object("statics")]);
    libbpf_rs::set_print(None);
    let upon = |name: &str, size: u32| {
        format!(
            "variable `{name}`: {size} bytes at offset 0 overlap `{name}`, {size} bytes at offset 0; the \
             BPF linker took it for a static of its name: rename the static"
        )
    };
    assert_eq!(
        problems(Statics::bind(&load(&path))),
        [
            upon("shown_bss", 8),
            upon("shown", 4),
            upon("shown_rodata", 4)
        ]
    );
}

/// A hidden declaration in one unit hides the symbol in the linked object.
#[test]
fn a_variable_hidden_by_the_application_is_refused() {
    let app = compile_c(
        "hiding",
        "#include <linux/bpf.h>
         #include <bpf/bpf_helpers.h>
         extern int __hidden shown;
         SEC(\"raw_tp\") int app_look(void *ctx) { return shown; }",
    );
    let path = link("hiding", &[&object("statics"), &app]);
    assert_eq!(
        problems(Statics::bind(&load(&path))),
        ["variable `shown`: not in the object: it has a static or hidden variable of that name"]
    );
}

#[test]
fn all_missing_members_are_reported_at_once() {
    let path = object("prog_lib");
    let linked = "is the library linked into it?";
    let variables = [
        "lib_weak",
        "lib_base",
        "lib_pair",
        "lib_weights",
        "lib_custom",
        "CONFIG_BPF",
        "lib_bias",
        "shared_level",
        "lib_sum",
        "lib_saw_bpf",
        "lib_calls",
        "lib_exits",
        "lib_hook",
    ];
    let maps = ["lib_seen", "shared_seen"];
    let names = |error: &BindError, subject| {
        let problems = error.problems().iter();
        let of = problems.filter(|problem| problem.subject() == subject);
        let mut names: Vec<_> = of.map(|problem| problem.path().to_owned()).collect();
        names.sort();
        names
    };
    let sorted = |names: &[&str]| {
        let mut names: Vec<_> = names.iter().map(ToString::to_string).collect();
        names.sort();
        names
    };

    let error = Lib::bind(&load(&path)).err().unwrap();
    assert_eq!(names(&error, Subject::Variable), sorted(&variables));
    assert_eq!(names(&error, Subject::Map), sorted(&maps));
    assert_eq!(error.library(), "Lib");
    let text = error.to_string();
    assert!(
        text.starts_with("can't bind `Lib`: 15 problems\n"),
        "{text}"
    );
    assert_eq!(text.matches(linked).count(), 15, "{text}");

    // Before load: the same without `.kconfig`, and with the programs.
    let mut open = open(&path);
    let error = Lib::configure(&mut open).err().unwrap();
    assert_eq!(names(&error, Subject::Variable).len(), variables.len() - 1);
    assert_eq!(names(&error, Subject::Map), sorted(&maps));
    assert_eq!(names(&error, Subject::Program), ["lib_on_exit"]);
    let error = Lib::programs(&open.load().unwrap()).err().unwrap();
    assert_eq!(names(&error, Subject::Program), ["lib_on_exit"]);
    assert_eq!(error.problems().len(), 1);
}

#[test]
fn a_near_name_is_suggested() {
    let changed = compile_c(
        "renamed",
        "#include <linux/bpf.h>
         #include <bpf/bpf_helpers.h>
         int shown_weaker = 2;
         int shown_bss(void) { return 1; }
         struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1);
                  __type(key, __u32); __type(value, __u64); } shown_maps SEC(\".maps\");
         int shown;
         const volatile int shown_rodata;
         SEC(\"raw_tp\") int shown_program(void *ctx)
         { return shown + shown_weaker + shown_rodata + shown_bss(); }",
    );
    let path = link("renamed", &[&changed]);
    let mut found = problems(Statics::configure(&mut open(&path)).map(drop));
    found.sort();
    assert_eq!(
        found,
        [
            "map `shown_map`: not in the object; it has `shown_maps`",
            "program `shown_prog`: not in the object; it has `shown_program`",
            "variable `shown_bss`: not in the object: it has a function of that name",
            "variable `shown_weak`: not in the object; it has `shown_weaker`",
        ]
    );
}

/// Comparing all pairs would take long: beyond 100 000, near names are not suggested.
#[test]
fn hundreds_of_missing_names() {
    /// What is leaked below, for valgrind.
    static KEPT: Mutex<Vec<&Library>> = Mutex::new(Vec::new());
    let name = |letter, i| format!("{letter}ariable_{i:03}");
    let source: String = (0..400).map(|i| format!("int {};", name('v', i))).collect();
    let object = load(&compile_c("hundreds", &source));
    let missing = |count| {
        let variables = (0..count).map(|i| {
            let name = String::leak(name('w', i));
            Variable::new::<i32, Write>(name, ".bss", "int", &I32)
        });
        let library: &Library = Box::leak(Box::new(Library {
            name: "Hundreds",
            variables: Vec::leak(variables.collect()),
            maps: &[],
            programs: &[],
            struct_ops: &[],
        }));
        KEPT.lock().unwrap().push(library);
        problems(private::bind(&object, library))
    };
    let few = missing(250);
    assert_eq!(few.len(), 250);
    assert_eq!(
        few[3],
        "variable `wariable_003`: not in the object; it has `variable_003`"
    );
    let many = missing(400);
    assert_eq!(many.len(), 400);
    assert_eq!(
        many[3],
        "variable `wariable_003`: not in the object; is the library linked into it?"
    );
}

#[test]
fn an_object_without_btf() {
    let path = compile_c(
        "no_btf",
        "#include <linux/bpf.h>
         #include <bpf/bpf_helpers.h>
         int shown = 1;
         SEC(\"raw_tp\") int shown_prog(void *ctx) { return shown; }",
    );
    let path = changed("no_btf", &path, |bytes| rename(bytes, ".BTF\0", ".XTF\0"));
    let expected = "object: has no BTF to check the library's types against; compile it with `-g`";
    let mut open = open(&path);
    let found = problems(Statics::configure(&mut open).map(drop));
    assert_eq!(found, [expected]);
    let error = Statics::bind(&open.load().unwrap()).err().unwrap();
    assert_eq!(
        error.to_string(),
        format!("can't bind `Statics`: {expected}")
    );
}

/// Neither compiler nor linker makes two globals of one name, so one is given the other's name in BTF. It has
/// another type as well, but nobody asks for that.
#[test]
fn two_globals_of_one_name() {
    let twin = compile_c(
        "twin",
        "#include <linux/bpf.h>
         #include <bpf/bpf_helpers.h>
         long showm;
         SEC(\"raw_tp\") int twin(void *ctx) { return showm; }",
    );
    let path = link("twins", &[&object("statics"), &twin]);
    let path = changed("twins", &path, |bytes| {
        rename(bytes, "\0showm\0", "\0shown\0")
    });
    let found = problems(Statics::bind(&load(&path)));
    assert_eq!(
        found,
        [
            "variable `shown`: the object has two of that name, in .data and in .bss: \
          rename one"
        ]
    );
}

/// The library's weak variable in `.data`, and another's strong one.
fn overridden(strong: &str) -> PathBuf {
    compile_c(
        "strong",
        &format!(
            "#include <linux/bpf.h>
             #include <bpf/bpf_helpers.h>
             int before = 1;
             {strong};
             SEC(\"raw_tp\") int app_look(void *ctx) {{ return shown_weak + before; }}"
        ),
    )
}

/// libbpf's linker keeps the weak variable's offset in BTF, while programs use the strong one. A second
/// pass fixes it.
#[test]
fn a_weak_variable_that_a_strong_one_overrides() {
    let app = overridden("int shown_weak = 70");
    let inputs = [object("statics"), app];
    let inputs = inputs.each_ref().map(PathBuf::as_path);
    let object = load(&link("overridden", &inputs));
    let statics = Statics::bind(&object).unwrap();
    assert_eq!(statics.data.shown_weak.get(), 70);
    statics.data.shown_weak.set(80);
    assert_eq!(run(&object, "app_look"), 81);

    let once = load(&link_once("overridden", &inputs));
    assert_eq!(
        problems(Statics::bind(&once)),
        [
            "section `.data`: BPF code uses offset 36, where BTF has no variable, and does not use \
             `shown_weak` where BTF has it: link the object once more; if that does not help, a weak variable \
             is in another section than the one that replaces it, or a part of the object has no BTF"
        ]
    );
    assert_eq!(run(&once, "app_look"), 71);
    // Variables that programs use where BTF has them are not reported.
    assert_eq!(Shown::bind(&once).unwrap().shown.get(), 1);
}

static WEAK_ZERO: Library = Library {
    name: "WeakZero",
    variables: &[Variable::new::<i32, Write>(
        "shown_weak",
        ".bss",
        "int shown_weak",
        &I32,
    )],
    maps: &[],
    programs: &[],
    struct_ops: &[],
};

/// The same in another section: BTF has the weak one in `.bss`, programs use the strong one in `.data`.
#[test]
fn a_weak_variable_without_a_value_that_one_with_a_value_overrides() {
    let lib = compile_c(
        "weak_zero",
        "int zero_before;
         int shown_weak __attribute__((weak));
         int *weak_zero(void) { return &shown_weak; }",
    );
    let inputs = [lib, overridden("int shown_weak = 70")];
    let inputs = inputs.each_ref().map(PathBuf::as_path);
    let found = problems(private::bind(
        &load(&link_once("zero", &inputs)),
        &WEAK_ZERO,
    ));
    let expected = "section `.data`: BPF code uses offset 4, where BTF has no variable, and \
                    does not use `shown_weak` where BTF has it: ";
    assert!(
        matches!(found.as_slice(), [problem] if problem.starts_with(expected)),
        "{found:?}"
    );
}

/// libbpf's linker refuses a strong variable in another section than a later weak one. (In the other order
/// it writes past its own tables, so that is not tried here.)
#[test]
fn a_weak_variable_in_another_section_than_the_strong_one() {
    let inputs = [
        overridden("int shown_weak SEC(\".data.own\") = 70"),
        object("statics"),
    ];
    let inputs = inputs.each_ref().map(PathBuf::as_path);
    let linked = std::panic::catch_unwind(|| link("elsewhere", &inputs));
    assert!(linked.is_err());
}

/// A declaration with a section, in the first unit, leaves the variable at offset 0 in BTF, where another
/// one is. A second pass fixes it.
#[test]
fn a_declaration_in_front_of_the_definition() {
    let [lib, app] = ["declared", "declared_app"].map(object);
    let inputs = [lib.as_path(), &app];
    let object = load(&link("declared", &inputs));
    let declared = Declared::bind(&object).unwrap();
    assert_eq!(declared.data_common.declared_level.get(), 2);
    declared.data_common.declared_level.set(3);
    assert_eq!(run(&object, "declared_look"), 3);

    libbpf_rs::set_print(None);
    assert_eq!(
        problems(Declared::bind(&load(&link_once("declared", &inputs)))),
        [
            "variable `declared_level`: 4 bytes at offset 0 overlap `app_front`, 4 bytes at offset 0; link \
          the object once more, which mends what the BPF linker got wrong"
        ]
    );
}

/// Two independent libraries with statics and structs of the same names.
#[test]
fn two_libraries_with_the_same_names() {
    let other = compile_c(
        "other",
        "#include <linux/bpf.h>
         #include <bpf/bpf_helpers.h>
         struct lib_sighting { char text[3]; } other_sighting = { \"ab\" };
         static volatile int kept_static = 44;
         SEC(\"raw_tp\") int other_look(void *ctx) { return kept_static + other_sighting.text[0]; }",
    );
    let inputs = [
        object("statics"),
        other,
        object("subskel_lib"),
        object("subskel_lib2"),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 2, 0, 3]] {
        let object = load(&link("strangers", &order.map(|i| inputs[i].as_path())));
        assert_eq!(run(&object, "other_look"), 44 + i32::from(b'a'));
        assert_eq!(run(&object, "shown_prog"), 9 + 10 + 11);
        let statics = Statics::bind(&object).unwrap();
        assert_eq!(statics.bss.shown_bss.get(), 1 + 2 + 6 + 7 + 8);
        let lib = Lib::bind(&object).unwrap();
        assert_eq!(lib.data.lib_weights.get(), [1, 2, 3, 4]);
        // There is no global with the name of both statics.
        let mut bound = private::bind(&object, &PRESENT).unwrap();
        assert!(bound.optional_variable::<i32, Write>().is_some());
        assert!(bound.optional_variable::<i32, Read>().is_none());
        assert!(bound.optional_variable::<i32, Write>().is_none());
    }
}

/// What a selection with optional fields describes: the code for it is not written by hand.
static OPTIONAL: Library = Library {
    name: "Optional",
    variables: &[
        Variable::new::<i32, Write>("shown", ".data", "int shown", &I32).optional(),
        Variable::new::<i32, Read>("gone", ".rodata", "int gone", &I32).optional(),
        Variable::new::<i32, Write>("kept_static", ".data", "int kept_static", &I32).optional(),
        Variable::new::<i32, Write>("shown_bss", ".bss", "int shown_bss", &I32).optional(),
    ],
    maps: &[Map::new("gone", None, Shape::Unknown, Shape::Unknown).optional()],
    programs: &[],
    struct_ops: &[],
};

/// Those of them that are missing or right: the third is a static.
static PRESENT: Library = Library {
    variables: OPTIONAL.variables.split_at(3).0,
    ..OPTIONAL
};

#[test]
fn what_is_optional_may_be_missing_but_not_different() {
    let object = load(&object("statics"));
    let error = private::bind(&object, &OPTIONAL).err().unwrap();
    assert_eq!(
        error.to_string(),
        "can't bind `Optional`: variable `shown_bss`: built with s32, the object has u64\n  \
         build `Optional` and the object from the same source of the library"
    );
    let mut bound = private::bind(&object, &PRESENT).unwrap();
    assert!(bound.optional_variable::<i32, Write>().is_some());
    assert!(bound.optional_variable::<i32, Read>().is_none());
    assert!(bound.optional_variable::<i32, Write>().is_none());
}

/// `Debug` is what a `main` that returns the error prints.
#[test]
fn a_bind_error_is_readable_when_debugged() {
    let error = Statics::bind(&load(&object("prog_lib"))).err().unwrap();
    let text = error.to_string();
    assert!(text.starts_with("can't bind `Statics`: "), "{text}");
    assert_eq!(format!("{error:?}"), text);
    assert!(format!("{error:#?}").starts_with("BindError {"));
}

/// A library may only declare a map by name: then the application decides on its definition.
#[test]
fn a_map_of_which_only_the_name_is_known() {
    static ANY: Library = Library {
        name: "Any",
        variables: &[],
        maps: &[Map::new("mapped", None, Shape::Unknown, Shape::Unknown)],
        programs: &[],
        struct_ops: &[],
    };
    let object = load(&object("drift"));
    let mut bound = private::bind(&object, &ANY).unwrap();
    let map = bound.map::<map_type::Untyped, [u8], [u8]>();
    assert_eq!((map.name(), map.value_size()), (OsStr::new("mapped"), 8));
}

/// Unnamed constants in C code are not mistaken for variables, nor numbers for addresses.
#[test]
fn code_that_uses_constants_without_a_name() {
    let app = compile_c(
        "nameless",
        r#"
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        SEC("raw_tp") int app_look(__u64 *ctx) {
            const char letters[] = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5 };
            __u64 number = *ctx;
            /* Numbers that end as descriptors do, after which would be an offset. */
            #define NUMBER(descriptor) number = number * 5 ^ (0x7777ull << 32 | descriptor);
            #define NUMBERS(first) NUMBER(first) NUMBER(first + 1) NUMBER(first + 2) NUMBER(first + 3)
            NUMBERS(3) NUMBERS(7) NUMBERS(11) NUMBERS(15) NUMBERS(19) NUMBERS(23) NUMBERS(27)
            return letters[number & 7];
        }
        "#,
    );
    let mut open = open(&link("nameless", &[&object("statics"), &app]));
    // Nothing of the library is used.
    let mut config = Statics::configure(&mut open).unwrap();
    config.programs.shown_prog.set_autoload(false);
    let object = open.load().unwrap();
    assert_eq!(Statics::bind(&object).unwrap().data.shown.get(), 1);
}

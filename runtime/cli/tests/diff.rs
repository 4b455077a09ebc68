//! `subskeleton diff`: the answers of `bind`, without binding.

mod command;

use std::fs;
use std::path::{Path, PathBuf};

use bpf_subskeleton_tests::drift::Case;
use bpf_subskeleton_tests::objects::{compile_c, compile_c_with, link, link_once, object};

use command::{Output, subskeleton};

const DRIFT: &str = include_str!("../../../bpf-src/drift.bpf.c");

fn diff(old: &Path, new: &Path) -> Output {
    subskeleton(["diff".as_ref(), old.as_os_str(), new.as_os_str()])
}

#[track_caller]
fn assert_compatible(old: &Path, new: &Path) -> String {
    let output = diff(old, new);
    assert_eq!(
        (output.status, output.stderr.as_str()),
        (0, ""),
        "{}",
        output.stdout
    );
    assert!(output.stdout.ends_with("compatible\n"), "{}", output.stdout);
    output.stdout
}

/// The lines about problems.
#[track_caller]
fn problems(old: &Path, new: &Path) -> Vec<String> {
    let output = diff(old, new);
    assert_eq!(
        (output.status, output.stderr.as_str()),
        (1, ""),
        "{}",
        output.stdout
    );
    let lines = output.stdout.lines().map(str::to_owned);
    let mut lines: Vec<_> = lines
        .filter(|line| !line.starts_with("new: ") && !line.starts_with("moved: "))
        .collect();
    let summary = match lines.len() {
        2 => "incompatible: 1 problem".to_owned(),
        lines => format!("incompatible: {} problems", lines - 1),
    };
    assert_eq!(lines.pop(), Some(summary));
    lines
}

/// What `kernel_drift` sees `bind` say, `diff` says: of what the compiler wrote, and of what is linked from it.
#[test]
fn drift() {
    let old = object("drift");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/tests/drift");
    let files = fs::read_dir(folder).unwrap();
    let mut count = 0;
    for file in files {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for case in Case::read_all(&text) {
            let new = compile_c("cli-drift", &case.source(DRIFT));
            let expected: Vec<_> = case.marked('=').map(str::trim_start).collect();
            for new in [link("cli-drift", &[&new]), new] {
                match expected.is_empty() {
                    true => drop(assert_compatible(&old, &new)),
                    false => assert_eq!(problems(&old, &new), expected, "{}", case.name),
                }
            }
            count += 1;
        }
    }
    assert!(count > 90, "{count}");
}

/// The kernel makes no map of these, so `kernel_drift` brings one.
/// Variables in an arena, and what pointers into it lead to; a list's nodes lead to nodes.
#[test]
fn arenas() {
    let old = object("arena");
    assert_compatible(&old, &old);
    let source = include_str!("../../../bpf-src/arena.bpf.c");
    let changed = source
        .replace("__u64 __arena_global limit", "__u32 __arena_global limit")
        .replace(
            "\t__u64 value;\n\tstruct leaf",
            "\t__u32 value;\n\tstruct leaf",
        )
        .replace("\t__u32 weight;", "\t__s32 weight;");
    let new = compile_c("diff-arena", &changed);
    assert_eq!(
        problems(&old, &new),
        [
            "variable `last->value`: built with u64 at offset 8, the object has u32 at offset 8",
            "variable `last->leaf->weight`: built with u32 at offset 0, the object has s32 at offset 0",
            "variable `template`: built with struct leaf, the object has a different one, as in `last->leaf`",
            "variable `limit`: built with u64, the object has u32",
            "variable `head->value`: built with u64 at offset 8, the object has u32 at offset 8",
            "variable `head->leaf->weight`: built with u32 at offset 0, the object has s32 at offset 0",
        ]
    );
    let moved = source.replace("__arena_global tail", "tail");
    assert_eq!(
        problems(&old, &compile_c("diff-arena-moved", &moved)),
        ["variable `tail`: not in the object: its variable of that name is not in an arena"]
    );
}

#[test]
fn inner_maps_that_are_not_defined() {
    let cases = [
        (
            "\t__array(values, struct inner_map);\n",
            "\t__uint(value_size, 4);\n",
            "map `by_node.values`: built with hash map, the object has no definition of inner maps",
        ),
        (
            "\t__type(value, struct node);\n",
            "",
            "map `by_node.values.value`: built with 16 bytes, the object has no size",
        ),
    ];
    for (before, after, expected) in cases {
        let new = compile_c("cli-drift", &DRIFT.replace(before, after));
        assert_eq!(problems(&object("drift"), &new), [expected]);
    }
}

/// A library is compatible with itself, even if libbpf doesn't open it alone.
#[test]
fn oneself() {
    let libraries = [
        "declared",
        "maps",
        "odd_types",
        "padding",
        "prog_lib",
        "resizable",
        "selection",
        "statics",
        "struct_ops",
        "subskel_lib",
        "test_run",
        "types",
        "unresolved",
    ];
    for library in libraries {
        let library = object(library);
        assert_eq!(assert_compatible(&library, &library), "compatible\n");
    }
}

#[test]
fn a_final_object() {
    let [lib, app] = ["unresolved", "unresolved_app"].map(object);
    let linked = link("cli-final", &[&lib, &app]);
    let text = assert_compatible(&lib, &linked);
    assert!(
        text.contains("moved: variable `host_level` from `extern` to `.data`\n"),
        "{text}"
    );
    // The other way round, all that is the host's is missing.
    assert!(!problems(&linked, &lib).is_empty());
}

#[test]
fn what_is_new_and_what_moved() {
    let old = "int a; int b; char LICENSE[] __attribute__((section(\"license\"))) = \"GPL\";";
    let new = old.replace("int b;", "int b = 1; int c;");
    let [old, new] = [("cli-old", old), ("cli-new", &new)].map(|(name, c)| compile_c(name, c));
    assert_eq!(
        assert_compatible(&old, &new),
        "new: variable `c` in `.bss`\nmoved: variable `b` from `.bss` to `.data`\ncompatible\n"
    );
}

#[test]
fn a_program_that_moved() {
    const SOURCE: &str =
        "__attribute__((section(\"raw_tp/sys_enter\"))) int run(void *ctx) { return 0; }";
    let old = compile_c("cli-moved", SOURCE);
    let moved = |section| compile_c("cli-moved", &SOURCE.replace("raw_tp/sys_enter", section));
    assert_eq!(
        assert_compatible(&old, &moved("raw_tp/sys_exit")),
        "moved: program `run` from `raw_tp/sys_enter` to `raw_tp/sys_exit`\ncompatible\n"
    );
    let another_type = "program `run`: built with type raw_tracepoint (`raw_tp/sys_enter`), the object has type syscall";
    assert_eq!(problems(&old, &moved("syscall")), [another_type]);
}

/// libbpf gives the values of a map of maps their size.
#[test]
fn inner_maps_that_are_new() {
    const SOURCE: &str = "
        struct inner { int (*type)[2]; int *key; int *value; int (*max_entries)[1]; };
        struct { int (*type)[12]; int *key; int (*value_size)[4]; int (*max_entries)[1]; } outer
            __attribute__((section(\".maps\")));";
    let old = compile_c("cli-inner", SOURCE);
    let new = SOURCE.replace("int (*value_size)[4]", "struct inner *values[]");
    // A flexible member comes last.
    let new = new.replace(
        "struct inner *values[]; int (*max_entries)[1];",
        "int (*max_entries)[1]; struct inner *values[];",
    );
    assert_eq!(
        assert_compatible(&old, &compile_c("cli-inner", &new)),
        "compatible\n"
    );
}

/// A declaration may leave out what the definition says, and must not contradict it.
#[test]
fn declared_maps() {
    const OLD: &str = "
        struct slots { int (*type)[1]; int *key; long *value; int (*max_entries)[8]; };
        struct slots slots __attribute__((section(\".maps\")));";
    const NEW: &str = "
        struct slots { int *key; };
        extern struct slots slots __attribute__((section(\".maps\")));
        void *get(void) { return &slots; }";
    let old = compile_c("cli-declared", OLD);
    let new = compile_c("cli-declared", NEW);
    assert_eq!(assert_compatible(&old, &new), "compatible\n");
    let new = compile_c("cli-declared", &NEW.replace("int *key", "short *key"));
    assert_eq!(
        problems(&old, &new),
        ["map `slots.key`: built with s32, the object has s16"]
    );
    // A definition says it all.
    let new = compile_c("cli-declared", &OLD.replace("int (*type)[1];", ""));
    assert_eq!(
        problems(&old, &new),
        ["map `slots`: built with hash map, the object has unspec map"]
    );
}

#[test]
fn read_only_sections() {
    let [writable, constant] =
        ["int level = 1;", "const volatile int level = 1;"].map(|c| compile_c("cli-const", c));
    assert_eq!(
        problems(&writable, &constant),
        [
            "variable `level`: built as a writable variable, but .rodata is read-only once loaded; declare it `const` \
             in the library"
        ]
    );
    assert_compatible(&constant, &writable);
    let declared = compile_c(
        "cli-extern",
        "extern int level; int get(void) { return level; }",
    );
    assert_eq!(problems(&declared, &constant).len(), 1);
    assert_compatible(&declared, &writable);
    // A later build may leave the definition to another object.
    assert_compatible(&writable, &declared);
    let declared_const = "extern const volatile int level; int get(void) { return level; }";
    let declared_const = compile_c("cli-extern", declared_const);
    assert_eq!(problems(&declared, &declared_const).len(), 1);
    assert_compatible(&declared_const, &declared);
}

#[test]
fn kconfig() {
    const SOURCE: &str = "extern int CONFIG_HZ __attribute__((section(\".kconfig\")));
        extern _Bool CONFIG_BPF __attribute__((section(\".kconfig\")));
        int get(void) { return CONFIG_HZ + CONFIG_BPF; }";
    let old = compile_c("cli-kconfig", SOURCE);
    assert_eq!(assert_compatible(&old, &old), "compatible\n");
    let new = compile_c(
        "cli-kconfig",
        &SOURCE.replace("int CONFIG_HZ", "long CONFIG_HZ"),
    );
    assert_eq!(
        problems(&old, &new),
        ["variable `CONFIG_HZ`: built with s32, the object has s64"]
    );
}

#[test]
fn statics_and_hidden_variables_are_not_found() {
    let old = compile_c("cli-hidden", "int level = 1;");
    let hidden = "__attribute__((visibility(\"hidden\"))) int level = 1;";
    let text =
        "variable `level`: not in the object: it has a static or hidden variable of that name";
    assert_eq!(problems(&old, &compile_c("cli-hidden", hidden)), [text]);
}

#[test]
fn programs_and_contexts() {
    const SOURCE: &str = "struct arguments { int a; };
        __attribute__((section(\"syscall\"))) int run(struct arguments *arguments) { return arguments->a; }";
    let old = compile_c("cli-programs", SOURCE);
    let other = compile_c("cli-programs", &SOURCE.replace("int a", "long a"));
    let found = problems(&old, &other);
    assert_eq!(
        found,
        [
            "program `run(context)`: built with struct arguments of 4 bytes, the object has 8 bytes",
            "program `run(context).a`: built with s32 at offset 0, the object has s64 at offset 0",
        ]
    );
    // No longer a program.
    let function = SOURCE.replace("__attribute__((section(\"syscall\"))) ", "");
    assert_eq!(
        problems(&old, &compile_c("cli-programs", &function)),
        ["program `run`: not in the object; is the library linked into it?"]
    );
    let renamed = compile_c("cli-programs", &SOURCE.replace("run(", "running("));
    assert_eq!(
        problems(&old, &renamed),
        ["program `run`: not in the object; it has `running`"]
    );
}

#[test]
fn struct_ops() {
    const SOURCE: &str = "struct ops { int flags; void (*call)(void); };
        __attribute__((section(\".struct_ops\"))) struct ops quiet = { .flags = 1 };";
    let old = compile_c("cli-ops", SOURCE);
    assert_compatible(&old, &old);
    let other = compile_c("cli-ops", &SOURCE.replace("int flags", "short flags"));
    assert_eq!(
        problems(&old, &other),
        ["struct_ops `quiet.flags`: built with s32 at offset 0, the object has s16 at offset 0"]
    );
    let renamed = compile_c("cli-ops", &SOURCE.replace("quiet", "quieter"));
    assert_eq!(
        problems(&old, &renamed),
        ["struct_ops `quiet`: not in the object; it has `quieter`"]
    );
}

/// An object of the other byte order has the same types.
#[test]
fn byte_orders() {
    const SOURCE: &str = "int level = 1; long total; struct { char c; long l; } pair;";
    let little = compile_c("cli-order", SOURCE);
    let big = ["--target=bpfeb"];
    let big_object = compile_c_with("cli-order", SOURCE, &big);
    assert_eq!(assert_compatible(&little, &big_object), "compatible\n");
    assert_eq!(assert_compatible(&big_object, &little), "compatible\n");
    let drifted = compile_c_with("cli-order", &SOURCE.replace("int", "short"), &big);
    assert_eq!(
        problems(&little, &drifted),
        ["variable `level`: built with s32, the object has s16"]
    );
}

/// What libbpf's linker put in two places.
#[test]
fn misplaced_variables() {
    let inputs: [PathBuf; 2] = ["declared", "declared_app"].map(object);
    let inputs = inputs.each_ref().map(PathBuf::as_path);
    let linked = link_once("cli-misplaced", &inputs);
    let found = problems(inputs[0], &linked);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("variable `declared_level`: "),
        "{found:?}"
    );
    assert_compatible(inputs[0], &link("cli-misplaced", &inputs));
}

/// What only the symbols tell: BTF has a free place for the variable, where no program looks.
#[test]
fn places_that_only_user_space_sees() {
    let library = object("subskel_lib");
    let found = problems(&library, &object("subskel.once"));
    let [weak, map] = found.as_slice() else {
        panic!("{found:#?}");
    };
    assert!(
        weak.starts_with("variable `lib_weak`: in `.data`, at offset "),
        "{weak}"
    );
    assert!(
        map.starts_with("map `shared_seen`: in `.maps`, at offset "),
        "{map}"
    );
    assert_compatible(&library, &object("subskel.twice"));
}

#[test]
fn json() {
    let [old, new] = ["int a; int b;", "int a; long b; int c;"].map(|c| compile_c("cli-json", c));
    let output = subskeleton([
        "--json".as_ref(),
        "diff".as_ref(),
        old.as_os_str(),
        new.as_os_str(),
    ]);
    assert_eq!(output.status, 1);
    assert_eq!(
        output.json(),
        serde_json::json!({
            "compatible": false,
            "problems": [{
                "subject": "variable",
                "path": "b",
                "expected": "s32",
                "found": "s64",
            }],
            "changes": [{ "change": "new", "subject": "variable", "name": "c", "section": ".bss" }],
        })
    );
}

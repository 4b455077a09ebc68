//! `subskeleton show`: what a library offers, needs, and has to watch for.

mod command;

use std::path::Path;

use bpf_subskeleton_tests::golden::assert_golden;
use bpf_subskeleton_tests::objects::{compile_c, compile_c_with, link, object};

use command::{Output, subskeleton};

fn show(library: &Path) -> Output {
    subskeleton(["show".as_ref(), library.as_os_str()])
}

#[track_caller]
fn text(library: &Path) -> String {
    let output = show(library);
    assert_eq!((output.status, output.stderr.as_str()), (0, ""));
    output.stdout
}

fn json(library: &Path) -> serde_json::Value {
    let output = subskeleton(["--json".as_ref(), "show".as_ref(), library.as_os_str()]);
    assert_eq!((output.status, output.stderr.as_str()), (0, ""));
    output.json()
}

/// Variables with values and docs, maps, a program, and what is out of reach.
#[test]
fn selection() {
    assert_golden("cli/show/selection.txt", &text(&object("selection")));
}

/// Every kind of map.
#[test]
fn maps() {
    assert_golden("cli/show/maps.txt", &text(&object("maps")));
}

/// Values of structs, unions, bitfields and a flexible array.
#[test]
fn arena() {
    let library = object("arena");
    assert_golden("cli/show/arena.txt", &text(&library));
    let json = json(&library);
    assert_eq!(json["arena"][0]["name"], "limit");
    assert_eq!(json["arena"][0]["declaration"], "__u64 limit");
}

#[test]
fn odd_types() {
    assert_golden("cli/show/odd_types.txt", &text(&object("odd_types")));
}

/// Weak and resizable variables, `.kconfig`, functions, and what other objects define.
#[test]
fn libraries() {
    for library in [
        "declared",
        "resizable",
        "struct_ops",
        "subskel_lib",
        "unresolved",
    ] {
        let golden = format!("cli/show/{library}.txt");
        assert_golden(&golden, &text(&object(library)));
    }
}

#[test]
fn needs() {
    const SOURCE: &str = "
        extern int level;
        extern int optional __attribute__((weak));
        extern const int bpf_prog_fops __attribute__((section(\".ksyms\")));
        extern void bpf_rcu_read_lock(void) __attribute__((section(\".ksyms\"))) __attribute__((weak));
        extern int hook(int level);
        __attribute__((section(\"syscall\"))) int run(void *ctx)
        {
            bpf_rcu_read_lock();
            return hook(level) + (&optional ? optional : 0) + (long)&bpf_prog_fops;
        }";
    assert_eq!(
        text(&compile_c("cli-needs", SOURCE)),
        "programs
    run: SEC(\"syscall\")

needs
    int level; // variable
    int optional; // variable, may be missing
    const int bpf_prog_fops; // kernel variable
    void bpf_rcu_read_lock(void); // kernel function, may be missing
    int hook(int); // function
"
    );
}

#[test]
fn hazards() {
    let [a, b] = ["static volatile int level = 1;", "int level = 2;"].map(|variable| {
        let source = format!(
            "{variable} int use_{}(void) {{ return level; }}",
            variable.len()
        );
        compile_c("cli-hazards", &source)
    });
    let linked = link("cli-hazards", &[&a, &b]);
    let text = text(&linked);
    let hazards = text.split("hazards\n").nth(1).unwrap();
    let hazards: Vec<_> = hazards.lines().map(str::trim).collect();
    assert!(
        hazards[0]
            .starts_with("`level` in `.data`: at offset 0 for user space (BTF), at 4 for BPF"),
        "{hazards:#?}"
    );
    assert_eq!(
        hazards[1],
        "`level` in `.data` shares its name with a static in `.data`: the BPF linker may take one for the other, so \
         rename the static"
    );
    assert_eq!(
        json(&linked)["hazards"].as_array().unwrap().len(),
        hazards.len()
    );
}

#[test]
fn weak_variables() {
    const SOURCE: &str = "
        __attribute__((weak)) int zero;
        __attribute__((weak)) int one = 1;
        __attribute__((weak)) const volatile int constant = 1;";
    let hazards = json(&compile_c("cli-weak", SOURCE));
    let hazards = hazards["hazards"].as_array().unwrap();
    assert_eq!(
        hazards
            .iter()
            .map(|hazard| hazard.as_str().unwrap())
            .collect::<Vec<_>>(),
        [
            "`zero` is weak: a definition that replaces it must also be in `.bss`, so give it no initial value but 0 \
             either",
            "`one` is weak: a definition that replaces it must also be in `.data`, so give it an initial value other \
             than 0 too",
            "`constant` is weak: a definition that replaces it must also be in `.rodata`, so make it const too",
        ]
    );
}

#[test]
fn names_that_the_kernel_cuts() {
    const SOURCE: &str = "
        struct { int (*type)[1]; } latency_by_process __attribute__((section(\".maps\")));
        struct { int (*type)[1]; } latency_by_processor __attribute__((section(\".maps\")));
        struct { int (*type)[1]; } latency __attribute__((section(\".maps\")));";
    assert_eq!(
        json(&compile_c("cli-cut", SOURCE))["hazards"],
        serde_json::json!([
            "the maps `latency_by_process` and `latency_by_processor` begin with the same 15 characters, all that the \
             kernel keeps: looking at a running object may not tell them apart"
        ])
    );
}

#[test]
fn json_has_everything() {
    let json = json(&object("selection"));
    let section = |name: &str| {
        let sections = json["sections"].as_array().unwrap();
        sections
            .iter()
            .find(|section| section["name"] == name)
            .unwrap()
    };
    assert_eq!(section(".rodata")["read_only"], true);
    assert_eq!(section(".kconfig")["configurable"], false);
    assert_eq!(
        section(".rodata")["variables"][0],
        serde_json::json!({
            "name": "sample_rate",
            "declaration": "const volatile __u32 sample_rate",
            "size": 4,
            "align": 4,
            "length": "fixed",
            "read_only": true,
            "weak": false,
            "value": 10,
            "docs": ["One of how many events is sampled."],
        })
    );
    assert_eq!(
        section(".kconfig")["variables"][0]["value"],
        serde_json::Value::Null
    );
    assert_eq!(
        json["maps"][0],
        serde_json::json!({
            "type": "hash",
            "key": { "type": "__u32", "size": 4 },
            "value": { "type": "struct slot", "size": 16 },
            "max_entries": 1024,
            "flags": [],
            "inner": null,
            "name": "by_pid",
            "external": false,
            "docs": ["What each process contributed."],
        })
    );
    assert_eq!(json["programs"][0]["section"], "raw_tp/sys_enter");
    assert_eq!(
        json["functions"][0]["declaration"],
        "int sample(__u64 value)"
    );
    assert_eq!(json["out_of_reach"][0]["reason"], "static");
}

#[test]
fn values_of_the_other_byte_order() {
    let object = compile_c_with("cli-big", "int level = 0x01020304;", &["--target=bpfeb"]);
    assert_eq!(
        text(&object),
        ".data\n    int level = 16909060; // 4 bytes\n"
    );
    assert_eq!(json(&object)["endian"], "big");
}

/// The type of a flexible array does not say how many elements there are, but the variable's size does.
#[test]
fn flexible_arrays() {
    const SOURCE: &str = "
        struct list { int len; short items[]; } list = { 3, { 1, 2, 3 } };
        struct name { int len; char text[]; } name = { 2, { \"hi\" } };
        struct pairs { long len; struct { int a, b; } pairs[]; } pairs = { 1, { { 4, 5 } } };";
    assert_eq!(
        text(&compile_c("cli-flexible", SOURCE)),
        ".data
    struct list list = { .len = 3, .items = { 1, 2, 3 } }; // 10 bytes
    struct name name = { .len = 2, .text = \"hi\" }; // 7 bytes
    struct pairs pairs = { .len = 1, .pairs = { { .a = 4, .b = 5 } } }; // 16 bytes
"
    );
}

/// Zeroes that a damaged or huge object claims take no memory.
#[test]
fn many_zeroes() {
    let object = compile_c("cli-huge", "char huge[1u << 30];");
    assert_eq!(
        text(&object),
        ".bss\n    char huge[1073741824]; // 1073741824 bytes\n"
    );
    let value = &json(&object)["sections"][0]["variables"][0]["value"];
    assert!(value.is_null());
}

#[test]
fn nothing_to_bind() {
    let object = compile_c(
        "cli-nothing",
        "static volatile int a; static int f(void) { return a; }
        int (*keep)(void) __attribute__((section(\"other\"))) = f;",
    );
    let output = text(&object);
    assert!(output.starts_with("out of reach\n"), "{output}");
}

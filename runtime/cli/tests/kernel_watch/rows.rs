//! How variables are broken up into rows, and how much of large ones is read.

use bpf_subskeleton_tests::objects::link_once;
use serde_json::{Value, json};

use crate::{Loaded, object, texts, watch};

/// What one look writes.
fn look(loaded: &Loaded, paths: &[&str], option: &str) -> String {
    let mut command = watch(&loaded.id, paths);
    let output = command.args(["-n", "1", option]).output().unwrap();
    let (stdout, stderr) = texts(&output);
    assert!(output.status.success(), "{stderr}");
    stdout
}

#[test]
fn structs_are_broken_up_as_c_names_their_parts() {
    let variables = r#"
        struct part {
            int plain;
            union { unsigned either; unsigned char or_else[4]; };
            struct { signed low : 4; unsigned : 4; unsigned high : 8; };
            char name[8];
        };
        enum on { OFF, ON };
        struct part part = { .plain = 1, .either = 0x04030201, .low = -2, .high = 200, .name = "p" };
        int table[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
        struct part parts[2] = { { .plain = 7 } };
        enum on switches[2] = { ON };
        double ratios[2] = { 0.5 };
        void *pointer;
        struct { int len; short rest[]; } flexible = { 3, { 1, 2, 3 } };
    "#;
    let loaded = Loaded::load(object(
        "broken_up",
        variables,
        "part.plain + flexible.rest[1]",
    ));
    let document: Value = serde_json::from_str(&look(&loaded, &[], "--json")).unwrap();
    let expected = json!({
        "pointer": null,
        "part.plain": 1,
        "part.either": 0x0403_0201,
        "part.or_else": [1, 2, 3, 4],
        "part.low": -2,
        "part.high": 200,
        "part.name": "p",
        "table[0]": [1, 2, 3],
        "table[1]": [4, 5, 6],
        "parts[0].plain": 7,
        "parts[0].either": 0,
        "parts[0].or_else": [0, 0, 0, 0],
        "parts[0].low": 0,
        "parts[0].high": 0,
        "parts[0].name": "",
        "parts[1].plain": 0,
        "parts[1].either": 0,
        "parts[1].or_else": [0, 0, 0, 0],
        "parts[1].low": 0,
        "parts[1].high": 0,
        "parts[1].name": "",
        "switches": ["ON", "OFF"],
        "ratios": [0.5, 0.0],
        "flexible.len": 3,
        "flexible.rest": [1, 2, 3],
    });
    assert_eq!(document["values"], expected);
}

#[test]
fn static_variables_of_one_name_are_told_apart() {
    let [first, second] = ["first", "second"].map(|name| {
        let used = format!("count_of_{name}");
        let variables =
            format!("static volatile int count = 1; int global_{name} = 2; int {used}(void) {{ return count++; }}");
        object(&format!("statics_{name}"), &variables, &format!("{used}()"))
    });
    let loaded = Loaded::load(link_once("two_statics", &[&first, &second]));
    // libbpf lets a section without global variables not be mapped: `global_first` is one.
    let text = look(&loaded, &[], "--plain");
    for line in ["  count (.data, 1) = 1\n", "  count (.data, 2) = 1\n"] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn of_large_arrays_as_much_is_read_as_is_cheap() {
    let variables = "
        struct entry { unsigned long long packets; unsigned bytes[2]; };
        unsigned long long after;
        struct entry entries[100000];
        unsigned numbers[100000];
        struct { struct entry deep[200][200]; } nested;
        unsigned short many[300000];
    ";
    let loaded = Loaded::load(object("large_arrays", variables, "after"));
    loaded.set(&["entries[255].packets=7", "numbers[99999]=5", "after=3"]);
    let text = look(&loaded, &[], "--plain");
    let lines: Vec<_> = text.lines().collect();
    for expected in [
        "  after = 3",
        "  entries[255].packets = 7",
        "# entries[256..100000] is left out: name a part to watch it",
        "  numbers = { 0 <repeats 99999 times>, 5 }",
        "  nested.deep[0][0].packets = 0",
    ] {
        assert!(lines.contains(&expected), "{expected}: {lines:#?}");
    }
    let starts = |start: &str| lines.iter().filter(|line| line.starts_with(start)).count();
    assert_eq!(starts("  entries["), 2 * 256);
    // What no variable before has taken.
    assert!(lines.iter().any(|line| {
        line.starts_with("# nested.deep[")
            && line.ends_with(" and what follows is left out: name a part to watch it")
    }));
    assert!(
        text.len() < 1 << 20 && lines.len() < 10_000,
        "{}",
        lines.len()
    );
    let many = lines
        .iter()
        .find(|line| line.starts_with("  many = "))
        .unwrap();
    assert!(many.ends_with(" more elements"), "{many}");
    // What is named is watched.
    let named = ["entries[99999]", "nested.deep[199][199].bytes[1]"];
    let document: Value = serde_json::from_str(&look(&loaded, &named, "--json")).unwrap();
    let expected = json!({
        "entries[99999].packets": 0,
        "entries[99999].bytes": [0, 0],
        "nested.deep[199][199].bytes[1]": 0,
    });
    assert_eq!(document["values"], expected);
}

#[test]
fn an_object_in_which_nothing_may_change_says_so() {
    let loaded = Loaded::load(object(
        "constants",
        "const volatile int setting = 3;",
        "setting",
    ));
    let output = watch(&loaded.id, &["--plain"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        texts(&output).1,
        "subskeleton: no variable of the object may change; name one to watch it nevertheless\n"
    );
}

/// libbpf lets no section be mapped that has static variables alone.
#[test]
fn a_section_that_can_not_be_read_does_not_hide_the_others() {
    let variables = "static volatile int hidden = 1; int shown;";
    let loaded = Loaded::load(object("unreadable", variables, "hidden++ + shown"));
    let mut command = watch(&loaded.id, &["--plain", "-n", "3", "-i", "10ms"]);
    let text = texts(&command.output().unwrap()).0;
    let notes = text.matches("# section `.data` is left out: its map can't be mapped");
    assert_eq!(
        (notes.count(), text.matches("shown = 0").count()),
        (1, 3),
        "{text}"
    );
    let document: Value = serde_json::from_str(&look(&loaded, &[], "--json")).unwrap();
    assert_eq!(document["values"], json!({ "shown": 0 }));
    let reason = document["left_out"]["section `.data`"].as_str().unwrap();
    assert!(
        reason.starts_with("its map can't be mapped into memory"),
        "{reason}"
    );
    let output = watch(&loaded.id, &["hidden", "--plain"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = texts(&output).1;
    assert!(error.contains(reason), "{error}");
}

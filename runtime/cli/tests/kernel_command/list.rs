//! What runs.

use std::os::fd::{AsFd as _, AsRawFd as _};
use std::{fs, process};

use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::{compile_c, object};

use crate::command::{self, name_of, refused, said};

#[test]
fn objects_are_listed_with_programs_maps_and_holders() {
    let object = kernel::load(kernel::open(&object("selection")));
    let name = name_of(&object);
    let all = command::json(&["list"]);
    let mut all = all.as_array().unwrap().iter();
    let ours = all
        .find(|object| format!("btf:{}", object["btf_id"]) == name)
        .unwrap();

    assert_eq!(ours["programs"][0]["name"], "on_enter");
    assert_eq!(ours["programs"][0]["type"], "raw_tracepoint");
    assert!(
        ours["programs"][0]["loaded_ns_after_boot"]
            .as_u64()
            .unwrap()
            > 0
    );
    let maps = ours["maps"].as_array().unwrap();
    let map = |name: &str| maps.iter().find(|map| map["name"] == name).unwrap();
    assert_eq!(map("by_pid")["type"], "hash");
    assert_eq!(map("events")["type"], "ringbuf");
    assert_eq!(map("selectio.bss")["type"], "array");
    let program = object.progs().next().unwrap();
    let descriptor = program.as_fd().as_raw_fd();
    let described = fs::read_to_string(format!("/proc/self/fdinfo/{descriptor}")).unwrap();
    let mut lines = described.lines();
    let tag = lines.find_map(|line| line.strip_prefix("prog_tag:\t"));
    let tag = tag.unwrap();
    assert_eq!(ours["programs"][0]["tag"], tag);
    let command = fs::read_to_string("/proc/self/comm").unwrap();
    let (pid, command) = (process::id(), command.trim_end());
    let holders = ours["holders"].as_array().unwrap();
    let holder = holders.iter().find(|holder| holder["pid"] == pid).unwrap();
    assert_eq!(holder["command"], command);

    let text = said(&["list"]);
    let begin = text.find(&format!("{name}: held by ")).unwrap();
    let ours = &text[begin..];
    let held = ours.lines().next().unwrap();
    assert!(held.contains(&format!("{command} ({pid})")), "{held}");
    let line = format!(": on_enter, raw_tracepoint, tag {tag}\n");
    assert!(ours.contains(&line), "{ours}");
    assert!(ours.contains(": by_pid, hash\n"), "{ours}");
}

/// What is pinned runs on after its loader has gone.
#[test]
fn an_object_that_no_process_holds() {
    let object = kernel::load(kernel::open(&object("selection")));
    let name = name_of(&object);
    let pin = format!("/sys/fs/bpf/cli_pinned_{}", process::id());
    let mut program = object.progs_mut().next().unwrap();
    program.pin(&pin).unwrap();
    drop(object);
    let text = said(&["list"]);
    fs::remove_file(&pin).unwrap();
    let line = format!("{name}: held by no process\n");
    assert!(text.contains(&line), "{text}");
}

#[test]
fn a_library_is_found_in_what_it_is_linked_into() {
    let source = "int cli_listed = 1;
        char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";";
    let library = compile_c("cli_listed", source);
    let path = library.to_str().unwrap();
    let loaded = kernel::load(kernel::open(&library));
    let other = kernel::load(kernel::open(&object("selection")));
    let names = [name_of(&loaded), name_of(&other)];
    let found = command::json(&["list", "--library", path]);
    let found: Vec<_> = found.as_array().unwrap().iter().collect();
    let ids: Vec<_> = found
        .iter()
        .map(|object| format!("btf:{}", object["btf_id"]))
        .collect();
    assert!(
        ids.contains(&names[0]) && !ids.contains(&names[1]),
        "{ids:?}"
    );
    assert!(
        found
            .iter()
            .all(|object| object["problems"] == serde_json::json!([]))
    );
}

/// A build with another type of one variable.
#[test]
fn a_library_that_was_built_differently_says_how() {
    let source = |ty: &str| {
        format!(
            "{ty} cli_drifting = 1; int cli_same = 2;
             char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";"
        )
    };
    let old = compile_c("cli_drift_old", &source("int"));
    let old = old.to_str().unwrap();
    assert_eq!(
        refused(&["get", old]),
        format!("the library in `{old}` is in no running object")
    );
    let new = kernel::load(kernel::open(&compile_c("cli_drift_new", &source("long"))));
    let difference = "variable `cli_drifting`: built with s32, the object has s64";
    let found = command::json(&["list", "--library", old]);
    assert_eq!(found[0]["problems"], serde_json::json!([difference]));
    let name = name_of(&new);
    assert_eq!(
        refused(&["get", old]),
        format!("the library in `{old}` is in {name}, but was built differently:\n  {difference}")
    );
    let text = said(&["list", "--library", old]);
    assert!(text.contains(&format!("\n    {difference}\n")), "{text}");
    // With one that fits, that is the one.
    let _same = kernel::load(kernel::open(std::path::Path::new(old)));
    assert_eq!(said(&["get", old, "cli_drifting"]), "cli_drifting = 1\n");
}

/// The name of one object's program begins as the cut name of another object.
#[test]
fn an_exact_name_goes_before_one_that_is_cut() {
    let license = "char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";";
    let source = format!(
        "int cli_exact = 1;
         __attribute__((section(\"raw_tp\"), used)) int cli_name_program(void *context) {{ return cli_exact; }}
         {license}"
    );
    let other = format!("int cli_exact = 2; {license}");
    let _with_program = kernel::load(kernel::open(&compile_c("cli_exact", &source)));
    // libbpf calls its maps `cli_name.data`.
    let _of_that_name = kernel::load(kernel::open(&compile_c("cli_name_of_object", &other)));
    assert_eq!(
        said(&["get", "cli_name_program", "cli_exact"]),
        "cli_exact = 1\n"
    );
    assert_eq!(
        said(&["get", "cli_name_of_object", "cli_exact"]),
        "cli_exact = 2\n"
    );
}

//! Reading and writing variables by their C paths.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use bpf_subskeleton::Running;
use bpf_subskeleton_tests::image::Image;
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::{compile_c, object};
use libbpf_rs::{MapCore as _, Object};
use serde_json::json;

use crate::command::{self, name_of, refused, said};

fn load(name: &str) -> (Object, String) {
    let object = kernel::load(kernel::open(&object(name)));
    let name = name_of(&object);
    (object, name)
}

#[test]
fn paths_lead_into_structs_arrays_and_anonymous_members() {
    let (_types, name) = load("types");
    let paths = [
        ("data_rect.max.y", json!(4)),
        ("data_matrix[1][2]", json!(6)),
        ("data_nested_anonymous.port", json!(8080)),
        ("data_nested_anonymous.bytes[1]", json!(31)),
        ("data_nested_named.inner.deep[1].c", json!(5)),
        ("data_nested_named.mode", json!("MODE_ON")),
        ("data_chars.text", json!("hello")),
        ("data_chars.text[1]", json!(101)),
        ("custom_bits_signed.c", json!(-8_000_000)),
        ("custom_bits_packed.c", json!(3_156_441_702_022_342_537_u64)),
        (
            "custom_packed_around.rects[1].max",
            json!({ "x": 11, "y": 12 }),
        ),
        ("data_array[BYTE_A]", json!(2)),
    ];
    for (path, value) in &paths {
        assert_eq!(command::json(&["get", &name, path])[path], *value, "{path}");
    }
    // All at once, in the order of the paths.
    let mut args = vec!["get", name.as_str()];
    args.extend(paths.iter().map(|(path, _)| *path));
    let all = command::json(&args);
    let names: Vec<_> = all.as_object().unwrap().keys().collect();
    assert_eq!(names, paths.map(|(path, _)| path));
}

#[test]
fn each_object_type_is_named_as_the_user_likes() {
    let (object, name) = load("selection");
    let program = object.progs().next().unwrap();
    let running = Running::from_program_fd(std::os::fd::AsFd::as_fd(&program)).unwrap();
    let program = &running.programs()[0];
    said(&["set", &name, "samples=41"]);
    let (id, tag) = (program.id().to_string(), program.tag());
    let tag: String = tag.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(said(&["get", &id, "samples"]), "samples = 41\n");
    // Other tests may have loaded the same file: then these names are ambiguous, and say so.
    for name in [tag.as_str(), "on_enter", "selection"] {
        let output = Command::new(env!("CARGO_BIN_EXE_subskeleton"))
            .args(["get", name, "samples"])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        let ambiguous = format!("running objects are called `{name}`:");
        assert!(
            said == "samples = 41\n" || errors.contains(&ambiguous),
            "{said}{errors}"
        );
        assert!(said.len() > 1 || errors.contains(&format!("\n  {}: on_enter", name_of(&object))));
    }
}

#[test]
fn writing_says_what_was_there_before() {
    let (object, name) = load("selection");
    let image = Image::of(&bpf_subskeleton_tests::objects::object("selection"));
    let bytes = |variable: &str| image.variable(variable).in_kernel(&object);
    let said = said(&[
        "set",
        &name,
        "samples = 0x10",
        "weights[2]=7",
        "mode=MODE_OFF",
        "balance=-5",
        "last_event.comm=bash",
        "slots[63].sum=18446744073709551615",
    ]);
    let expected = "samples: 0 -> 16\nweights[2]: 3 -> 7\nmode: MODE_ON -> MODE_OFF\nbalance: 0 -> -5\n\
                    last_event.comm: \"\" -> \"bash\"\nslots[63].sum: 0 -> 18446744073709551615\n";
    assert_eq!(said, expected);
    assert_eq!(bytes("samples"), 16_u64.to_ne_bytes());
    let weights = [1_u32, 2, 7, 4].map(u32::to_ne_bytes);
    assert_eq!(bytes("weights"), weights.concat());
    let slots = bytes("slots");
    let (others, last) = slots.split_at(slots.len() - 8);
    assert!(last == [0xff; 8] && others.iter().all(|byte| *byte == 0));
    let changes = command::json(&["set", &name, "samples=17"]);
    assert_eq!(
        changes,
        json!([{ "path": "samples", "before": 16, "now": 17 }])
    );
}

/// What the compiler put beside a bitfield, and what a packed struct has at odd places, stays.
#[test]
fn writing_bits_and_packed_members_leaves_their_neighbours() {
    let (_types, name) = load("types");
    let whole = |variable: &str| command::json(&["get", &name, variable])[variable].clone();
    for (variable, member, value) in [
        ("custom_bits_signed", "c", json!(-3)),
        ("custom_bits_mixed", "b", json!(511)),
        ("custom_bits_wide", "a", json!(1_099_511_627_775_u64)),
        ("custom_bits_kinds", "color", json!("COLOR_RED")),
        ("custom_bits_packed", "a", json!(1)),
        ("custom_packed", "misaligned", json!(1)),
        ("custom_overlay", "raw", json!(0)),
        ("data_signed", "i128", json!(-1)),
        ("data_floats", "single", json!(-0.5)),
        ("data_truths", "no", json!(true)),
    ] {
        let mut expected = whole(variable);
        let text = value.to_string();
        let text = text.trim_matches('"');
        said(&["set", &name, &format!("{variable}.{member}={text}")]);
        expected[member] = value;
        if variable == "custom_overlay" {
            expected["parts"] = json!({ "low": 0, "high": 0 });
        }
        assert_eq!(whole(variable), expected, "{variable}.{member}");
    }
    let before = whole("custom_bits_mixed");
    assert_eq!(
        refused(&["set", &name, "custom_bits_mixed.b=512"]),
        "`custom_bits_mixed.b`: 512 does not fit: expected 0 to 511 (unsigned int, 9 bits of it)"
    );
    assert_eq!(whole("custom_bits_mixed"), before);
}

#[test]
fn what_cannot_be_written_is_refused_and_nothing_is_written() {
    let (object, name) = load("selection");
    let image = Image::of(&bpf_subskeleton_tests::objects::object("selection"));
    let bytes = |variable: &str| image.variable(variable).in_kernel(&object);
    let errors = refused(&[
        "set",
        &name,
        "samples=1",
        "sampels=1",
        "samples=-1",
        "weights=1",
        "weights[4]=1",
        "weights[x]=1",
        "slots[0].cuont=1",
        "slots[0]=1",
        "sample_rate=1",
        "CONFIG_HZ=1",
        "mode=MODE_ONN",
        "samples=many",
        "samples=010",
        "last_event.comm=0123456789abcdef",
        "balance=9223372036854775808",
        "samples",
        "samples.x=1",
        "a->b=1",
    ]);
    let expected = "19 errors
  `sampels`: the object has no variable `sampels`; did you mean `samples`?
  `samples`: -1 does not fit: expected 0 to 18446744073709551615 (__u64)
  `weights`: it is an array of 4: set its elements, such as `[0]`
  `weights[4]`: `weights` has 4 elements, so there is no [4]
  `weights[x]`: `weights`: `x` is neither a number nor a constant of an enum
  `slots[0].cuont`: `slots[0]` has no member `cuont`; did you mean `count`?
  `slots[0]`: it is a struct: set its members, such as `.count`
  `sample_rate`: .rodata is read-only once the object is loaded
  `CONFIG_HZ`: .kconfig is read-only once the object is loaded
  `mode`: no constant of the enum is called `MODE_ONN`; did you mean `MODE_ON`?
  `samples`: `many` is not an integer (__u64)
  `samples`: `010` is not an integer (__u64)
  `last_event.comm`: 16 characters and a NUL do not fit into `char[16]`
  `balance`: 9223372036854775808 does not fit: expected -9223372036854775808 to 9223372036854775807 (__s64)
  `samples`: expected `PATH=VALUE`
  `samples.x`: `samples` has no `.x`: it is `__u64`
  `a->b`: pointers can't be followed from outside of BPF";
    assert_eq!(errors, expected.replace("19 errors", "17 errors"));
    assert_eq!(bytes("samples"), [0; 8]);
}

/// A million increments by a BPF program, while the command reads and writes other variables beside the counter.
#[test]
fn no_increment_is_lost() {
    const CALLS: u64 = 1000;
    const EACH: u64 = 1000;
    let source = "
        unsigned char before; unsigned long long counter; unsigned char after;
        struct { unsigned a : 3; unsigned b : 29; } bits;
        __attribute__((section(\"raw_tp\"), used)) int count(void *context) {
            for (int i = 0; i < 1000; i++) __sync_fetch_and_add(&counter, 1);
            return 0;
        }
        char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";";
    let object = kernel::load(kernel::open(&compile_c("cli_counter", source)));
    let name = name_of(&object);
    let done = AtomicBool::new(false);
    let rounds = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut rounds = 0;
            while !done.load(Ordering::Relaxed) || rounds < 3 {
                let value = rounds % 8;
                let set = [
                    format!("before={value}"),
                    format!("after={value}"),
                    format!("bits.a={value}"),
                ];
                let args: Vec<_> = ["set", &name]
                    .into_iter()
                    .chain(set.iter().map(String::as_str))
                    .collect();
                said(&args);
                said(&["get", &name, "counter", "bits"]);
                rounds += 1;
            }
            rounds
        });
        for _ in 0..CALLS {
            let program = object.progs_mut().next().unwrap();
            program
                .test_run(libbpf_rs::ProgramInput::default())
                .unwrap();
        }
        done.store(true, Ordering::Relaxed);
        writer.join().unwrap()
    });
    assert!(rounds >= 3);
    let counter = command::json(&["get", &name, "counter"]);
    assert_eq!(counter["counter"], json!(CALLS * EACH));
}

/// `list` shows maps and programs beside the variables' maps.
#[test]
fn maps_and_programs_are_no_variables() {
    let (object, name) = load("selection");
    let id = |map: &str| {
        let mut maps = object.maps();
        let map = maps.find(|other| other.name() == map).unwrap();
        map.info().unwrap().info.id
    };
    let by_pid = format!(
        "is a map, not a variable: `bpftool map dump id {}` shows it",
        id("by_pid")
    );
    assert_eq!(
        refused(&["get", &name, "by_pid[3]"]),
        format!("`by_pid[3]`: `by_pid` {by_pid}")
    );
    assert_eq!(
        refused(&["set", &name, "by_pid=1"]),
        format!("`by_pid`: `by_pid` {by_pid}")
    );
    assert_eq!(
        refused(&["watch", &name, "by_pid", "--plain", "-n", "1"]),
        format!("`by_pid`: `by_pid` {by_pid}")
    );
    assert_eq!(
        refused(&["get", &name, "on_enter"]),
        "`on_enter`: `on_enter` is a program, not a variable"
    );
}

/// The kernel keeps 15 characters of a map's name.
#[test]
fn a_map_whose_name_is_cut_is_no_variable() {
    let source = "
        struct { int (*type)[2]; int (*max_entries)[1]; unsigned *key; unsigned *value; }
            cli_map_with_a_long_name __attribute__((section(\".maps\"), used));
        int cli_map_with_a_variable = 1;
        char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";";
    let object = kernel::load(kernel::open(&compile_c("cli_long_map", source)));
    let name = name_of(&object);
    let mut maps = object.maps();
    let map = maps.find(|map| map.name() == "cli_map_with_a_long_name");
    let id = map.unwrap().info().unwrap().info.id;
    assert_eq!(
        refused(&["get", &name, "cli_map_with_a_long_name"]),
        format!(
            "`cli_map_with_a_long_name`: `cli_map_with_a_long_name` is a map, not a variable: \
             `bpftool map dump id {id}` shows it"
        )
    );
    assert_eq!(
        refused(&["get", &name, "cli_map_with_a_variabel"]),
        "`cli_map_with_a_variabel`: the object has no variable `cli_map_with_a_variabel`; \
         did you mean `cli_map_with_a_variable`?"
    );
}

#[test]
fn a_running_object_is_not_shown_as_a_file() {
    let (_object, name) = load("selection");
    let expected = |name: &str| {
        format!(
            "`{name}` is a running object, and `show` takes a file: `subskeleton get {name}` shows its variables"
        )
    };
    assert_eq!(refused(&["show", &name]), expected(&name));
    // However many have that program.
    let (_other, _) = load("selection");
    assert_eq!(refused(&["show", "on_enter"]), expected("on_enter"));
    assert_eq!(
        refused(&["show", "no_such_program"]),
        "no_such_program: No such file or directory (os error 2)"
    );
}

#[test]
fn objects_that_are_not_there() {
    let (object, name) = load("selection");
    assert_eq!(
        refused(&["get", "no_such_program"]),
        "no running object is called `no_such_program`; `subskeleton list` shows what runs"
    );
    assert_eq!(
        refused(&["get", "4294967295"]),
        "no program 4294967295 is loaded"
    );
    assert_eq!(
        refused(&["get", "/sys/fs/bpf/no/such/pin"]),
        "/sys/fs/bpf/no/such/pin: entity not found"
    );
    drop(object);
    // The kernel frees programs, and then maps, a little later.
    let expected =
        format!("no running object is called `{name}`; `subskeleton list` shows what runs");
    for _ in 0..1000 {
        match command::error(&["get", &name]) {
            Some(said) if said == expected => return,
            Some(said) => assert!(said.starts_with("the object is gone: "), "{said}"),
            None => thread::sleep(Duration::from_millis(5)),
        }
    }
    panic!("{name} is still there");
}

/// The map of a section that no program uses goes with its loader, and the rest stays.
#[test]
fn a_section_that_is_gone_does_not_hide_the_others() {
    let source = "
        int cli_unused = 1; int cli_used;
        __attribute__((section(\"raw_tp\"), used)) int use(void *context) { return cli_used++; }
        char LICENSE[] __attribute__((section(\"license\"), used)) = \"GPL\";";
    let object = kernel::load(kernel::open(&compile_c("cli_section_gone", source)));
    let name = name_of(&object);
    let program = object.progs_mut().next().unwrap();
    let fd = std::os::fd::AsFd::as_fd(&program)
        .try_clone_to_owned()
        .unwrap();
    assert_eq!(said(&["get", &name]), "cli_used = 0\ncli_unused = 1\n");
    drop(object);
    let gone = "section `.data`: the kernel has no map for it any more, or one without BTF and of another name or size";
    let mut output = command::run(&["get", &name]);
    // The kernel frees maps a little later.
    for _ in 0..1000 {
        if !output.status.success() {
            break;
        }
        thread::sleep(Duration::from_millis(5));
        output = command::run(&["get", &name]);
    }
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "cli_used = 0\n");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!("subskeleton: `cli_unused`: {gone}\n")
    );
    let output = command::run(&["metrics", &name]);
    assert!(output.status.success());
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!("subskeleton: left out: {gone}\n")
    );
    drop(fd);
}

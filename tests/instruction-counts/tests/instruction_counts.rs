//! An access, a bind and an expansion take as many instructions as they did when `BASELINE` was committed.
//!
//! Times differ from run to run, and with the machine; these counts do with neither. What may differ with the
//! machine is not counted: instructions of other shared objects, such as the C library, which has code for each
//! CPU. Other versions of Rust and of the C compiler, which compiles libbpf, make other code.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/baseline.txt");
const PROGRAM: &str = env!("CARGO_BIN_EXE_instruction-counts");

/// The functions of `src/main.rs` that are counted.
const COUNTED: [&str; 9] = [
    "counted_get",
    "counted_set",
    "counted_get_field",
    "counted_set_field",
    "counted_get_element",
    "counted_set_element",
    "counted_get_struct",
    "counted_bind",
    "counted_expansion",
];

/// How much a count may differ: a twentieth, in either direction. Who needs less should say so, or the next one
/// may use it up unnoticed.
const TOLERANCE: u64 = 20;

/// Instructions of the program's own code, by function with all that it calls: the runtime, the generator, Rust's
/// libraries, libbpf.
type Counts = BTreeMap<String, u64>;

#[test]
fn are_those_of_the_baseline() {
    let counts = count();
    assert_eq!(counts.len(), COUNTED.len(), "{counts:#?}");
    let found = print(&counts);
    if std::env::var_os("BLESS").is_some() {
        fs::write(BASELINE, &found).unwrap();
    }
    let text = fs::read_to_string(BASELINE).unwrap();
    let problems = compare(&read(&text), &counts);
    assert!(
        problems.is_empty(),
        "{}\n\nbaseline.txt is of {}, and this is\n{}\n\
         If the change is intended, or the compiler another one: \
         `BLESS=1 cargo test --workspace --test instruction_counts`, as root.",
        problems.join("\n"),
        text.lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("# "),
        found,
    );
}

#[test]
fn a_twentieth_more_or_less_is_reported() {
    let of = |count| Counts::from([("counted_get".to_owned(), count)]);
    let problems = |now| compare(&of(1000), &of(now)).len();
    assert_eq!([950, 1000, 1050].map(problems), [0; 3]);
    assert_eq!([949, 1051].map(problems), [1; 2]);
    let new = compare(&Counts::new(), &of(1000));
    assert_eq!(new, ["counted_get: not in the baseline"]);
    let gone = compare(&of(1000), &Counts::new());
    assert_eq!(gone, ["counted_get: not counted any more"]);
}

fn compare(baseline: &Counts, counts: &Counts) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, &now) in counts {
        match baseline.get(name) {
            None => problems.push(format!("{name}: not in the baseline")),
            Some(&then) if then.abs_diff(now) * TOLERANCE > then => problems.push(format!(
                "{name}: {now} instructions, and {then} in the baseline"
            )),
            Some(_) => {}
        }
    }
    let gone = baseline.keys().filter(|name| !counts.contains_key(*name));
    problems.extend(gone.map(|name| format!("{name}: not counted any more")));
    problems
}

/// The counts of all functions: one run of the program for each.
fn count() -> Counts {
    let count = |name: &str| (name.to_owned(), count_one(name));
    COUNTED.into_iter().map(count).collect()
}

/// Runs one function, and counts.
fn count_one(name: &str) -> u64 {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.callgrind"));
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--compress-strings=no"])
        // Counts from when it is entered to when it returns.
        .arg(format!("--toggle-collect={name}"))
        .arg(format!("--callgrind-out-file={}", file.display()))
        .args([PROGRAM, name])
        .output()
        .unwrap_or_else(|e| panic!("valgrind: {e}: `.ci/setup test` installs it"));
    assert!(
        output.status.success(),
        "this loads a BPF object, so it needs root\nvalgrind {PROGRAM}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    let count =
        parse(&fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display())));
    assert!(count > 0, "{name} was not counted");
    count
}

/// Reads a file of callgrind's, <https://valgrind.org/docs/manual/cl-format.html>: a function's own cost follows its
/// name, and the cost of what it called follows `calls=`.
fn parse(profile: &str) -> u64 {
    let mut lines = profile.lines();
    let (mut count, mut own) = (0, false);
    while let Some(line) = lines.next() {
        if let Some(object) = line.strip_prefix("ob=") {
            own = object == PROGRAM;
        } else if line.starts_with("calls=") {
            lines.next();
        } else if own && line.starts_with(|c: char| c.is_ascii_digit() || "+-*".contains(c)) {
            count += line.split(' ').nth(1).map_or(0, number);
        }
    }
    count
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn print(counts: &Counts) -> String {
    let mut text = format!(
        "# {}, {}: instructions\n",
        env!("RUSTC_VERSION"),
        std::env::consts::ARCH
    );
    for (name, count) in counts {
        let _ = writeln!(text, "{name:<20} {count:>9}");
    }
    text
}

fn read(baseline: &str) -> Counts {
    let rows = baseline.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| match row.split_once(' ') {
        Some((name, count)) => (name.to_owned(), number(count.trim())),
        None => panic!("{row}: no count"),
    })
    .collect()
}

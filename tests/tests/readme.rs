//! What the repository says about itself is true: code in the README and in the documentation of
//! `bpf-subskeleton` is code that is compiled and run, links lead somewhere, and no test is left out of
//! the table.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, iter};

/// Where the code comes from; tests run it.
const SOURCES: [&str; 13] = [
    "bpf-src/resizable.bpf.c",
    "tests/examples/execs/src/lib.rs",
    "tests/examples/histogram/tests/kernel_readme.rs",
    "tests/examples/histogram/Cargo.toml",
    "tests/examples/histogram/build.rs",
    "tests/examples/histogram/bpf/histogram.bpf.c",
    "tests/examples/histogram/src/lib.rs",
    "tests/examples/syscall-latency/Cargo.toml",
    "tests/examples/syscall-latency/bpf/syscall_latency.bpf.c",
    "tests/examples/syscall-latency/build.rs",
    "tests/examples/syscall-latency/src/main.rs",
    "tests/tests/kernel_resizable.rs",
    "tests/tests/kernel_struct_ops.rs",
];

#[test]
fn the_code_is_what_is_compiled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let sources = SOURCES.map(|path| trimmed(&read(path)));
    let docs: String = read("runtime/src/lib.rs")
        .lines()
        .filter_map(|line| line.strip_prefix("//!"))
        .map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line)))
        .collect();

    for text in [read("README.md"), docs] {
        let blocks = blocks(&text);
        assert!(blocks.len() >= 3, "{blocks:#?}");
        for block in blocks {
            assert!(
                sources.iter().any(|source| contains(source, &block)),
                "in none of the sources:\n{block}"
            );
        }
    }
}

/// The blocks of code in Markdown. A bare fence is not among them: in the crate's documentation rustdoc
/// compiles those, in the README they are commands.
fn blocks(markdown: &str) -> Vec<String> {
    let mut lines = markdown.lines();
    iter::from_fn(|| {
        let fence = lines.by_ref().find(|line| line.starts_with("```"))?;
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        Some((fence, block.join("\n")))
    })
    .filter(|(fence, _)| *fence != "```")
    .map(|(_, block)| trimmed(&block))
    .collect()
}

/// Whether the source has all of the block's parts, which lines of `…` divide, in this order.
fn contains(source: &str, block: &str) -> bool {
    let mut rest = source;
    let mut parts = block.split("// …\n").flat_map(|part| part.split("# …\n"));
    parts.all(|part| {
        let Some((_, behind)) = rest.split_once(part) else {
            return false;
        };
        rest = behind;
        true
    })
}

/// Without indentation and empty lines, which may differ.
fn trimmed(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// crates.io and docs.rs show the README too, so links within the repository are absolute.
#[test]
fn links_lead_somewhere() {
    const REPOSITORY: &str = "https://github.com/bpf-subskeleton/bpf-subskeleton/blob/main/";
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let targets = readme.split("](").skip(1);
    for target in targets.filter_map(|rest| Some(rest.split_once(')')?.0)) {
        if let Some(path) = target.strip_prefix(REPOSITORY) {
            assert!(root.join(path).exists(), "no {path}");
        } else {
            let leads_out = target.starts_with("https://") || target.starts_with('#');
            assert!(leads_out, "{target} works in the repository only");
        }
    }
}

#[test]
fn the_table_has_every_test() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = fs::read_to_string(tests.join("README.md")).unwrap();
    let listed: BTreeSet<&str> = table
        .lines()
        .skip_while(|line| !line.starts_with("| in `tests/tests`"))
        .take_while(|line| line.starts_with('|'))
        .skip(2)
        .filter_map(|line| line.split('`').nth(1))
        .collect();
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(tests.join("tests")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|rs| rs == "rs") || path.join("main.rs").exists() {
            found.insert(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
    }
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    assert_eq!(listed, found);
}

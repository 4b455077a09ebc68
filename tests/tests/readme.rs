//! The code in the README and in the documentation of `bpf-subskeleton` stands in a file that is compiled
//! and run.

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

/// Whether all of the block's parts, which lines of `…` divide, stand in the source in this order.
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

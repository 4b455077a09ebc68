//! The code in the README and in the documentation of `bpf-subskeleton`: it stands in a file that is
//! compiled and run, here or in the example crates.

use std::path::Path;
use std::{fs, iter};

use bpf_subskeleton::libbpf_rs::{self, ObjectBuilder};
use bpf_subskeleton::{Bool, subskeleton};
use histogram::Histogram;

/// Where the code comes from; the examples' own tests run it.
const SOURCES: [&str; 13] = [
    "bpf-src/resizable.bpf.c",
    "tests/examples/execs/src/lib.rs",
    "tests/examples/histogram/tests/readme.rs",
    "tests/examples/histogram/Cargo.toml",
    "tests/examples/histogram/build.rs",
    "tests/examples/histogram/bpf/histogram.bpf.c",
    "tests/examples/histogram/src/lib.rs",
    "tests/examples/syscall-latency/Cargo.toml",
    "tests/examples/syscall-latency/bpf/syscall_latency.bpf.c",
    "tests/examples/syscall-latency/build.rs",
    "tests/examples/syscall-latency/src/main.rs",
    "tests/tests/resizable.rs",
    "tests/tests/struct_ops.rs",
];

/// A part of the library.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/histogram.bpf.o"))]
pub struct Tasks {
    /// A field may have a different name than in C.
    #[bpf(name = "hist_tasks_lost")]
    pub lost: Var<u64>,
    /// `_` takes the type from the object.
    pub hist_min: Const<_>,
    /// `None` if the application's object does not have it.
    pub hist_enabled: Option<Var<Bool>>,
    pub hist_tasks: maps::Hash<u32, tasks::hist_task>,
}

impl Tasks {
    /// How many values a process recorded; it is forgotten.
    pub fn take(&self, pid: u32) -> libbpf_rs::Result<Option<u64>> {
        let task: Option<tasks::hist_task> = self.hist_tasks.lookup(&pid)?;
        self.hist_tasks.delete(&pid)?;
        Ok(task.map(|task| task.total.count))
    }
}

#[test]
fn a_part_sees_what_the_whole_sees() {
    let object = Path::new(env!("OUT_DIR")).join("histogram.bpf.o");
    let mut open = ObjectBuilder::default().open_file(object).unwrap();
    *Histogram::configure(&mut open).unwrap().rodata.hist_min = 7;
    let object = open.load().unwrap();
    let whole = Histogram::bind(&object).unwrap();
    let tasks = Tasks::bind(&object).unwrap();

    assert_eq!(tasks.hist_min.get(), 7);
    whole.bss.hist_tasks_lost.set(3);
    assert_eq!(tasks.lost.get(), 3);
    whole.set_enabled(false);
    assert!(!tasks.hist_enabled.as_ref().unwrap().get());
    let mut task = tasks::hist_task::default();
    task.total.count = 9;
    tasks.hist_tasks.insert(&1, &task).unwrap();
    assert_eq!(tasks.take(1).unwrap(), Some(9));
    assert_eq!(tasks.take(1).unwrap(), None);
}

#[test]
fn the_code_is_what_is_compiled() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
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

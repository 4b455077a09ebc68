//! What the repository says about itself is true: code in the README and in the documentation of
//! `bpf-subskeleton` is code that is compiled and run, links lead somewhere, speeds were measured, the guide explains every
//! problem, and no test is left out of the table.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, iter};

use bpf_subskeleton_tests::golden::assert_golden;
use bpf_subskeleton_tests::report::Run;

/// Where the code comes from; tests run it.
const SOURCES: [&str; 22] = [
    "bpf-src/resizable.bpf.c",
    "tests/examples/callers/src/main.rs",
    "tests/examples/census/bpf/census.bpf.c",
    "tests/examples/census/src/lib.rs",
    "tests/examples/execs/bpf/execs.bpf.c",
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
    "tests/tests/attribute.rs",
    "tests/tests/detached.rs",
    "tests/tests/kernel_grows.rs",
    "tests/tests/kernel_maps/growing.rs",
    "tests/tests/kernel_resizable.rs",
    "tests/tests/kernel_struct_ops.rs",
    "tests/tests/kernel_waiting.rs",
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

    let attribute = read("runtime/guide/attribute.md");
    let waiting = read("runtime/guide/waiting.md");
    let arenas = read("runtime/guide/arenas.md");
    let growing = read("runtime/guide/growing.md");
    let testing = read("runtime/guide/testing.md");
    let readme = read("README.md");
    for text in [readme, docs, attribute, waiting, arenas, growing, testing] {
        let blocks = blocks(&text);
        assert!(blocks.len() >= 2, "{blocks:#?}");
        for block in blocks {
            assert!(
                sources.iter().any(|source| contains(source, &block)),
                "in none of the sources:\n{block}"
            );
        }
    }
}

/// `runtime/core` can't name modules of the crate that has the guides, so its documentation links to where they are
/// published.
#[test]
fn links_to_guides_lead_to_guides() {
    const GUIDES: &str = "https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/";
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    let modules = fs::read_to_string(root.join("src/guide.rs")).unwrap();
    let mut found = 0;
    let mut folders = vec![root.join("core/src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let source = fs::read_to_string(&path).unwrap();
            for link in source.split(GUIDES).skip(1) {
                let guide = link.split('/').next().unwrap_or_default();
                let module = format!("pub mod {guide} {{}}");
                assert!(modules.contains(&module), "{}: {guide}", path.display());
                found += 1;
            }
        }
    }
    assert!(found > 5, "only {found}: are the links elsewhere now?");
}

/// What `bind` and `configure` can answer has a row in the guide, with the words that the reader sees.
#[test]
fn the_guide_has_every_problem() {
    // Parts of sentences, and what no user can meet: the code that would is generated with its description.
    const NOT_PROBLEMS: &[&str] = &[
        " with keys of ",
        "generated code and its description of the library disagree",
        "link the object once more, which mends what the BPF linker got wrong",
        "the BPF linker took it for a static of its name",
        "define it with `__uint(map_flags, BPF_F_MMAPABLE)`",
        "elements of ",
        "map of type ",
    ];
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../runtime");
    let guide = fs::read_to_string(root.join("guide/errors.md")).unwrap();
    let files = [
        "addresses",
        "arena",
        "instructions",
        "maps",
        "running",
        "sections",
        "struct_ops",
        "variables",
    ];
    let mut found = 0;
    let mut missing = Vec::new();
    for file in files {
        let source = fs::read_to_string(root.join(format!("core/src/bind/{file}.rs"))).unwrap();
        for text in texts(&source) {
            if NOT_PROBLEMS.iter().any(|known| text.contains(known)) {
                continue;
            }
            found += 1;
            // Advice follows a colon or semicolon; values stand between braces.
            let said = text.split([':', ';']).next().unwrap_or_default();
            let parts = said
                .split('{')
                .map(|part| part.rsplit('}').next().unwrap_or(part));
            let longest = parts
                .map(str::trim)
                .max_by_key(|part| part.len())
                .unwrap_or_default();
            if !guide.contains(longest) {
                missing.push(format!("{file}: {text}"));
            }
        }
    }
    assert!(found > 25, "only {found}: are the texts elsewhere now?");
    assert!(
        missing.is_empty(),
        "not in runtime/guide/errors.md: {missing:#?}"
    );
}

/// The strings of three words or more in a source, comments and tests left out.
fn texts(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| match line.strip_suffix('\\') {
            // A string goes on in the next line, without its indentation.
            Some(line) => format!("{line}\u{1}"),
            None => format!("{line}\n"),
        })
        .collect();
    let code = iter::successors(Some(code), |code| {
        let joined = code.replace("\u{1} ", "\u{1}");
        (joined != *code).then_some(joined)
    });
    let code = code.last().unwrap_or_default().replace('\u{1}', "");
    let strings = code.split('"').skip(1).step_by(2);
    strings
        .filter(|text| text.split_whitespace().count() >= 3)
        .map(ToOwned::to_owned)
        .collect()
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

/// The table of speeds, all results and the plots are what the published records of `make bench` say.
#[test]
fn results_are_what_was_measured() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let run = Run::published(&root).unwrap();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    for (path, text) in run.files(&readme).unwrap() {
        assert_golden(&format!("../../{}", path.display()), &text);
    }
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
    // The files themselves, for images.
    const FILES: &str = "https://raw.githubusercontent.com/bpf-subskeleton/bpf-subskeleton/main/";
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let targets = readme.split("](").skip(1);
    for target in targets.filter_map(|rest| Some(rest.split_once(')')?.0)) {
        let path = target.strip_prefix(REPOSITORY);
        if let Some(path) = path.or_else(|| target.strip_prefix(FILES)) {
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

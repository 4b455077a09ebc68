//! The BPF sources of this repository, and the final objects that they are linked into.

use std::fs;
use std::path::{Path, PathBuf};

/// A source.
#[derive(Debug)]
pub(crate) struct Source {
    /// Its file without `.bpf.c`, and where it is from if that is ambiguous.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// Sources that need each other, in the order in which they are linked. Any other is linked alone.
const TOGETHER: &[&[&str]] = &[
    &["subskel_lib", "subskel_lib2", "subskel_app"],
    &["unresolved", "unresolved_app"],
    &["declared", "declared_app"],
    &["statics_app", "statics"],
    &["opens", "exits"],
    &["topology", "placement"],
    &["census", "callers"],
    &["exit_info", "stacks", "profile"],
    &["exit_info", "budget"],
    &["exit_info", "watch"],
    &["histogram", "slow_calls", "slow"],
    &["histogram", "syscall_latency"],
    &["histogram", "time_slices"],
];

/// Every source: of `bpf-src`, the examples, and what the generator's tests are about.
pub(crate) fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = [
        ("", "bpf-src"),
        ("golden-", "tests/golden"),
        ("generator-", "macros/object/tests/clang"),
    ];
    let folders = folders.map(|(prefix, folder)| (prefix, root.join(folder)));
    let examples = headers().into_iter().map(|folder| ("", folder));
    let mut sources: Vec<Source> = Vec::new();
    for (prefix, folder) in folders.into_iter().chain(examples) {
        let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        for path in entries.map(|entry| entry.unwrap().path()) {
            let file = path.file_name().and_then(|name| name.to_str());
            let Some(name) = file.and_then(|name| name.strip_suffix(".bpf.c")) else {
                continue;
            };
            let mut name = format!("{prefix}{name}");
            if sources.iter().any(|source| source.name == name) {
                name.insert_str(0, "example-");
            }
            sources.push(Source { name, path });
        }
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    sources
}

/// The folders of the examples' headers, which their applications include.
pub(crate) fn headers() -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let entries = fs::read_dir(examples).unwrap();
    let folders = entries.map(|entry| entry.unwrap().path().join("bpf"));
    let mut folders: Vec<_> = folders.filter(|folder| folder.is_dir()).collect();
    folders.sort();
    folders
}

/// The final objects: indices into `sources`.
pub(crate) fn finals(sources: &[Source]) -> Vec<Vec<usize>> {
    let index = |name: &str| {
        let index = sources.iter().position(|source| source.name == name);
        index.unwrap_or_else(|| panic!("there is no {name}.bpf.c"))
    };
    let mut finals: Vec<Vec<_>> = TOGETHER
        .iter()
        .map(|names| names.iter().map(|name| index(name)).collect())
        .collect();
    for alone in 0..sources.len() {
        if !finals.iter().flatten().any(|index| *index == alone) {
            finals.push(vec![alone]);
        }
    }
    finals
}

//! Objects that nobody here wrote: all below a folder. Is each read, does the generated code compile, does it lay types
//! out as pahole does, and, if the kernel takes the object, does it bind and read the values that bpftool reads? Prints
//! a table. `OBJECTS=dir make test-corpus` runs it.
//!
//! A failure is what this project is to blame for: a panic, an object that libbpf loads but the reader refuses, code that
//! doesn't compile, a layout or a value that differs. That an object can't be loaded here is none.

mod pahole;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs, panic};

use bpf_subskeleton_object::model::Library;
use bpf_subskeleton_tests::companions::{Companion, Companions, expand};
use bpf_subskeleton_tests::require_bpf;
use bpf_subskeleton_tests::table::Table;

/// An object, and what came of it so far.
struct Entry {
    path: PathBuf,
    companion: Result<Companion, String>,
    /// How many structs pahole agrees about, and what it doesn't.
    layouts: Result<(usize, Vec<String>), String>,
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("corpus: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, String> {
    require_bpf();
    let folder = env::args().nth(1).filter(|folder| !folder.is_empty());
    let folder = folder.ok_or("no folder of objects: OBJECTS=dir make test-corpus")?;
    let folder = fs::canonicalize(&folder).map_err(|e| format!("{folder}: {e}"))?;
    let mut paths = Vec::new();
    find(&folder, &mut paths)?;
    if paths.is_empty() {
        return Err(format!("no *.o in {}", folder.display()));
    }
    let program = env::current_exe().map_err(|e| e.to_string())?;
    let target = program.ancestors().nth(2).ok_or("no target folder")?;
    let tmp = target.join("tmp");
    let tmp = tmp.to_str().ok_or("the target folder is not UTF-8")?;
    let mut companions = Companions::new(tmp, "by_corpus");
    let entries = paths.into_iter().map(|path| {
        let code = panic::catch_unwind(|| expand(&path, &path));
        let code = code.unwrap_or_else(|_| Err("the generator panics".to_owned()));
        Entry {
            companion: code.map(|code| companions.add(code)),
            layouts: layouts(&path),
            path,
        }
    });
    let entries: Vec<_> = entries.collect();
    let failed = companions.compile()?;

    let objects = entries.iter().map(|entry| {
        let companion = entry.companion.as_ref().ok();
        let companion = companion.filter(|companion| !failed.contains_key(companion));
        (
            entry.path.as_path(),
            companion.into_iter().copied().collect(),
        )
    });
    let bound = companions.bind(&objects.collect::<Vec<_>>(), true)?;

    let mut table = Table::new(&[
        "object", "code", "compiles", "layouts", "loads", "binds", "values", "notes",
    ]);
    let mut good = true;
    for (entry, bound) in entries.iter().zip(&bound) {
        let name = entry.path.strip_prefix(&folder).unwrap_or(&entry.path);
        let name = name.display().to_string();
        let mut notes = BTreeSet::new();
        let mut note = |text: String, bad: bool| {
            good &= !bad;
            notes.insert(table.note(&text, &name));
        };
        let loads = bound.refused.is_none();
        let mut cells = vec![name.clone()];
        let (mut code, mut compiles, mut binds) = ("yes", "yes", "yes");
        match &entry.companion {
            Ok(companion) => match failed.get(companion) {
                None => {
                    for text in bound.problems.values().filter(|text| !text.is_empty()) {
                        binds = "NO";
                        note(format!("not bound: {text}"), true);
                    }
                }
                Some(error) => {
                    (compiles, binds) = ("NO", "-");
                    note(format!("does not compile: {error}"), true);
                }
            },
            Err(messages) => {
                (code, compiles, binds) = ("no", "-", "-");
                note(
                    format!("no code: {messages}"),
                    loads || messages.contains("panics"),
                );
            }
        }
        let layouts = match &entry.layouts {
            Ok((agreed, differences)) => {
                if !differences.is_empty() {
                    note(format!("layout: {}", differences.join("; ")), true);
                }
                format!("{agreed}/{}", agreed + differences.len())
            }
            Err(error) => {
                note(format!("layouts not compared: {error}"), false);
                "-".to_owned()
            }
        };
        if let Some(reason) = &bound.refused {
            binds = "-";
            note(format!("not loaded: {reason}"), false);
        }
        if !bound.values.is_empty() {
            note(format!("values: {}", bound.values.join("; ")), true);
        }
        let loads = if loads { "yes" } else { "no" };
        let values = format!("{}/{}", bound.equal, bound.equal + bound.values.len());
        cells.extend([code, compiles, &layouts, loads, binds, &values].map(str::to_owned));
        cells.push(notes.into_iter().collect());
        table.row(cells);
    }
    table.print();
    Ok(good)
}

/// All `*.o` below the folder, in order.
fn find(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut entries: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            find(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "o") {
            paths.push(path);
        }
    }
    Ok(())
}

fn layouts(path: &Path) -> Result<(usize, Vec<String>), String> {
    let bytes = fs::read(path).map_err(|e| e.to_string())?;
    let library = Library::read(&bytes).map_err(|e| e.to_string())?;
    pahole::compare(path, &library)
}

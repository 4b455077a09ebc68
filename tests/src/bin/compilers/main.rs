//! Every BPF source of this repository through every compiler at hand, with the options that people use: is the object
//! read, does the generated code compile, does it lay types out as that compiler does, and does it bind to an object
//! of any other compiler? Prints a table. `make test-compilers` runs it.
//!
//! Arguments are the compilers to try; without any, all that Debian has, none of which may be missing.

mod bind;
mod compile;
mod compiler;
mod sources;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use bpf_subskeleton_tests::companions::{Companion, Companions};
use bpf_subskeleton_tests::require_bpf;
use bpf_subskeleton_tests::table::Table;

use crate::bind::{Binder, Final, LINK, Outcome};
use crate::compile::{Compiled, Workshop};
use crate::compiler::{COMPILERS, Change, Compiler, Options};
use crate::sources::{Source, finals, sources};

/// A host with pointers of 32 bits. What BPF lays out does not depend on it, so neither may the code.
const NARROW: &str = "armv7-unknown-linux-gnueabihf";

/// A compiler with options, and by source what came of it.
struct Row {
    compiler: Compiler,
    options: Options,
    compiled: Vec<Result<Compiled, String>>,
    /// By source, the companion.
    companions: Vec<Option<Companion>>,
}

fn main() -> ExitCode {
    let mut args = env::args().skip(1).peekable();
    let done = match args.next_if(|arg| arg == LINK) {
        Some(_) => bind::link(args).map(|()| true),
        None => run(args.collect()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("compilers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(names: Vec<String>) -> Result<bool, String> {
    require_bpf();
    let compilers = compilers(names)?;
    let program = env::current_exe().map_err(|e| e.to_string())?;
    let target = program.ancestors().nth(2).ok_or("no target folder")?;
    let tmp = target.join("tmp");
    let tmp = tmp.to_str().ok_or("the target folder is not UTF-8")?;

    for Compiler {
        command, version, ..
    } in &compilers
    {
        println!("{command}: {version}");
    }
    let sources = sources();
    let folder = Path::new(tmp).join("compilers");
    let mut rows = compile_all(&compilers, &sources, &folder)?;

    let mut companions = Companions::new(tmp, "by_compilers");
    for row in &mut rows {
        let codes = row
            .compiled
            .iter()
            .map(|compiled| compiled.as_ref().ok()?.code.as_ref().ok());
        row.companions = codes
            .map(|code| code.map(|code| companions.add(code.clone())))
            .collect();
    }
    let expansions: usize = rows
        .iter()
        .map(|row| row.companions.iter().flatten().count())
        .sum();
    eprintln!(
        "compilers: {expansions} expansions, {} of them different",
        companions.len()
    );
    let failed = companions.compile()?;
    let narrow = companions.compile_for(NARROW)?;
    let binder = Binder {
        rows: &rows,
        sources: &sources,
        finals: &finals(&sources),
        companions: &companions,
        failed: &failed,
        folder: &folder,
    };
    let finals = binder.each()?;
    let bound = finals.iter().flatten().map(|object| object.companions);
    eprintln!(
        "compilers: {} times a companion was bound to a loaded object",
        bound.sum::<usize>()
    );
    let good = report(&binder, &finals) & report_narrow(&binder, &narrow);
    Ok(report_mixed(&binder)? && good)
}

/// The compilers of these names, or all.
fn compilers(mut names: Vec<String>) -> Result<Vec<Compiler>, String> {
    if names.is_empty() {
        names = COMPILERS.map(str::to_owned).into();
    }
    let found = names.iter().map(|name| {
        Compiler::find(name).ok_or_else(|| format!("{name} does not run: `.ci/setup compilers`"))
    });
    found.collect()
}

/// Every source through every compiler with all its options, on all processors.
fn compile_all(
    compilers: &[Compiler],
    sources: &[Source],
    folder: &Path,
) -> Result<Vec<Row>, String> {
    let rows = compilers.iter().flat_map(|compiler| {
        compiler
            .options()
            .iter()
            .map(move |options| (compiler, *options))
    });
    let rows: Vec<_> = rows.collect();
    // Objects of an earlier run would hide that one is missing.
    let _ = fs::remove_dir_all(folder);
    let workshop = Workshop::new(folder);
    for (compiler, options) in &rows {
        let folder = workshop.folder(compiler, *options);
        fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let job = next.fetch_add(1, Ordering::Relaxed);
            let (Some((compiler, options)), Some(source)) = (
                rows.get(job / sources.len()),
                sources.get(job % sources.len()),
            ) else {
                return done;
            };
            done.push((job, workshop.compile(compiler, *options, source)));
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let done: BTreeMap<_, _> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let mut done = done.into_values();
    let rows = rows.into_iter().map(|(compiler, options)| Row {
        compiler: compiler.clone(),
        options,
        compiled: done.by_ref().take(sources.len()).collect(),
        companions: Vec::new(),
    });
    Ok(rows.collect())
}

/// Prints the table; whether nothing failed that this project is to blame for.
fn report(binder: &Binder<'_>, finals: &[Vec<Final>]) -> bool {
    let columns = [
        "compiler", "options", "objects", "read", "code", "compiles", "layouts", "bound", "notes",
    ];
    let mut table = Table::new(&columns);
    let mut good = true;
    for (row, finals) in binder.rows.iter().zip(finals) {
        let name = format!("{} {}", row.compiler.command, row.options.flags);
        let mut notes = BTreeSet::new();
        let mut note = |text: String, bad: bool, about: &str| {
            good &= !(bad && row.compiler.is_supported());
            notes.insert(table.note(&without_places(&text), &format!("{name}: {about}")));
        };
        let mut counts = [0; 5];
        let compiled = row.compiled.iter().zip(&row.companions);
        for ((compiled, companion), source) in compiled.zip(binder.sources) {
            let compiled = match compiled {
                Ok(compiled) => compiled,
                Err(text) => {
                    // Not every version knows every option.
                    let bad = row.options.flags == "-O2";
                    note(format!("not compiled: {text}"), bad, &source.name);
                    continue;
                }
            };
            let error = companion.and_then(|companion| binder.failed.get(&companion));
            let results = [
                ("", None),
                ("not read", compiled.read.as_ref().err()),
                ("no code", compiled.code.as_ref().err()),
                ("code does not compile", error),
                ("layout", compiled.layouts.as_ref().err()),
            ];
            for (count, (column, error)) in counts.iter_mut().zip(results) {
                match error {
                    Some(text) => note(format!("{column}: {text}"), true, &source.name),
                    None => *count += 1,
                }
            }
        }
        for object in finals {
            if let Some((text, bad)) = object.note() {
                note(
                    text,
                    bad && row.options.change != Change::Linkage,
                    &object.name,
                );
            }
        }
        let [objects, rest @ ..] = counts;
        let counts = [format!("{objects}/{}", row.compiled.len())].into_iter();
        let rest = rest.iter().map(|count| format!("{count}/{objects}"));
        let bound = format!("{}/{}", bound(finals), finals.len());
        let notes: String = notes.into_iter().collect();
        table.row(
            [row.compiler.command.clone(), row.options.flags.to_owned()]
                .into_iter()
                .chain(counts)
                .chain(rest)
                .chain([bound, notes]),
        );
    }
    table.print();
    good
}

/// What many objects say in the same words, but for paths and the numbers of types and sections.
fn without_places(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let numbered = word.starts_with('[') || word.starts_with('#');
        if word.contains('/') {
            "…"
        } else if numbered && word.contains(|c: char| c.is_ascii_digit()) {
            "[…]"
        } else {
            word
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

fn bound(finals: &[Final]) -> usize {
    let bound = finals
        .iter()
        .filter(|object| matches!(object.outcome, Outcome::Bound));
    bound.count()
}

/// Says how many companions compile on [`NARROW`], and returns whether all do but those with an `__int128`, which 32-bit
/// ARM aligns to 8 bytes.
fn report_narrow(binder: &Binder<'_>, narrow: &BTreeMap<Companion, String>) -> bool {
    let mut good = true;
    let mut compile = binder.companions.len() - binder.failed.len();
    let mut seen = BTreeSet::new();
    for row in binder.rows {
        let compiled = row.compiled.iter().zip(&row.companions);
        for ((compiled, companion), source) in compiled.zip(binder.sources) {
            let Some((companion, error)) =
                companion.and_then(|companion| narrow.get_key_value(&companion))
            else {
                continue;
            };
            if !seen.insert(companion) {
                continue;
            }
            compile -= 1;
            let code = compiled.as_ref().ok().and_then(|it| it.code.as_ref().ok());
            if !code.is_some_and(|code| code.contains("u128") || code.contains("i128")) {
                good = false;
                let name = format!("{} {}", row.compiler.command, row.options.flags);
                println!("{NARROW}: {name}: {}: {error}", source.name);
            }
        }
    }
    println!(
        "{NARROW}: {compile} of {} companions compile; the others that are not named have an `__int128`\n",
        binder.companions.len()
    );
    good
}

/// Links the libraries of each compiler into the applications of each other one, and prints what binds.
fn report_mixed(binder: &Binder<'_>) -> Result<bool, String> {
    let mut firsts: Vec<usize> = Vec::new();
    for (index, row) in binder.rows.iter().enumerate() {
        let is_new = firsts
            .iter()
            .all(|first| binder.rows[*first].compiler.command != row.compiler.command);
        if is_new && row.compiler.is_supported() {
            firsts.push(index);
        }
    }
    let names = firsts
        .iter()
        .map(|row| binder.rows[*row].compiler.command.as_str());
    let columns: Vec<_> = ["libraries by \\ application by"]
        .into_iter()
        .chain(names)
        .collect();
    let mut table = Table::new(&columns);
    let mut good = true;
    for library in &firsts {
        let name = &binder.rows[*library].compiler.command;
        let mut cells = vec![name.clone()];
        for application in &firsts {
            let finals = binder.mixed(*library, *application)?;
            let mut cell = format!("{}/{}", bound(&finals), finals.len());
            let mut notes = BTreeSet::new();
            for object in &finals {
                if let Some((text, bad)) = object.note() {
                    good &= !bad;
                    let about = format!("{name}: {}", object.name);
                    notes.insert(table.note(&without_places(&text), &about));
                }
            }
            cell.extend(notes);
            cells.push(cell);
        }
        table.row(cells);
    }
    table.print();
    Ok(good)
}

//! `subskeleton diff`: what a companion that was built with one object would say to another.

use std::collections::{HashMap, HashSet};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use bpf_subskeleton::{Problem, Subject, private};
use bpf_subskeleton_object::model::{ARENA_SECTION, Library};
use bpf_subskeleton_object::{Mismatch, Misplaced, VerifyError, complete_btf, verify_linked};
use serde_json::{Value as Json, json};

use crate::args::Diff;
use crate::description::describe;
use crate::library::ObjectFile;
use crate::output;

/// The exit status of "they differ".
const INCOMPATIBLE: u8 = 1;

pub(crate) fn run(args: &Diff, as_json: bool) -> Result<ExitCode> {
    let old = ObjectFile::read(&args.old)?;
    let new = ObjectFile::read(&args.new)?;
    let comparison = Comparison::new(&old, &new)?;
    match as_json {
        true => output::write_json(&comparison.to_json())?,
        false => output::write(comparison.to_text())?,
    }
    Ok(match comparison.problems.is_empty() {
        true => ExitCode::SUCCESS,
        false => ExitCode::from(INCOMPATIBLE),
    })
}

/// How two objects differ.
struct Comparison {
    /// What `bind`, `configure` or `programs` would refuse.
    problems: Vec<Difference>,
    /// What they accept.
    changes: Vec<Change>,
}

/// A difference that a companion can't live with.
struct Difference {
    subject: &'static str,
    path: String,
    expected: Option<String>,
    found: String,
    text: String,
}

/// A difference that a companion does not notice.
struct Change {
    subject: &'static str,
    name: &'static str,
    kind: ChangeKind,
}

enum ChangeKind {
    /// Only the new object has it.
    New { section: Option<&'static str> },
    /// It is in another section.
    Moved {
        from: &'static str,
        to: &'static str,
    },
}

impl Comparison {
    fn new(old: &ObjectFile, new: &ObjectFile) -> Result<Self> {
        let context = |file: &ObjectFile| file.path().display().to_string();
        let (old_library, new_library) = (old.library()?, new.library()?);
        let description = describe(&old_library).with_context(|| context(old))?;
        let btf = complete_btf(new.bytes()).with_context(|| context(new))?;
        let programs: Vec<_> = new_library
            .programs
            .iter()
            .map(|program| (program.name, program.section))
            .collect();
        let problems = private::check(description, &btf, &programs)
            .with_context(|| format!("{}: libbpf can't read its BTF", new.path().display()))?;
        let mut comparison = Self {
            problems: problems.iter().map(Difference::new).collect(),
            changes: changes(&old_library, &new_library),
        };
        comparison.add_misplaced(&old_library, new)?;
        Ok(comparison)
    }

    /// Adds what BPF code and user space would find in different places: at run time, instructions tell of some.
    fn add_misplaced(&mut self, old: &Library<'_>, new: &ObjectFile) -> Result<()> {
        let misplaced = match verify_linked(new.bytes()) {
            Ok(()) => return Ok(()),
            Err(VerifyError::Misplaced(misplaced)) => misplaced,
            Err(error) => bail!("{}: {error}", new.path().display()),
        };
        let struct_ops = old.struct_ops.iter().map(|ops| ops.name);
        let names: HashSet<_> = old.names().chain(struct_ops).collect();
        let known: HashSet<_> = self
            .problems
            .iter()
            .map(|problem| problem.path.clone())
            .collect();
        // Statics are not the library's, whatever their names.
        let misplaced = misplaced.iter().filter(|misplaced| {
            names.contains(misplaced.name.as_str())
                && misplaced.mismatch != Mismatch::NoStatic
                && !known.contains(&misplaced.name)
        });
        self.problems.extend(misplaced.map(Difference::misplaced));
        Ok(())
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        for problem in &self.problems {
            text.push_str(&problem.text);
            text.push('\n');
        }
        for change in &self.changes {
            text.push_str(&change.to_text());
            text.push('\n');
        }
        text.push_str(&match self.problems.len() {
            0 => "compatible".to_owned(),
            1 => "incompatible: 1 problem".to_owned(),
            count => format!("incompatible: {count} problems"),
        });
        text.push('\n');
        text
    }

    fn to_json(&self) -> Json {
        json!({
            "compatible": self.problems.is_empty(),
            "problems": self.problems.iter().map(Difference::to_json).collect::<Vec<_>>(),
            "changes": self.changes.iter().map(Change::to_json).collect::<Vec<_>>(),
        })
    }
}

impl Difference {
    fn new(problem: &Problem) -> Self {
        Self {
            subject: match problem.subject() {
                Subject::Section => "section",
                Subject::Variable => "variable",
                Subject::Map => "map",
                Subject::Program => "program",
                Subject::StructOps => "struct_ops",
                _ => "object",
            },
            path: problem.path().to_owned(),
            expected: problem.expected().map(str::to_owned),
            found: problem.found().to_owned(),
            text: problem.to_string(),
        }
    }

    fn misplaced(misplaced: &Misplaced) -> Self {
        let Misplaced {
            name,
            section,
            mismatch,
            ..
        } = misplaced;
        let subject = match section.as_str() {
            ".maps" => "map",
            section if section.contains(".struct_ops") => "struct_ops",
            _ => "variable",
        };
        let found = format!("in `{section}`, {mismatch}");
        Self {
            subject,
            path: name.clone(),
            expected: None,
            text: format!("{subject} `{name}`: {found}"),
            found,
        }
    }

    fn to_json(&self) -> Json {
        json!({
            "subject": self.subject,
            "path": self.path,
            "expected": self.expected,
            "found": self.found,
        })
    }
}

impl Change {
    fn to_text(&self) -> String {
        let Self {
            subject,
            name,
            kind,
        } = self;
        match kind {
            ChangeKind::New { section: None } => format!("new: {subject} `{name}`"),
            ChangeKind::New {
                section: Some(section),
            } => {
                format!("new: {subject} `{name}` in `{section}`")
            }
            ChangeKind::Moved { from, to } => {
                format!("moved: {subject} `{name}` from `{from}` to `{to}`")
            }
        }
    }

    fn to_json(&self) -> Json {
        let Self {
            subject,
            name,
            kind,
        } = self;
        match kind {
            ChangeKind::New { section } => {
                json!({ "change": "new", "subject": subject, "name": name, "section": section })
            }
            ChangeKind::Moved { from, to } => json!({
                "change": "moved", "subject": subject, "name": name, "from": from, "to": to,
            }),
        }
    }
}

/// The members of a library: what each is, its name, and its section if it has one.
fn members(library: &Library<'static>) -> Vec<(&'static str, &'static str, Option<&'static str>)> {
    let variables = library.variables().map(|(section, variable)| {
        let section = section.map_or("extern", |section| section.name);
        ("variable", variable.name, Some(section))
    });
    let in_arena = library.arena_variables();
    let in_arena = in_arena.map(|variable| ("variable", variable.name, Some(ARENA_SECTION)));
    let maps = library.maps.iter().map(|map| ("map", map.name, None));
    let programs = library.programs.iter();
    let programs = programs.map(|program| ("program", program.name, Some(program.section)));
    let struct_ops = library.struct_ops.iter();
    let struct_ops = struct_ops.map(|ops| ("struct_ops", ops.name, Some(ops.section)));
    variables
        .chain(in_arena)
        .chain(maps)
        .chain(programs)
        .chain(struct_ops)
        .collect()
}

/// What the new object has more, and what it has elsewhere.
fn changes(old: &Library<'static>, new: &Library<'static>) -> Vec<Change> {
    let old = members(old);
    let places: HashMap<_, _> = old
        .into_iter()
        .map(|(subject, name, section)| ((subject, name), section))
        .collect();
    let changes = members(new)
        .into_iter()
        .filter_map(|(subject, name, section)| {
            let kind = match (places.get(&(subject, name)), section) {
                (None, section) => ChangeKind::New { section },
                (Some(Some(from)), Some(to)) if *from != to => ChangeKind::Moved { from, to },
                _ => return None,
            };
            Some(Change {
                subject,
                name,
                kind,
            })
        });
    changes.collect()
}

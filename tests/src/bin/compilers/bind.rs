//! Final objects of each compiler, loaded, and the companions of every compiler bound to them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use bpf_subskeleton_object::verify_linked;
use bpf_subskeleton_tests::companions::{Bound, Companion, Companions};
use libbpf_rs::Linker;

use crate::Row;
use crate::compiler::Change;
use crate::sources::Source;

/// A final object, and what came of it.
#[derive(Debug)]
pub(crate) struct Final {
    /// What it was linked from.
    pub(crate) name: String,
    pub(crate) outcome: Outcome,
    /// How many companions were bound.
    pub(crate) companions: usize,
}

#[derive(Debug)]
pub(crate) enum Outcome {
    /// A source was not compiled.
    Missing,
    /// By libbpf's linker.
    NotLinked(String),
    /// By libbpf or the kernel.
    Refused(String),
    Bound,
    /// By compiler and options of the companion, what `bind` says.
    Differs(String),
}

impl Final {
    /// What to say about it, and whether it is a failure.
    pub(crate) fn note(&self) -> Option<(String, bool)> {
        match &self.outcome {
            Outcome::Missing | Outcome::Bound => None,
            Outcome::NotLinked(text) => Some((format!("not linked: {text}"), false)),
            Outcome::Refused(text) => Some((format!("not loaded: {text}"), false)),
            Outcome::Differs(text) => Some((format!("not bound: {text}"), true)),
        }
    }
}

/// An object to link: where to, and from which source of which row.
struct Job {
    name: String,
    path: PathBuf,
    /// Indices of rows and sources.
    inputs: Vec<(usize, usize)>,
}

/// Links and binds.
pub(crate) struct Binder<'r> {
    pub(crate) rows: &'r [Row],
    pub(crate) sources: &'r [Source],
    /// Final objects, as indices into `sources`.
    pub(crate) finals: &'r [Vec<usize>],
    pub(crate) companions: &'r Companions,
    /// Companions that don't compile.
    pub(crate) failed: &'r BTreeMap<Companion, String>,
    pub(crate) folder: &'r Path,
}

impl Binder<'_> {
    /// By row, its final objects.
    pub(crate) fn each(&self) -> Result<Vec<Vec<Final>>, String> {
        let jobs = (0..self.rows.len()).flat_map(|row| {
            let finals = self.finals.iter().map(move |inputs| {
                inputs
                    .iter()
                    .map(|source| (row, *source))
                    .collect::<Vec<_>>()
            });
            finals.map(|inputs| self.job(inputs))
        });
        let mut finals = self.bind(&jobs.collect::<Vec<_>>())?.into_iter();
        let rows = self.rows.iter();
        Ok(rows
            .map(|_| finals.by_ref().take(self.finals.len()).collect())
            .collect())
    }

    /// Objects that were linked from a library of one row and an application of another.
    pub(crate) fn mixed(&self, library: usize, application: usize) -> Result<Vec<Final>, String> {
        let finals = self.finals.iter().filter_map(|inputs| {
            let (last, first) = inputs.split_last()?;
            let mut inputs: Vec<_> = first.iter().map(|source| (library, *source)).collect();
            let mixed = !inputs.is_empty();
            inputs.push((application, *last));
            mixed.then(|| self.job(inputs))
        });
        self.bind(&finals.collect::<Vec<_>>())
    }

    fn job(&self, inputs: Vec<(usize, usize)>) -> Job {
        let names = inputs
            .iter()
            .map(|(_, source)| self.sources[*source].name.as_str());
        let name = names.collect::<Vec<_>>().join("+");
        let rows: BTreeSet<_> = inputs.iter().map(|(row, _)| row.to_string()).collect();
        let rows = rows.into_iter().collect::<Vec<_>>().join("-");
        Job {
            path: self.folder.join(format!("{name}.{rows}.linked.o")),
            name,
            inputs,
        }
    }

    fn bind(&self, jobs: &[Job]) -> Result<Vec<Final>, String> {
        let linked: Vec<_> = jobs.iter().map(|job| self.link(job)).collect();
        let objects = jobs
            .iter()
            .zip(&linked)
            .filter(|(_, linked)| linked.is_ok());
        let objects = objects.map(|(job, _)| {
            let companions = self.companions_of(job).into_keys().collect();
            (job.path.as_path(), companions)
        });
        let objects: Vec<_> = objects.collect();
        let mut bound = self.companions.bind(&objects, false)?.into_iter();
        let finals = jobs.iter().zip(linked).map(|(job, linked)| {
            let (outcome, companions) = match linked {
                Ok(()) => self.outcome(job, bound.next().unwrap_or_default()),
                Err(outcome) => (outcome, 0),
            };
            Final {
                name: job.name.clone(),
                outcome,
                companions,
            }
        });
        Ok(finals.collect())
    }

    /// The companions of all sources in it, of all compilers, each with one of the rows that it is of.
    fn companions_of(&self, job: &Job) -> BTreeMap<Companion, usize> {
        let mut companions = BTreeMap::new();
        for (row, source) in &job.inputs {
            for (other, candidate) in self.rows.iter().enumerate() {
                let apart = [&self.rows[*row], candidate]
                    .iter()
                    .any(|row| row.options.change != Change::Nothing);
                let supported =
                    self.rows[*row].compiler.is_supported() && candidate.compiler.is_supported();
                if (apart || !supported) && other != *row {
                    continue;
                }
                if let Some(companion) = candidate.companions[*source]
                    && !self.failed.contains_key(&companion)
                {
                    companions.entry(companion).or_insert(other);
                }
            }
        }
        companions
    }

    fn outcome(&self, job: &Job, bound: Bound) -> (Outcome, usize) {
        if let Some(reason) = bound.refused {
            return (Outcome::Refused(reason), 0);
        }
        let rows = self.companions_of(job);
        let count = bound.problems.len();
        let problems = bound.problems.iter().filter(|(_, text)| !text.is_empty());
        let problems = problems.map(|(companion, text)| {
            let of = rows.get(companion).map(|row| &self.rows[*row]);
            let of = of.map_or_else(String::new, |row| {
                format!("{} {}", row.compiler.command, row.options.flags)
            });
            format!("companion of {of}: {text}")
        });
        let problems: Vec<_> = problems.collect();
        if count == 0 {
            return (Outcome::Differs("no companion compiles".to_owned()), 0);
        }
        match problems.is_empty() {
            true => (Outcome::Bound, count),
            false => (
                Outcome::Differs(problems.join("; ")),
                count - problems.len(),
            ),
        }
    }

    /// Once, or twice if that leaves variables where the code doesn't look for them.
    fn link(&self, job: &Job) -> Result<(), Outcome> {
        let inputs = job.inputs.iter().map(|(row, source)| {
            let compiled = self.rows[*row].compiled[*source].as_ref();
            compiled.map(|compiled| compiled.object.as_path())
        });
        let inputs = inputs
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| Outcome::Missing)?;
        run_linker(&inputs, &job.path)?;
        let agrees = |path| {
            let bytes = fs::read(path).map_err(|e| Outcome::NotLinked(e.to_string()))?;
            Ok(verify_linked(&bytes).is_ok())
        };
        if agrees(&job.path)? {
            return Ok(());
        }
        let once = job.path.with_extension("once.o");
        fs::rename(&job.path, &once).map_err(|e| Outcome::NotLinked(e.to_string()))?;
        run_linker(&[&once], &job.path)
    }
}

/// The argument with which this program only links: the first of its other arguments is the output.
pub(crate) const LINK: &str = "link";

/// Has another process link, because libbpf's linker crashes on some objects.
fn run_linker(inputs: &[&Path], output: &Path) -> Result<(), Outcome> {
    let run = || {
        Command::new(env::current_exe()?)
            .arg(LINK)
            .arg(output)
            .args(inputs)
            .output()
    };
    let result = run().map_err(|e| Outcome::NotLinked(e.to_string()))?;
    if result.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&result.stderr);
    let said = said.lines().find(|line| line.starts_with("libbpf: "));
    let said = said.map_or_else(
        || format!("libbpf's linker: {}", result.status),
        str::to_owned,
    );
    Err(Outcome::NotLinked(said))
}

/// Links in this process.
pub(crate) fn link(mut paths: impl Iterator<Item = String>) -> Result<(), String> {
    let linked = || {
        let mut linker = Linker::new(paths.next().unwrap_or_default())?;
        for input in paths {
            linker.add_file(input)?;
        }
        linker.link()
    };
    linked().map_err(|e: libbpf_rs::Error| format!("{e:#}"))
}

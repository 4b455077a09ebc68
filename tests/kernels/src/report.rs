//! What all machines found, beside what was expected.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::features::Feature;
use crate::machine::{Outcome, Run};

/// The first lines of what a failed test said, in the summary.
const LINES: usize = 12;

/// The table of kernels in the project's `README.md` stands after this.
const BEGIN: &str = "<!-- Written by `BLESS=1 make test-kernels`. -->\n";

pub(crate) struct Report<'a> {
    features: &'a [Feature],
    runs: &'a [Run],
    /// By their file.
    tests: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

/// A test on a kernel.
#[derive(PartialEq, Eq)]
enum Verdict<'a> {
    Passed,
    /// It failed, as is listed for this reason.
    NotApplicable(&'a str),
    Failed(&'a str),
    /// It passed, and is listed as not applicable.
    Unexpected(&'a str),
}

impl<'a> Report<'a> {
    pub(crate) fn new(features: &'a [Feature], runs: &'a [Run]) -> Self {
        let mut tests: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (file, test) in runs.iter().flat_map(|run| run.outcomes.keys()) {
            tests.entry(file).or_default().insert(test);
        }
        Self {
            features,
            runs,
            tests,
        }
    }

    fn verdict(&self, run: &'a Run, file: &str, test: &str) -> Verdict<'a> {
        let outcome = &run.outcomes[&(file.to_owned(), test.to_owned())];
        let full = format!("{file}::{test}");
        let lacks = |feature: &&Feature| feature.covers(&full) && !feature.is_in(run.numbers);
        match (outcome, self.features.iter().find(lacks)) {
            (Outcome::Passed, None) => Verdict::Passed,
            (Outcome::Failed(_), Some(feature)) => Verdict::NotApplicable(feature.reason),
            (Outcome::Failed(message), None) => Verdict::Failed(message),
            (Outcome::Passed, Some(feature)) => Verdict::Unexpected(feature.reason),
        }
    }

    /// All tests with their verdicts on one kernel.
    fn verdicts(&self, run: &'a Run) -> impl Iterator<Item = (&'a str, &'a str, Verdict<'a>)> {
        let tests = self.tests.iter();
        let tests = tests.flat_map(|(file, tests)| tests.iter().map(move |test| (*file, *test)));
        tests.map(move |(file, test)| (file, test, self.verdict(run, file, test)))
    }

    fn is_expected(verdict: &Verdict<'_>) -> bool {
        matches!(verdict, Verdict::Passed | Verdict::NotApplicable(_))
    }

    /// Whether no test failed that should not, or passed that should not, and, if all ran, none is listed in vain.
    pub(crate) fn as_expected(&self, all_tests: bool) -> bool {
        let verdicts = self.runs.iter().flat_map(|run| self.verdicts(run));
        let mut verdicts = verdicts.map(|(_, _, verdict)| verdict);
        verdicts.all(|verdict| Self::is_expected(&verdict))
            && !(all_tests && self.stale().next().is_some())
    }

    /// Features without a test.
    fn stale(&self) -> impl Iterator<Item = &'a Feature> {
        self.features.iter().filter(|feature| {
            let mut tests = self.tests.iter();
            !tests.any(|(file, tests)| {
                let mut full = tests.iter().map(|test| format!("{file}::{test}"));
                full.any(|test| feature.covers(&test))
            })
        })
    }

    /// Kernels by files of tests, and what there is to say about single tests.
    pub(crate) fn summary(&self, all_tests: bool) -> String {
        let mut text = format!("{:32}", "passed (-not applicable) (!failed)");
        for run in self.runs {
            let _ = write!(text, "{:>12}", run.version);
        }
        text.push('\n');
        for file in self.tests.keys() {
            let _ = write!(text, "{file:34}");
            for run in self.runs {
                let of_file = self.verdicts(run).filter(|(of, ..)| of == file);
                let _ = write!(
                    text,
                    "{:>12}",
                    counts(of_file.map(|(_, _, verdict)| verdict))
                );
            }
            text.push('\n');
        }
        let _ = write!(text, "{:34}", "all");
        for run in self.runs {
            let all = self.verdicts(run).map(|(_, _, verdict)| verdict);
            let _ = write!(text, "{:>12}", counts(all));
        }
        let _ = write!(text, "\n{:34}", "seconds");
        for run in self.runs {
            let _ = write!(text, "{:>12}", run.time.as_secs());
        }
        text.push('\n');
        self.not_applicable(&mut text);
        for run in self.runs {
            self.exceptions(run, &mut text);
        }
        for feature in self.stale().filter(|_| all_tests) {
            let _ = writeln!(text, "\nno test is about `{}`", feature.title);
        }
        text
    }

    fn not_applicable(&self, text: &mut String) {
        let mut reasons: BTreeMap<&str, BTreeMap<String, Vec<&str>>> = BTreeMap::new();
        for run in self.runs {
            for (file, test, verdict) in self.verdicts(run) {
                if let Verdict::NotApplicable(reason) = verdict {
                    let tests = reasons.entry(reason).or_default();
                    let kernels = tests.entry(format!("{file}::{test}")).or_default();
                    kernels.push(&run.version);
                }
            }
        }
        for (reason, tests) in reasons {
            let _ = writeln!(text, "\nnot applicable: {reason}");
            for (test, kernels) in tests {
                let _ = writeln!(text, "  {test} on {}", kernels.join(", "));
            }
        }
    }

    fn exceptions(&self, run: &Run, text: &mut String) {
        for (file, test, verdict) in self.verdicts(run) {
            let on = format!("{file}::{test} on {}", run.release);
            let _ = match verdict {
                Verdict::Failed(message) => {
                    let lines: Vec<_> = message.lines().take(LINES).collect();
                    let log = run.log.display();
                    writeln!(text, "\nfailed: {on}\n  {}\n  ({log})", lines.join("\n  "))
                }
                Verdict::Unexpected(reason) => {
                    writeln!(
                        text,
                        "\npassed, though listed as not applicable: {on}\n  {reason}"
                    )
                }
                Verdict::Passed | Verdict::NotApplicable(_) => Ok(()),
            };
        }
    }

    /// Compares the table in the project's `README.md` with this run, or writes it if `BLESS` is set.
    pub(crate) fn check_readme(&self) -> Result<()> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
        let readme = fs::read_to_string(&path)?;
        let (before, rest) = readme
            .split_once(BEGIN)
            .context("no table of kernels in README.md")?;
        let length: usize = rest
            .split_inclusive('\n')
            .take_while(|line| line.starts_with('|'))
            .map(str::len)
            .sum();
        let (old, after) = rest.split_at(length);
        let kernels: Vec<_> = (self.runs.iter())
            .map(|run| (run.version.as_str(), run.numbers))
            .collect();
        let new = table(self.features, &kernels);
        if env::var_os("BLESS").is_some() {
            fs::write(path, format!("{before}{BEGIN}{new}{after}"))?;
        } else if old != new {
            bail!(
                "the table of kernels in README.md is out of date: BLESS=1 make test-kernels\n{new}"
            );
        }
        Ok(())
    }
}

/// The first of these kernels, from old to new, that has each feature, in Markdown.
fn table(features: &[Feature], kernels: &[(&str, (u32, u32))]) -> String {
    let mut text = String::from("| From | works |\n| --- | --- |\n");
    let mut before = None;
    for (version, numbers) in kernels {
        let is_new = |feature: &&Feature| {
            feature.is_in(*numbers) && !before.is_some_and(|before| feature.is_in(before))
        };
        let new = features.iter().filter(is_new);
        let titles: Vec<_> = new.map(|feature| feature.title).collect();
        if !titles.is_empty() {
            let _ = writeln!(text, "| Linux {version} | {} |", titles.join("<br>"));
        }
        before = Some(*numbers);
    }
    text
}

/// `12`, `9-3`, `8-3!1`
fn counts<'a>(verdicts: impl Iterator<Item = Verdict<'a>>) -> String {
    let (mut passed, mut not_applicable, mut failed) = (0, 0, 0);
    for verdict in verdicts {
        match verdict {
            Verdict::Passed => passed += 1,
            Verdict::NotApplicable(_) => not_applicable += 1,
            Verdict::Failed(_) | Verdict::Unexpected(_) => failed += 1,
        }
    }
    let mut text = passed.to_string();
    if not_applicable > 0 {
        let _ = write!(text, "-{not_applicable}");
    }
    if failed > 0 {
        let _ = write!(text, "!{failed}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features;

    #[test]
    fn each_feature_is_with_the_first_kernel_that_has_it() {
        let features = features::parse(
            "[Old]\na\n[Nowhere]\nnowhere: no\nb\n[New]\nbefore 5.14: no\nc\n[Older]\nd\n[Late]\nbefore 7.1: no\ne\n",
        );
        let kernels = [("5.10", (5, 10)), ("6.1", (6, 1)), ("6.12", (6, 12))];
        let rows = "| Linux 5.10 | Old<br>Older |\n| Linux 6.1 | New |\n";
        let table = table(&features.unwrap(), &kernels);
        assert_eq!(table, format!("| From | works |\n| --- | --- |\n{rows}"));
    }
}

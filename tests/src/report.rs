//! What the benchmarks report: rows, which are printed as they come and, under `make bench`, recorded. From the records of
//! all benchmarks it then writes `benches/results`, and the table in the repository's README.
//!
//! A benchmark that is run by itself only prints: what is published together was measured together.

mod machine;
mod markdown;
mod plots;
mod records;

use std::path::{Path, PathBuf};
use std::{env, fmt, fs};

pub use self::machine::Machine;

/// The benchmarks, in the order of the table.
pub const BENCHES: [&str; 7] = [
    "access",
    "bind",
    "maps",
    "cpus",
    "expansion",
    "builds",
    "compile",
];

/// The variable that names the folder for records. `make bench` sets it.
pub const RECORDS: &str = "BENCH_RECORDS";

/// Where the records of a whole run stand, beside what is made of them.
const RESULTS: &str = "tests/benches/results";

/// How much of something was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Amount {
    /// Time, of which less is better.
    Nanoseconds(f64),
    /// Space, in memory or a file.
    Bytes(u64),
}

/// What was measured, and what others take for the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    what: String,
    /// How many variables the library has, if the benchmark is about their number.
    variables: Option<u64>,
    here: Amount,
    others: Vec<Other>,
    in_readme: bool,
}

/// Another way to the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Other {
    name: String,
    amount: Amount,
    /// What this project takes, divided by what the other takes.
    ratio: f64,
    /// How large the ratio should be at most.
    goal: Option<f64>,
}

/// The rows of a benchmark.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    bench: String,
    /// What is measured, and how.
    about: String,
    rows: Vec<Row>,
}

/// What all benchmarks reported, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    machine: Machine,
    reports: Vec<Report>,
}

/// A ratio, as people say it.
struct Ratio(f64);

impl Row {
    /// What this project takes.
    #[must_use]
    pub fn new(what: impl Into<String>, here: Amount) -> Self {
        Self {
            what: what.into(),
            variables: None,
            here: here.rounded(),
            others: Vec::new(),
            in_readme: false,
        }
    }

    /// The row is about a library of so many variables.
    #[must_use]
    pub fn variables(mut self, variables: usize) -> Self {
        self.variables = Some(variables as u64);
        self
    }

    /// And what somebody else takes.
    #[must_use]
    pub fn against(mut self, other: Other) -> Self {
        self.others.push(other);
        self
    }

    /// The row is one of the few that the README of the repository has.
    #[must_use]
    pub fn in_readme(mut self) -> Self {
        self.in_readme = true;
        self
    }

    fn label(&self) -> String {
        match self.variables {
            Some(variables) => format!("{}, {} variables", self.what, grouped(variables)),
            None => self.what.clone(),
        }
    }

    /// Those that were measured beside, or once nobody.
    fn lines(&self) -> impl Iterator<Item = Option<&Other>> {
        let nobody = self.others.is_empty().then_some(None);
        self.others.iter().map(Some).chain(nobody)
    }
}

impl Other {
    /// What the other takes, and what this project takes divided by that.
    #[must_use]
    pub fn new(name: impl Into<String>, amount: Amount, ratio: f64) -> Self {
        Self {
            name: name.into(),
            amount: amount.rounded(),
            ratio: rounded(ratio),
            goal: None,
        }
    }

    /// Sets the goal: what this project takes is to be no more than this times as much.
    #[must_use]
    pub fn at_most(mut self, goal: f64) -> Self {
        self.goal = Some(goal);
        self
    }

    /// `missed`, `met`, or nothing where there is no goal. What counts is the ratio as it is shown.
    fn verdict(&self) -> &'static str {
        match self.goal {
            Some(goal) if (self.ratio * 100.0).round() > (goal * 100.0).round() => "missed",
            Some(_) => "met",
            None => "",
        }
    }
}

impl Report {
    /// A report of the benchmark, which begins with what is measured, and how.
    #[must_use]
    pub fn new(bench: &str, about: &str) -> Self {
        println!("{bench}: {about}");
        Self {
            bench: bench.to_owned(),
            about: about.to_owned(),
            rows: Vec::new(),
        }
    }

    /// Prints a row, and keeps it for [`Report::finish`].
    pub fn add(&mut self, row: Row) {
        for other in row.lines() {
            let (label, here) = (row.label(), row.here.to_string());
            let beside = other.map(|other| {
                let (name, amount) = (&other.name, other.amount.to_string());
                let (ratio, goal) = (Ratio(other.ratio).to_string(), goal(other));
                format!("{name:<34} {amount:>12}   {ratio:>6}  {goal}")
            });
            let line = format!("{label:<44} {here:>12}   {}", beside.unwrap_or_default());
            println!("{}", line.trim_end());
        }
        self.rows.push(row);
    }

    /// Prints the rows for [`handed_over`] elsewhere: this runs in a virtual machine.
    pub fn hand_over(self) {
        print!("{}", records::of_report(&self));
    }

    /// Records the rows, if this is part of `make bench`.
    ///
    /// # Panics
    ///
    /// If the record can't be written.
    pub fn finish(self) {
        println!();
        if let Some(folder) = env::var_os(RECORDS) {
            let path = record(folder.as_ref(), &self.bench);
            fs::write(&path, records::of_report(&self))
                .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        }
    }
}

impl Run {
    /// The records in this folder, of which none may be missing, and the machine that this runs on.
    ///
    /// # Errors
    ///
    /// If a record is missing, or nothing is known of the machine.
    pub fn gather(folder: &Path, repository: &Path) -> Result<Self, String> {
        let mut reports = Vec::new();
        for bench in BENCHES {
            reports.extend(read(&record(folder, bench), records::reports)?);
        }
        let machine = Machine::this(repository)?;
        Ok(Self { machine, reports })
    }

    /// The run that is published.
    ///
    /// # Errors
    ///
    /// If there is none, or it is not what this version writes.
    pub fn published(repository: &Path) -> Result<Self, String> {
        read(&repository.join(RESULTS).join("records.txt"), records::run)
    }

    /// The files that a run becomes, with their paths in the repository: the records themselves, the whole table, the
    /// plots, and the README with its part of them.
    ///
    /// # Errors
    ///
    /// If the README has no place for them.
    pub fn files(&self, readme: &str) -> Result<Vec<(PathBuf, String)>, String> {
        let results = Path::new(RESULTS);
        Ok(vec![
            (results.join("records.txt"), records::of_run(self)),
            (results.join("README.md"), markdown::page(self)),
            (results.join("bind.svg"), plots::bind(self.rows("bind"))),
            (results.join("maps.svg"), plots::maps(self.rows("maps"))),
            ("README.md".into(), markdown::replaced(readme, self)?),
        ])
    }

    fn rows(&self, bench: &str) -> &[Row] {
        let report = self.reports.iter().find(|report| report.bench == bench);
        report.map_or(&[], |report| &report.rows)
    }
}

/// The rows that a benchmark handed over, of all that it said.
///
/// # Errors
///
/// If it did not, or these are not what this version writes.
pub fn handed_over(said: &str) -> Result<Vec<Row>, String> {
    let begin = said.find("bench\t").ok_or("no report")?;
    let reports = records::reports(&said[begin..])?;
    Ok(reports.into_iter().flat_map(|report| report.rows).collect())
}

fn record(folder: &Path, bench: &str) -> PathBuf {
    folder.join(format!("{bench}.txt"))
}

fn read<T>(path: &Path, parse: impl Fn(&str) -> Result<T, String>) -> Result<T, String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string());
    text.and_then(|text| parse(&text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// The goal of a ratio and whether it was reached, or nothing.
fn goal(other: &Other) -> String {
    other.goal.map_or_else(String::new, |goal| {
        format!("≤ {} {}", Ratio(goal), other.verdict())
    })
}

impl Amount {
    /// Without digits that mean nothing.
    fn rounded(self) -> Self {
        match self {
            Self::Nanoseconds(time) => Self::Nanoseconds(rounded(time)),
            Self::Bytes(bytes) => Self::Bytes(bytes),
        }
    }
}

/// In the unit that a person would take.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (amount, unit) = match *self {
            Self::Nanoseconds(time) => match time {
                1e9.. => (time / 1e9, "s"),
                1e6.. => (time / 1e6, "ms"),
                1e3.. => (time / 1e3, "us"),
                _ => (time, "ns"),
            },
            Self::Bytes(bytes) => match bytes {
                10_000_000.. => (bytes as f64 / 1e6, "MB"),
                10_000.. => (bytes as f64 / 1e3, "kB"),
                1 => return f.write_str("1 byte"),
                _ => return write!(f, "{} bytes", grouped(bytes)),
            },
        };
        write!(f, "{} {unit}", digits(amount))
    }
}

/// Below a tenth, how many times less it is.
impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            10.0.. => write!(f, "{:.0}", self.0),
            0.1.. => write!(f, "{:.2}", self.0),
            _ => write!(f, "1/{:.0}", 1.0 / self.0),
        }
    }
}

/// With four significant digits.
fn rounded(number: f64) -> f64 {
    format!("{number:.3e}").parse().unwrap_or(number)
}

/// With three significant digits.
fn digits(number: f64) -> String {
    match number {
        100.0.. => format!("{number:.0}"),
        10.0.. => format!("{number:.1}"),
        _ => format!("{number:.2}"),
    }
}

/// With a comma before every three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8_lossy(&groups.join(&b',')).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_readable() {
        let said = |amount: Amount| amount.to_string();
        assert_eq!(said(Amount::Nanoseconds(0.2149)), "0.21 ns");
        assert_eq!(said(Amount::Nanoseconds(15_540.0)), "15.5 us");
        assert_eq!(said(Amount::Nanoseconds(4.04e8)), "404 ms");
        assert_eq!(said(Amount::Nanoseconds(8.8e10)), "88.0 s");
        assert_eq!(said(Amount::Bytes(1)), "1 byte");
        assert_eq!(said(Amount::Bytes(4096)), "4,096 bytes");
        assert_eq!(said(Amount::Bytes(1_234_567)), "1235 kB");
        assert_eq!(said(Amount::Bytes(12_345_678)), "12.3 MB");
    }

    #[test]
    fn a_ratio_says_how_many_times() {
        let said = |ratio| Ratio(ratio).to_string();
        assert_eq!(said(1.019), "1.02");
        assert_eq!(said(0.1), "0.10");
        assert_eq!(said(0.02), "1/50");
        assert_eq!(said(13.2), "13");
    }

    #[test]
    fn a_goal_is_met_by_what_is_shown() {
        let verdict = |ratio| {
            let other = Other::new("raw pointer", Amount::Nanoseconds(1.0), ratio);
            other.at_most(1.02).verdict()
        };
        assert_eq!(verdict(0.5), "met");
        assert_eq!(verdict(1.024), "met");
        assert_eq!(verdict(1.026), "missed");
    }

    #[test]
    fn numbers_are_grouped() {
        let said = [7, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(said, ["7", "999", "1,000", "1,234,567"]);
    }
}

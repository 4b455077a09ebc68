//! Records as text: a fact in each line, its parts divided by tabs.
//!
//! JSON would do, but `serde_json` has conversions from and comparisons with every integer, which the compiler then
//! considers in each test that uses this library.

use std::fmt::Write as _;

use super::{Amount, Machine, Other, Report, Row, Run};

/// The lines of a report.
pub(super) fn of_report(Report { bench, about, rows }: &Report) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "bench\t{bench}\t{about}");
    for row in rows {
        let variables = optional(row.variables);
        let place = if row.in_readme { "readme" } else { "" };
        let _ = writeln!(
            text,
            "row\t{}\t{variables}\t{}\t{place}",
            row.what,
            amount(row.here)
        );
        for other in &row.others {
            let (goal, there) = (optional(other.goal), amount(other.amount));
            let _ = writeln!(
                text,
                "other\t{}\t{there}\t{}\t{goal}",
                other.name, other.ratio
            );
        }
    }
    text
}

/// The lines of a run.
pub(super) fn of_run(run: &Run) -> String {
    let Machine {
        date,
        kernel,
        cpu,
        cpus,
        is_virtual,
        versions,
    } = &run.machine;
    let mut text = format!("machine\t{date}\t{kernel}\t{cpu}\t{cpus}\t{is_virtual}\n");
    for version in versions {
        let _ = writeln!(text, "version\t{version}");
    }
    text.extend(run.reports.iter().map(of_report));
    text
}

/// The run that these lines are of.
pub(super) fn run(text: &str) -> Result<Run, String> {
    let (mut machine, mut reports) = (None, Vec::new());
    for (line, number) in text.lines().zip(1..) {
        let parts: Vec<&str> = line.split('\t').collect();
        add(&parts, &mut machine, &mut reports)
            .ok_or_else(|| format!("line {number} is not what this version writes: {line}"))?;
    }
    Ok(Run {
        machine: machine.ok_or("no line says which machine it was")?,
        reports,
    })
}

/// The reports that these lines are of, without a machine.
pub(super) fn reports(text: &str) -> Result<Vec<Report>, String> {
    run(&format!("machine\t\t\t\t1\tfalse\n{text}")).map(|run| run.reports)
}

fn add(parts: &[&str], machine: &mut Option<Machine>, reports: &mut Vec<Report>) -> Option<()> {
    match *parts {
        ["machine", date, kernel, cpu, cpus, is_virtual] => {
            *machine = Some(Machine {
                date: date.to_owned(),
                kernel: kernel.to_owned(),
                cpu: cpu.to_owned(),
                cpus: cpus.parse().ok()?,
                is_virtual: is_virtual.parse().ok()?,
                versions: Vec::new(),
            });
        }
        ["version", version] => machine.as_mut()?.versions.push(version.to_owned()),
        ["bench", bench, about] => reports.push(Report {
            bench: bench.to_owned(),
            about: about.to_owned(),
            rows: Vec::new(),
        }),
        ["row", what, variables, here, place] => reports.last_mut()?.rows.push(Row {
            what: what.to_owned(),
            variables: parsed(variables, |text| text.parse().ok())?,
            here: read_amount(here)?,
            others: Vec::new(),
            in_readme: place == "readme",
        }),
        ["other", name, amount, ratio, goal] => {
            let row = reports.last_mut()?.rows.last_mut()?;
            row.others.push(Other {
                name: name.to_owned(),
                amount: read_amount(amount)?,
                ratio: number(ratio)?,
                goal: parsed(goal, number)?,
            });
        }
        _ => return None,
    }
    Some(())
}

fn amount(amount: Amount) -> String {
    match amount {
        Amount::Nanoseconds(time) => format!("{time} ns"),
        Amount::Bytes(bytes) => format!("{bytes} bytes"),
    }
}

fn read_amount(text: &str) -> Option<Amount> {
    match text.split_once(' ')? {
        (time, "ns") => number(time).map(Amount::Nanoseconds),
        (bytes, "bytes") => bytes.parse().ok().map(Amount::Bytes),
        _ => None,
    }
}

/// A number that times and ratios can be.
fn number(text: &str) -> Option<f64> {
    let number = text.parse().ok()?;
    (0.0..=f64::MAX).contains(&number).then_some(number)
}

fn optional(value: Option<impl ToString>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// Nothing of an empty text; `None` if there is a text that can't be read.
fn parsed<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Option<T>> {
    match text {
        "" => Some(None),
        text => read(text).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "machine\t2026-01-02\t6.18\tsome CPU\t2\ttrue\n\
         version\trustc 1.88.0\n\
         bench\tbind\tall variables\n\
         row\tbind\t10\t6540 ns\treadme\n\
         other\tlibbpf in C\t482.1 ns\t13.57\t\n\
         other\tand mmap\t3790 ns\t1.73\t1.5\n\
         row\tmemory\t\t16 bytes\t\n";

    #[test]
    fn what_is_written_is_read() {
        let read = run(TEXT).unwrap();
        let rows = &read.reports[0].rows;
        assert_eq!(rows[0].here, Amount::Nanoseconds(6540.0));
        assert_eq!(rows[0].variables, Some(10));
        assert_eq!(rows[0].others[1].goal, Some(1.5));
        assert!(rows[0].in_readme && !rows[1].in_readme);
        assert_eq!(rows[1].here, Amount::Bytes(16));
        assert_eq!(of_run(&read), TEXT);
        assert_eq!(reports(&of_report(&read.reports[0])).unwrap(), read.reports);
    }

    #[test]
    fn other_lines_are_errors() {
        for (from, to) in [
            ("6540 ns", "6540 kg"),
            ("13.57", "NaN"),
            ("13.57", "-1"),
            ("\t1.5\n", "\tlow\n"),
            ("bench\t", "branch\t"),
            ("\treadme\n", "\n"),
            ("2\ttrue", "two\ttrue"),
        ] {
            let error = run(&TEXT.replace(from, to)).unwrap_err();
            assert!(error.starts_with("line "), "{to}: {error}");
        }
        let (machine, rest) = TEXT.split_once("version").unwrap();
        assert!(run(&format!("version{rest}")).is_err());
        assert!(run(&format!("{machine}row\tbind\t\t1 ns\t\n")).is_err());
        assert!(run("").is_err());
    }
}

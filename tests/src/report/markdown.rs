//! The tables: one of all rows, and one of those that the README has.

use super::{Other, Ratio, Report, Row, Run, goal};

/// The lines of the README between which its part stands.
const BEGIN: &str = "<!-- `make bench` writes from here -->\n";
const END: &str = "<!-- to here -->\n";

/// Where the README's images are. crates.io shows it too, so a path in the repository would not do.
const IMAGES: &str =
    "https://raw.githubusercontent.com/bpf-subskeleton/bpf-subskeleton/main/tests/benches/results";

/// The page with all rows and the plots.
pub(super) fn page(run: &Run) -> String {
    let mut page = format!(
        "# Results of the benchmarks\n\n\
         `make bench` wrote this. {}\n\n\
         Times are those of the best rounds, of rebuilds the medians. A ratio is what bpf-subskeleton takes, divided by what the other takes: less \
         than 1 is better here. It is the median over pairs of rounds, the second in \
         the opposite order of the first, or that of the best where there are few.\n\n\
         ![bind over the number of variables](bind.svg)\n\n\
         ![Operations on maps](maps.svg)\n",
        run.machine.sentence()
    );
    for Report { bench, about, rows } in &run.reports {
        page += &format!(
            "\n## {bench}\n\n{}\n\n\
             | | here | other | | ratio | goal |\n\
             | --- | --: | --- | --: | --: | --- |\n",
            sentence(about)
        );
        page.extend(rows.iter().map(|row| {
            lines(row, |other| {
                let goal = other.map(goal).unwrap_or_default();
                format!(" {} |", goal.replace("missed", "**missed**"))
            })
        }));
    }
    page
}

/// The README with what the run says in the place of what it says.
pub(super) fn replaced(readme: &str, run: &Run) -> Result<String, String> {
    let parts = readme
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.ok_or_else(|| {
        format!(
            "README.md: there is no line `{}`, or none `{}` behind it",
            BEGIN.trim_end(),
            END.trim_end()
        )
    })?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", summary(run)))
}

fn summary(run: &Run) -> String {
    let rows = run.reports.iter().flat_map(|report| &report.rows);
    let lines: String = rows
        .filter(|row| row.in_readme)
        .map(|row| lines(row, |_| String::new()))
        .collect();
    format!(
        "| | here | other | | ratio |\n\
         | --- | --: | --- | --: | --: |\n\
         {lines}\n\
         {}\n\n\
         ![bind over the number of variables]({IMAGES}/bind.svg)\n\n\
         ![Operations on maps]({IMAGES}/maps.svg)\n",
        run.machine.sentence()
    )
}

/// A line for each of the others. What was measured here stands in the first.
fn lines(row: &Row, last: impl Fn(Option<&Other>) -> String) -> String {
    let line = |(index, other): (usize, Option<&Other>)| {
        let (label, here) = match index {
            0 => (row.label(), row.here.to_string()),
            _ => (String::new(), String::new()),
        };
        let beside = other.map_or_else(
            || " | |".to_owned(),
            |Other {
                 name,
                 amount,
                 ratio,
                 ..
             }| format!("{name} | {amount} | {}", Ratio(*ratio)),
        );
        format!("| {label} | {here} | {beside} |{}\n", last(other))
    };
    row.lines().enumerate().map(line).collect()
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::{Amount, Machine};
    use super::*;

    fn run(time: f64) -> Run {
        let amount = Amount::Nanoseconds(time);
        let other = Other::new("libbpf in C", Amount::Nanoseconds(300.0), time / 300.0);
        let row = Row::new("bind", amount).variables(1_000).in_readme();
        let rows = vec![
            row.against(other.at_most(1.0)),
            Row::new("alone", Amount::Bytes(16)),
        ];
        let report = Report {
            bench: "bind".to_owned(),
            about: "all variables".to_owned(),
            rows,
        };
        let machine = Machine {
            date: "2026-01-02".to_owned(),
            kernel: "6.18".to_owned(),
            cpu: "some".to_owned(),
            cpus: 2,
            is_virtual: true,
            versions: vec!["rustc 1.88.0".to_owned()],
        };
        Run {
            machine,
            reports: vec![report],
        }
    }

    #[test]
    fn the_page_has_every_row() {
        let page = page(&run(450.0));
        let row =
            "| bind, 1,000 variables | 450 ns | libbpf in C | 300 ns | 1.50 | ≤ 1.00 **missed** |";
        assert!(page.contains(row), "{page}");
        assert!(page.contains("| alone | 16 bytes |  | | |  |\n"), "{page}");
        assert!(page.contains("\n## bind\n\nAll variables.\n"), "{page}");
    }

    #[test]
    fn only_the_part_of_the_readme_is_replaced() {
        let readme = format!("before\n{BEGIN}old\n{END}after\n");
        let once = replaced(&readme, &run(450.0)).unwrap();
        assert!(once.starts_with("before\n") && once.ends_with("after\n"));
        assert!(
            once.contains("| bind, 1,000 variables | 450 ns | libbpf in C | 300 ns | 1.50 |\n")
        );
        assert!(!once.contains("old") && !once.contains("alone"), "{once}");

        let again = replaced(&once, &run(30.0)).unwrap();
        assert!(
            again.contains("| 30.0 ns | libbpf in C | 300 ns | 0.10 |\n"),
            "{again}"
        );
        assert!(!again.contains("450"), "{again}");
    }

    #[test]
    fn a_readme_without_the_place_is_an_error() {
        let error = replaced("before\nafter\n", &run(1.0)).unwrap_err();
        assert!(error.contains(BEGIN.trim_end()), "{error}");
    }
}

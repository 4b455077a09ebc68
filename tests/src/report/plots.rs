//! The plots, as SVG.

use std::fmt::Write as _;

use super::{Amount, Row, digits};

const HERE: &str = "bpf-subskeleton";
/// This project, and the others in the order of their names' first mention.
const COLOURS: [&str; 4] = ["#1f6feb", "#d9480f", "#7a8494", "#2b8a3e"];
const INK: &str = "#24292f";
const PALE: &str = "#e4e7eb";

/// An image that is being drawn.
struct Svg {
    width: f64,
    height: f64,
    body: String,
}

#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

/// A line of a plot: a name, and the points.
type Series<'rows> = (&'rows str, Vec<(f64, f64)>);

/// Time over the number of variables, both logarithmic.
pub(super) fn bind(rows: &[Row]) -> String {
    let mut series: Vec<Series<'_>> = vec![(HERE, Vec::new())];
    for row in rows.iter().filter(|row| row.what == "bind") {
        let Some(variables) = row.variables.filter(|&variables| variables > 0) else {
            continue;
        };
        let others = row.others.iter().map(|other| (&*other.name, other.amount));
        for (name, amount) in [(HERE, row.here)].into_iter().chain(others) {
            let Amount::Nanoseconds(time) = amount else {
                continue;
            };
            let known = series.iter_mut().find(|(known, _)| *known == name);
            let point = (variables as f64, time.max(1.0));
            match known {
                Some((_, points)) => points.push(point),
                None => series.push((name, vec![point])),
            }
        }
    }

    let (left, right, top, bottom) = (70.0, 250.0, 50.0, 50.0);
    let mut svg = Svg::new(800.0, 420.0);
    svg.title("bind over the number of variables");
    let points = || series.iter().flat_map(|(_, points)| points);
    let (x_from, x_to) = decades(points().map(|point| point.0));
    let (y_from, y_to) = decades(points().map(|point| point.1));
    let place = |value: f64, (from, to): (i32, i32), (start, end): (f64, f64)| {
        let part = (value.log10() - f64::from(from)) / f64::from(to - from);
        start + (end - start) * part
    };
    let x_range = (left, svg.width - right);
    let y_range = (svg.height - bottom, top);
    let x = |value| place(value, (x_from, x_to), x_range);
    let y = |value| place(value, (y_from, y_to), y_range);

    for decade in y_from..=y_to {
        let value = 10_f64.powi(decade);
        svg.line((x_range.0, y(value)), (x_range.1, y(value)), PALE, 1.0);
        let text = round(Amount::Nanoseconds(value));
        svg.text((left - 10.0, y(value) + 4.0), Anchor::End, &text, INK);
    }
    for decade in x_from..=x_to {
        let value = 10_f64.powi(decade);
        svg.line((x(value), y_range.0), (x(value), y_range.1), PALE, 1.0);
        let text = super::grouped(value as u64);
        let at = (x(value), y_range.0 + 20.0);
        svg.text(at, Anchor::Middle, &text, INK);
    }
    let middle = (f64::midpoint(x_range.0, x_range.1), svg.height - 8.0);
    svg.text(middle, Anchor::Middle, "variables", INK);

    // The names of lines that end in one place stand one below the other.
    let mut names = Vec::new();
    let coloured: Vec<_> = series.iter().zip(COLOURS.iter().cycle()).collect();
    for ((name, points), colour) in coloured.into_iter().rev() {
        let places: Vec<_> = points.iter().map(|&(at, time)| (x(at), y(time))).collect();
        svg.path(&places, colour);
        for &place in &places {
            svg.dot(place, colour);
        }
        if let (Some(&(at, height)), Some(&(_, time))) = (places.last(), points.last()) {
            let text = format!("{name}, {}", Amount::Nanoseconds(time));
            names.push((height, at, text, *colour));
        }
    }
    names.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut free = 0.0_f64;
    for (height, at, text, colour) in names {
        let height = height.max(free);
        svg.text((at + 12.0, height + 4.0), Anchor::Start, &text, colour);
        free = height + 18.0;
    }
    svg.finish()
}

/// A group of bars for each operation: how many a second, beside those of the others.
pub(super) fn maps(rows: &[Row]) -> String {
    const BAR: f64 = 14.0;
    const STEP: f64 = BAR + 4.0;
    const GAP: f64 = 34.0;
    let left = 235.0;
    let bars: usize = rows.iter().map(|row| 1 + row.others.len()).sum();
    let height = 50.0 + rows.len() as f64 * GAP + bars as f64 * STEP;
    let mut svg = Svg::new(825.0, height);
    svg.title("operations on maps a second, each on a scale of its own");
    let room = svg.width - left - 150.0;
    let mut top = 40.0;
    for row in rows {
        top += GAP;
        svg.bold((16.0, top - 8.0), &row.label());
        let others = row.others.iter().map(|other| (&*other.name, other.amount));
        let bars = [(HERE, row.here)].into_iter().chain(others);
        let bars: Vec<(&str, f64)> = bars
            .filter_map(|(name, amount)| match amount {
                Amount::Nanoseconds(time) if time > 0.0 => Some((name, 1e9 / time)),
                _ => None,
            })
            .collect();
        let most = bars.iter().map(|bar| bar.1).fold(0.0, f64::max);
        for (name, rate) in bars {
            let (colour, ink) = if name == HERE {
                (COLOURS[0], COLOURS[0])
            } else {
                (COLOURS[2], INK)
            };
            let width = room * rate / most;
            svg.text((left - 10.0, top + 11.0), Anchor::End, name, ink);
            svg.bar((left, top), (width, BAR), colour);
            let text = format!("{} million/s", digits(rate / 1e6));
            let at = (left + width + 8.0, top + 11.0);
            svg.text(at, Anchor::Start, &text, ink);
            top += STEP;
        }
    }
    svg.finish()
}

/// The powers of ten that all values are between, of which there are at least two.
fn decades(values: impl Iterator<Item = f64>) -> (i32, i32) {
    let (least, most) = values.fold((f64::INFINITY, 0.0), |(least, most), value| {
        (value.min(least), value.max(most))
    });
    if least > most {
        return (0, 1);
    }
    let from = least.log10().floor() as i32;
    (from, (most.log10().ceil() as i32).max(from + 1))
}

/// A power of ten, without a fraction.
fn round(amount: Amount) -> String {
    let text = amount.to_string();
    text.replace(".00", "").replace(".0", "")
}

impl Svg {
    fn new(width: f64, height: f64) -> Self {
        Self {
            width,
            height,
            body: String::new(),
        }
    }

    fn title(&mut self, text: &str) {
        self.bold((16.0, 26.0), text);
    }

    fn bold(&mut self, (x, y): (f64, f64), text: &str) {
        let text = escaped(text);
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" font-weight=\"600\" fill=\"{INK}\">{text}</text>"
        ));
    }

    fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, text: &str, colour: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escaped(text);
        self.add(format_args!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\" fill=\"{colour}\">{text}</text>"
        ));
    }

    fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: &str, width: f64) {
        let ((x1, y1), (x2, y2)) = (from, to);
        self.add(format_args!(
            "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
        ));
    }

    fn path(&mut self, points: &[(f64, f64)], colour: &str) {
        let points: Vec<_> = points
            .iter()
            .map(|(x, y)| format!("{x:.1},{y:.1}"))
            .collect();
        let points = points.join(" ");
        self.add(format_args!(
            "<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"
        ));
    }

    fn dot(&mut self, (x, y): (f64, f64), colour: &str) {
        self.add(format_args!(
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>"
        ));
    }

    fn bar(&mut self, (x, y): (f64, f64), (width, height): (f64, f64), colour: &str) {
        self.add(format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" fill=\"{colour}\"/>"
        ));
    }

    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.body, "{element}");
    }

    /// On white, so that it is readable on a dark page.
    fn finish(self) -> String {
        let Self {
            width,
            height,
            body,
        } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
             height=\"{height:.0}\" font-family=\"system-ui, sans-serif\" font-size=\"13\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n{body}</svg>\n"
        )
    }
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::super::Other;
    use super::*;

    fn row(variables: usize, here: f64, there: f64) -> Row {
        let other = Other::new("<C>", Amount::Nanoseconds(there), here / there);
        let row = Row::new("bind", Amount::Nanoseconds(here));
        row.variables(variables).against(other)
    }

    #[test]
    fn a_point_is_where_its_decade_is() {
        let svg = bind(&[row(10, 1e4, 1e3), row(1_000, 1e5, 1e6)]);
        // 10 to 1,000 variables are 70 to 550 across; 1 us to 1 ms are 370 to 50 down.
        let line = |points, colour| {
            let line = format!("<polyline points=\"{points}\" fill=\"none\" stroke=\"{colour}\"");
            assert!(svg.contains(&line), "{line}: {svg}");
        };
        line("70.0,263.3 550.0,156.7", COLOURS[0]);
        line("70.0,370.0 550.0,50.0", COLOURS[1]);
        assert!(svg.contains(">&lt;C&gt;, 1.00 ms</text>"), "{svg}");
        for mark in ["10", "100", "1,000", "1 us", "10 us", "100 us", "1 ms"] {
            assert!(svg.contains(&format!(">{mark}</text>")), "{mark}: {svg}");
        }
    }

    #[test]
    fn names_in_one_place_stand_apart() {
        let svg = bind(&[row(10, 1e4, 1e4), row(100, 1e5, 1e5)]);
        let heights: Vec<f64> = svg
            .lines()
            .filter(|line| line.contains(", 100 us"))
            .filter_map(|line| line.split("y=\"").nth(1)?.split('"').next()?.parse().ok())
            .collect();
        let [one, other] = heights[..] else {
            panic!("{heights:?}: {svg}")
        };
        assert!((one - other).abs() >= 15.0, "{heights:?}");
    }

    #[test]
    fn the_longest_bar_is_the_fastest() {
        let svg = maps(&[row(1, 200.0, 100.0)]);
        assert!(
            svg.contains("width=\"220.0\" height=\"14.0\" fill=\"#1f6feb\""),
            "{svg}"
        );
        assert!(
            svg.contains("width=\"440.0\" height=\"14.0\" fill=\"#7a8494\""),
            "{svg}"
        );
        assert!(svg.contains(">5.00 million/s</text>"), "{svg}");
    }

    #[test]
    fn no_rows_are_no_lines() {
        assert!(bind(&[]).ends_with("</svg>\n"));
        assert!(maps(&[]).ends_with("</svg>\n"));
    }
}

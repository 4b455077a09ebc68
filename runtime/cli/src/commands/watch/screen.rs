//! What is drawn: the object and its state at the top, a row for each value, and the keys at the bottom.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Widget as _;

use super::bars::{self, bars};
use super::samples::{Reading, Sample};
use super::view::View;
use super::{Look, State};
use crate::value::Value;

/// How wide the column of rates is, and how wide the screen must be to have one.
const RATE_WIDTH: usize = 14;
const MIN_WIDTH_WITH_RATE: usize = 44;

/// In which colours, if in any. What they say is also said without them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette {
    pub(super) has_colours: bool,
}

impl Palette {
    fn colour(self, colour: Color) -> Style {
        match self.has_colours {
            true => Style::new().fg(colour),
            false => Style::new(),
        }
    }

    fn changed(self) -> Style {
        self.colour(Color::Yellow).add_modifier(Modifier::BOLD)
    }

    fn gone(self) -> Style {
        self.colour(Color::Red).add_modifier(Modifier::BOLD)
    }

    fn bars(self) -> Style {
        self.colour(Color::Cyan)
    }

    /// The lines around the values.
    fn frame(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }
}

/// Draws a look. The view learns how far the user can scroll.
pub(super) fn draw(
    area: Rect,
    buffer: &mut Buffer,
    look: &Look<'_, '_>,
    view: &mut View,
    palette: Palette,
) {
    let rows = view.rows(look.samples);
    let state = state(look, view, palette);
    let mut lines = area.rows();
    // Where there is no room, what the user came for stays.
    let mut spare = usize::from(area.height).saturating_sub(1);
    let mut take = |wanted: bool| {
        let taken = wanted && spare > 0;
        spare -= usize::from(taken);
        taken
    };
    let has_state = take(state.is_some());
    let has_keys = take(true);
    let has_title = take(true);
    let title_area = if has_title { lines.next() } else { None };
    let state_area = if has_state { lines.next() } else { None };
    let keys_area = if has_keys { lines.next_back() } else { None };
    let body: Vec<_> = lines.collect();

    let heights: Vec<_> = rows.iter().map(|row| height(row)).collect();
    let window = view.window(&heights, body.len());
    if let Some(area) = title_area {
        title(
            look,
            (window.start, window.end, rows.len()),
            area.width.into(),
            palette,
        )
        .render(area, buffer);
    }
    if let (Some(area), Some(state)) = (state_area, state) {
        state.render(area, buffer);
    }
    if let Some(area) = keys_area {
        keys(view, palette).render(area, buffer);
    }
    let shown = rows.get(window).unwrap_or_default();
    let lines = match shown {
        [] => vec![nothing(view)],
        shown => body_lines(shown, look.samples, area.width.into(), palette),
    };
    for (line, area) in lines.into_iter().zip(body) {
        line.render(area, buffer);
    }
}

fn title(
    look: &Look<'_, '_>,
    (start, end, count): (usize, usize, usize),
    width: usize,
    palette: Palette,
) -> Line<'static> {
    let left = format!(" watching {} every {:?}", look.object, look.interval);
    let right = match count {
        0 => String::new(),
        count => format!(" {}-{end} of {count} ", start + 1),
    };
    let room = width.saturating_sub(right.chars().count());
    Line::from(format!("{}{right}", fit(&left, room))).style(palette.frame())
}

/// What is not as usual.
fn state(look: &Look<'_, '_>, view: &View, palette: Palette) -> Option<Line<'static>> {
    let mut spans = Vec::new();
    match &look.state {
        State::Running => {}
        State::BoundAgain(ago) => {
            spans.push(Span::raw(format!(" bound again {} s ago", ago.as_secs())));
        }
        State::Gone { ago, missing } => {
            let gone = format!(" gone for {} s", ago.as_secs());
            spans.push(Span::styled(gone, palette.gone()));
            let missing = missing.as_ref().and_then(|missing| missing.lines().next());
            let missing = missing.unwrap_or("an id does not come back");
            spans.push(Span::raw(format!(": {missing}")));
        }
    }
    if view.is_paused {
        spans.push(Span::styled(" paused", Modifier::BOLD));
    }
    if view.changed_only {
        spans.push(Span::raw(" changed only"));
    }
    if !view.filter.is_empty() && !view.is_filtering {
        spans.push(Span::raw(format!(" filter: {}", view.filter)));
    }
    (!spans.is_empty()).then(|| Line::from(spans))
}

fn keys(view: &View, palette: Palette) -> Line<'static> {
    let text = match view.is_filtering {
        true => format!(" /{}_  (Enter: keep, Esc: clear)", view.filter),
        false => " q quit  ↑↓ scroll  / filter  c changed only  space pause".to_owned(),
    };
    Line::from(text).style(palette.frame())
}

/// In place of rows.
fn nothing(view: &View) -> Line<'static> {
    Line::from(match (view.filter.is_empty(), view.changed_only) {
        (true, _) => "  nothing has changed yet",
        (false, false) => "  no path matches the filter",
        (false, true) => "  nothing that matches the filter has changed yet",
    })
}

/// How many lines a row needs.
fn height(sample: &Sample<'_>) -> usize {
    match numbers(sample) {
        Some(_) => 1 + bars::HEIGHT,
        None => 1,
    }
}

fn body_lines(
    shown: &[&Sample<'_>],
    all: &[Sample<'_>],
    width: usize,
    palette: Palette,
) -> Vec<Line<'static>> {
    // As wide as the longest path of all, so that columns stay while the user scrolls.
    let longest = all.iter().map(|sample| sample.label.chars().count()).max();
    let path_width = longest.unwrap_or(0).min(width / 2);
    let mut lines = Vec::new();
    for sample in shown {
        lines.push(row(sample, path_width, width, palette));
        let Reading::Array { changed, .. } = &sample.reading else {
            continue;
        };
        if let Some(numbers) = numbers(sample) {
            let bars = bars(&numbers, changed, width.saturating_sub(2));
            lines.extend((0..bars::HEIGHT).map(|line| bars_line(&bars, line, palette)));
        }
    }
    lines
}

fn row(sample: &Sample<'_>, path_width: usize, width: usize, palette: Palette) -> Line<'static> {
    let (mark, style) = match sample.changed {
        true => ("* ", palette.changed()),
        false => ("  ", Style::new()),
    };
    let path = fit_end(&sample.label, path_width);
    let rate_width = match width {
        MIN_WIDTH_WITH_RATE.. => RATE_WIDTH,
        _ => 0,
    };
    let value_width = width.saturating_sub(2 + path_width + 2 + rate_width);
    let value = fit(&value(sample), value_width);
    let rate = match sample.rate {
        Some(rate) if rate_width > 0 => format!("{:>rate_width$}", self::rate(rate)),
        _ => String::new(),
    };
    Line::from(vec![
        Span::styled(mark, style),
        Span::raw(path),
        Span::raw("  "),
        Span::styled(value, style),
        Span::raw(rate),
    ])
}

fn bars_line(bars: &[bars::Bar], line: usize, palette: Palette) -> Line<'static> {
    let bars = bars.iter().map(|bar| {
        let style = match bar.changed {
            true => palette.changed(),
            false => palette.bars(),
        };
        Span::styled(bar.text(line), style)
    });
    Line::from_iter(std::iter::once(Span::raw("  ")).chain(bars))
}

/// The value, in one line. Of numbers in an array the range, and where the highest is.
fn value(sample: &Sample<'_>) -> String {
    let (values, len) = match &sample.reading {
        Reading::Value(value) => return value.to_string(),
        Reading::LeftOut(reason) => return format!("left out: {reason}"),
        Reading::Array { values, len, .. } => (values, *len),
    };
    let elements = match values.len() {
        read if read < len => format!("first {read} of {len} elements"),
        _ => format!("{len} elements"),
    };
    let Some(numbers) = numbers(sample) else {
        let values = Value::Array(values.clone());
        return format!("{elements}: {values}");
    };
    let indices = || 0..numbers.len();
    let order = |a: &usize, b: &usize| f64::total_cmp(&numbers[*a], &numbers[*b]);
    // Of several that are highest, the first.
    let (lowest, highest) = (indices().min_by(order), indices().rev().max_by(order));
    match lowest.zip(highest) {
        Some((lowest, highest)) if values[lowest] == values[highest] => {
            format!("{elements}, all {}", values[highest])
        }
        Some((lowest, highest)) => {
            let (low, high) = (&values[lowest], &values[highest]);
            format!("{elements}: {low} to {high}, most at [{highest}]")
        }
        None => elements,
    }
}

/// The numbers of an array of numbers.
fn numbers(sample: &Sample<'_>) -> Option<Vec<f64>> {
    let Reading::Array { values, .. } = &sample.reading else {
        return None;
    };
    let numbers = values.iter().map(|value| match value {
        Value::Int(value) => Some(*value as f64),
        Value::Wide(value) => Some(*value as f64),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::Float(value) => Some(*value),
        _ => None,
    });
    let numbers = numbers.collect::<Option<Vec<_>>>()?;
    (!numbers.is_empty()).then_some(numbers)
}

fn rate(rate: f64) -> String {
    match rate.abs() {
        0.0 => "0/s".to_owned(),
        ..100.0 => format!("{rate:+.1}/s"),
        ..1e10 => format!("{rate:+.0}/s"),
        _ => format!("{rate:+.3e}/s"),
    }
}

/// The text in exactly `width` columns; what does not fit is cut off.
fn fit(text: &str, width: usize) -> String {
    let columns = Span::raw(text).width();
    if columns <= width {
        return format!("{text}{}", " ".repeat(width - columns));
    }
    let mut fitting = String::new();
    let mut used = 0;
    for char in text.chars() {
        let columns = Span::raw(char.to_string()).width();
        // The last column is for the mark.
        if used + columns >= width {
            break;
        }
        used += columns;
        fitting.push(char);
    }
    let mark = if width > 0 { "…" } else { "" };
    fitting.push_str(mark);
    let rest = width.saturating_sub(used + 1);
    format!("{fitting}{}", " ".repeat(rest))
}

/// The same for a path, whose end says more than its beginning.
fn fit_end(path: &str, width: usize) -> String {
    let count = path.chars().count();
    if count <= width {
        return format!("{path:<width$}");
    }
    let mark = if width > 0 { "…" } else { "" };
    let end = path.chars().skip(count + 1 - width.max(1));
    let end = end.take(width.saturating_sub(1));
    std::iter::once(mark.to_owned())
        .chain(end.map(String::from))
        .collect()
}

#[cfg(test)]
mod tests;

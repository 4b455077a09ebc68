//! Looks as lines, for pipes and files.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use anyhow::{Result, bail};
use serde_json::{Map, Value as Json, json};

use super::samples::{Reading, Sample};
use super::{Look, Output, State};
use crate::output;
use crate::value::Value;

/// Writes lines to standard output.
#[derive(Debug)]
pub(super) struct Lines {
    /// One JSON document a line, one line a look.
    json: bool,
    /// What the look before found.
    before: Option<Found>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Object,
    Nothing,
}

impl Lines {
    pub(super) fn new(json: bool) -> Self {
        let before = None;
        Self { json, before }
    }

    fn write(&mut self, look: &Look<'_, '_>) -> Result<()> {
        let found = match look.state {
            State::Gone { .. } => Found::Nothing,
            _ => Found::Object,
        };
        let before = self.before.replace(found);
        match (self.json, found) {
            (true, _) => output::write(format!("{}\n", to_json(look, before))),
            (false, Found::Nothing) if before == Some(found) => Ok(()),
            (false, Found::Nothing) => output::write("# the object is gone\n"),
            (false, Found::Object) => output::write(to_text(look, before)),
        }
    }
}

impl Output for Lines {
    fn show(&mut self, look: &Look<'_, '_>) -> Result<Option<ExitCode>> {
        self.write(look)?;
        if let State::Gone { missing: None, .. } = look.state {
            bail!(
                "`{}` is gone, and an id does not come back: name the object by the name of a program or by a pinned \
                 path to wait for it",
                look.object
            );
        }
        if let Some(next) = look.next {
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        Ok(None)
    }
}

/// A line for each value: `*` if it changed, its path, the value, and the rate. Lines about the watching begin with `#`.
fn to_text(look: &Look<'_, '_>, before: Option<Found>) -> String {
    let mut text = String::new();
    if before == Some(Found::Nothing) {
        text.push_str("# bound again\n");
    }
    // Writing to a `String` can't fail.
    let _ = writeln!(text, "# after {:.3} s", look.after.as_secs_f64());
    for sample in look.samples {
        let Sample { label, rate, .. } = sample;
        let mark = if sample.changed { '*' } else { ' ' };
        let rate = rate.map(|rate| format!("  ({rate:+.1}/s)"));
        let rate = rate.unwrap_or_default();
        let _ = match &sample.reading {
            Reading::Value(value) => writeln!(text, "{mark} {label} = {value}{rate}"),
            Reading::Array { values, len, .. } => {
                let more = match len - values.len() {
                    0 => String::new(),
                    more => format!(" and {more} more elements"),
                };
                let values = Value::Array(values.clone());
                writeln!(text, "{mark} {label} = {values}{more}{rate}")
            }
            // Once for each object.
            Reading::LeftOut(_) if before == Some(Found::Object) => Ok(()),
            Reading::LeftOut(reason) => writeln!(text, "# {label} is left out: {reason}"),
        };
    }
    text
}

fn to_json(look: &Look<'_, '_>, before: Option<Found>) -> Json {
    let state = match look.state {
        State::Gone { .. } => "gone",
        _ if before == Some(Found::Nothing) => "bound again",
        _ => "running",
    };
    let seconds = look.after.as_secs_f64();
    if state == "gone" {
        return json!({ "seconds": seconds, "state": state });
    }
    let (mut values, mut rates, mut left_out) = (Map::new(), Map::new(), Map::new());
    let mut changed = Vec::new();
    for sample in look.samples {
        let label = &sample.label;
        let value = match &sample.reading {
            Reading::Value(value) => value.to_json(),
            Reading::Array { values, .. } => values.iter().map(Value::to_json).collect(),
            Reading::LeftOut(reason) => {
                left_out.insert(label.clone(), json!(reason));
                continue;
            }
        };
        values.insert(label.clone(), value);
        if let Some(rate) = sample.rate {
            rates.insert(label.clone(), json!(rate));
        }
        if sample.changed {
            changed.push(label);
        }
    }
    json!({
        "seconds": seconds,
        "state": state,
        "values": values,
        "rates": rates,
        "changed": changed,
        "left_out": left_out,
    })
}

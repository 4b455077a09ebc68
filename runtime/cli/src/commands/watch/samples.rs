//! What was read, what changed since the look before, and how fast.

use std::time::Instant;

use anyhow::Result;

use super::rows::{Integer, Kind, Row};
use crate::globals::Globals;
use crate::symbols::Symbols;
use crate::value::Value;

/// The rows of an object, as they were at the last look.
pub(super) struct Samples<'r> {
    rows: Vec<Row<'r>>,
    samples: Vec<Sample<'r>>,
    read: Instant,
    symbols: Symbols,
}

/// A row at a look.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample<'r> {
    pub(super) label: String,
    pub(super) reading: Reading<'r>,
    /// Of integers, by how much they change in a second; of arrays of them, the sum.
    pub(super) rate: Option<f64>,
    /// Whether it is another value than at the look before.
    pub(super) changed: bool,
    /// Whether it has ever changed while it was watched.
    pub(super) has_changed: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reading<'r> {
    Value(Value<'r>),
    Array {
        values: Vec<Value<'r>>,
        /// Which of them are others than at the look before.
        changed: Vec<bool>,
        /// How many elements the array has. Of a very long one, not all are read.
        len: usize,
    },
    /// Nothing, and why.
    LeftOut(String),
}

impl<'r> Samples<'r> {
    /// Looks for the first time. `unreadable` are sections that nothing of is watched.
    ///
    /// # Errors
    ///
    /// If a section can't be read.
    pub(super) fn new<'u>(
        globals: &Globals<'r>,
        rows: Vec<Row<'r>>,
        unreadable: impl Iterator<Item = &'u str>,
    ) -> Result<Self> {
        let mut symbols = Symbols::default();
        let read = Instant::now();
        let samples = rows.iter().map(|row| {
            let reading = reading(globals, row, &mut symbols)?;
            Ok(Sample::new(row.label.clone(), reading))
        });
        let mut samples = samples.collect::<Result<Vec<_>>>()?;
        // After the rows, so that no row is theirs.
        samples.extend(unreadable.map(|error| {
            let (section, reason) = error.split_once(": ").unwrap_or((error, "can't be read"));
            Sample::new(section.to_owned(), Reading::LeftOut(reason.to_owned()))
        }));
        Ok(Self {
            rows,
            samples,
            read,
            symbols,
        })
    }

    /// Looks again.
    ///
    /// # Errors
    ///
    /// If a section can't be read.
    pub(super) fn look_again(&mut self, globals: &Globals<'r>) -> Result<()> {
        // Every row is read about as long after this as it was at the look before.
        let now = Instant::now();
        let seconds = now.duration_since(self.read).as_secs_f64();
        self.read = now;
        for (row, sample) in self.rows.iter().zip(&mut self.samples) {
            let reading = reading(globals, row, &mut self.symbols)?;
            sample.update(reading, row.kind.integer(), seconds);
        }
        Ok(())
    }

    /// Forgets what changed and how fast, because nothing changes any more.
    pub(super) fn rest(&mut self) {
        for sample in &mut self.samples {
            sample.rate = None;
            sample.changed = false;
            if let Reading::Array { changed, .. } = &mut sample.reading {
                changed.fill(false);
            }
        }
    }

    /// In the order of their places.
    pub(super) fn samples(&self) -> &[Sample<'r>] {
        &self.samples
    }
}

impl<'r> Sample<'r> {
    /// One that was read for the first time.
    pub(super) fn new(label: String, reading: Reading<'r>) -> Self {
        Self {
            label,
            reading,
            rate: None,
            changed: false,
            has_changed: false,
        }
    }

    /// Takes what was read `seconds` after what it has.
    fn update(&mut self, mut now: Reading<'r>, integer: Option<Integer>, seconds: f64) {
        if let (
            Reading::Array { values, .. },
            Reading::Array {
                values: after,
                changed,
                ..
            },
        ) = (&self.reading, &mut now)
        {
            let pairs = values.iter().zip(after.iter());
            *changed = pairs.map(|(before, now)| !is_same(before, now)).collect();
        }
        self.changed = match (&self.reading, &now) {
            (Reading::Value(before), Reading::Value(now)) => !is_same(before, now),
            (_, Reading::Array { changed, .. }) => changed.contains(&true),
            _ => false,
        };
        self.has_changed |= self.changed;
        let difference = integer.and_then(|integer| difference_of(&self.reading, &now, integer));
        let rate = difference.map(|difference| difference / seconds);
        self.rate = rate.filter(|rate| rate.is_finite());
        self.reading = now;
    }
}

impl Kind {
    fn integer(self) -> Option<Integer> {
        match self {
            Self::Value(integer) | Self::Array { integer, .. } => integer,
            Self::LeftOut => None,
        }
    }
}

fn reading<'r>(globals: &Globals<'r>, row: &Row<'r>, symbols: &mut Symbols) -> Result<Reading<'r>> {
    let mut named = |mut value: Value<'r>| {
        value.name_pointers(&mut |address| symbols.at(address));
        value
    };
    Ok(match row.kind {
        Kind::Value(_) => Reading::Value(named(globals.value(&row.target)?)),
        Kind::Array {
            element, len, read, ..
        } => {
            let values = globals.elements(&row.target, element, read)?;
            Reading::Array {
                values: values.into_iter().map(named).collect(),
                changed: vec![false; read],
                len,
            }
        }
        Kind::LeftOut => Reading::LeftOut("name a part to watch it".to_owned()),
    })
}

/// By how much integers grew, those of an array together.
fn difference_of(before: &Reading<'_>, now: &Reading<'_>, integer: Integer) -> Option<f64> {
    let of_values = |before: &Value<'_>, now: &Value<'_>| match (before, now) {
        (Value::Int(before), Value::Int(now)) => difference(*before, *now, integer),
        // The upper half of `unsigned __int128`.
        _ => None,
    };
    match (before, now) {
        (Reading::Value(before), Reading::Value(now)) => of_values(before, now),
        (Reading::Array { values: before, .. }, Reading::Array { values: now, .. }) => {
            let pairs = before.iter().zip(now);
            pairs.map(|(before, now)| of_values(before, now)).sum()
        }
        _ => None,
    }
}

/// By how much an integer grew, negative if it shrank.
///
/// A counter that reaches the end of its range begins anew, and has grown nevertheless. What is nearer is believed: that
/// it did, or that it went all the way back. Narrow ones may well grow by more than half of their range, so only when
/// they seem to shrink is there a doubt.
fn difference(before: i128, now: i128, integer: Integer) -> Option<f64> {
    let plain = now.checked_sub(before)?;
    let range = match integer.bits {
        bits @ ..=64 => 1_i128 << bits,
        _ => return Some(plain as f64),
    };
    let may_wrap = integer.bits >= 32 || (!integer.signed && plain < 0);
    let around = if plain < 0 {
        plain + range
    } else {
        plain - range
    };
    let nearer = may_wrap && around.unsigned_abs() < plain.unsigned_abs();
    Some(if nearer { around as f64 } else { plain as f64 })
}

/// Whether values are the same, as their bits are: a float that is no number does not change all the time.
fn is_same(before: &Value<'_>, now: &Value<'_>) -> bool {
    match (before, now) {
        (Value::Float(before), Value::Float(now)) => before.to_bits() == now.to_bits(),
        (before, now) => before == now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unsigned(bits: u32) -> Option<Integer> {
        let signed = false;
        Some(Integer { bits, signed })
    }

    fn signed(bits: u32) -> Option<Integer> {
        let signed = true;
        Some(Integer { bits, signed })
    }

    fn sample(reading: Reading<'static>) -> Sample<'static> {
        Sample::new(String::new(), reading)
    }

    fn int(value: i128) -> Reading<'static> {
        Reading::Value(Value::Int(value))
    }

    fn array(values: &[i128]) -> Reading<'static> {
        Reading::Array {
            values: values.iter().copied().map(Value::Int).collect(),
            changed: vec![false; values.len()],
            len: values.len(),
        }
    }

    /// The rate of a value that was one and is another half a second later.
    fn rate(integer: Option<Integer>, before: i128, now: i128) -> f64 {
        let mut sample = sample(int(before));
        sample.update(int(now), integer, 0.5);
        sample.rate.unwrap()
    }

    #[test]
    fn rates_are_by_the_second() {
        assert_eq!(rate(unsigned(64), 100, 150), 100.0);
        assert_eq!(rate(signed(32), -5, 5), 20.0);
        assert_eq!(rate(unsigned(64), 7, 7), 0.0);
    }

    #[test]
    fn what_shrinks_has_a_negative_rate() {
        assert_eq!(rate(unsigned(64), 150, 100), -100.0);
        assert_eq!(rate(unsigned(8), 100, 90), -20.0);
        assert_eq!(rate(signed(64), 5, -5), -20.0);
        assert_eq!(
            rate(unsigned(64), u64::MAX.into(), 1 << 63),
            -(2_f64.powi(64))
        );
    }

    #[test]
    fn counters_that_begin_anew_have_grown() {
        assert_eq!(rate(unsigned(64), u64::MAX.into(), 4), 10.0);
        assert_eq!(rate(unsigned(32), u32::MAX.into(), 4), 10.0);
        assert_eq!(rate(unsigned(8), 250, 5), 22.0);
        assert_eq!(rate(unsigned(3), 7, 0), 2.0);
        assert_eq!(rate(signed(32), i32::MAX.into(), i32::MIN.into()), 2.0);
        // One that went below zero has shrunk.
        assert_eq!(rate(unsigned(64), 4, u64::MAX.into()), -10.0);
        // Narrow ones may grow by much of their range, and signed ones shrink by it.
        assert_eq!(rate(unsigned(8), 0, 200), 400.0);
        assert_eq!(rate(signed(8), 100, -100), -400.0);
        assert_eq!(rate(signed(128), 0, i128::MAX), i128::MAX as f64 * 2.0);
    }

    #[test]
    fn some_values_have_no_rate() {
        let mut number = sample(int(1));
        number.update(int(2), None, 1.0);
        assert_eq!((number.rate, number.changed), (None, true));
        // The clock stood still.
        number.update(int(3), unsigned(64), 0.0);
        assert_eq!(number.rate, None);
        let mut wide = sample(Reading::Value(Value::Wide(u128::MAX)));
        wide.update(int(3), unsigned(128), 1.0);
        assert_eq!((wide.rate, wide.changed), (None, true));
        let mut large = sample(int(i128::MIN));
        large.update(int(i128::MAX), signed(128), 1.0);
        assert_eq!(large.rate, None);
    }

    #[test]
    fn elements_change_one_by_one_and_their_rates_add_up() {
        let mut sample = sample(array(&[1, 2, 3]));
        sample.update(array(&[1, 12, 2]), unsigned(32), 0.5);
        assert_eq!(sample.rate, Some(18.0));
        let Reading::Array { changed, .. } = &sample.reading else {
            panic!("it is an array");
        };
        assert_eq!(changed, &[false, true, true]);
        assert!(sample.changed);
        sample.update(array(&[1, 12, 2]), unsigned(32), 0.5);
        assert_eq!(
            (sample.changed, sample.has_changed, sample.rate),
            (false, true, Some(0.0))
        );
    }

    #[test]
    fn only_other_values_are_changes() {
        let float = |value| Reading::Value(Value::Float(value));
        let mut sample = sample(float(f64::NAN));
        sample.update(float(f64::NAN), None, 1.0);
        assert!(!sample.changed && !sample.has_changed);
        sample.update(float(0.0), None, 1.0);
        assert!(sample.changed && sample.has_changed);
        sample.update(float(-0.0), None, 1.0);
        assert!(sample.changed);
        sample.update(float(-0.0), None, 1.0);
        assert!(!sample.changed && sample.has_changed);
    }
}

//! Measures what is to be compared side by side: in turns, in one process, so that a machine that
//! slows down for a while slows both.

// Each benchmark takes what it needs of this.
#![allow(dead_code)]

use std::time::{Duration, Instant};

/// Nanoseconds for one operation, in each round.
pub(crate) struct Samples(Vec<f64>);

/// How many times as long one took as another.
pub(crate) struct Ratio {
    /// Of their best rounds.
    pub(crate) min: f64,
    /// The median over the pairs of rounds that ran one after the other.
    pub(crate) median: f64,
}

impl Samples {
    /// The least disturbed round.
    pub(crate) fn min(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    pub(crate) fn ratio(&self, other: &Self) -> Ratio {
        let mut pairs: Vec<_> = self.0.iter().zip(&other.0).map(|(a, b)| a / b).collect();
        pairs.sort_by(f64::total_cmp);
        Ratio {
            min: self.min() / other.min(),
            median: pairs[pairs.len() / 2],
        }
    }
}

/// Runs `contenders` in turns, after one round that is not counted. Each says how long its `operations`
/// took.
pub(crate) fn compare<const N: usize>(
    rounds: usize,
    operations: u32,
    contenders: [&mut dyn FnMut() -> Duration; N],
) -> [Samples; N] {
    let mut samples = [const { Vec::new() }; N];
    for round in 0..=rounds {
        for turn in 0..N {
            // Nobody always runs first, with the caches that another left.
            let who = (turn + round) % N;
            let took = contenders[who]().as_secs_f64() * 1e9 / f64::from(operations);
            if round > 0 {
                samples[who].push(took);
            }
        }
    }
    samples.map(Samples)
}

/// How long `work` takes. What it makes is dropped when the clock has stopped.
pub(crate) fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    let made = work();
    let took = start.elapsed();
    drop(made);
    took
}

/// Nanoseconds in the unit that a person would take.
pub(crate) fn readable(nanoseconds: f64) -> String {
    match nanoseconds {
        1e6.. => format!("{:.2} ms", nanoseconds / 1e6),
        1e3.. => format!("{:.2} us", nanoseconds / 1e3),
        _ => format!("{nanoseconds:.2} ns"),
    }
}

//! Measures what is to be compared side by side: in turns, in one process, so that a machine that
//! slows down for a while slows both.

// Each benchmark takes what it needs of this.
#![allow(dead_code)]

use std::time::{Duration, Instant};

use bpf_subskeleton_tests::report::{Amount, Other};

/// Nanoseconds for one operation, in each round.
pub(crate) struct Samples(Vec<f64>);

impl Samples {
    /// The least disturbed round.
    pub(crate) fn min(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// What is reported of it.
    pub(crate) fn amount(&self) -> Amount {
        Amount::Nanoseconds(self.min())
    }

    /// How many times as long this took as another: the median over the pairs of rounds that ran one after the other.
    pub(crate) fn ratio(&self, other: &Self) -> f64 {
        median(self.0.iter().zip(&other.0).map(|(a, b)| a / b))
    }

    /// What is reported of another that ran in turns with this.
    pub(crate) fn beside(&self, name: &str, other: &Self) -> Other {
        Other::new(name, other.amount(), self.ratio(other))
    }
}

/// The one in the middle of `numbers`, of which there is at least one.
pub(crate) fn median(numbers: impl Iterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    numbers[numbers.len() / 2]
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

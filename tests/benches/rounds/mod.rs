//! Measures what is to be compared side by side: in turns, in one process, so that a machine that
//! slows down for a while slows all.

// Each benchmark takes what it needs of this.
#![allow(dead_code)]

use std::array;
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

    /// How many times as long this took as another: the median over the pairs of rounds.
    pub(crate) fn ratio(&self, other: &Self) -> f64 {
        let pairs = self.0.chunks_exact(2).zip(other.0.chunks_exact(2));
        median(pairs.map(|(here, there)| here.iter().sum::<f64>() / there.iter().sum::<f64>()))
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

/// Runs `contenders` in turns, in an even number of rounds. Each says how long its `operations` took.
///
/// Rounds come in pairs, the first of which is not counted. The second of a pair has the opposite order of the first, so
/// that of any two, each comes first once: what a contender looked up is in caches for those after it.
pub(crate) fn compare<const N: usize>(
    rounds: usize,
    operations: u32,
    contenders: [&mut dyn FnMut() -> Duration; N],
) -> [Samples; N] {
    assert!(rounds.is_multiple_of(2), "rounds come in pairs");
    let mut samples = [const { Vec::new() }; N];
    for pair in 0..=rounds / 2 {
        let there: [usize; N] = array::from_fn(|turn| (turn + pair) % N);
        for who in there.into_iter().chain(there.into_iter().rev()) {
            let took = contenders[who]().as_secs_f64() * 1e9 / f64::from(operations);
            if pair > 0 {
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

//! What a histogram held at one moment: plain values, and how to draw them.

use std::fmt;
use std::ops::RangeInclusive;

/// How many buckets a histogram has: one for each bit of a value.
pub const BUCKETS: usize = 64;

/// The values between two powers of two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bucket {
    /// How many values.
    pub count: u64,
    /// Their sum.
    pub sum: u64,
}

/// A copy of a histogram. `{}` draws it; `{:60}` with bars 60 columns wide.
///
/// ```
/// # use histogram::{BUCKETS, Bucket, Snapshot};
/// let mut buckets = [Bucket::default(); BUCKETS];
/// buckets[9] = Bucket { count: 2, sum: 1500 };
/// buckets[10] = Bucket { count: 1, sum: 1024 };
/// let snapshot = Snapshot { unit: "ns".into(), buckets };
/// assert_eq!(
///     format!("{snapshot:8}"),
///     concat!(
///         "  512..1K    ns          2 ████████\n",
///         "   1K..2K    ns          1 ████\n",
///     )
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// What the values are: `ns`, `B`; empty for a plain count.
    pub unit: String,
    /// Bucket `i` has the values from 2^i up to but not including 2^(i+1), bucket 0 also the value 0.
    pub buckets: [Bucket; BUCKETS],
}

impl Snapshot {
    /// How many values were recorded.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.count).sum()
    }

    /// The sum of all values. It wraps, as the counters in the kernel do.
    pub fn sum(&self) -> u64 {
        self.buckets
            .iter()
            .fold(0, |sum, bucket| sum.wrapping_add(bucket.sum))
    }

    /// The mean of all values; `None` without any.
    pub fn mean(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.sum() as f64 / count as f64)
    }

    /// About which value the fraction `q` (0 to 1) of all values doesn't exceed; `None` without any.
    ///
    /// Within a bucket, values are taken to be spread evenly.
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let rank = q.clamp(0.0, 1.0) * self.count() as f64;
        let mut below = 0.0;
        let mut quantile = None;
        for (i, bucket) in self
            .buckets
            .iter()
            .enumerate()
            .filter(|(_, bucket)| bucket.count > 0)
        {
            let (low, high) = bounds(i);
            let count = bucket.count as f64;
            quantile = Some(low + (high - low) * ((rank - below) / count).min(1.0));
            below += count;
            if below >= rank {
                break;
            }
        }
        quantile
    }

    /// The bucket with the most values; `None` without any.
    pub fn fullest(&self) -> Option<usize> {
        let (i, bucket) = self
            .buckets
            .iter()
            .enumerate()
            .max_by_key(|(_, bucket)| bucket.count)?;
        (bucket.count > 0).then_some(i)
    }

    /// The buckets from the first to the last that has values.
    fn range(&self) -> Option<RangeInclusive<usize>> {
        let used = |bucket: &Bucket| bucket.count > 0;
        let first = self.buckets.iter().position(used)?;
        Some(first..=self.buckets.iter().rposition(used)?)
    }
}

/// Draws one line for each bucket between the lowest and the highest with values: its bounds, how many
/// values it has, and a bar. Nothing for an empty histogram.
impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = f.width().unwrap_or(40);
        let most = self.fullest().map_or(0, |i| self.buckets[i].count);
        for i in self.range().into_iter().flatten() {
            let count = self.buckets[i].count;
            let (low, high) = labels(i);
            let unit = &self.unit;
            let line = format!(
                "{low:>5}..{high:<5} {unit:<2} {count:>10} {}",
                bar(count, most, width)
            );
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// The bounds of a bucket, as one writes them: `("512", "1K")`.
pub fn labels(bucket: usize) -> (String, String) {
    let low = if bucket == 0 {
        "0".to_owned()
    } else {
        power_of_two(bucket)
    };
    (low, power_of_two(bucket + 1))
}

fn bounds(bucket: usize) -> (f64, f64) {
    // Exact, as `exp2` need not be.
    let power = |exponent: usize| (1_u128 << exponent) as f64;
    (
        if bucket == 0 { 0.0 } else { power(bucket) },
        power(bucket + 1),
    )
}

fn power_of_two(exponent: usize) -> String {
    let suffix = ["", "K", "M", "G", "T", "P", "E"][exponent / 10];
    format!("{}{suffix}", 1 << (exponent % 10))
}

/// A bar for `count` of `most`, `width` columns wide at most, precise to an eighth of a column.
fn bar(count: u64, most: u64, width: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if count == 0 {
        return String::new();
    }
    // At least an eighth, so that a rare value shows.
    let eighths = ((count as f64 / most as f64 * width as f64 * 8.0).round() as usize).max(1);
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(counts: &[(usize, u64)]) -> Snapshot {
        let mut buckets = [Bucket::default(); BUCKETS];
        for &(i, count) in counts {
            buckets[i] = Bucket {
                count,
                sum: count << i,
            };
        }
        Snapshot {
            unit: "ns".to_owned(),
            buckets,
        }
    }

    #[test]
    fn draws_from_the_lowest_to_the_highest_bucket() {
        let drawn = format!("{:16}", snapshot(&[(8, 3), (10, 1000), (11, 500), (13, 1)]));
        assert_eq!(
            drawn,
            "  256..512   ns          3 ▏\n\
             \x20 512..1K    ns          0\n\
             \x20  1K..2K    ns       1000 ████████████████\n\
             \x20  2K..4K    ns        500 ████████\n\
             \x20  4K..8K    ns          0\n\
             \x20  8K..16K   ns          1 ▏\n"
        );
    }

    #[test]
    fn bars_are_precise_to_an_eighth() {
        assert_eq!(bar(0, 8, 1), "");
        assert_eq!(bar(3, 8, 1), "▍");
        assert_eq!(bar(9, 16, 2), "█▏");
        assert_eq!(bar(1, u64::MAX, 40), "▏");
        assert_eq!(bar(u64::MAX, u64::MAX, 40).chars().count(), 40);
    }

    #[test]
    fn labels_reach_from_0_to_all_64_bits() {
        assert_eq!(labels(0), ("0".to_owned(), "2".to_owned()));
        assert_eq!(labels(63), ("8E".to_owned(), "16E".to_owned()));
    }

    #[test]
    fn an_empty_histogram_has_no_statistics() {
        let empty = snapshot(&[]);
        assert_eq!((empty.count(), empty.sum()), (0, 0));
        assert_eq!(
            (empty.mean(), empty.quantile(0.5), empty.fullest()),
            (None, None, None)
        );
        assert_eq!(empty.to_string(), "");
    }

    #[test]
    fn statistics() {
        let snapshot = snapshot(&[(4, 50), (5, 40), (10, 10)]);
        assert_eq!(snapshot.count(), 100);
        assert_eq!(
            snapshot.mean(),
            Some((50 * 16 + 40 * 32 + 10 * 1024) as f64 / 100.0)
        );
        assert_eq!(snapshot.quantile(0.0), Some(16.0));
        assert_eq!(snapshot.quantile(0.5), Some(32.0));
        assert_eq!(snapshot.quantile(0.7), Some(48.0));
        assert_eq!(snapshot.quantile(0.95), Some(1536.0));
        assert_eq!(snapshot.quantile(1.0), Some(2048.0));
        assert_eq!(snapshot.fullest(), Some(4));
    }

    #[test]
    fn the_last_bucket_ends_past_64_bits() {
        let highest = snapshot(&[(63, 1)]);
        assert_eq!(highest.quantile(1.0), Some((1_u128 << 64) as f64));
        assert!(
            highest
                .to_string()
                .starts_with("   8E..16E   ns          1 █")
        );
    }
}

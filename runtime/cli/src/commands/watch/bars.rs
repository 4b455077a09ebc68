//! Arrays of numbers as bars, one for each element, or for a few neighbours where there is no room.

/// How many lines bars are high.
pub(super) const HEIGHT: usize = 2;

/// Eighths of a character, from none to all.
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A bar that is wider than this says no more.
const MAX_WIDTH: usize = 6;

/// A bar, and the room before the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bar {
    /// In eighths of a line, of `HEIGHT` lines.
    eighths: usize,
    width: usize,
    gap: usize,
    /// Whether an element of it changed.
    pub(super) changed: bool,
}

impl Bar {
    /// What is drawn of it in a line, the uppermost being 0.
    pub(super) fn text(&self, line: usize) -> String {
        let below = 8 * (HEIGHT - 1).saturating_sub(line);
        let eighths = self.eighths.saturating_sub(below).min(8);
        let block = EIGHTHS.get(eighths).copied().unwrap_or(' ');
        let bar = std::iter::repeat_n(block, self.width);
        bar.chain(std::iter::repeat_n(' ', self.gap)).collect()
    }
}

/// The bars of an array, in `width` columns. The highest number fills its bar; zero, or the lowest if there are negative
/// ones, is no bar, and anything more is at least a line at the bottom.
pub(super) fn bars(numbers: &[f64], changed: &[bool], width: usize) -> Vec<Bar> {
    let finite = || numbers.iter().copied().filter(|number| number.is_finite());
    let lowest = finite().fold(0.0, f64::min);
    let highest = finite().fold(0.0, f64::max);
    let eighths = |number: f64| {
        let part = (number - lowest) / (highest - lowest);
        match part {
            part if part > 0.0 => {
                ((part * (8 * HEIGHT) as f64).round() as usize).clamp(1, 8 * HEIGHT)
            }
            // Also what is no number.
            _ => 0,
        }
    };
    let folded = numbers.len().div_ceil(width.max(1)).max(1);
    let count = numbers.len().div_ceil(folded).max(1);
    let room = (width / count).clamp(1, MAX_WIDTH);
    let gap = usize::from(room > 1);
    let changed = changed
        .chunks(folded)
        .map(|changed| changed.contains(&true));
    let changed = changed.chain(std::iter::repeat(false));
    let chunks = numbers.chunks(folded).zip(changed);
    let bars = chunks.map(|(numbers, changed)| Bar {
        eighths: numbers.iter().copied().map(eighths).max().unwrap_or(0),
        width: room - gap,
        gap,
        changed,
    });
    bars.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(numbers: &[f64], width: usize) -> [String; HEIGHT] {
        let bars = bars(numbers, &[], width);
        std::array::from_fn(|line| bars.iter().map(|bar| bar.text(line)).collect())
    }

    #[test]
    fn bars_are_scaled_to_the_highest() {
        let numbers = [0.0, 1.0, 50.0, 75.0, 100.0];
        assert_eq!(drawn(&numbers, 5), ["   ▄█", " ▁███"]);
        // As wide as there is room for, with gaps.
        assert_eq!(drawn(&numbers, 15), ["         ▄▄ ██ ", "   ▁▁ ██ ██ ██ "]);
    }

    #[test]
    fn negative_numbers_are_lower_than_zero() {
        assert_eq!(drawn(&[-1.0, 0.0, 1.0], 3), ["  █", " ██"]);
        assert_eq!(drawn(&[-2.0, -1.0], 2), ["  ", " █"]);
    }

    #[test]
    fn long_arrays_are_folded_and_no_peak_is_lost() {
        let mut numbers = vec![0.0; 100_000];
        numbers[70_777] = 3.0;
        let mut changed = vec![false; 100_000];
        changed[99_999] = true;
        let bars = bars(&numbers, &changed, 80);
        assert_eq!(bars.len(), 80);
        let peaks: Vec<_> = (0..80).filter(|index| bars[*index].eighths > 0).collect();
        assert_eq!(peaks, [56]);
        let changed: Vec<_> = (0..80).filter(|index| bars[*index].changed).collect();
        assert_eq!(changed, [79]);
    }

    #[test]
    fn odd_numbers_are_drawn_as_nothing() {
        assert_eq!(drawn(&[0.0, 0.0], 2), ["  ", "  "]);
        assert_eq!(drawn(&[f64::NAN, 1.0], 2), [" █", " █"]);
        // An infinite one is as high as the highest.
        assert_eq!(drawn(&[f64::INFINITY, 1.0], 2), ["██", "██"]);
        assert_eq!(drawn(&[], 10), ["", ""]);
        assert_eq!(bars(&[1.0, 2.0], &[], 0).len(), 1);
    }
}

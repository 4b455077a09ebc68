//! Which of several names somebody may have meant who wrote another.
//!
//! The runtime and the generator have this file in common: `macros/codegen/src/near.rs` is a link to it. A crate of its own
//! would be one more in every user's build.

/// The least likeness of a name that somebody may have meant.
const NEAR: f64 = 0.6;

/// Which of `others` somebody who wrote `name` may have meant. Of those that are as near, it is the first in the alphabet.
pub fn nearest<'n>(name: &str, others: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let near = others
        .map(|other| (likeness(name, other), other))
        .filter(|(likeness, _)| *likeness > NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    near.map(|(_, near)| near)
}

/// How near one name is to another, up to 1.
fn likeness(name: &str, other: &str) -> f64 {
    // A library's names begin with the same word, which says nothing of the rest.
    let (mut name, mut other) = (name, other);
    while let (Some((first, name_rest)), Some((second, other_rest))) =
        (name.split_once('_'), other.split_once('_'))
        && first == second
    {
        (name, other) = (name_rest, other_rest);
    }
    let [words, other_words] = [name, other].map(|text| {
        let mut words: Vec<_> = text.split('_').collect();
        words.sort_unstable();
        words
    });
    let (short, long) = match name.len() < other.len() {
        true => (name, other),
        false => (other, name),
    };
    let is_part = short.len() >= 3 && (long.starts_with(short) || long.ends_with(short));
    let at_least = match words == other_words {
        true => 0.9,
        // The more of the other it is, the nearer.
        false if is_part => NEAR + 0.3 * short.len() as f64 / long.len() as f64,
        false => 0.0,
    };
    strsim::normalized_damerau_levenshtein(name, other).max(at_least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typo_is_near_and_what_only_begins_alike_is_not() {
        let names = ["bucket_hist", "bucket_lost", "bucket_lost_bytes", "samples"];
        let nearest = |name| nearest(name, names.into_iter());
        for (name, meant) in [
            ("bucket_hst", "bucket_hist"),
            ("bucket_hists", "bucket_hist"),
            ("bukcet_hist", "bucket_hist"),
            ("bucket_bytes_lost", "bucket_lost_bytes"),
            ("hist", "bucket_hist"),
            ("sampels", "samples"),
            ("samp", "samples"),
            // A longer part is nearer.
            ("bucket_lost_byte", "bucket_lost_bytes"),
            ("samples_late", "samples"),
        ] {
            assert_eq!(nearest(name), Some(meant), "{name}");
        }
        for name in [
            "bucket_nothing",
            "bucket_total",
            "bucket_",
            "bucket_h",
            "sum",
            "x",
            "",
        ] {
            assert_eq!(nearest(name), None, "{name}");
        }
    }
}

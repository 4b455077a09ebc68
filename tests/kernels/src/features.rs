//! What the tests are about, and which kernels lack it: reads `features.txt`, which says how it is written.

use anyhow::{Context as _, Result};

/// Something that kernels have or lack, and the tests of it.
#[derive(Debug)]
pub(crate) struct Feature {
    pub(crate) title: &'static str,
    /// The first kernel that has it; `None` if the machines can't tell.
    since: Option<(u32, u32)>,
    /// Why kernels before have it not.
    pub(crate) reason: &'static str,
    patterns: Vec<&'static str>,
}

impl Feature {
    /// Whether the test `file::name` is about this.
    pub(crate) fn covers(&self, test: &str) -> bool {
        self.patterns.iter().any(|pattern| {
            let rest = test.strip_prefix(pattern.trim_end_matches('*'));
            rest.is_some_and(|rest| {
                pattern.ends_with('*') || rest.is_empty() || rest.starts_with("::")
            })
        })
    }

    /// Whether a kernel is to have it.
    pub(crate) fn is_in(&self, kernel: (u32, u32)) -> bool {
        self.since.is_some_and(|since| since <= kernel)
    }
}

/// All of them, in their order.
pub(crate) fn all() -> Result<Vec<Feature>> {
    parse(include_str!("features.txt"))
}

pub(crate) fn parse(text: &'static str) -> Result<Vec<Feature>> {
    let mut features: Vec<Feature> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(title) = line.strip_prefix('[') {
            features.push(Feature {
                title: title.trim_end_matches(']'),
                since: Some((0, 0)),
                reason: "",
                patterns: Vec::new(),
            });
            continue;
        }
        let feature = features.last_mut().context("a test before any feature")?;
        if let Some(reason) = line.strip_prefix("nowhere: ") {
            (feature.since, feature.reason) = (None, reason);
        } else if let Some(rest) = line.strip_prefix("before ") {
            let (version, reason) = rest.split_once(": ").context("before without a reason")?;
            let (major, minor) = version.split_once('.').context("a version")?;
            feature.since = Some((major.parse()?, minor.parse()?));
            feature.reason = reason;
        } else {
            feature.patterns.push(line);
        }
    }
    Ok(features)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_has_kernels_a_reason_and_tests() {
        let features =
            parse("# A comment\n[One]\nbefore 5.14: not yet\nfile::a*\nother\n[Two]\nthird\n");
        let features = features.unwrap();
        let [one, two] = features.as_slice() else {
            panic!("{features:?}");
        };
        assert_eq!((one.title, one.reason), ("One", "not yet"));
        assert!(!one.is_in((5, 10)) && one.is_in((5, 14)) && one.is_in((6, 1)));
        assert!(one.covers("file::ab") && one.covers("other::b::c"));
        assert!(!one.covers("file::b") && !one.covers("others::b"));
        assert!(two.is_in((5, 10)) && two.covers("third::a"));
    }

    #[test]
    fn what_machines_cannot_tell_is_nowhere() {
        let features = parse("[One]\nnowhere: because\nfile\n").unwrap();
        assert!(!features[0].is_in((99, 0)));
        assert!(parse("file\n").is_err() && parse("[One]\nbefore 5.14\n").is_err());
    }

    #[test]
    fn the_list_is_well_formed() {
        assert!(all().unwrap().len() > 10);
    }
}

//! Names that are near to one that does not exist.

/// `; did you mean …?`, if one of `names` is near to `name`, or nothing.
pub(crate) fn suggestion<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    let mut nearest: Option<(f64, &str)> = None;
    for other in names {
        let likeness = strsim::jaro_winkler(name, other);
        if likeness > nearest.map_or(0.85, |(best, _)| best) {
            nearest = Some((likeness, other));
        }
    }
    match nearest {
        Some((_, nearest)) => format!("; did you mean `{nearest}`?"),
        None => String::new(),
    }
}

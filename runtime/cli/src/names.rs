//! Names that are near to one that does not exist.

use bpf_subskeleton::private::nearest;

/// `; did you mean …?`, if one of `names` is near to `name`, or nothing.
pub(crate) fn suggestion<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, names) {
        Some(nearest) => format!("; did you mean `{nearest}`?"),
        None => String::new(),
    }
}

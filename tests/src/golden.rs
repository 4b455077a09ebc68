//! Golden files, which `make bless` rewrites.

use std::env;
use std::fs;
use std::path::Path;

/// Compares a text with the file at `path`, relative to `tests/golden`. With `BLESS` set, writes the file.
///
/// # Panics
///
/// At the first line that differs.
#[track_caller]
pub fn assert_golden(path: &str, found: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(path);
    if env::var_os("BLESS").is_some() {
        fs::write(&file, found).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    if expected == found {
        return;
    }
    let (mut old, mut new) = (expected.lines(), found.lines());
    for line in 1.. {
        let (expected, found) = (old.next(), new.next());
        assert!(
            expected == found && found.is_some(),
            "golden/{path}:{line}:\nexpected: {}\n   found: {}\nif that is intended: `make bless`",
            expected.unwrap_or("the end of the file"),
            found.unwrap_or("the end of the file"),
        );
    }
}

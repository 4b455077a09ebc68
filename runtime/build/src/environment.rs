//! What cargo passes to build scripts, and what they print for cargo.

use std::env;
use std::ffi::OsString;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind};

/// A variable that cargo sets.
pub(crate) fn cargo(name: &'static str) -> Result<OsString, Error> {
    env::var_os(name).ok_or_else(|| Kind::NotInBuildScript(name).into())
}

/// A variable that cargo sets, as text.
pub(crate) fn cargo_text(name: &'static str) -> Result<String, Error> {
    let value = cargo(name)?;
    value
        .into_string()
        .map_err(|_| Kind::NotInBuildScript(name).into())
}

/// The folder of the package's Cargo.toml.
pub(crate) fn manifest_dir() -> Result<PathBuf, Error> {
    cargo("CARGO_MANIFEST_DIR").map(PathBuf::from)
}

/// The folder for the build script's output.
pub(crate) fn out_dir() -> Result<PathBuf, Error> {
    cargo("OUT_DIR").map(PathBuf::from)
}

/// A variable that the user may set, unless it is empty. Cargo reruns the build script if it changes.
pub(crate) fn user(name: &str) -> Option<OsString> {
    say("rerun-if-env-changed", name);
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Makes cargo rerun the build script if the file changes.
pub(crate) fn rerun_if_changed(path: &Path) {
    say("rerun-if-changed", path.display());
}

/// Shows a warning when the package is built.
pub(crate) fn warn(text: &str) {
    for line in text.lines() {
        say("warning", line);
    }
}

/// Prints an instruction to cargo.
pub(crate) fn say(key: &str, value: impl Display) {
    println!("cargo::{key}={value}");
}

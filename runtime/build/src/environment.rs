//! What cargo tells build scripts, and what they tell cargo.

use std::env;
use std::ffi::OsString;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind};

/// A variable that cargo sets.
pub(crate) fn cargo(name: &'static str) -> Result<OsString, Error> {
    env::var_os(name).ok_or_else(|| Kind::NotInBuildScript(name).into())
}

/// One of which the value is text.
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

/// The folder for what the build script makes.
pub(crate) fn out_dir() -> Result<PathBuf, Error> {
    cargo("OUT_DIR").map(PathBuf::from)
}

/// A variable of the user's, unless it is empty. Cargo runs the build script again if it changes.
pub(crate) fn user(name: &str) -> Option<OsString> {
    say("rerun-if-env-changed", name);
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Has cargo run the build script again if the file changes.
pub(crate) fn rerun_if_changed(path: &Path) {
    say("rerun-if-changed", path.display());
}

/// Shows a warning when the package is built.
pub(crate) fn warn(text: &str) {
    for line in text.lines() {
        say("warning", line);
    }
}

/// Says something to cargo.
pub(crate) fn say(key: &str, value: impl Display) {
    println!("cargo::{key}={value}");
}

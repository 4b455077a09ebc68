//! Writes to standard output.

use std::io::{self, Write as _};

use anyhow::{Context as _, Result};
use serde_json::Value;

/// Writes all of it.
pub(crate) fn write(bytes: impl AsRef<[u8]>) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(bytes.as_ref());
    written
        .and_then(|()| stdout.flush())
        .context("can't write to standard output")
}

/// Writes a JSON document, indented.
pub(crate) fn write_json(value: &Value) -> Result<()> {
    write(format!("{value:#}\n"))
}

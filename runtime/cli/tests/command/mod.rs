//! Runs the command.

use std::ffi::OsStr;
use std::process::Command;

/// What it wrote, and how it ended.
pub(crate) struct Output {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Output {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

pub(crate) fn subskeleton<'a>(args: impl IntoIterator<Item = &'a OsStr>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_subskeleton"));
    let output = command.args(args).output().unwrap();
    Output {
        status: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

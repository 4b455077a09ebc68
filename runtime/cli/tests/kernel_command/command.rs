//! Runs the command, and says which object is meant.

use std::process::{Command, Output};

use bpf_subskeleton::Running;
use libbpf_rs::{MapCore as _, Object};
use serde_json::Value;

/// What the command says, if it succeeds.
#[track_caller]
pub(crate) fn said(args: &[&str]) -> String {
    let output = run(args);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The JSON document that the command writes, if it succeeds.
#[track_caller]
pub(crate) fn json(args: &[&str]) -> Value {
    let args = [args, &["--json"]].concat();
    serde_json::from_str(&said(&args)).unwrap()
}

/// What the command says when it fails.
#[track_caller]
pub(crate) fn refused(args: &[&str]) -> String {
    error(args).unwrap_or_else(|| panic!("{args:?} succeeds"))
}

/// What the command says if it fails; it writes nothing to standard output then.
#[track_caller]
pub(crate) fn error(args: &[&str]) -> Option<String> {
    let output = run(args);
    if output.status.success() {
        return None;
    }
    assert_eq!(output.status.code(), Some(2), "{args:?}");
    assert!(output.stdout.is_empty(), "{args:?}");
    let errors = String::from_utf8(output.stderr).unwrap();
    let text = errors.strip_prefix("subskeleton: ").unwrap();
    Some(text.trim_end().to_owned())
}

/// Runs the command to its end.
pub(crate) fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_subskeleton"));
    command.args(args).output().unwrap()
}

/// The OBJECT that means this load, and no other of the same file.
pub(crate) fn name_of(object: &Object) -> String {
    let map = object.maps().next().unwrap();
    let running = Running::from_map_id(map.info().unwrap().info.id).unwrap();
    format!("btf:{}", running.btf_id())
}

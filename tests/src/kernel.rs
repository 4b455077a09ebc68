//! Loads objects into the running kernel.

use std::path::Path;

use bpf_subskeleton::BindError;
use libbpf_rs::{Object, ObjectBuilder, OpenObject};

use crate::require_bpf;

/// Opens an object for loading.
///
/// # Panics
///
/// If libbpf refuses it, or this process may not load it.
#[must_use]
pub fn open(path: &Path) -> OpenObject {
    require_bpf();
    ObjectBuilder::default()
        .open_file(path)
        .unwrap_or_else(|e| panic!("{}: {e:#}", path.display()))
}

/// Loads an object.
///
/// # Panics
///
/// If libbpf or the kernel refuses it.
#[must_use]
pub fn load(open: OpenObject) -> Object {
    open.load().unwrap_or_else(|e| panic!("{e:#}"))
}

/// The problems of a failed binding, as text.
///
/// # Panics
///
/// If it binds.
#[must_use]
#[track_caller]
pub fn problems<T>(result: Result<T, BindError>) -> Vec<String> {
    match result {
        Ok(_) => panic!("it binds"),
        Err(error) => error.problems().iter().map(ToString::to_string).collect(),
    }
}

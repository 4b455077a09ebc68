//! A process that loads objects and knows nothing of bpf-subskeleton: `loader.c`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::LazyLock;

/// The program, compiled against the system's libbpf. Its source says how to use it.
///
/// # Panics
///
/// If it does not compile, with what the compiler said.
#[must_use]
pub fn path() -> &'static Path {
    static PATH: LazyLock<PathBuf> = LazyLock::new(compile);
    &PATH
}

fn compile() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/loader.c");
    let output = Path::new(env!("OUT_DIR")).join(format!("loader-{}", process::id()));
    let mut cc = Command::new("cc");
    cc.args(["-Wall", "-Werror", "-o"])
        .arg(&output)
        .arg(source)
        .arg("-lbpf");
    let cc = cc.output().unwrap_or_else(|e| panic!("cc: {e}"));
    let errors = String::from_utf8_lossy(&cc.stderr);
    assert!(cc.status.success(), "{errors}");
    // Each run makes its own, and they are the same.
    let kept = output.with_file_name("loader");
    fs::rename(&output, &kept).unwrap_or_else(|e| panic!("{}: {e}", kept.display()));
    kept
}

//! A process that loads objects and knows nothing of bpf-subskeleton: `loader.c`.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::LazyLock;

const SOURCE: &str = include_str!("loader.c");

/// The program, compiled against the system's libbpf. Its source says how to use it. One that was compiled before is
/// used again, also in virtual machines, which have no compiler.
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
    let mut hasher = DefaultHasher::new();
    SOURCE.hash(&mut hasher);
    let folder = Path::new(env!("OUT_DIR"));
    let kept = folder.join(format!("loader-{:016x}", hasher.finish()));
    if kept.exists() {
        return kept;
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/loader.c");
    let output = folder.join(format!("loader.{}", process::id()));
    let mut cc = Command::new("cc");
    cc.args(["-Wall", "-Werror", "-o"])
        .arg(&output)
        .arg(source)
        .arg("-lbpf");
    let cc = cc.output().unwrap_or_else(|e| panic!("cc: {e}"));
    let errors = String::from_utf8_lossy(&cc.stderr);
    assert!(cc.status.success(), "{errors}");
    // Other test processes may have been faster; theirs is the same.
    fs::rename(&output, &kept).unwrap_or_else(|e| panic!("{}: {e}", kept.display()));
    kept
}

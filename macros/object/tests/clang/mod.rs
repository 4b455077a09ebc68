//! Compiles C to BPF objects.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn clang() -> String {
    let candidates = ["clang-22", "clang-19", "clang-16", "clang"];
    let runs = |clang: &str| Command::new(clang).arg("--version").output().is_ok();
    env::var("CLANG")
        .ok()
        .or_else(|| candidates.into_iter().find(|c| runs(c)).map(Into::into))
        .expect("no clang found; set CLANG")
}

/// Compiles `source` to an object of that name, which only one test of a file may use.
pub(crate) fn compile(name: &str, target: &str, source: &str) -> (PathBuf, Vec<u8>) {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(env!("CARGO_CRATE_NAME"));
    fs::create_dir_all(&dir).unwrap();
    let c = dir.join(format!("{name}.bpf.c"));
    let o = dir.join(format!("{name}.bpf.o"));
    fs::write(&c, source).unwrap();
    let target = format!("--target={target}");
    let mut command = Command::new(clang());
    let command = command
        .args([&target, "-g", "-O2", "-c"])
        .arg(&c)
        .arg("-o")
        .arg(&o);
    assert!(command.status().unwrap().success());
    let bytes = fs::read(&o).unwrap();
    (o, bytes)
}

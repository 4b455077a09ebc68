//! The documentation builds as on docs.rs: no network, clang, make or libbpf, only the Rust toolchain and a C
//! compiler.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What compiles and links build scripts, the attribute, and the C code of a dependency of libbpf-rs.
const PROGRAMS: [&str; 7] = ["cargo", "rustc", "rustdoc", "cc", "as", "ld", "ar"];

/// Published crates. Their `[package.metadata.docs.rs]` switches default features off, as this test does.
const CRATES: [&str; 6] = [
    "bpf-subskeleton",
    "bpf-subskeleton-core",
    "bpf-subskeleton-build",
    "bpf-subskeleton-macros",
    "bpf-subskeleton-codegen",
    "bpf-subskeleton-object",
];

/// Optimising these serves this workspace's long tests; here it would only slow down compilation.
const OPTIMISED: [&str; 6] = [
    "bpf-subskeleton-codegen",
    "bpf-subskeleton-object",
    "object",
    "proc-macro2",
    "quote",
    "syn",
];

/// A folder with only these programs.
fn programs(tmp: &Path) -> PathBuf {
    let folder = tmp.join("bin");
    // A link of an earlier run may name a toolchain that is gone.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let path = env::var_os("PATH").unwrap();
    for program in PROGRAMS {
        let found = env::split_paths(&path)
            .map(|folder| folder.join(program))
            .find(|file| file.is_file());
        let found = found.unwrap_or_else(|| panic!("no {program} in PATH"));
        symlink(found, folder.join(program)).unwrap();
    }
    folder
}

#[test]
fn the_documentation_builds() {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs-rs");
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cargo = Command::new("cargo");
    cargo
        .args(["doc", "--offline", "--no-deps", "--no-default-features"])
        .args(CRATES.iter().flat_map(|name| ["-p", name]))
        .args(OPTIMISED.iter().flat_map(|name| {
            let setting = format!("profile.dev.package.{name}.opt-level=0");
            ["--config".to_owned(), setting]
        }))
        .current_dir(workspace)
        .env("DOCS_RS", "1")
        .env("PATH", programs(&tmp))
        .env("CARGO_TARGET_DIR", tmp.join("target"))
        .env("RUSTDOCFLAGS", "-D warnings");
    let output = cargo.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    for name in CRATES {
        let name = name.replace('-', "_");
        let index = tmp.join("target/doc").join(name).join("index.html");
        assert!(index.exists(), "{}", index.display());
    }
}

//! Compiles the BPF library, for this crate and for those that link it into their own BPF objects.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

const CLANGS: [&str; 8] = [
    "clang-22", "clang-21", "clang-20", "clang-19", "clang-18", "clang-17", "clang-16", "clang",
];

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            println!("cargo::error={problem}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    println!("cargo::rerun-if-changed=bpf");
    println!("cargo::rerun-if-env-changed=CLANG");
    let include = Path::new(&var("CARGO_MANIFEST_DIR")?).join("bpf");
    let object = PathBuf::from(var("OUT_DIR")?).join("histogram.bpf.o");
    let libbpf = var("DEP_BPF_INCLUDE")?;
    let arch = var("CARGO_CFG_TARGET_ARCH")?;
    let clang = clang()?;

    let status = Command::new(&clang)
        .args(["-target", "bpf", "-g", "-O2", "-Wall", "-Werror"])
        .arg(format!("-I{libbpf}"))
        // Where Debian has the kernel's <asm/types.h>.
        .arg(format!("-I/usr/include/{arch}-linux-gnu"))
        .args(["-c", "bpf/histogram.bpf.c", "-o"])
        .arg(&object)
        .status()
        .map_err(|problem| format!("can't run {clang}: {problem}"))?;
    if !status.success() {
        return Err(format!("{clang} could not compile bpf/histogram.bpf.c"));
    }

    // Dependents read these as DEP_HISTOGRAM_BPF_OBJECT and so on, in their build scripts.
    println!("cargo::metadata=object={}", object.display());
    println!("cargo::metadata=include={}", include.display());
    println!("cargo::metadata=clang={clang}");
    println!("cargo::metadata=libbpf={libbpf}");
    Ok(())
}

/// The compiler that CLANG names, else the newest there is.
fn clang() -> Result<String, String> {
    let works = |clang: &&str| {
        let mut version = Command::new(clang);
        version.arg("--version").stdout(Stdio::null());
        version.status().is_ok_and(|status| status.success())
    };
    match env::var("CLANG") {
        Ok(clang) if !clang.is_empty() => Ok(clang),
        _ => CLANGS
            .iter()
            .copied()
            .find(works)
            .map(String::from)
            .ok_or_else(|| "no clang found: install clang 16 or newer, or set CLANG".to_owned()),
    }
}

fn var(name: &str) -> Result<String, String> {
    env::var(name).map_err(|problem| format!("{name}: {problem}"))
}

//! Compiles the BPF library, for this crate and for those that link it into their own BPF objects.

use std::env;
use std::error::Error;
use std::path::Path;
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

fn build() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=bpf");
    println!("cargo::rerun-if-env-changed=CLANG");
    let object = Path::new(&var("OUT_DIR")?).join("execs.bpf.o");
    let clang = clang()?;

    let status = Command::new(&clang)
        .args(["-target", "bpf", "-g", "-O2", "-Wall", "-Werror"])
        .arg(format!("-I{}", var("DEP_BPF_INCLUDE")?))
        // Where Debian has the kernel's <asm/types.h>.
        .arg(format!(
            "-I/usr/include/{}-linux-gnu",
            var("CARGO_CFG_TARGET_ARCH")?
        ))
        .args(["-c", "bpf/execs.bpf.c", "-o"])
        .arg(&object)
        .status()
        .map_err(|problem| format!("can't run {clang}: {problem}"))?;
    if !status.success() {
        return Err(format!("{clang} could not compile bpf/execs.bpf.c").into());
    }

    // Dependents read this as DEP_EXECS_BPF_OBJECT, in their build scripts.
    println!("cargo::metadata=object={}", object.display());
    Ok(())
}

/// The compiler that CLANG names, else the newest there is.
fn clang() -> Result<String, Box<dyn Error>> {
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
            .ok_or_else(|| "no clang found: install clang 16 or newer, or set CLANG".into()),
    }
}

fn var(name: &str) -> Result<String, String> {
    env::var(name).map_err(|problem| format!("{name}: {problem}"))
}

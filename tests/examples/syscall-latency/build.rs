//! Compiles the application's BPF programs and links the histogram library in.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use bpf_subskeleton_object::verify_linked;
use libbpf_rs::Linker;

fn main() -> ExitCode {
    let Err(problem) = build() else {
        return ExitCode::SUCCESS;
    };
    for line in format!("{problem:#}").lines() {
        println!("cargo::error={line}");
    }
    ExitCode::FAILURE
}

fn build() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=bpf");
    let out = PathBuf::from(var("OUT_DIR")?);
    // From the build script of the crate `histogram`.
    let library = PathBuf::from(var("DEP_HISTOGRAM_BPF_OBJECT")?);
    println!("cargo::rerun-if-changed={}", library.display());

    let own = out.join("own.bpf.o");
    let status = Command::new(var("DEP_HISTOGRAM_BPF_CLANG")?)
        .args(["-target", "bpf", "-g", "-O2", "-Wall", "-Werror"])
        .arg(format!("-I{}", var("DEP_HISTOGRAM_BPF_INCLUDE")?))
        .arg(format!("-I{}", var("DEP_HISTOGRAM_BPF_LIBBPF")?))
        .arg(format!(
            "-I/usr/include/{}-linux-gnu",
            var("CARGO_CFG_TARGET_ARCH")?
        ))
        .args(["-c", "bpf/syscall_latency.bpf.c", "-o"])
        .arg(&own)
        .status()?;
    if !status.success() {
        return Err("clang could not compile bpf/syscall_latency.bpf.c".into());
    }

    // Twice: where a strong variable overrides a weak one, as `hist_unit` does, one pass of libbpf's
    // linker leaves BTF with the offset of the weak one. The second pass corrects it.
    let once = out.join("once.bpf.o");
    link(&once, &[&own, &library])?;
    let linked = out.join("app.bpf.o");
    link(&linked, &[&once])?;
    verify_linked(&fs::read(&linked)?)?;
    Ok(())
}

fn link(output: &Path, inputs: &[&Path]) -> libbpf_rs::Result<()> {
    let mut linker = Linker::new(output)?;
    for input in inputs {
        linker.add_file(input)?;
    }
    linker.link()
}

fn var(name: &str) -> Result<String, String> {
    env::var(name).map_err(|problem| format!("{name}: {problem}"))
}

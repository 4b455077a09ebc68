//! Compiles the application's BPF programs, links the histogram library in, and generates a skeleton.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use bpf_subskeleton_object::verify_linked;
use libbpf_cargo::SkeletonBuilder;
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
    SkeletonBuilder::new()
        .source("bpf/time_slices.bpf.c")
        .clang(var("DEP_HISTOGRAM_BPF_CLANG")?)
        .clang_args([
            "-Wall".to_owned(),
            "-Werror".to_owned(),
            format!("-I{}", var("DEP_HISTOGRAM_BPF_INCLUDE")?),
            format!("-I/usr/include/{}-linux-gnu", var("CARGO_CFG_TARGET_ARCH")?),
        ])
        .obj(&own)
        .build()?;

    // Twice: where a strong variable overrides a weak one, as `hist_unit` does, one pass of libbpf's
    // linker leaves BTF with the offset of the weak one. The second pass corrects it.
    let once = out.join("once.bpf.o");
    link(&once, &[&own, &library])?;
    let linked = out.join("time_slices.bpf.o");
    link(&linked, &[&once])?;
    verify_linked(&fs::read(&linked)?)?;

    SkeletonBuilder::new()
        .obj(&linked)
        .generate(out.join("time_slices.skel.rs"))?;
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

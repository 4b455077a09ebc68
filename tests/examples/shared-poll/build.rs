//! Links the two BPF libraries into one object. This application has no BPF code of its own.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

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
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(var("OUT_DIR")?);
    // From the build scripts of the crates `execs` and `exits`.
    let execs = PathBuf::from(var("DEP_EXECS_BPF_OBJECT")?);
    let exits = PathBuf::from(var("DEP_EXITS_BPF_OBJECT")?);
    for library in [&execs, &exits] {
        println!("cargo::rerun-if-changed={}", library.display());
    }

    // Twice: where a strong variable overrides a weak one, one pass of libbpf's linker leaves BTF with
    // the offset of the weak one. There is none here, but a library may get one.
    let once = out.join("once.bpf.o");
    link(&once, &[&execs, &exits])?;
    let linked = out.join("shared_poll.bpf.o");
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

//! Compiles the BPF library, and hands on which compiler this package is compiled with.

use std::env;
use std::process::Command;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    bpf_subskeleton_build::Library::new("bpf/counted.bpf.c")
        .flag("-Werror")
        .build()?;

    let rustc = env::var_os("RUSTC").ok_or("cargo sets RUSTC")?;
    let version = String::from_utf8(Command::new(rustc).arg("--version").output()?.stdout)?;
    println!("cargo::rustc-env=RUSTC_VERSION={}", version.trim());
    Ok(())
}

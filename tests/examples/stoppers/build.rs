//! Compiles and links the BPF objects of both applications.

use bpf_subskeleton_build::{Application, Error};

fn main() -> Result<(), Error> {
    // With what the library needs to record one end only: it compares and exchanges.
    Application::new("bpf/budget.bpf.c")
        .flag("-mcpu=v3")
        .build()?;
    Application::new("bpf/watch.bpf.c").build()?;
    Ok(())
}

//! Compiles and links the BPF objects of both applications.

use bpf_subskeleton_build::{Application, Error};

fn main() -> Result<(), Error> {
    Application::new("bpf/budget.bpf.c").build()?;
    Application::new("bpf/watch.bpf.c").build()?;
    Ok(())
}

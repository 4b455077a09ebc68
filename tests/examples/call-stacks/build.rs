//! Compiles the BPF library.

fn main() -> Result<(), bpf_subskeleton_build::Error> {
    bpf_subskeleton_build::Library::new("bpf/stacks.bpf.c")
        .include("bpf")
        .build()?;
    Ok(())
}

//! Compiles the BPF library, with the header of the one that it uses.

fn main() -> Result<(), bpf_subskeleton_build::Error> {
    bpf_subskeleton_build::Library::new("bpf/slow_calls.bpf.c")
        .include("bpf")
        .build()?;
    Ok(())
}

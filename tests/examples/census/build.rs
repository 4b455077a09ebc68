//! Compiles the BPF library.

fn main() -> Result<(), bpf_subskeleton_build::Error> {
    bpf_subskeleton_build::Library::new("bpf/census.bpf.c")
        .include("bpf")
        // Instructions that return what they exchange.
        .flag("-mcpu=v3")
        .build()?;
    Ok(())
}

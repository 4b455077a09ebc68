//! Compiles the BPF library, for this crate and for those that link it into their own BPF objects.

fn main() -> Result<(), bpf_subskeleton_build::Error> {
    bpf_subskeleton_build::Library::new("bpf/execs.bpf.c")
        .flag("-Werror")
        .build()?;
    Ok(())
}

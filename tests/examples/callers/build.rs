//! Compiles the BPF part, and links it with the library.

fn main() -> Result<(), bpf_subskeleton_build::Error> {
    bpf_subskeleton_build::Application::new("bpf/callers.bpf.c").build()?;
    Ok(())
}

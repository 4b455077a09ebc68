//! Compiles the BPF part, and links it with the libraries.

fn main() -> Result<(), bpf_subskeleton_build::Error> {
    bpf_subskeleton_build::Application::new("bpf/slow.bpf.c").build()?;
    Ok(())
}

//! Links the two BPF libraries into one object. This application has no BPF code of its own.

fn main() -> Result<(), bpf_subskeleton_build::Error> {
    bpf_subskeleton_build::Application::of_libraries("shared_poll").build()?;
    Ok(())
}

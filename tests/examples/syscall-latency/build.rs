//! Compiles the application's BPF programs, and links the histogram in.

fn main() -> Result<(), bpf_subskeleton_build::Error> {
    bpf_subskeleton_build::Application::new("bpf/syscall_latency.bpf.c")
        .flag("-Werror")
        .build()?;
    Ok(())
}

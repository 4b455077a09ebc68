//! Compiles the application's BPF programs, links the histogram in, and generates a skeleton.

use std::env;
use std::error::Error;
use std::path::Path;

use bpf_subskeleton_build::Application;
use libbpf_cargo::SkeletonBuilder;

fn main() -> Result<(), Box<dyn Error>> {
    let object = Application::new("bpf/time_slices.bpf.c")
        .flag("-Werror")
        .build()?;
    let skeleton = Path::new(&env::var("OUT_DIR")?).join("time_slices.skel.rs");
    SkeletonBuilder::new().obj(object).generate(skeleton)?;
    Ok(())
}

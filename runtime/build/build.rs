//! Remembers where libbpf-sys has put libbpf's headers, for the build scripts that use this crate.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // It has none if the system's libbpf is linked.
    let include = std::env::var("DEP_BPF_INCLUDE").unwrap_or_default();
    println!("cargo::rustc-env=LIBBPF_SYS_INCLUDE={include}");
}

//! Builds an object without `bpf-subskeleton-build`, by the commands in the README.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use bpf_subskeleton::libbpf_rs::ObjectBuilder;
use bpf_subskeleton_build::verify_linked;
use bpf_subskeleton_tests::objects::clang;
use bpf_subskeleton_tests::require_bpf;
use histogram::Histogram;

/// The block of commands that links.
fn commands() -> String {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let mut blocks = readme
        .split("\n```\n")
        .filter(|block| block.starts_with("clang "));
    let block = blocks.next().unwrap().to_owned();
    assert!(blocks.next().is_none());
    block
}

#[test]
fn commands_make_what_the_build_script_makes() {
    require_bpf();
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("by_hand");
    for folder in ["lib", "app", "bin"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    for (from, to) in [
        ("histogram/bpf/histogram.bpf.c", "lib/histogram.bpf.c"),
        ("histogram/bpf/histogram.bpf.h", "lib/histogram.bpf.h"),
        ("syscall-latency/bpf/syscall_latency.bpf.c", "app/app.bpf.c"),
    ] {
        fs::copy(examples.join(from), root.join(to)).unwrap();
    }
    // The compiler of all tests.
    let wrapper = root.join("bin/clang");
    fs::write(&wrapper, format!("#!/bin/sh\nexec {} \"$@\"\n", clang())).unwrap();
    fs::set_permissions(&wrapper, Permissions::from_mode(0o755)).unwrap();
    let path = env::var("PATH").unwrap();
    let machine = format!("/usr/include/{}-linux-gnu", env::consts::ARCH);
    let output = Command::new("sh")
        .args(["-ec", &commands()])
        .current_dir(&root)
        .env(
            "PATH",
            format!("{}:{path}:/usr/sbin", root.join("bin").display()),
        )
        // Where Debian has <asm/types.h>.
        .env("CPATH", machine)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    let verify = |object: &str| verify_linked(&fs::read(root.join(object)).unwrap());
    // As the README says, this is what the second pass is for.
    assert!(verify("once.bpf.o").is_err());
    verify("app.bpf.o").unwrap();
    let open = ObjectBuilder::default().open_file(root.join("app.bpf.o"));
    let object = open.unwrap().load().unwrap();
    let histogram = Histogram::bind(&object).unwrap();
    assert_eq!(histogram.snapshot().unit, "ns");
}

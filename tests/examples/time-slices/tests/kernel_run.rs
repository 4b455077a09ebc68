//! Runs the program on the running kernel.

use std::process::Command;

use bpf_subskeleton_tests::require_bpf;

#[test]
fn it_draws_a_histogram() {
    require_bpf();
    let output = Command::new(env!("CARGO_BIN_EXE_time-slices"))
        .arg("1")
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(stdout.contains(" time slices, "), "{stdout}");
    assert!(stdout.contains(" us ") && stdout.contains('█'), "{stdout}");
}

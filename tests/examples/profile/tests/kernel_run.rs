//! The program, from outside.

use std::process::Command;

use bpf_subskeleton_tests::require_bpf;

#[test]
fn shows_its_own_stacks() {
    require_bpf();
    let output = Command::new(env!("CARGO_BIN_EXE_profile"))
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let output = String::from_utf8(output.stdout).unwrap();
    let (last, stacks) = output.lines().collect::<Vec<_>>().split_last().map_or_else(
        || panic!("no output"),
        |(last, stacks)| {
            (
                (*last).to_owned(),
                stacks.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>(),
            )
        },
    );
    assert_eq!(last, "done: enough stacks (10), in profile");
    assert!(stacks.len() >= 10, "{output}");
    assert!(
        stacks.iter().all(|stack| stack.starts_with("profile (")),
        "{output}"
    );
}

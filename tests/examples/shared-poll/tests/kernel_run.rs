//! Runs the program on the running kernel.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use bpf_subskeleton_tests::require_bpf;

const PROGRAM: &str = env!("CARGO_BIN_EXE_shared-poll");

/// Ends the program however the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It fails only if the program has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn it_prints_what_both_libraries_report() {
    require_bpf();
    let mut command = Command::new(PROGRAM);
    command.arg("60").stdout(Stdio::piped());
    let mut running = Running(command.spawn().unwrap());
    let mut lines = BufReader::new(running.0.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "for 60 s:");

    let mut shell = Command::new("/bin/sh").args(["-c", "exit 3"]).spawn();
    let shell = shell.as_mut().unwrap();
    shell.wait().unwrap();
    let pid = shell.id();
    let of_shell: Vec<String> = lines
        .map(Result::unwrap)
        .filter(|line| line.split_whitespace().nth(1) == Some(&pid.to_string()))
        .take(2)
        .collect();
    assert_eq!(
        of_shell,
        [
            format!("exec {pid:>7} /bin/sh"),
            format!("exit {pid:>7} sh: exit status: 3"),
        ]
    );
}

#[test]
fn it_ends_with_what_was_lost() {
    require_bpf();
    let output = Command::new(PROGRAM).arg("0").output().unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(stdout.starts_with("for 0 s:\n"), "{stdout}");
    assert!(stdout.ends_with("lost: 0 execs, 0 exits\n"), "{stdout}");
}

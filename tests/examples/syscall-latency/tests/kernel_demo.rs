//! Runs the demo on the running kernel.

use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use bpf_subskeleton_tests::require_bpf;
use rustix::process::{Pid, Signal, kill_process};

const DEMO: &str = env!("CARGO_BIN_EXE_syscall-latency");

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn assert_summary(output: &Output) {
    let stdout = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(stdout.contains(" system calls in "), "{stdout}");
    assert!(stdout.contains(" ns ") && stdout.contains('█'), "{stdout}");
    assert!(stdout.contains("\nmean "), "{stdout}");
    assert!(stdout.contains(" calls, "), "{stdout}");
    // Not a terminal: one frame, no cursor movement.
    assert_eq!(stdout.matches(" system calls in ").count(), 1, "{stdout}");
    assert!(!stdout.contains('\x1b'), "{stdout}");
}

#[test]
fn it_runs_for_the_time_it_is_given() {
    require_bpf();
    let start = Instant::now();
    let output = Command::new(DEMO)
        .args(["--seconds", "1"])
        .output()
        .unwrap();
    assert_summary(&output);
    assert!(start.elapsed() >= Duration::from_secs(1));
}

#[test]
fn short_calls_are_left_out_on_request() {
    require_bpf();
    let output = Command::new(DEMO)
        .args(["--seconds", "1", "--min", "1048576"])
        .output()
        .unwrap();
    assert_summary(&output);
    assert!(
        !text(&output.stdout).contains("512K..1M "),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn interrupted_it_prints_its_summary() {
    require_bpf();
    for signal in [Signal::INT, Signal::TERM] {
        let demo = Command::new(DEMO)
            .args(["--seconds", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_secs(1));
        kill_process(Pid::from_child(&demo), signal).unwrap();
        assert_summary(&demo.wait_with_output().unwrap());
    }
}

#[test]
fn without_privilege_it_says_so_in_one_line() {
    let output = Command::new("setpriv")
        .args(["--bounding-set=-all", "--inh-caps=-all", DEMO])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert_eq!(
        text(&output.stderr),
        "syscall-latency: no permission to trace: needs CAP_PERFMON and CAP_BPF, run it as root\n"
    );
    assert_eq!(text(&output.stdout), "");
}

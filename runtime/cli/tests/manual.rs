//! What clap makes of the arguments: completions and man pages.

use std::fs;
use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_subskeleton"));
    command.args(args).output().unwrap()
}

const COMMANDS: [&str; 10] = [
    "show",
    "diff",
    "expand",
    "list",
    "get",
    "set",
    "watch",
    "metrics",
    "completions",
    "man",
];

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&["completions", shell]);
        let script = String::from_utf8(output.stdout).unwrap();
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
        assert!(script.contains("library") && output.status.success());
    }
}

#[test]
fn every_command_has_a_man_page_and_help() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    assert!(run(&["man", path]).status.success());
    for command in COMMANDS {
        let page = folder.path().join(format!("subskeleton-{command}.1"));
        assert!(fs::read_to_string(page).unwrap().contains(".SH SYNOPSIS"));
        let help = run(&["help", command]);
        assert!(
            String::from_utf8(help.stdout)
                .unwrap()
                .contains("Usage: subskeleton")
        );
    }
    assert!(folder.path().join("subskeleton.1").exists());
    let missing = run(&["man", "/no/such/folder"]);
    let errors = String::from_utf8(missing.stderr).unwrap();
    assert!(
        errors.starts_with("subskeleton: can't write man pages to /no/such/folder: "),
        "{errors}"
    );
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn wrong_arguments_are_trouble() {
    for args in [
        &["get"][..],
        &["no-such-command"],
        &["watch", "x", "--interval", "5"],
    ] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}

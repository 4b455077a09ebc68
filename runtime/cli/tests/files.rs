//! Files that are no BPF objects, or damaged ones: errors that name the file, never a panic.

mod command;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use bpf_subskeleton_tests::objects::{compile_c_with, object};

use command::{Output, subskeleton};

/// Each command that reads a file.
fn commands(file: &Path) -> [Output; 4] {
    let (file, good) = (file.as_os_str(), object("selection"));
    let run =
        |args: &[&OsStr]| subskeleton(["--json".as_ref()].into_iter().chain(args.iter().copied()));
    [
        run(&["show".as_ref(), file]),
        run(&["expand".as_ref(), file]),
        run(&["diff".as_ref(), file, good.as_os_str()]),
        run(&["diff".as_ref(), good.as_os_str(), file]),
    ]
}

fn written(name: &str, bytes: &[u8]) -> PathBuf {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, bytes).unwrap();
    file
}

#[test]
fn errors_name_the_file() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let cases = [
        (
            folder.join("none.bpf.o"),
            "No such file or directory (os error 2)",
        ),
        (folder.to_owned(), "a directory, not a BPF object"),
        (PathBuf::from("/dev/null"), "not a regular file"),
        (
            written("empty.bpf.o", b""),
            "the file is empty: expected a BPF object",
        ),
        (
            written("text.bpf.o", b"int a;"),
            "not an ELF file (it begins like text): expected a BPF object",
        ),
        (
            compile_c_with("cli-no-btf", "int a;", &["-g0"]),
            "the object has no BTF (no `.BTF` section), so its types are unknown: compile it with `-g`",
        ),
    ];
    for (file, text) in cases {
        let expected = format!("subskeleton: {}: {text}", file.display());
        for output in commands(&file) {
            assert_eq!((output.status, output.stdout.as_str()), (2, ""));
            assert!(output.stderr.starts_with(&expected), "{}", output.stderr);
            assert_eq!(output.stderr.lines().count(), 1);
        }
    }
}

#[test]
fn damage_is_no_panic() {
    let good = fs::read(object("subskel_lib")).unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..150 {
        let mut bytes = good.clone();
        for _ in 0..=random(4) {
            let at = random(bytes.len());
            bytes[at] = random(256) as u8;
        }
        let file = written("damaged.bpf.o", &bytes);
        for output in commands(&file) {
            assert!(matches!(output.status, 0..=2), "{}", output.stderr);
            let is_error = output.status == 2;
            if !is_error {
                output.json();
            }
            assert_eq!(
                is_error,
                output.stderr.starts_with("subskeleton: "),
                "{}",
                output.stderr
            );
        }
    }
    for len in (0..good.len()).step_by(97) {
        for output in commands(&written("cut.bpf.o", &good[..len])) {
            assert_eq!(output.status, 2, "{len}");
        }
    }
}

//! Creates a library crate and an application in an empty folder, with only the code from the guides, and runs the
//! application.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use bpf_subskeleton_tests::require_bpf;

/// The files that the guide has: where a line ends in the path of one, the next block is its content.
fn files(guide: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut lines = guide.lines();
    let mut path = None;
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            if let Some(path) = path.take() {
                files.insert(path, block.join("\n") + "\n");
            }
        } else if let Some(before) = line.strip_suffix("`:") {
            path = before.rsplit_once('`').map(|(_, path)| path.to_owned());
        } else if !line.is_empty() {
            path = None;
        }
    }
    files
}

#[test]
fn the_guides_are_a_library_and_an_application() {
    require_bpf();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guide");
    // All but build output.
    for folder in ["tally", "opens"] {
        let _ = fs::remove_dir_all(root.join(folder));
    }
    for guide in ["ship", "using"] {
        let guide = repository.join(format!("runtime/guide/{guide}.md"));
        for (path, content) in files(&fs::read_to_string(guide).unwrap()) {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
    }
    // The crates are not yet published, so this is what `bpf-subskeleton = "0.1"` means. And the folder is in this
    // workspace's, of which it is no part.
    let mut manifest =
        "[workspace]\nmembers = [\"opens\"]\nresolver = \"3\"\n\n[patch.crates-io]\n".to_owned();
    for (package, folder) in [
        ("bpf-subskeleton", "runtime"),
        ("bpf-subskeleton-build", "runtime/build"),
        ("bpf-subskeleton-codegen", "macros/codegen"),
        ("bpf-subskeleton-macros", "macros"),
        ("bpf-subskeleton-object", "macros/object"),
    ] {
        let folder = repository.join(folder).canonicalize().unwrap();
        manifest += &format!("{package} = {{ path = {folder:?} }}\n");
    }
    fs::write(root.join("Cargo.toml"), manifest).unwrap();
    // Versions that are downloaded already.
    fs::copy(repository.join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
    run(&root);
    // A later version of the library, with a program that nothing can attach.
    let library = root.join("tally/bpf/tally.bpf.c");
    let source = fs::read_to_string(&library).unwrap();
    let reset =
        "\nSEC(\"syscall\")\nint tally_reset(void *ctx)\n{\n\ttally_events = 0;\n\treturn 0;\n}\n";
    fs::write(&library, source + reset).unwrap();
    run(&root);
}

/// Runs the application.
#[track_caller]
fn run(root: &Path) {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap());
    cargo
        .args(["run", "--quiet", "--offline"])
        .current_dir(root.join("opens"))
        .env("CARGO_TARGET_DIR", root.join("target"));
    let output = cargo.output().unwrap();
    let (stdout, stderr) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{stderr}");
    let numbers: Vec<u64> = stdout
        .lines()
        .map(|line| line.split(' ').next().unwrap().parse().unwrap())
        .collect();
    let [all, own] = numbers.as_slice() else {
        panic!("{stdout}");
    };
    // The guide sets `tally_pid`, so only the program's own are counted.
    assert!(*all >= 100 && all == own, "{stdout}");
}

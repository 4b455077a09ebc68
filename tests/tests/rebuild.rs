//! Cargo compiles a companion crate again when the object changes, though no Rust file does.
//!
//! Each test has a package of its own, with a program that prints the names of its library's variables. What
//! the packages depend on is compiled once for all, in a folder that stays from run to run.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use bpf_subskeleton_tests::objects::compile_c;

const PROGRAM: &str = r#"
    #[bpf_subskeleton::subskeleton(obj = OBJECT)]
    struct Library;

    fn main() {
        let _needed = |library: &Library| library.bss.needed.get();
        for variable in Library::VARIABLES {
            println!("{}", variable.name());
        }
    }
"#;

const MANIFEST: &str = r#"
    [package]
    name = "NAME"
    edition = "2024"

    [dependencies]
    bpf-subskeleton.path = "RUNTIME"

    [profile.dev]
    debug = false

    [workspace]
"#;

/// A package that depends on `bpf-subskeleton`.
struct Package {
    root: PathBuf,
}

impl Package {
    /// A package whose library is the object that this expression names.
    fn new(name: &str, object: &str) -> Self {
        let root = folder().join(name);
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let runtime = workspace.join("runtime").into_os_string();
        let manifest = MANIFEST
            .replace("NAME", name)
            .replace("RUNTIME", &runtime.into_string().unwrap());
        fs::create_dir_all(root.join("src")).unwrap();
        fs::write(root.join("Cargo.toml"), manifest).unwrap();
        fs::write(root.join("src/main.rs"), PROGRAM.replace("OBJECT", object)).unwrap();
        // The versions that this workspace has: they are there, and cargo need not ask for others.
        fs::copy(workspace.join("Cargo.lock"), root.join("Cargo.lock")).unwrap();
        Self { root }
    }

    /// Compiles C to an object of the package, over the one that was there.
    fn compile(&self, object: &str, source: &str) {
        let path = self.root.join(object);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::copy(compile_c("rebuild", source), path).unwrap();
    }

    /// Runs the program; before that cargo builds it, if it finds anything changed.
    fn run(&self, environment: &[(&str, &str)]) -> Output {
        Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["run", "--quiet", "--offline"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", folder().join("target"))
            .envs(environment.iter().copied())
            .output()
            .unwrap()
    }

    #[track_caller]
    fn assert_sees(&self, environment: &[(&str, &str)], variables: &[&str]) {
        let output = self.run(environment);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert_eq!(stdout.lines().collect::<Vec<_>>(), variables);
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("rebuild")
}

#[test]
fn when_the_object_is_edited() {
    let package = Package::new("edited", r#""bpf/library.bpf.o""#);
    let compile = |source| package.compile("bpf/library.bpf.o", source);
    compile("int needed;");
    package.assert_sees(&[], &["needed"]);
    compile("int needed, added;");
    package.assert_sees(&[], &["needed", "added"]);
    compile("int added;");
    let output = package.run(&[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(stderr.contains("no field `needed`"), "{stderr}");
}

/// Both objects are there all the time, and neither changes.
#[test]
fn when_a_variable_of_the_environment_names_another_object() {
    let package = Package::new("moved", r#"concat!(env!("LIBRARY"), "/library.bpf.o")"#);
    package.compile("one/library.bpf.o", "int needed;");
    package.compile("two/library.bpf.o", "int needed, added;");
    let path = |name| package.root.join(name).into_os_string().into_string();
    let (one, two) = (path("one").unwrap(), path("two").unwrap());
    package.assert_sees(&[("LIBRARY", &one)], &["needed"]);
    package.assert_sees(&[("LIBRARY", &two)], &["needed", "added"]);
    package.assert_sees(&[("LIBRARY", &one)], &["needed"]);
}

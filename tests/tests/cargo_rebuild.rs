//! Cargo compiles a companion crate again when the object changes, though no Rust file does.
//!
//! Each test has a package of its own, with a program that prints the names of its library's variables. What
//! the packages depend on is compiled once for all.

use std::fs;
use std::process::Output;

use bpf_subskeleton_tests::objects::compile_c;
use bpf_subskeleton_tests::package::Package;

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

/// A package whose program names the variables of its library.
struct Program(Package);

impl Program {
    /// A program whose library is the object that this expression names.
    fn new(name: &str, object: &str) -> Self {
        let dependencies = r#"bpf-subskeleton.path = "{workspace}/runtime""#;
        let package = Package::new(env!("CARGO_TARGET_TMPDIR"), name, dependencies);
        package.write("src/main.rs", PROGRAM.replace("OBJECT", object));
        Self(package)
    }

    /// Compiles C to an object of the package, over the one that was there.
    fn compile(&self, object: &str, source: &str) {
        let bytes = fs::read(compile_c("rebuild", source)).unwrap();
        self.0.write(object, bytes);
    }

    /// Runs the program; before that cargo builds it, if it finds anything changed.
    fn run(&self, environment: &[(&str, &str)]) -> Output {
        let mut cargo = self.0.run();
        cargo.envs(environment.iter().copied()).output().unwrap()
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

#[test]
fn when_the_object_is_edited() {
    let program = Program::new("edited", r#""bpf/library.bpf.o""#);
    let compile = |source| program.compile("bpf/library.bpf.o", source);
    compile("int needed;");
    program.assert_sees(&[], &["needed"]);
    compile("int needed, added;");
    program.assert_sees(&[], &["needed", "added"]);
    compile("int added;");
    let output = program.run(&[]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(stderr.contains("no field `needed`"), "{stderr}");
}

/// Both objects are there all the time, and neither changes.
#[test]
fn when_a_variable_of_the_environment_names_another_object() {
    let program = Program::new("moved", r#"concat!(env!("LIBRARY"), "/library.bpf.o")"#);
    program.compile("one/library.bpf.o", "int needed;");
    program.compile("two/library.bpf.o", "int needed, added;");
    let path = |name| program.0.root().join(name).into_os_string().into_string();
    let (one, two) = (path("one").unwrap(), path("two").unwrap());
    program.assert_sees(&[("LIBRARY", &one)], &["needed"]);
    program.assert_sees(&[("LIBRARY", &two)], &["needed", "added"]);
    program.assert_sees(&[("LIBRARY", &one)], &["needed"]);
}

//! `include_object!`: the object in the program.

use crate::crates::Crate;

const RUNTIME: &str = "bpf-subskeleton.path = \"{workspace}/runtime\"\n";

const PROGRAM: &str = r#"
    use bpf_subskeleton::include_object;

    static OBJECT: &[u8] = include_object!("app.bpf.o");
    const SAME: &[u8] = include_object!("app.bpf.o");

    // Of an odd length, which another alignment would show.
    static BYTES: [&[u8]; 3] = [include_object!("odd"), include_object!("odd"), include_object!("odd")];

    fn main() {
        assert_eq!(OBJECT, std::fs::read(concat!(env!("OUT_DIR"), "/app.bpf.o")).unwrap());
        assert_eq!(OBJECT, SAME);
        assert_eq!(OBJECT, include_object!("app.bpf.o"));
        assert_eq!(BYTES, [b"odd"; 3]);
        for bytes in [OBJECT, SAME, BYTES[0], BYTES[1], BYTES[2]] {
            assert_eq!(bytes.as_ptr().addr() % 8, 0);
        }
    }
"#;

#[test]
fn it_is_the_file_and_aligned() {
    let application = Crate::with_dependencies("include-object", "", RUNTIME);
    application.write("bpf/app.bpf.c", "int variable;");
    application.write(
        "build.rs",
        "fn main() -> Result<(), Box<dyn std::error::Error>> {
             let object = bpf_subskeleton_build::Application::new(\"bpf/app.bpf.c\").build()?;
             std::fs::write(object.with_file_name(\"odd\"), \"odd\")?;
             Ok(())
         }",
    );
    application.write("src/main.rs", PROGRAM);
    let output = application.cargo("run").output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
}

#[test]
fn without_a_build_script_the_compiler_says_so() {
    let application = Crate::with_dependencies("include-nothing", "", RUNTIME);
    application.write(
        "src/main.rs",
        "fn main() { drop(bpf_subskeleton::include_object!(\"app.bpf.o\")); }",
    );
    let checked = application.check().fails(&[
        "`include_object!` takes an object from OUT_DIR",
        "add a build.rs that compiles one",
        "src/main.rs:1",
    ]);
    // One mistake, one message.
    assert_eq!(
        checked.stderr.matches("error: ").count(),
        2,
        "{}",
        checked.stderr
    );
}

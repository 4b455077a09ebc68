//! The application chooses which libbpf is linked, whatever companion crates it depends on.

use bpf_subskeleton_tests::objects::compile_c;
use bpf_subskeleton_tests::package::Package;

/// Prints whether libbpf is a shared library, like the system's, or part of the program.
const PROGRAM: &str = r#"
    fn main() {
        // Linked in only if it is used.
        let _bind = companion::Library::bind::<companion::Object>;
        assert!(companion::libbpf_is_there());
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        println!("{}", if maps.contains("/libbpf.so") { "shared" } else { "static" });
    }
"#;

const COMPANION: &str = r#"
    #[bpf_subskeleton::subskeleton(obj = "library.bpf.o")]
    pub struct Library;

    pub use bpf_subskeleton::libbpf_rs::Object;

    pub fn libbpf_is_there() -> bool {
        // SAFETY: it has no conditions.
        (unsafe { bpf_subskeleton::libbpf_rs::libbpf_sys::libbpf_major_version() }) >= 1
    }
"#;

/// Builds an application with these dependencies beside a companion crate, and runs it.
#[track_caller]
fn assert_links(name: &str, dependencies: &str, expected: &str) {
    let tmp = env!("CARGO_TARGET_TMPDIR");
    let library = format!("{name}-library");
    let companion = Package::new(
        tmp,
        &library,
        r#"bpf-subskeleton = { path = "{workspace}/runtime", default-features = false }"#,
    );
    let object = compile_c("which_libbpf", "int samples;");
    companion.write("library.bpf.o", std::fs::read(object).unwrap());
    companion.write("src/lib.rs", COMPANION);

    let application = Package::new(
        tmp,
        name,
        &format!(
            "companion = {{ path = \"{{packages}}/{library}\", package = \"{library}\" }}\n{dependencies}"
        ),
    );
    application.write("src/main.rs", PROGRAM);
    let output = application.run().output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected);
}

#[test]
fn the_systems_unless_a_feature_asks_for_another() {
    let dependencies = r#"libbpf-rs = { version = "0.27", default-features = false }"#;
    assert_links("of-the-system", dependencies, "shared");
}

#[test]
fn built_from_source_by_default() {
    let dependencies = r#"bpf-subskeleton.path = "{workspace}/runtime""#;
    assert_links("by-default", dependencies, "static");
}

/// The feature that they enable is one and the same.
#[test]
fn built_from_source_if_libbpf_rs_is_told_to() {
    assert_links("of-libbpf-rs", r#"libbpf-rs = "0.27""#, "static");
}

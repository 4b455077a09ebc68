//! What the compiler makes of generated code: how long a crate with 10 to 10,000 variables takes, and how large its
//! program becomes. A section of 256 variables is the largest whose struct is filled field by field.
//!
//! What the crate depends on is compiled before, and is not counted.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use bpf_subskeleton_tests::objects::object;
use bpf_subskeleton_tests::package::Package;

fn main() {
    println!(
        "compile: a program that configures, binds, clones and shows all variables of a section"
    );
    println!(
        "{:>9} {:>10} {:>10} {:>15} {:>15}",
        "variables", "debug", "release", "release, bytes", "a variable"
    );
    let mut smallest = None;
    for variables in [10, 100, 256, 1_000, 3_000, 10_000] {
        let package = program(variables);
        let [(debug, _), (release, size)] =
            [&[][..], &["--release"]].map(|flags| build(&package, flags));
        let (fewer, smaller) = *smallest.get_or_insert((variables, size));
        let more = size.saturating_sub(smaller);
        let each = more.checked_div(variables - fewer);
        println!(
            "{variables:>9} {debug:>8.2} s {release:>8.2} s {size:>15} {:>15}",
            each.map_or_else(String::new, |each| each.to_string())
        );
    }
}

fn program(variables: u64) -> Package {
    let dependencies = "bpf-subskeleton = { path = \"{workspace}/runtime\" }";
    let package = Package::new(env!("CARGO_TARGET_TMPDIR"), "many", dependencies);
    let object = object(&format!("many_{variables}"));
    let (object, last) = (object.display().to_string(), variables - 1);
    package.write(
        "src/main.rs",
        format!(
            "use bpf_subskeleton::libbpf_rs::ObjectBuilder;
            use bpf_subskeleton::subskeleton;

            /// All variables.
            #[subskeleton(obj = {object:?})]
            pub struct Many;

            fn main() -> Result<(), Box<dyn std::error::Error>> {{
                let mut open = ObjectBuilder::default().open_file({object:?})?;
                let config = Many::configure(&mut open)?;
                *config.bss.v00000 = 7;
                println!(\"{{:?}}\", config.bss);
                let bss = Many::bind(&open.load()?)?.bss.clone();
                println!(\"{{:?}} {{bss:?}}\", bss.v{last:05});
                Ok(())
            }}"
        ),
    );
    package
}

/// Seconds that the program itself takes, and the program's size.
fn build(package: &Package, flags: &[&str]) -> (f64, u64) {
    // That of all packages which are built here.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages/target");
    let build = || {
        let mut build: Command = package.cargo("build");
        build
            .arg("--quiet")
            .args(flags)
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_INCREMENTAL", "0");
        let built = build.status().expect("cargo runs");
        assert!(built.success());
    };
    // With what it depends on.
    let main = package.root().join("src/main.rs");
    let program = fs::read(&main).expect("it has just been written");
    fs::write(&main, "fn main() {}").expect("it has just been written");
    build();
    fs::write(&main, program).expect("it has just been written");
    let start = Instant::now();
    build();
    let took = start.elapsed().as_secs_f64();
    let folder = if flags.is_empty() { "debug" } else { "release" };
    let program = target.join(folder).join("many");
    (took, fs::metadata(program).expect("it was built").len())
}

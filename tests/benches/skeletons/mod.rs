//! Skeletons of libbpf-cargo's, from a program that calls it as a build script does, but optimised as the benchmarks are.

use std::path::Path;

use bpf_subskeleton_tests::package::Package;

/// Has libbpf-cargo write a skeleton of `object`, a few times, and returns the nanoseconds that it took at best.
///
/// The text stays as it is if there is no program named `rustfmt`.
pub(crate) fn skeleton(object: &Path, output: &Path, rustfmt: &str) -> f64 {
    let dependency = "libbpf-cargo = \"0.27.2\"";
    let package = Package::new(env!("CARGO_TARGET_TMPDIR"), "skeletons", dependency);
    package.write(
        "src/main.rs",
        "use std::env::args;
        use std::time::Instant;
        use libbpf_cargo::SkeletonBuilder;

        fn main() {
            let [object, output, rustfmt] = [1, 2, 3].map(|which| args().nth(which).unwrap());
            let one = || {
                let start = Instant::now();
                let mut builder = SkeletonBuilder::new();
                builder.obj(&object).rustfmt(&rustfmt).generate(&output).unwrap();
                start.elapsed().as_nanos()
            };
            println!(\"{}\", (0..3).map(|_| one()).min().unwrap());
        }",
    );
    let mut run = package.run();
    run.args(["--release", "--"]).args([object, output]);
    let done = run.arg(rustfmt).output().expect("cargo runs");
    let said = String::from_utf8_lossy(&done.stdout);
    let time = said.trim().parse();
    time.unwrap_or_else(|_| panic!("{said}{}", String::from_utf8_lossy(&done.stderr)))
}

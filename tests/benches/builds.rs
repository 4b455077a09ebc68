//! What a build costs: of a companion crate, and of a crate with libbpf-cargo's skeleton of the same C; clean, and after
//! an edit of the C.
//!
//! Both have what the documentation of their build scripts recommends, and build libbpf from source. A script that stands
//! for clang notes how long it runs.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bpf_subskeleton_tests::objects::{cflags, clang};
use bpf_subskeleton_tests::package::Package;
use bpf_subskeleton_tests::report::{Amount, Other, Report, Row};

const EDITS: usize = 7;

/// The library that both are of, in its folder.
const LIBRARY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/histogram/bpf");

/// A package, where it is built, and the compiler that it is told to use.
struct Project {
    package: Package,
    target: PathBuf,
    clang: Clang,
}

/// A script that runs clang and adds a line to `log`, the nanoseconds that it took.
struct Clang {
    script: PathBuf,
    log: PathBuf,
}

/// Nanoseconds of a build, and of clang in it.
struct Took {
    all: f64,
    clang: f64,
}

fn main() {
    let mut report = Report::new(
        "builds",
        "cargo build of a crate with a BPF library of 90 lines, without optimisation: clean, with all that the crate depends \
         on, and after an edit of the C",
    );
    let projects = [companion(), skeleton()];

    let mut built = [f64::INFINITY; 2];
    for who in [0, 1, 1, 0] {
        built[who] = built[who].min(projects[who].build_clean().all);
    }
    let [here, there] = built;
    let other = Other::new("with libbpf-cargo", time(there), here / there).at_most(0.5);
    let row = Row::new("clean build of a companion", time(here)).against(other);
    report.add(row.in_readme());

    let mut rebuilt = [const { Vec::new() }; 2];
    for edit in 0..EDITS {
        for (project, rebuilt) in projects.iter().zip(&mut rebuilt) {
            rebuilt.push(project.build_edited(edit));
        }
    }
    let [ours, theirs] = &rebuilt;
    let median = |of: &dyn Fn(&Took, &Took) -> f64| {
        let mut numbers: Vec<f64> = ours.iter().zip(theirs).map(|(a, b)| of(a, b)).collect();
        numbers.sort_by(f64::total_cmp);
        numbers[numbers.len() / 2]
    };
    let here = median(&|ours, _| ours.all);
    let ratio = median(&|ours, theirs| ours.all / theirs.all);
    let other = Other::new(
        "with libbpf-cargo",
        time(median(&|_, theirs| theirs.all)),
        ratio,
    );
    let row = Row::new("rebuild after an edit of its C", time(here)).against(other.at_most(0.5));
    report.add(row.in_readme());

    let rest = |took: &Took| took.all - took.clang;
    let part = median(&|ours, _| rest(ours) / ours.all);
    let other = Other::new("the whole rebuild", time(here), part).at_most(0.5);
    let rest_here = time(median(&|ours, _| rest(ours)));
    let rest_there = Other::new(
        "with libbpf-cargo, all but clang",
        time(median(&|_, theirs| rest(theirs))),
        median(&|ours, theirs| rest(ours) / rest(theirs)),
    );
    let row = Row::new("that rebuild, all but clang", rest_here).against(other);
    report.add(row.against(rest_there));
    report.finish();
}

fn time(nanoseconds: f64) -> Amount {
    Amount::Nanoseconds(nanoseconds)
}

fn companion() -> Project {
    let project = Project::new(
        "benched_companion",
        "links = \"benched_companion_bpf\"\n\n\
         [dependencies]\nbpf-subskeleton = { path = \"{workspace}/runtime\" }\n\n\
         [build-dependencies]\nbpf-subskeleton-build = { path = \"{workspace}/runtime/build\" }\n",
    );
    project.package.write(
        "build.rs",
        "fn main() -> Result<(), bpf_subskeleton_build::Error> {
            bpf_subskeleton_build::Library::new(\"bpf/histogram.bpf.c\").include(\"bpf\").build()?;
            Ok(())
        }",
    );
    project.package.write(
        "src/lib.rs",
        "use bpf_subskeleton::subskeleton;
        #[subskeleton(obj = concat!(env!(\"OUT_DIR\"), \"/histogram.bpf.o\"))]
        pub struct Histogram;
        ",
    );
    project
}

fn skeleton() -> Project {
    let project = Project::new(
        "benched_skeleton",
        "\n[dependencies]\nlibbpf-rs = \"0.27.2\"\n\n[build-dependencies]\nlibbpf-cargo = \"0.27.2\"\n",
    );
    // bpf-subskeleton-build finds libbpf's headers itself.
    let includes: Vec<&str> = cflags()
        .filter(|flag| flag.starts_with("-isystem"))
        .collect();
    let script = &project.clang.script;
    project.package.write(
        "build.rs",
        format!(
            "use std::path::Path;
            use libbpf_cargo::SkeletonBuilder;

            fn main() {{
                let out = std::env::var_os(\"OUT_DIR\").unwrap();
                SkeletonBuilder::new()
                    .source(\"bpf/histogram.bpf.c\")
                    .clang({script:?})
                    .clang_args([\"-Ibpf\"])
                    .clang_args({includes:?})
                    .build_and_generate(Path::new(&out).join(\"histogram.skel.rs\"))
                    .unwrap();
                println!(\"cargo:rerun-if-changed=bpf\");
            }}"
        ),
    );
    project.package.write(
        "src/lib.rs",
        "include!(concat!(env!(\"OUT_DIR\"), \"/histogram.skel.rs\"));\n",
    );
    project
}

impl Project {
    fn new(name: &str, dependencies: &str) -> Self {
        let tmp = env!("CARGO_TARGET_TMPDIR");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n{dependencies}\n\
             [profile.dev]\ndebug = false\n\n[workspace]\n"
        );
        let package = Package::with_manifest(tmp, name, &manifest);
        for file in fs::read_dir(LIBRARY).expect("it is in this repository") {
            let file = file.expect("it is in this repository");
            let path = Path::new("bpf").join(file.file_name());
            let contents = fs::read(file.path()).expect("it is in this repository");
            package.write(path.to_str().expect("a plain name"), contents);
        }
        let clang = Clang::new(package.root());
        let target = Path::new(tmp).join(format!("{name}-target"));
        Self {
            package,
            target,
            clang,
        }
    }

    fn build_clean(&self) -> Took {
        match fs::remove_dir_all(&self.target) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
            _ => self.build(),
        }
    }

    /// Adds a variable to the library, another one than before.
    fn build_edited(&self, edit: usize) -> Took {
        let source = format!("{LIBRARY}/histogram.bpf.c");
        let source = fs::read_to_string(source).expect("it is in this repository");
        let edited = format!("{source}\n__u64 hist_edited_{edit} = {edit} + 1;\n");
        self.package.write("bpf/histogram.bpf.c", edited);
        let took = self.build();
        assert!(took.clang > 0.0, "the C was not compiled");
        took
    }

    fn build(&self) -> Took {
        fs::write(&self.clang.log, "").expect("a folder of this benchmark");
        let mut build = self.package.cargo("build");
        build
            .arg("--quiet")
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CLANG", &self.clang.script);
        let start = Instant::now();
        let built = build.status().expect("cargo runs");
        let all = start.elapsed().as_secs_f64() * 1e9;
        assert!(built.success());
        let log = fs::read_to_string(&self.clang.log).expect("it is there");
        let times = log
            .lines()
            .map(|line| line.parse::<f64>().expect("a number"));
        let clang = times.sum();
        Took { all, clang }
    }
}

impl Clang {
    fn new(folder: &Path) -> Self {
        let (script, log) = (folder.join("clang"), folder.join("clang.log"));
        let text = format!(
            "#!/bin/sh\n\
             start=$(date +%s%N)\n\
             '{}' \"$@\"\n\
             code=$?\n\
             echo $(($(date +%s%N) - start)) >>'{}'\n\
             exit $code\n",
            clang(),
            log.display()
        );
        fs::write(&script, text).expect("a folder of this benchmark");
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&script, executable).expect("it has just been written");
        Self { script, log }
    }
}

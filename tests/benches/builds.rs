//! What a build costs: of a companion crate, and of a crate with libbpf-cargo's skeleton of the same C; clean, and after
//! an edit of the C.
//!
//! Both have what the documentation of their build scripts recommends, take their dependencies from a registry, and build
//! libbpf from source. A script that stands for clang notes how long it runs.

mod published;
mod rounds;
mod scheduler;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use bpf_subskeleton_tests::objects::{cflags, clang};
use bpf_subskeleton_tests::package::Package;
use bpf_subskeleton_tests::report::{Amount, Other, Report, Row};

use crate::published::Published;
use crate::rounds::median;
use crate::scheduler::scheduler;

const EDITS: usize = 7;

/// A BPF library in one file of C.
struct Library {
    /// As in names of packages and files.
    name: &'static str,
    source: String,
    /// Headers that the source includes: names, and what they contain.
    headers: Vec<(&'static str, &'static str)>,
}

/// A package, where it is built, and the compiler that it is told to use.
struct Project<'l> {
    library: &'l Library,
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
        "cargo build of a crate with a BPF library, without optimisation and debug information, from a registry's \
         packages: clean, with all that the crate depends on, and after an edit of the C; of a small library, and of one \
         as large as a scheduler",
    );
    let small = Library {
        name: "histogram",
        source: include_str!("../examples/histogram/bpf/histogram.bpf.c").to_owned(),
        headers: vec![(
            "histogram.bpf.h",
            include_str!("../examples/histogram/bpf/histogram.bpf.h"),
        )],
    };
    let large = Library {
        name: "scheduler",
        source: scheduler(),
        headers: Vec::new(),
    };
    let published = Published::new(env!("CARGO_TARGET_TMPDIR"));
    for library in [small, large] {
        compare(&library, &published, &mut report);
    }
    report.finish();
}

fn compare(library: &Library, published: &Published, report: &mut Report) {
    let lines = library.source.lines().count();
    let projects = [companion(library, published), skeleton(library)];

    // In pairs, each of which a machine that slows down for a while slows as a whole.
    let mut pairs = [[0.0; 2]; 3];
    for (pair, built) in pairs.iter_mut().enumerate() {
        for turn in 0..2 {
            // Nobody always comes first.
            let who = (turn + pair) % 2;
            built[who] = projects[who].build_clean().all;
        }
    }
    let least = |who: usize| {
        pairs
            .iter()
            .map(|built| built[who])
            .fold(f64::INFINITY, f64::min)
    };
    let ratio = median(pairs.iter().map(|[here, there]| here / there));
    let other = Other::new("with libbpf-cargo", time(least(1)), ratio).at_most(0.5);
    let what = format!("clean build of a companion, {lines} lines of C");
    report.add(Row::new(what, time(least(0))).against(other).in_readme());

    let mut rebuilt = [const { Vec::new() }; 2];
    for edit in 0..EDITS {
        for (project, rebuilt) in projects.iter().zip(&mut rebuilt) {
            rebuilt.push(project.build_edited(edit));
        }
    }
    let [ours, theirs] = &rebuilt;
    let median =
        |of: &dyn Fn(&Took, &Took) -> f64| median(ours.iter().zip(theirs).map(|(a, b)| of(a, b)));
    let here = median(&|ours, _| ours.all);
    let ratio = median(&|ours, theirs| ours.all / theirs.all);
    let other = Other::new(
        "with libbpf-cargo",
        time(median(&|_, theirs| theirs.all)),
        ratio,
    );
    let what = format!("rebuild after an edit of its {lines} lines");
    let row = Row::new(what, time(here)).against(other.at_most(0.5));
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
}

fn time(nanoseconds: f64) -> Amount {
    Amount::Nanoseconds(nanoseconds)
}

fn companion<'l>(library: &'l Library, published: &Published) -> Project<'l> {
    let name = format!("benched_companion_{}", library.name);
    let project = Project::new(
        library,
        &name,
        &format!(
            "links = \"{name}_bpf\"\n\n\
             [dependencies]\nbpf-subskeleton = \"{version}\"\n\n\
             [build-dependencies]\nbpf-subskeleton-build = \"{version}\"\n\n{patch}",
            version = published::VERSION,
            patch = Published::patch(),
        ),
    );
    published.configure(&project.package);
    let source = library.path();
    project.package.write(
        "build.rs",
        format!(
            "fn main() -> Result<(), bpf_subskeleton_build::Error> {{
                bpf_subskeleton_build::Library::new({source:?}).include(\"bpf\").build()?;
                Ok(())
            }}"
        ),
    );
    project.package.write(
        "src/lib.rs",
        format!(
            "use bpf_subskeleton::subskeleton;
            #[subskeleton(obj = concat!(env!(\"OUT_DIR\"), \"/{}.bpf.o\"))]
            pub struct Library;
            ",
            library.name
        ),
    );
    project
}

fn skeleton(library: &Library) -> Project<'_> {
    let project = Project::new(
        library,
        &format!("benched_skeleton_{}", library.name),
        "\n[dependencies]\nlibbpf-rs = \"0.27.2\"\n\n[build-dependencies]\nlibbpf-cargo = \"0.27.2\"\n",
    );
    // bpf-subskeleton-build finds libbpf's headers itself.
    let includes: Vec<&str> = cflags()
        .filter(|flag| flag.starts_with("-isystem"))
        .collect();
    let script = &project.clang.script;
    let source = library.path();
    project.package.write(
        "build.rs",
        format!(
            "use std::path::Path;
            use libbpf_cargo::SkeletonBuilder;

            fn main() {{
                let out = std::env::var_os(\"OUT_DIR\").unwrap();
                SkeletonBuilder::new()
                    .source({source:?})
                    .clang({script:?})
                    .clang_args([\"-Ibpf\"])
                    .clang_args({includes:?})
                    .build_and_generate(Path::new(&out).join(\"library.skel.rs\"))
                    .unwrap();
                println!(\"cargo:rerun-if-changed=bpf\");
            }}"
        ),
    );
    project.package.write(
        "src/lib.rs",
        "include!(concat!(env!(\"OUT_DIR\"), \"/library.skel.rs\"));\n",
    );
    project
}

impl Library {
    /// Where its source is in a package.
    fn path(&self) -> String {
        format!("bpf/{}.bpf.c", self.name)
    }
}

impl<'l> Project<'l> {
    fn new(library: &'l Library, name: &str, dependencies: &str) -> Self {
        let tmp = env!("CARGO_TARGET_TMPDIR");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n{dependencies}\n\
             [profile.dev]\ndebug = false\n\n[workspace]\n"
        );
        let package = Package::with_manifest(tmp, name, &manifest);
        package.write(&library.path(), &library.source);
        for (name, text) in &library.headers {
            package.write(&format!("bpf/{name}"), text);
        }
        let clang = Clang::new(package.root());
        let target = Path::new(tmp).join(format!("{name}-target"));
        Self {
            library,
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
        let Library { name, source, .. } = self.library;
        let edited = format!("{source}\n__u64 {name}_edited_{edit} = {edit} + 1;\n");
        self.package.write(&self.library.path(), edited);
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

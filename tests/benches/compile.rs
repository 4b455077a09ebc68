//! What the compiler makes of generated code: how long a crate with 10 to 10,000 variables takes, and how large its
//! program becomes, also beside one with libbpf-cargo's skeleton. A section of 128 variables is the largest whose struct is
//! filled field by field.
//!
//! What the crate depends on is compiled before, and is not counted.

mod skeletons;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use bpf_subskeleton_tests::objects::{link_once, object};
use bpf_subskeleton_tests::package::Package;
use bpf_subskeleton_tests::report::{Amount, Other, Report, Row};

use crate::skeletons::skeleton;

/// A program that was built.
struct Built {
    seconds: f64,
    size: u64,
}

fn main() {
    let mut report = Report::new(
        "compile",
        "cargo build of a program, without what it depends on, and the size of the program; the first ones configure, bind, \
         clone and show all variables of a section, the others use two of them",
    );
    for variables in [10, 100, 128, 1_000, 10_000] {
        let package = program(variables);
        for (how, flags) in [("debug", &[][..]), ("release", &["--release"])] {
            let built = build(&package, flags);
            let row = Row::new(format!("{how} build"), built.time());
            report.add(row.variables(variables));
            if how == "release" {
                let row = Row::new("size of the program", Amount::Bytes(built.size));
                report.add(row.variables(variables));
            }
        }
    }
    beside_skeletons(&mut report);
    report.finish();
}

/// The same few things done with a variable or two of many: what do the others cost?
fn beside_skeletons(report: &mut Report) {
    const FEW: usize = 10;
    const MANY: usize = 1_000;
    let [here, there] = [user, skeleton_user].map(|package: fn(usize) -> Package| {
        [FEW, MANY].map(|variables| build(&package(variables), &["--release"]))
    });
    let name = "with libbpf-cargo";
    for (index, variables) in [FEW, MANY].into_iter().enumerate() {
        let (here, there) = (&here[index], &there[index]);
        let other = Other::new(name, there.time(), here.seconds / there.seconds);
        let row = Row::new("release build, two used", here.time()).variables(variables);
        report.add(row.against(other));
        let ratio = here.size as f64 / there.size as f64;
        let other = Other::new(name, Amount::Bytes(there.size), ratio);
        let row = Row::new("size of the program, two used", Amount::Bytes(here.size))
            .variables(variables);
        report.add(row.against(other));
    }
    let [here, there] =
        [&here, &there].map(|[few, many]| many.size.saturating_sub(few.size) / (MANY - FEW) as u64);
    let ratio = here as f64 / there.max(1) as f64;
    let other = Other::new(name, Amount::Bytes(there), ratio).at_most(1.0);
    let row = Row::new("size of the program, a variable more", Amount::Bytes(here)).against(other);
    report.add(row.in_readme());
    let [few, many] = [FEW, MANY].map(|variables| {
        let object = fs::metadata(application(variables)).expect("it was linked");
        object.len()
    });
    let object = (many - few) / (MANY - FEW) as u64;
    report.add(Row::new("of that, the object", Amount::Bytes(object)));
}

/// Uses every variable.
fn program(variables: usize) -> Package {
    companion("many", variables, |object, last| {
        format!(
            "let mut open = ObjectBuilder::default().open_file({object:?})?;
            let config = Many::configure(&mut open)?;
            *config.bss.v00000 = 7;
            println!(\"{{:?}}\", config.bss);
            let bss = Many::bind(&open.load()?)?.bss.clone();
            println!(\"{{:?}} {{bss:?}}\", bss.v{last:05});"
        )
    })
}

/// The object that an application has in its program, without DWARF: build scripts of either kind link it.
fn application(variables: usize) -> PathBuf {
    let name = format!("many_{variables}");
    link_once(&name, &[&object(&name)])
}

/// Sets the first variable before it loads the object, which is part of the program, and shows the last.
fn user(variables: usize) -> Package {
    let application = application(variables);
    companion("many_user", variables, |_, last| {
        format!(
            "let mut open = ObjectBuilder::default().open_memory(include_bytes!({application:?}))?;
            *Many::configure(&mut open)?.bss.v00000 = 7;
            let many = Many::bind(&open.load()?)?;
            println!(\"{{:?}}\", many.bss.v{last:05});"
        )
    })
}

/// A program that does with a companion what `body` makes of the object's path and the last variable's number.
fn companion(name: &str, variables: usize, body: impl FnOnce(&str, usize) -> String) -> Package {
    let dependencies = "bpf-subskeleton = { path = \"{workspace}/runtime\" }";
    let package = Package::new(env!("CARGO_TARGET_TMPDIR"), name, dependencies);
    let object = object(&format!("many_{variables}"));
    let object = object.display().to_string();
    let body = body(&object, variables - 1);
    package.write(
        "src/main.rs",
        format!(
            "use bpf_subskeleton::libbpf_rs::ObjectBuilder;
            use bpf_subskeleton::subskeleton;

            /// All variables.
            #[subskeleton(obj = {object:?})]
            pub struct Many;

            fn main() -> Result<(), Box<dyn std::error::Error>> {{
                {body}
                Ok(())
            }}"
        ),
    );
    package
}

/// The same with a skeleton.
fn skeleton_user(variables: usize) -> Package {
    let dependencies = "libbpf-rs = \"0.27.2\"";
    let package = Package::new(env!("CARGO_TARGET_TMPDIR"), "many_skeleton", dependencies);
    // libbpf-cargo names a struct after the file.
    let named = package.root().join("many.bpf.o");
    fs::copy(application(variables), &named).expect("a folder of this benchmark");
    let skel = package.root().join("many.skel.rs");
    let _ = skeleton(&named, &skel, "/no/rustfmt");
    let (skel, last) = (skel.display().to_string(), variables - 1);
    package.write(
        "src/main.rs",
        format!(
            "use std::mem::MaybeUninit;
            use libbpf_rs::skel::{{OpenSkel as _, SkelBuilder as _}};

            mod many {{
                include!({skel:?});
            }}

            fn main() -> Result<(), Box<dyn std::error::Error>> {{
                let mut object = MaybeUninit::uninit();
                let mut open = many::ManySkelBuilder::default().open(&mut object)?;
                open.maps.bss_data.as_mut().ok_or(\"no .bss\")?.v00000 = 7;
                let skel = open.load()?;
                println!(\"{{:?}}\", skel.maps.bss_data.as_ref().ok_or(\"no .bss\")?.v{last:05});
                Ok(())
            }}"
        ),
    );
    package
}

/// What the program itself takes.
fn build(package: &Package, flags: &[&str]) -> Built {
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
    let seconds = start.elapsed().as_secs_f64();
    let folder = if flags.is_empty() { "debug" } else { "release" };
    let name = package.root().file_name().expect("it is a folder");
    let program = target.join(folder).join(name);
    let size = fs::metadata(program).expect("it was built").len();
    Built { seconds, size }
}

impl Built {
    fn time(&self) -> Amount {
        Amount::Nanoseconds(self.seconds * 1e9)
    }
}

//! What the macro costs at compile time: reading the object and writing the code, without what the
//! compiler then makes of it.

mod rounds;
mod scheduler;
mod skeletons;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

use bpf_subskeleton_codegen::internals::Environment;
use bpf_subskeleton_codegen::internals::subskeleton_in;
use bpf_subskeleton_tests::objects::compile_c;
use bpf_subskeleton_tests::report::{Amount, Other, Report, Row};

use crate::rounds::{compare, time};
use crate::scheduler::scheduler;
use crate::skeletons::skeleton;

fn main() {
    let mut report = Report::new(
        "expansion",
        "reading an object and writing the code for it, without what the compiler makes of that: all variables of one \
         section, and an object as large as a scheduler's; bpftool runs as a process of its own, as in a build",
    );
    by_variables(&mut report);
    beside_peers(&mut report);
    report.finish();
}

/// What all variables of one section cost.
fn by_variables(report: &mut Report) {
    for variables in [10, 100, 1_000, 10_000] {
        let object = format!("obj = {:?}", object(variables));
        let (args, item) = (object.parse().unwrap(), "pub struct Many;".parse().unwrap());
        let environment = Environment::cargo();
        let expand = || {
            subskeleton_in(
                black_box(&environment),
                Clone::clone(&args),
                Clone::clone(&item),
            )
        };
        let code = expand().to_string();
        assert!(!code.contains("compile_error ! { \""), "{code}");

        let calls = 10_000 / variables;
        let mut round = || (0..calls).map(|_| time(expand)).sum();
        let [took] = compare(8, calls, [&mut round]);
        report.add(Row::new("expansion", took.amount()).variables(variables as usize));
    }
}

fn object(variables: u32) -> String {
    format!("{}/many_{variables}.bpf.o", env!("OUT_DIR"))
}

/// What an object as large as a scheduler's costs, and what the generators of skeletons take for the same.
///
/// bpftool is a process of its own, as in a build; libbpf-cargo is called by one that was started before, as optimised
/// as this is.
fn beside_peers(report: &mut Report) {
    let object = compile_c("scheduler", &scheduler());
    let named = format!("obj = {:?}", object.display().to_string());
    let (args, item) = (named.parse().unwrap(), "pub struct Many;".parse().unwrap());
    let environment = Environment::cargo();
    let expand = || {
        subskeleton_in(
            black_box(&environment),
            Clone::clone(&args),
            Clone::clone(&item),
        )
    };
    let code = syn::parse2(expand()).expect("the macro writes Rust");
    let lines = prettyplease::unparse(&code).lines().count();
    let bytes = fs::metadata(&object).expect("it was compiled").len();

    let rounds = 60;
    let [here, bpftool] = compare(
        rounds,
        1,
        [&mut || time(expand), &mut || {
            time(|| {
                let mut gen_subskeleton = Command::new("bpftool");
                gen_subskeleton.args(["gen", "subskeleton"]).arg(&object);
                let done = gen_subskeleton.stdout(Stdio::null()).status();
                assert!(done.expect("bpftool is installed").success());
            })
        }],
    );
    // libbpf-cargo names a struct after the file.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let [named, output] = ["scheduler.bpf.o", "scheduler.skel.rs"].map(|name| folder.join(name));
    fs::copy(&object, &named).expect("a folder of this benchmark");
    let [plain, formatted] =
        ["/no/rustfmt", "rustfmt"].map(|rustfmt| skeleton(&named, &output, rustfmt));
    let other =
        |name: &str, took: f64| Other::new(name, Amount::Nanoseconds(took), here.min() / took);
    let what = format!("expansion, {:.1} MB, to {lines} lines", bytes as f64 / 1e6);
    let row = Row::new(what, here.amount())
        .against(
            here.beside("bpftool gen subskeleton", &bpftool)
                .at_most(2.0),
        )
        .against(other("libbpf-cargo", formatted).at_most(0.02))
        .against(other("libbpf-cargo, no rustfmt", plain));
    report.add(row.in_readme());
}

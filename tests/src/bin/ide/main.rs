//! Do editors understand `#[subskeleton]`? Asks rust-analyzer, as an editor does, about a crate that uses it: what is wrong
//! in it, which fields a section has, and what the documentation of one is. `make test-ide` runs it.

mod server;

use std::process::ExitCode;
use std::{env, fs};

use bpf_subskeleton_tests::objects::object;
use bpf_subskeleton_tests::package::Package;

use crate::server::Server;

/// What an author writes who has a whole library and a selection of it. The object is beside `Cargo.toml`.
const SOURCE: &str = r#"
use bpf_subskeleton::libbpf_rs::{Object, OpenObject};
use bpf_subskeleton::{BindError, Var, subskeleton};

#[subskeleton(obj = "selection.bpf.o")]
pub struct Hist;

#[subskeleton(obj = "selection.bpf.o")]
pub struct Counters {
    samples: Var<u64>,
}

pub fn configure(object: &mut OpenObject) -> Result<(), BindError> {
    let config = Hist::configure(object)?;
    *config.rodata.sample_rate = 100;
    Ok(())
}

pub fn samples(object: &Object) -> Result<u64, BindError> {
    let hist = Hist::bind(object)?;
    let before = sum(&hist);
    let counters = Counters::bind(object)?;
    Ok(before + counters.samples.get())
}

fn sum(hist: &Hist) -> u64 {
    hist.bss.samples.get() + u64::from(hist.bss.drops.get())
}
"#;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ide: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let program = env::current_exe().map_err(|e| e.to_string())?;
    let target = program.ancestors().nth(2).ok_or("no target folder")?;
    let tmp = target.join("tmp");
    let tmp = tmp.to_str().ok_or("the target folder is not UTF-8")?;
    let dependencies = "bpf-subskeleton = { path = \"{workspace}/runtime\" }";
    let package = Package::new(tmp, "ide", dependencies);
    package.write("src/lib.rs", SOURCE);
    let copy = package.root().join("selection.bpf.o");
    let _ = fs::remove_file(&copy);

    // Before the first build: nothing but that, at the arguments to blame.
    let mut server = Server::start(&package)?;
    let wrong = server.diagnostics()?;
    let expected = "no file `selection.bpf.o` in the folder of the crate's Cargo.toml, where relative paths begin";
    expect("without the object", &wrong, &[expected, expected])?;
    server.stop()?;

    fs::copy(object("selection"), &copy).map_err(|e| format!("{}: {e}", copy.display()))?;
    let mut server = Server::start(&package)?;
    let wrong = server.diagnostics()?;
    expect("with the object", &wrong, &[])?;

    let fields = server.completions(after("hist.bss."))?;
    for name in ["samples", "drops", "last_event", "slots"] {
        if !fields.iter().any(|field| field == name) {
            return Err(format!(
                "`hist.bss.` is not completed with `{name}`, but: {fields:?}"
            ));
        }
    }
    println!("completes `hist.bss.` with {} names", fields.len());

    let docs = server.hover(after("hist.bss.sam"))?;
    for part in ["samples: Var<u64", "Events sampled so far."] {
        if !docs.contains(part) {
            return Err(format!("the documentation lacks `{part}`:\n{docs}"));
        }
    }
    println!("shows the documentation of `hist.bss.samples`");
    server.stop()
}

/// The line and column behind a text in [`SOURCE`], from 0.
fn after(text: &str) -> (usize, usize) {
    let (before, _) = SOURCE.split_once(text).expect("it is in the source");
    let line = before.matches('\n').count();
    let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1);
    (line, column + text.len())
}

fn expect(when: &str, found: &[String], expected: &[&str]) -> Result<(), String> {
    match found == expected {
        true => {
            println!("{when}: {} errors, as expected", found.len());
            Ok(())
        }
        false => Err(format!("{when}: expected {expected:#?}, found {found:#?}")),
    }
}

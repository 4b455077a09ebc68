//! Runs the tests that load BPF in virtual machines with Debian's kernels: `make test-kernels`.
//!
//! `kernels` runs all tests on all kernels; `kernels 5.10 6.1 kernel_bind` runs the tests of one file on two kernels. The
//! tests are built here, and get into the machine in its initramfs, together with what they read. What each kernel is
//! expected to lack is in `features.txt`; a test that fails and is not listed there fails the run, as does one that is
//! listed and passes. With `BLESS` set, and all tests on all kernels, the table in `README.md` is rewritten.
//!
//! `kernels program PATH OBJECTS CPUS ARGUMENTS` is for benchmarks: on the newest kernel, in a machine with so many CPUs, it
//! runs a program that loads objects of a folder, and prints what it prints.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::executables::Executables;

mod debian;
mod executables;
mod features;
mod initramfs;
mod machine;
mod report;

/// Machines that run at a time, on two processors each.
const AT_A_TIME: usize = 2;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["program", path, objects, cpus, ref arguments @ ..] => {
            run_program(path, objects, cpus, &arguments.join(" "))
        }
        _ => run(arguments),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("kernels: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what a program prints.
fn run_program(path: &str, objects: &str, cpus: &str, arguments: &str) -> Result<bool> {
    const NAME: &str = "program";
    let cpus = cpus.parse().context("a number of CPUs")?;
    let folder = target()?.join("kernels");
    let newest = debian::KERNELS.last().context("there are kernels")?;
    let kernel = debian::fetch(newest, &folder)?;
    let program = Executables::program(NAME, path.into(), arguments, objects.into());
    let kernels = [kernel];
    let base = initramfs::build(&program, &kernels, &target()?, &folder)?;
    let [kernel] = &kernels;
    let accelerator = machine::accelerator(kernel, &folder)?;
    let said = machine::run_program(kernel, &base, NAME, accelerator, cpus, &folder)?;
    print!("{said}");
    Ok(true)
}

/// Whether all went as expected.
fn run(arguments: Vec<String>) -> Result<bool> {
    let start = Instant::now();
    let Chosen { kernels, files } = chosen(arguments)?;
    let folder = target()?.join("kernels");

    let kernels = kernels
        .iter()
        .map(|kernel| debian::fetch(kernel, &folder))
        .collect::<Result<Vec<_>>>()?;
    let executables = executables::build(&files)?;
    executables::compile(&executables.tests)?;
    let base = initramfs::build(&executables, &kernels, &target()?, &folder)?;
    let accelerator = machine::accelerator(&kernels[0], &folder)?;
    eprintln!(
        "kernels: ready after {} s; {} files of tests, with {accelerator}",
        start.elapsed().as_secs(),
        executables.tests.len(),
    );

    let queue = Mutex::new(kernels.iter().enumerate());
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            let (send, queue, base, folder) = (send.clone(), &queue, &base, &folder);
            let tests = &executables.tests;
            scope.spawn(move || {
                loop {
                    let Some((index, kernel)) = queue.lock().unwrap().next() else {
                        return;
                    };
                    let run = machine::run(kernel, base, tests, accelerator, folder);
                    let _ = send.send((index, run));
                }
            });
        }
        drop(send);
    });
    let mut runs: Vec<_> = receive.into_iter().collect();
    runs.sort_by_key(|(index, _)| *index);
    let runs = runs
        .into_iter()
        .map(|(_, run)| run)
        .collect::<Result<Vec<_>>>()?;

    let features = features::all()?;
    let report = report::Report::new(&features, &runs);
    print!("{}", report.summary(files.is_empty()));
    eprintln!("kernels: {} s in all", start.elapsed().as_secs());
    let all_tests = files.is_empty();
    let as_expected = report.as_expected(all_tests);
    if all_tests && as_expected && kernels.len() == debian::KERNELS.len() {
        report.check_readme()?;
    }
    Ok(as_expected)
}

/// What to run, and where.
struct Chosen {
    kernels: Vec<&'static debian::Kernel>,
    /// None for all.
    files: Vec<String>,
}

/// What the arguments name: kernels as `5.10` or `newest`, files of tests as `kernel_bind`.
fn chosen(arguments: Vec<String>) -> Result<Chosen> {
    let is_kernel = |name: &String| {
        name.starts_with(|c: char| c.is_ascii_digit()) || debian::find(name).is_some()
    };
    let (names, files): (Vec<_>, Vec<_>) = arguments.into_iter().partition(is_kernel);
    let mut kernels = Vec::new();
    for name in &names {
        kernels.push(debian::find(name).with_context(|| {
            let known: Vec<_> = debian::KERNELS.iter().map(|kernel| kernel.name).collect();
            format!("no kernel {name}; there are {}", known.join(", "))
        })?);
    }
    if kernels.is_empty() {
        kernels = debian::KERNELS.iter().collect();
    }
    Ok(Chosen { kernels, files })
}

/// Cargo's target folder, which this program is in.
fn target() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let folder = program.ancestors().nth(2).context("not built by cargo")?;
    Ok(folder.to_owned())
}

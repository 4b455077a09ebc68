//! Runs the tests that load BPF in virtual machines with Debian's kernels: `make test-kernels`.
//!
//! `kernels` runs on all kernels, `kernels 5.10 6.1` on those. The tests are built here, and get into the machine in
//! its initramfs, together with what they read. What each kernel is expected to lack is in `features.txt`; a test
//! that fails and is not listed there fails the run, as does one that is listed and passes. With `BLESS` set, and
//! all kernels, the table in `README.md` is rewritten.

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

mod debian;
mod executables;
mod features;
mod initramfs;
mod machine;
mod report;

/// Machines that run at a time; each has two processors.
const AT_A_TIME: usize = 2;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("kernels: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all went as expected.
fn run() -> Result<bool> {
    let start = Instant::now();
    let kernels = chosen()?;
    let folder = target()?.join("kernels");

    let kernels = kernels
        .iter()
        .map(|kernel| debian::fetch(kernel, &folder))
        .collect::<Result<Vec<_>>>()?;
    let executables = executables::build()?;
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
    print!("{}", report.summary());
    eprintln!("kernels: {} s in all", start.elapsed().as_secs());
    let all = kernels.len() == debian::KERNELS.len();
    let as_expected = report.as_expected();
    if all && as_expected {
        report.check_readme()?;
    }
    Ok(as_expected)
}

/// The kernels that the arguments name.
fn chosen() -> Result<Vec<&'static debian::Kernel>> {
    let names: Vec<_> = env::args().skip(1).collect();
    let names = match names.is_empty() {
        true => debian::KERNELS
            .iter()
            .map(|kernel| kernel.name.to_owned())
            .collect(),
        false => names,
    };
    let known = |name: &String| debian::KERNELS.iter().find(|kernel| kernel.name == name);
    let chosen: Vec<_> = names.iter().filter_map(known).collect();
    if chosen.len() < names.len() {
        let known = debian::KERNELS.map(|kernel| kernel.name).join(", ");
        bail!("the kernels are: {known}");
    }
    Ok(chosen)
}

/// Cargo's target folder, which this program is in.
fn target() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let folder = program.ancestors().nth(2).context("not built by cargo")?;
    Ok(folder.to_owned())
}

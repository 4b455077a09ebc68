//! A virtual machine that runs all tests once, or one program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::debian::Files;
use crate::executables::TestFile;

/// All tests on one kernel. A machine that takes longer hangs.
const TIME: Duration = Duration::from_secs(900);

/// `tcg` with one thread for all processors: with a thread for each, QEMU 7.2 may run on with code that the kernel has
/// changed meanwhile, as it does when a tracepoint gets its first program, and never leaves it.
const TCG: &str = "tcg,thread=single";

/// Without what only costs time there: five levels of page tables, and copies with `rep movsb`, which are done byte by
/// byte.
const PROCESSOR: &str = "max,-la57,-erms,-fsrm";

/// Linux 6.12 in QEMU 7.2 may stop at an exception in the middle of an allocation, with garbage in the flags that
/// `cmpxchg16b` should have set. Kernels do without, until the one that has no memory for programs then.
const WITH_CMPXCHG16B: (u32, u32) = (6, 18);

/// CPUs that the kernel starts.
const RUNNING: u32 = 2;

/// CPUs that a machine for tests has. Maps have values of those that are off, too.
const CPUS: u32 = 4;

/// How a test ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    /// With what it said, or what is known of it.
    Failed(String),
}

/// What a machine found.
#[derive(Debug)]
pub(crate) struct Run {
    /// `5.10`
    pub(crate) version: String,
    pub(crate) numbers: (u32, u32),
    pub(crate) release: String,
    /// By the name of the file and the test.
    pub(crate) outcomes: BTreeMap<(String, String), Outcome>,
    pub(crate) time: Duration,
    /// Everything that the tests printed.
    pub(crate) log: PathBuf,
}

/// `kvm` if a guest really boots with it: there are hosts where the device opens and guests then abort.
pub(crate) fn accelerator(kernel: &Files, folder: &Path) -> Result<&'static str> {
    let log = folder.join("kvm.log");
    let mut machine = qemu(kernel, "kvm", CPUS, &log)
        // Without an initramfs a kernel that is up says that it has nothing to run.
        .spawn()?;
    let ended = wait(&mut machine, Duration::from_secs(10))?;
    let said = fs::read(&log).unwrap_or_default();
    let booted = String::from_utf8_lossy(&said).contains("Unable to mount root fs");
    Ok(match ended.is_some() && booted {
        true => "kvm",
        false => TCG,
    })
}

/// A machine with so many CPUs, of which the kernel starts a few.
fn qemu(kernel: &Files, accelerator: &str, cpus: u32, console: &Path) -> Command {
    let mut qemu = Command::new("qemu-system-x86_64");
    let processor = match kernel.version() < WITH_CMPXCHG16B {
        true => format!("{PROCESSOR},-cx16"),
        false => PROCESSOR.to_owned(),
    };
    qemu.args([
        "-accel",
        accelerator,
        "-cpu",
        &processor,
        "-smp",
        &cpus.to_string(),
        "-m",
        "2G",
    ])
    .args([
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-no-reboot",
    ])
    .arg("-kernel")
    .arg(&kernel.image)
    // A panic ends the machine.
    .arg("-append")
    .arg(format!("console=ttyS0 panic=-1 lsm=bpf maxcpus={RUNNING}"))
    .arg("-serial")
    .arg(format!("file:{}", console.display()))
    .stdin(Stdio::null())
    .stdout(Stdio::null())
    .stderr(Stdio::null());
    qemu
}

/// How it ended, or nothing if it had to be stopped.
fn wait(machine: &mut Child, time: Duration) -> Result<Option<ExitStatus>> {
    let start = Instant::now();
    while start.elapsed() < time {
        if let Some(status) = machine.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(Duration::from_millis(100));
    }
    machine.kill()?;
    machine.wait()?;
    Ok(None)
}

/// Boots `kernel` and runs `tests`.
pub(crate) fn run(
    kernel: &Files,
    initramfs: &Path,
    tests: &[TestFile],
    accelerator: &str,
    folder: &Path,
) -> Result<Run> {
    let start = Instant::now();
    let booted = Booted::new(kernel, initramfs, accelerator, CPUS, folder)?;
    let mut outcomes = BTreeMap::new();
    for test in tests {
        let said = booted.said_by(&test.name);
        for name in &test.tests {
            let outcome = outcome(said, name)
                .unwrap_or_else(|| Outcome::Failed(format!("it did not end; {}", booted.end())));
            outcomes.insert((test.name.clone(), name.clone()), outcome);
        }
    }
    Ok(Run {
        version: kernel.short(),
        numbers: kernel.version(),
        release: kernel.release.clone(),
        outcomes,
        time: start.elapsed(),
        log: booted.log,
    })
}

/// Boots `kernel` on so many CPUs and runs the program. What it printed.
pub(crate) fn run_program(
    kernel: &Files,
    initramfs: &Path,
    name: &str,
    accelerator: &str,
    cpus: u32,
    folder: &Path,
) -> Result<String> {
    let booted = Booted::new(kernel, initramfs, accelerator, cpus, folder)?;
    match succeeded(&booted.printed, name) {
        true => Ok(booted.said_by(name).to_owned()),
        false => bail!(
            "{name} failed; {}; it said: {}",
            booted.end(),
            booted.said_by(name)
        ),
    }
}

/// A machine that was on.
struct Booted {
    /// Whether it switched itself off.
    ended: bool,
    console: PathBuf,
    log: PathBuf,
    /// What the log has.
    printed: String,
}

impl Booted {
    fn new(
        kernel: &Files,
        initramfs: &Path,
        accelerator: &str,
        cpus: u32,
        folder: &Path,
    ) -> Result<Self> {
        let (console, log) = (
            folder.join(format!("{}.console", kernel.short())),
            folder.join(format!("{}.log", kernel.short())),
        );
        let mut machine = qemu(kernel, accelerator, cpus, &console)
            .arg("-initrd")
            .arg(initramfs)
            .arg("-serial")
            .arg(format!("file:{}", log.display()))
            .spawn()?;
        let ended = wait(&mut machine, TIME)?.is_some();
        let printed = fs::read(&log).unwrap_or_default();
        Ok(Self {
            ended,
            console,
            log,
            printed: String::from_utf8_lossy(&printed).into_owned(),
        })
    }

    /// What became of the machine, and where there is more about it.
    fn end(&self) -> String {
        let machine = match self.ended {
            true => "the machine is off",
            false => "the machine hangs",
        };
        format!("{machine}: see {}", self.console.display())
    }

    fn said_by(&self, name: &str) -> &str {
        said_by(&self.printed, name)
    }
}

/// What the executable printed.
fn said_by<'a>(log: &'a str, name: &str) -> &'a str {
    begun(log, name).split("\n@end ").next().unwrap_or_default()
}

/// What was printed since the executable began.
fn begun<'a>(log: &'a str, name: &str) -> &'a str {
    let begin = format!("\n@begin {name}\n");
    log.split_once(&begin).map_or("", |(_, said)| said)
}

/// Whether the executable ended, with a status of 0.
fn succeeded(log: &str, name: &str) -> bool {
    let end = begun(log, name).split_once("\n@end ");
    end.is_some_and(|(_, status)| status.starts_with("0 "))
}

/// How a test ended, if it did.
fn outcome(said: &str, name: &str) -> Option<Outcome> {
    let lines = said.lines().filter_map(|line| line.strip_prefix("test "));
    let mut results = lines.filter_map(|line| line.split_once(" ... "));
    // `test name - should panic ... ok`
    let (_, result) = results.find(|(test, _)| test.split(" - ").next() == Some(name))?;
    if result == "ok" {
        return Some(Outcome::Passed);
    }
    let head = format!("---- {name} stdout ----\n");
    let message = said.split_once(&head).map_or(result, |(_, rest)| rest);
    let message = message.split("\n\n").next().unwrap_or_default();
    Some(Outcome::Failed(message.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "
@begin kernel_one
test passes ... ok
test fails - should panic ... FAILED
test deep::passes ... ok

---- fails stdout ----
thread 'fails' panicked at here:
it broke

failures:
    fails

@end 101 1.0

@begin kernel_two
test passes ... FAILED
";

    #[test]
    fn each_file_has_its_own_outcomes() {
        let one = said_by(LOG, "kernel_one");
        assert_eq!(outcome(one, "passes"), Some(Outcome::Passed));
        assert_eq!(outcome(one, "deep::passes"), Some(Outcome::Passed));
        let said = "thread 'fails' panicked at here:\nit broke".to_owned();
        assert_eq!(outcome(one, "fails"), Some(Outcome::Failed(said)));
        let two = said_by(LOG, "kernel_two");
        assert!(matches!(outcome(two, "passes"), Some(Outcome::Failed(_))));
    }

    #[test]
    fn a_program_succeeds_with_the_status_0() {
        assert!(!succeeded(LOG, "kernel_one"));
        assert!(succeeded(
            &LOG.replace("@end 101 ", "@end 0 "),
            "kernel_one"
        ));
        assert!(!succeeded(LOG, "kernel_two"));
    }

    #[test]
    fn what_did_not_end_has_none() {
        assert_eq!(outcome(said_by(LOG, "kernel_two"), "deep::passes"), None);
        assert_eq!(outcome(said_by(LOG, "kernel_three"), "passes"), None);
    }
}

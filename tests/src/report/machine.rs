//! What a run was measured on, and with which versions.

use std::ffi::CStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use libbpf_rs::libbpf_sys::libbpf_version_string;

/// Crates that were measured beside this project.
const PEERS: [&str; 3] = ["libbpf-rs", "libbpf-cargo", "aya"];

/// The date and the machine of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Machine {
    pub(super) date: String,
    pub(super) kernel: String,
    pub(super) cpu: String,
    pub(super) cpus: usize,
    pub(super) is_virtual: bool,
    /// Names and versions of compilers and peers.
    pub(super) versions: Vec<String>,
}

impl Machine {
    /// This one, now. The versions of crates are those that the repository has.
    pub(super) fn this(repository: &Path) -> Result<Self, String> {
        let cpuinfo = read("/proc/cpuinfo".as_ref())?;
        let of = |key| {
            let mut lines = cpuinfo.lines().filter_map(|line| line.split_once(':'));
            lines.find_map(|(name, value)| (name.trim() == key).then(|| value.trim().to_owned()))
        };
        let release = read("/proc/sys/kernel/osrelease".as_ref())?;
        let lock = read(&repository.join("Cargo.lock"))?;
        let mut versions = vec![
            version("rustc", "rustc")?,
            version(env!("BPF_CLANG"), "clang")?,
            format!("libbpf {}", libbpf()),
            version("bpftool", "bpftool")?,
        ];
        for peer in PEERS {
            let entry = format!("name = \"{peer}\"\nversion = \"");
            let locked = lock.split_once(&entry).map(|(_, rest)| rest);
            let version = locked.and_then(|rest| rest.split('"').next());
            versions.push(format!(
                "{peer} {}",
                version.ok_or("no peer in Cargo.lock")?
            ));
        }
        Ok(Self {
            date: said(Command::new("date").args(["-u", "+%F"]))?
                .trim()
                .to_owned(),
            // What follows is the distributor's name for its build.
            kernel: release
                .trim()
                .split('-')
                .next()
                .unwrap_or_default()
                .to_owned(),
            // Not every architecture says it.
            cpu: of("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            cpus: std::thread::available_parallelism().map_or(1, usize::from),
            is_virtual: of("flags").is_some_and(|flags| flags.contains("hypervisor")),
            versions,
        })
    }

    /// In one sentence.
    pub(super) fn sentence(&self) -> String {
        let Self {
            date,
            kernel,
            cpu,
            cpus,
            is_virtual,
            versions,
        } = self;
        let on = if *is_virtual {
            "a virtual machine with"
        } else {
            "a machine with"
        };
        let cpus = match cpus {
            1 => "one CPU".to_owned(),
            several => format!("{several} CPUs"),
        };
        format!(
            "Measured on {date}, on {on} {cpus} ({cpu}), Linux {kernel}; {}.",
            versions.join(", ")
        )
    }
}

fn libbpf() -> String {
    // SAFETY: the function returns a string that is part of libbpf.
    let version = unsafe { CStr::from_ptr(libbpf_version_string()) };
    version.to_string_lossy().trim_start_matches('v').to_owned()
}

/// A name, and the version that `program` says, which is the first word that begins with a digit, or with `v` and a digit.
fn version(program: &str, name: &str) -> Result<String, String> {
    let said = said(Command::new(program).arg("--version"))?;
    let words = said
        .split_whitespace()
        .map(|word| word.trim_start_matches('v'));
    let version = words
        .into_iter()
        .find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    let version = version.ok_or_else(|| format!("{program} does not say its version"))?;
    Ok(format!("{name} {version}"))
}

fn said(command: &mut Command) -> Result<String, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| format!("{program}: {e}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

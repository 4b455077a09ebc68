//! The executables of the tests, built by cargo.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::debian::run;

/// What cargo built.
#[derive(Debug)]
pub(crate) struct Executables {
    pub(crate) tests: Vec<TestFile>,
    /// Commands that the tests run.
    pub(crate) commands: BTreeSet<PathBuf>,
    /// Folders with the objects that tests load.
    pub(crate) out_dirs: BTreeSet<PathBuf>,
}

/// One executable.
#[derive(Debug)]
pub(crate) struct TestFile {
    /// `kernel_bind`, or `profile/kernel_run` outside of the package of the tests.
    pub(crate) name: String,
    pub(crate) executable: PathBuf,
    /// The package's folder, where cargo starts it.
    pub(crate) folder: PathBuf,
    pub(crate) arguments: String,
    /// The names of its tests.
    pub(crate) tests: Vec<String>,
}

/// Builds all tests that load BPF. Of their files only those with these `names` are kept, if there are any.
pub(crate) fn build(names: &[String]) -> Result<Executables> {
    eprintln!("kernels: building the tests");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["test", "--workspace", "--no-run", "--quiet"])
        .args(["--test", "kernel_*", "--test", "vm_*"])
        .args(["--message-format", "json-render-diagnostics"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        bail!("the tests don't compile");
    }
    let mut built = Executables {
        tests: Vec::new(),
        commands: BTreeSet::new(),
        out_dirs: BTreeSet::new(),
    };
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let message: Value = serde_json::from_str(line)?;
        if let Some(out_dir) = message["out_dir"].as_str() {
            built.out_dirs.insert(out_dir.into());
        }
        let Some(executable) = message["executable"].as_str() else {
            continue;
        };
        match message["target"]["kind"][0].as_str() {
            Some("test") => built.tests.push(TestFile::new(executable, &message)?),
            Some("bin") => drop(built.commands.insert(executable.into())),
            _ => {}
        }
    }
    if let Some(unknown) = names
        .iter()
        .find(|name| built.tests.iter().all(|test| test.name != **name))
    {
        let known: Vec<_> = built.tests.iter().map(|test| test.name.as_str()).collect();
        bail!(
            "no file of tests is called {unknown}; there are {}",
            known.join(", ")
        );
    }
    built
        .tests
        .retain(|test| names.is_empty() || names.contains(&test.name));
    built.tests.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(built)
}

impl Executables {
    /// One program that is no test, and what it loads.
    pub(crate) fn program(
        name: &str,
        executable: PathBuf,
        arguments: &str,
        objects: PathBuf,
    ) -> Self {
        let folder = objects.clone();
        let program = TestFile {
            name: name.to_owned(),
            executable,
            folder,
            arguments: arguments.to_owned(),
            tests: Vec::new(),
        };
        Self {
            tests: vec![program],
            commands: BTreeSet::new(),
            out_dirs: BTreeSet::from([objects]),
        }
    }
}

impl TestFile {
    fn new(executable: &str, message: &Value) -> Result<Self> {
        let manifest = message["manifest_path"].as_str().context("a manifest")?;
        let folder = Path::new(manifest).parent().context("a folder")?.to_owned();
        let target = message["target"]["name"].as_str().context("a name")?;
        let package = folder.file_name().and_then(|name| name.to_str());
        let name = match package {
            Some(package) if package != "tests" => {
                format!("{package}/{target}")
            }
            _ => target.to_owned(),
        };
        let listed = run(Command::new(executable).arg("--list"))?;
        let tests = listed
            .lines()
            .filter_map(|line| line.strip_suffix(": test"));
        Ok(Self {
            name,
            tests: tests.map(str::to_owned).collect(),
            executable: executable.into(),
            folder,
            arguments: "--test-threads=2".to_owned(),
        })
    }
}

/// Runs each test here once, so that what it compiles is kept: the machines have no clang. How it ends is of no
/// interest, since this kernel is not asked.
pub(crate) fn compile(tests: &[TestFile]) -> Result<()> {
    eprintln!("kernels: compiling what the tests compile");
    for test in tests {
        Command::new(&test.executable)
            .current_dir(&test.folder)
            // It is for the README, not for golden files.
            .env_remove("BLESS")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .with_context(|| test.name.clone())?;
    }
    Ok(())
}

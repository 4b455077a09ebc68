//! Packages that depend on `bpf-subskeleton` as a user's crate does: a test writes one and has cargo build it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A package in a folder of its own, outside this workspace.
#[derive(Debug)]
pub struct Package {
    root: PathBuf,
    target: PathBuf,
}

impl Package {
    /// Writes the manifest of a package with these dependencies, in TOML. `{workspace}` in them stands for
    /// this repository, and `{packages}` for the folder that all packages of `tmp` are in.
    ///
    /// What packages of one `tmp`, a test's `CARGO_TARGET_TMPDIR`, depend on is compiled once for all of
    /// them, and stays there from run to run.
    ///
    /// # Panics
    ///
    /// If it can't be written.
    #[must_use]
    pub fn new(tmp: &str, name: &str, dependencies: &str) -> Self {
        Self::with_manifest(
            tmp,
            name,
            &format!(
                "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n\
                 [dependencies]\n{dependencies}\n\n\
                 [profile.dev]\ndebug = false\n\n\
                 [workspace]\n"
            ),
        )
    }

    /// Writes `manifest` to the package's folder `name`. It has the same placeholders.
    ///
    /// # Panics
    ///
    /// If it can't be written.
    #[must_use]
    pub fn with_manifest(tmp: &str, name: &str, manifest: &str) -> Self {
        let packages = Path::new(tmp).join("packages");
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let manifest = manifest
            .replace("{workspace}", workspace.to_str().unwrap())
            .replace("{packages}", packages.to_str().unwrap());
        let package = Self {
            root: packages.join(name),
            target: packages.join("target"),
        };
        package.write("Cargo.toml", manifest);
        // The versions that this workspace has: they are downloaded already, so cargo needs no network.
        let lock = fs::read(workspace.join("Cargo.lock")).unwrap();
        package.write("Cargo.lock", lock);
        package
    }

    /// The manifest's folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Writes a file of the package, and creates its folders.
    ///
    /// # Panics
    ///
    /// If that fails.
    pub fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, contents).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    }

    /// `cargo run`, for a test to extend.
    #[must_use]
    pub fn run(&self) -> Command {
        let mut cargo = self.cargo("run");
        cargo.arg("--quiet");
        cargo
    }

    /// A command of cargo's in the package's folder, to which a test may add.
    #[must_use]
    pub fn cargo(&self, command: &str) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo
            .args([command, "--offline"])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            // That of this workspace's own build script, which cargo hands on to tests.
            .env_remove("OUT_DIR");
        cargo
    }
}

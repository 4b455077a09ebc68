//! This workspace's packages as a registry would serve them.
//!
//! Cargo compiles what comes from a registry in another way than a path dependency: not incrementally, and without
//! lints. A benchmark of a user's build has to depend on packages, as its peers do.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bpf_subskeleton_tests::package::Package;

/// What a companion crate is compiled with, its build script included.
const PACKAGES: [&str; 6] = [
    "bpf-subskeleton",
    "bpf-subskeleton-build",
    "bpf-subskeleton-codegen",
    "bpf-subskeleton-core",
    "bpf-subskeleton-macros",
    "bpf-subskeleton-object",
];

/// All have this version.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A folder of unpacked packages, which cargo takes for the contents of a registry.
pub(crate) struct Published {
    folder: PathBuf,
}

impl Published {
    /// Packages the workspace as it is now, and unpacks that to a folder of `tmp`.
    pub(crate) fn new(tmp: &str) -> Self {
        let tmp = Path::new(tmp);
        let (target, folder) = (tmp.join("packaging"), tmp.join("published"));
        let mut package = Command::new(env!("CARGO"));
        package
            .args([
                "package",
                "--quiet",
                "--offline",
                "--no-verify",
                "--allow-dirty",
            ])
            .args(PACKAGES.iter().flat_map(|name| ["--package", name]))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("CARGO_TARGET_DIR", &target);
        run(&mut package);

        if folder.exists() {
            fs::remove_dir_all(&folder).expect("a folder of this benchmark");
        }
        fs::create_dir_all(&folder).expect("a folder of this benchmark");
        for name in PACKAGES {
            let package = target.join(format!("package/{name}-{VERSION}.crate"));
            run(Command::new("tar")
                .arg("xf")
                .arg(package)
                .arg("-C")
                .arg(&folder));
            // Cargo asks for the file of checksums, and accepts it without any.
            let checksums = folder.join(format!("{name}-{VERSION}/.cargo-checksum.json"));
            fs::write(checksums, r#"{"files":{},"package":null}"#)
                .expect("it has just been unpacked");
        }
        Self { folder }
    }

    /// What a manifest says so that these packages are taken in the place of those of crates.io.
    pub(crate) fn patch() -> String {
        let mut patch = "[patch.crates-io]\n".to_owned();
        for name in PACKAGES {
            writeln!(
                patch,
                "{name} = {{ version = \"{VERSION}\", registry = \"published\" }}"
            )
            .unwrap();
        }
        patch
    }

    /// Tells cargo in `package` where the registry is.
    pub(crate) fn configure(&self, package: &Package) {
        // Of its index only the address is used: the folder stands for it.
        let index = "sparse+http://published.invalid/";
        let config = format!(
            "[registries.published]\nindex = \"{index}\"\n\n\
             [source.published-index]\nregistry = \"{index}\"\nreplace-with = \"published-folder\"\n\n\
             [source.published-folder]\ndirectory = {:?}\n",
            self.folder
        );
        package.write(".cargo/config.toml", config);
    }
}

fn run(command: &mut Command) {
    let status = command.status().expect("cargo and tar are there");
    assert!(status.success(), "{command:?}");
}

//! Kernels from Debian, through the mirror that apt is configured with. apt verifies what it downloads; nothing is
//! installed, and the machine's own lists stay as they are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

/// A kernel and where Debian has it.
#[derive(Debug)]
pub(crate) struct Kernel {
    pub(crate) name: &'static str,
    /// Of these the newest kernel is taken.
    suites: &'static [&'static str],
}

/// From old to new.
pub(crate) static KERNELS: [Kernel; 4] = [
    Kernel {
        name: "5.10",
        suites: &["bullseye"],
    },
    Kernel {
        name: "6.1",
        suites: &["bookworm"],
    },
    Kernel {
        name: "6.12",
        suites: &["bookworm-backports"],
    },
    Kernel {
        name: "newest",
        suites: &["trixie-backports", "sid"],
    },
];

/// The kernel of that name.
pub(crate) fn find(name: &str) -> Option<&'static Kernel> {
    KERNELS.iter().find(|kernel| kernel.name == name)
}

/// Its files on this machine.
#[derive(Debug)]
pub(crate) struct Files {
    /// `7.3.4+deb13-cloud-amd64`
    pub(crate) release: String,
    pub(crate) image: PathBuf,
    pub(crate) config: PathBuf,
    pub(crate) modules: PathBuf,
}

impl Files {
    /// `(7, 3)`
    pub(crate) fn version(&self) -> (u32, u32) {
        let mut numbers = self
            .release
            .split(|c: char| !c.is_ascii_digit())
            .map_while(|number| number.parse().ok());
        (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
    }

    /// `7.3`
    pub(crate) fn short(&self) -> String {
        let (major, minor) = self.version();
        format!("{major}.{minor}")
    }
}

/// Downloads and extracts a kernel, unless that was done before.
pub(crate) fn fetch(kernel: &Kernel, folder: &Path) -> Result<Files> {
    let folder = folder.join(kernel.name);
    let root = folder.join("root");
    if root.exists() {
        return extracted(&root);
    }
    eprintln!(
        "kernels: downloading {} from {}",
        kernel.name,
        kernel.suites.join(", ")
    );
    let apt = Apt::new(kernel, &folder)?;
    let image = apt.newest_image()?;
    let mut packages = vec![image.clone()];
    // Newer ones come in parts.
    packages.extend(apt.dependencies(&image)?.into_iter().filter(|package| {
        let parts = ["linux-base-", "linux-binary-", "linux-modules-"];
        parts.iter().any(|part| package.starts_with(part))
    }));
    let partial = folder.join("partial");
    for package in apt.download(&packages)? {
        run(Command::new("dpkg-deb")
            .arg("-x")
            .arg(&package)
            .arg(&partial))?;
        fs::remove_file(package)?;
    }
    fs::rename(partial, &root)?;
    extracted(&root)
}

fn extracted(root: &Path) -> Result<Files> {
    let lib = match root.join("usr/lib/modules") {
        merged if merged.exists() => merged,
        _ => root.join("lib/modules"),
    };
    let mut folders = fs::read_dir(&lib).with_context(|| lib.display().to_string())?;
    let modules = folders.next().context("no modules")??.path();
    let release = modules.file_name().and_then(|name| name.to_str());
    let release = release.context("modules of no kernel")?.to_owned();
    // Newer packages have everything in one folder.
    let file = |name: &str| match modules.join(name) {
        beside if beside.exists() => beside,
        _ => root.join(format!("boot/{name}-{release}")),
    };
    Ok(Files {
        image: file("vmlinuz"),
        config: file("config"),
        modules,
        release,
    })
}

/// An apt that knows the kernel's suites only, with folders of its own.
struct Apt {
    folder: PathBuf,
}

impl Apt {
    fn new(kernel: &Kernel, folder: &Path) -> Result<Self> {
        let apt = Self {
            folder: folder.join("apt"),
        };
        for sub in ["lists/partial", "cache/archives/partial", "debs"] {
            fs::create_dir_all(apt.folder.join(sub))?;
        }
        let mirrors = run(Command::new("apt-get").args([
            "indextargets",
            "--format",
            "$(REPO_URI)",
            "Created-By: Packages",
            "Label: Debian",
        ]))?;
        let mirror = mirrors.lines().next();
        let mirror = mirror.context("apt is not configured with a mirror of Debian")?;
        let sources = kernel
            .suites
            .iter()
            .map(|suite| format!("deb {mirror} {suite} main\n"));
        fs::write(apt.folder.join("sources.list"), sources.collect::<String>())?;
        let path = apt.folder.display();
        fs::write(
            apt.folder.join("apt.conf"),
            format!(
                "Dir::Etc::sourcelist \"{path}/sources.list\";\n\
                 Dir::Etc::sourceparts \"-\";\n\
                 Dir::State::lists \"{path}/lists\";\n\
                 Dir::Cache \"{path}/cache\";\n\
                 APT::Sandbox::User \"root\";\n\
                 Acquire::Languages \"none\";\n\
                 Acquire::IndexTargets::deb::DEP-11::DefaultEnabled \"false\";\n\
                 Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled \"false\";\n"
            ),
        )?;
        run(apt
            .command("apt-get")
            .args(["update", "-q", "--error-on=any"]))?;
        Ok(apt)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("APT_CONFIG", self.folder.join("apt.conf"))
            .current_dir(self.folder.join("debs"));
        command
    }

    /// `linux-image-6.1.0-50-cloud-amd64`
    fn newest_image(&self) -> Result<String> {
        let found = run(self.command("apt-cache").args([
            "search",
            "--names-only",
            "^linux-image-[0-9].*[0-9]-cloud-amd64$",
        ]))?;
        let names = found.lines().filter_map(|line| line.split(' ').next());
        let numbers = |name: &&str| -> Vec<u32> {
            name.split(|c: char| !c.is_ascii_digit())
                .filter_map(|number| number.parse().ok())
                .collect()
        };
        let newest = names.max_by_key(numbers).context("no kernel in it")?;
        Ok(newest.to_owned())
    }

    fn dependencies(&self, package: &str) -> Result<Vec<String>> {
        let shown = run(self.command("apt-cache").args(["depends", package]))?;
        let names = shown
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Depends: "));
        Ok(names.map(str::to_owned).collect())
    }

    fn download(&self, packages: &[String]) -> Result<Vec<PathBuf>> {
        run(self
            .command("apt-get")
            .args(["download", "-q"])
            .args(packages))?;
        let debs = fs::read_dir(self.folder.join("debs"))?;
        let debs = debs.map(|deb| deb.map(|deb| deb.path()));
        Ok(debs.collect::<Result<_, _>>()?)
    }
}

/// What the command prints, if it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("{command:?}: {}\n{errors}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

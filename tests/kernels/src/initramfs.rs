//! What the machines boot: all tests, or a program, with the files and libraries that they need, at the paths that they
//! have here.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::debian::{Files, run};
use crate::executables::Executables;

/// Modules that tests need, each after those that it needs itself.
const MODULES: [&str; 2] = ["net/sched/sch_ingress", "net/sched/cls_bpf"];

/// Programs that tests run and busybox does not have.
const PROGRAMS: [&str; 2] = ["bpftool", "setpriv"];

/// Files of the repository that tests read.
const TEXTS: [&str; 5] = [
    "README.md",
    "bpf-src",
    "runtime/cli/README.md",
    "tests/golden",
    "tests/tests/drift",
];

/// Makes the archive for all `kernels`.
pub(crate) fn build(
    executables: &Executables,
    kernels: &[Files],
    target: &Path,
    folder: &Path,
) -> Result<PathBuf> {
    let tree = Tree {
        root: folder.join("initramfs"),
    };
    if tree.root.exists() {
        fs::remove_dir_all(&tree.root)?;
    }
    fs::create_dir_all(&tree.root)?;

    tree.write("/init", include_str!("init"))?;
    fs::set_permissions(
        tree.at(Path::new("/init")),
        PermissionsExt::from_mode(0o755),
    )?;
    let busybox = found("busybox")?;
    fs::create_dir_all(tree.root.join("bin"))?;
    fs::copy(busybox, tree.root.join("bin/busybox"))?;
    // Of tests that write files.
    fs::create_dir_all(tree.at(&target.join("tmp")))?;

    let mut list = String::new();
    let mut programs: BTreeSet<PathBuf> = executables.commands.clone();
    for test in &executables.tests {
        programs.insert(test.executable.clone());
        fs::create_dir_all(tree.at(&test.folder))?;
        let (folder, executable) = (test.folder.display(), test.executable.display());
        list += &format!("{} {folder} {executable} {}\n", test.name, test.arguments);
    }
    tree.write("/programs", &list)?;
    for program in PROGRAMS {
        programs.insert(found(program)?);
    }
    for out_dir in &executables.out_dirs {
        tree.add_objects(out_dir)?;
        programs.extend(compiled(out_dir)?);
    }
    tree.add_programs(&programs)?;
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()?;
    for text in TEXTS {
        tree.add(&repository.join(text))?;
    }
    for kernel in kernels {
        tree.add_modules(kernel)?;
    }
    tree.archive(&folder.join("initramfs.cpio"))
}

/// A program in `PATH`, or where Debian has those of the administrator.
fn found(program: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    let mut places = folders.map(|folder| folder.join(program));
    places
        .find(|place| place.exists())
        .with_context(|| format!("no {program}: run .ci/setup kernels"))
}

/// Programs that tests compiled for themselves.
fn compiled(out_dir: &Path) -> Result<Vec<PathBuf>> {
    let mut programs = Vec::new();
    for entry in fs::read_dir(out_dir)? {
        let entry = entry?;
        let (kind, mode) = (entry.file_type()?, entry.metadata()?.permissions().mode());
        if kind.is_file() && mode & 0o111 != 0 {
            programs.push(entry.path());
        }
    }
    Ok(programs)
}

struct Tree {
    root: PathBuf,
}

impl Tree {
    /// Where a path of the machine is on this one.
    fn at(&self, path: &Path) -> PathBuf {
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    fn write(&self, path: &str, text: &str) -> Result<()> {
        Ok(fs::write(self.at(Path::new(path)), text)?)
    }

    /// A file, or a folder with all that is in it.
    fn add(&self, path: &Path) -> Result<()> {
        if !path.is_dir() {
            let to = self.at(path);
            fs::create_dir_all(to.parent().context("a folder")?)?;
            fs::copy(path, to).with_context(|| path.display().to_string())?;
            return Ok(());
        }
        for entry in fs::read_dir(path)? {
            self.add(&entry?.path())?;
        }
        Ok(())
    }

    /// Executables without what debuggers read, and their libraries.
    fn add_programs(&self, programs: &BTreeSet<PathBuf>) -> Result<()> {
        let mut libraries = BTreeSet::new();
        for program in programs {
            let to = self.at(program);
            fs::create_dir_all(to.parent().context("a folder")?)?;
            run(Command::new("strip")
                .args(["--strip-debug", "-o"])
                .arg(&to)
                .arg(program))?;
            // `libelf.so.1 => /lib/…/libelf.so.1 (0x…)`, and the loader without `=>`.
            let needed = run(Command::new("ldd").arg(program))?;
            let words = needed.split_whitespace();
            libraries.extend(
                words
                    .filter(|word| word.starts_with('/'))
                    .map(PathBuf::from),
            );
        }
        libraries.iter().try_for_each(|library| self.add(library))
    }

    /// Objects, and the sources that were generated for them.
    fn add_objects(&self, out_dir: &Path) -> Result<()> {
        for entry in fs::read_dir(out_dir)? {
            let path = entry?.path();
            let extension = path.extension().and_then(|extension| extension.to_str());
            if matches!(extension, Some("o" | "c")) {
                self.add(&path)?;
            }
        }
        Ok(())
    }

    /// The kernel's configuration, which libbpf reads for `.kconfig`, and some modules.
    fn add_modules(&self, kernel: &Files) -> Result<()> {
        let to = self.root.join("boot");
        fs::create_dir_all(&to)?;
        let config = format!("config-{}", kernel.release);
        fs::copy(&kernel.config, to.join(&config))?;

        let to = self.root.join("lib/modules").join(&kernel.release);
        fs::create_dir_all(&to)?;
        for (index, module) in MODULES.iter().enumerate() {
            let name = module.rsplit('/').next().unwrap_or(module);
            let to = to.join(format!("{index}-{name}.ko"));
            let module = kernel.modules.join("kernel").join(module);
            if fs::copy(module.with_extension("ko"), &to).is_err() {
                let xz = Command::new("xz")
                    .args(["--decompress", "--stdout"])
                    .arg(module.with_extension("ko.xz"))
                    .stdout(File::create(to)?)
                    .status()?;
                anyhow::ensure!(xz.success(), "no module {name} of {}", kernel.release);
            }
        }
        Ok(())
    }

    fn archive(&self, to: &Path) -> Result<PathBuf> {
        let mut find = Command::new("find")
            .current_dir(&self.root)
            .stdout(Stdio::piped())
            .spawn()?;
        let names = find.stdout.take().context("names")?;
        let cpio = Command::new("cpio")
            .args(["-o", "-H", "newc", "--quiet"])
            .current_dir(&self.root)
            .stdin(names)
            .stdout(File::create(to)?)
            .status()?;
        if !find.wait()?.success() || !cpio.success() {
            bail!("cpio: {cpio}");
        }
        fs::remove_dir_all(&self.root)?;
        Ok(to.to_owned())
    }
}

//! Crates with a build script, and what came of it.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use bpf_subskeleton_object::elf::{Elf, SymbolKind};
use bpf_subskeleton_object::verify_linked;
use bpf_subskeleton_tests::package::Package;

/// A crate whose build script compiles a BPF library or an application.
pub(crate) struct Crate {
    name: String,
    package: Package,
}

impl Crate {
    /// A library with the build script `Library::new("bpf/lib.bpf.c")CALLS.build()?`, which depends on other crates.
    pub(crate) fn library(name: &str, calls: &str, dependencies: &[&Crate]) -> Self {
        let manifest = format!("links = \"{name}\"\n");
        let library = Self::new(name, &manifest, dependencies);
        library.write("src/lib.rs", "");
        library.build_script(&format!("Library::new(\"bpf/lib.bpf.c\"){calls}"));
        library
    }

    /// An application with the build script `Application::new("bpf/app.bpf.c")CALLS.build()?`.
    pub(crate) fn application(name: &str, calls: &str, dependencies: &[&Crate]) -> Self {
        let application = Self::new(name, "", dependencies);
        application.write("src/main.rs", "fn main() {}");
        application.build_script(&format!("Application::new(\"bpf/app.bpf.c\"){calls}"));
        application
    }

    /// A crate with these lines in `[package]`, without a build script.
    pub(crate) fn new(name: &str, package: &str, dependencies: &[&Crate]) -> Self {
        let dependencies: String = dependencies.iter().map(|d| d.as_dependency()).collect();
        Self::with_dependencies(name, package, &dependencies)
    }

    /// A crate with these lines in `[package]` and in `[dependencies]`, without a build script.
    pub(crate) fn with_dependencies(name: &str, package: &str, dependencies: &str) -> Self {
        Self::with_manifest(name, &Self::manifest(name, package, dependencies))
    }

    /// The manifest of such a crate.
    pub(crate) fn manifest(name: &str, package: &str, dependencies: &str) -> String {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n{package}\n\
             {MANIFEST}\n\
             [dependencies]\n{dependencies}\n"
        )
    }

    /// A member of a workspace.
    pub(crate) fn member(&self, folder: &str, manifest: &str) -> Self {
        Self::with_manifest(&format!("{}/{folder}", self.name), manifest)
    }

    /// A package or workspace in the folder `name`, with no file but the manifest.
    pub(crate) fn with_manifest(name: &str, manifest: &str) -> Self {
        let tmp = env!("CARGO_TARGET_TMPDIR");
        // Nothing of an earlier run is left, but for the target folder.
        let _ = fs::remove_dir_all(Path::new(tmp).join("packages").join(name));
        let package = Package::with_manifest(tmp, name, manifest);
        Self {
            name: name.to_owned(),
            package,
        }
    }

    /// The line of a dependent's manifest.
    pub(crate) fn as_dependency(&self) -> String {
        format!("{}.path = \"{{packages}}/{}\"\n", self.name, self.name)
    }

    pub(crate) fn root(&self) -> &Path {
        self.package.root()
    }

    /// Each `OUT_DIR` that cargo has given the build script, even if it failed.
    pub(crate) fn all_out_dirs(&self) -> Vec<PathBuf> {
        let build = self.root().join("../target/debug/build");
        let prefix = format!("{}-", self.name);
        let units = fs::read_dir(build).unwrap().map(|unit| unit.unwrap());
        let own = units.filter(|unit| unit.file_name().to_str().unwrap().starts_with(&prefix));
        let out_dirs = own.map(|unit| unit.path().join("out"));
        out_dirs.filter(|out| out.is_dir()).collect()
    }

    pub(crate) fn write(&self, path: &str, contents: impl AsRef<[u8]>) {
        self.package.write(path, contents);
    }

    /// Writes a build script that builds `what`, an expression.
    pub(crate) fn build_script(&self, what: &str) {
        self.write(
            "build.rs",
            format!(
                "use bpf_subskeleton_build::*;\n\
                 fn main() -> Result<(), Error> {{\n    {what}.build()?;\n    Ok(())\n}}\n"
            ),
        );
    }

    /// A command of cargo's, in an environment without the caller's choice of compiler and colours.
    pub(crate) fn cargo(&self, command: &str) -> Command {
        let mut cargo = self.package.cargo(command);
        for variable in [
            "CLANG",
            "BPF_SUBSKELETON_PREBUILT",
            "NO_COLOR",
            "CARGO_TERM_COLOR",
        ] {
            cargo.env_remove(variable);
        }
        cargo
    }

    /// Runs the build scripts of the crate and of those that it depends on.
    pub(crate) fn check(&self) -> Checked {
        self.check_in(&[])
    }

    /// Runs the build scripts of one package of a workspace and of those that it depends on.
    pub(crate) fn check_package(&self, name: &str) -> Checked {
        let mut cargo = self.cargo("check");
        cargo.args(["--message-format=json-render-diagnostics", "-p", name]);
        Checked::new(cargo.output().unwrap())
    }

    /// Runs them with these variables in the environment.
    pub(crate) fn check_in(&self, environment: &[(&str, &str)]) -> Checked {
        let mut cargo = self.cargo("check");
        cargo.arg("--message-format=json-render-diagnostics");
        Checked::new(cargo.envs(environment.iter().copied()).output().unwrap())
    }
}

/// What all manifests have. Without debug information build scripts are linked sooner.
pub(crate) const MANIFEST: &str = r#"
[build-dependencies]
bpf-subskeleton-build.path = "{workspace}/runtime/build"

[profile.dev]
debug = false

[workspace]
"#;

/// A `PATH` with all programs but clang.
pub(crate) fn path_without_clang() -> String {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("without-clang");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let path = env::var_os("PATH").unwrap();
        for directory in env::split_paths(&path) {
            for program in fs::read_dir(directory).into_iter().flatten().flatten() {
                if !program.file_name().as_encoded_bytes().starts_with(b"clang") {
                    // The first of its name stays.
                    let _ = symlink(program.path(), folder.join(program.file_name()));
                }
            }
        }
        folder
    });
    FOLDER.to_str().unwrap().to_owned()
}

/// What cargo said.
pub(crate) struct Checked {
    success: bool,
    stdout: String,
    pub(crate) stderr: String,
}

impl Checked {
    fn new(output: Output) -> Self {
        Self {
            success: output.status.success(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn succeeds(self) -> Self {
        assert!(self.success, "{}", self.stderr);
        self
    }

    /// Asserts that a build script failed, with each of these texts in what cargo shows.
    #[track_caller]
    pub(crate) fn fails(self, texts: &[&str]) -> Self {
        assert!(!self.success, "it succeeded: {}", self.stderr);
        self.says(texts)
    }

    /// Asserts that cargo shows each of these texts.
    #[track_caller]
    pub(crate) fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "no {text:?} in {}", self.stderr);
        }
        self
    }

    #[track_caller]
    pub(crate) fn is_silent_about(&self, text: &str) {
        assert!(!self.stderr.contains(text), "{text:?} in {}", self.stderr);
    }

    /// `OUT_DIR` of a crate's build script, in each way that cargo has run it.
    pub(crate) fn out_dirs(&self, of: &Crate) -> Vec<PathBuf> {
        let package = format!("/{}#", of.name);
        let lines = self.stdout.lines().filter(|line| {
            line.contains(r#""reason":"build-script-executed""#) && line.contains(&package)
        });
        lines
            .map(|line| {
                let (_, rest) = line.split_once(r#""out_dir":""#).unwrap();
                PathBuf::from(rest.split_once('"').unwrap().0)
            })
            .collect()
    }

    /// The object `name` that the crate's build script has made.
    #[track_caller]
    pub(crate) fn object(&self, of: &Crate, name: &str) -> Object {
        let out_dirs = self.out_dirs(of);
        let [out] = out_dirs.as_slice() else {
            panic!("{} was built in {out_dirs:?}", of.name);
        };
        Object::read(out.join(name))
    }
}

/// A BPF object.
pub(crate) struct Object {
    pub(crate) path: PathBuf,
    pub(crate) bytes: Vec<u8>,
}

impl Object {
    #[track_caller]
    fn read(path: PathBuf) -> Self {
        let bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self { path, bytes }
    }

    /// The functions, variables and maps that are defined in it, by name.
    pub(crate) fn symbols(&self) -> Vec<String> {
        let elf = Elf::parse(&self.bytes).unwrap();
        let named = elf.symbols.iter().filter(|symbol| {
            symbol.section.is_some()
                && matches!(symbol.kind, SymbolKind::Object | SymbolKind::Function)
        });
        let mut names: Vec<_> = named.map(|symbol| symbol.name.to_owned()).collect();
        names.sort();
        names
    }

    /// The functions, variables and maps that it uses and does not define.
    pub(crate) fn undefined(&self) -> Vec<String> {
        let elf = Elf::parse(&self.bytes).unwrap();
        let undefined = elf.symbols.iter().filter(|symbol| {
            symbol.section.is_none() && symbol.kind == SymbolKind::NoType && !symbol.name.is_empty()
        });
        let mut names: Vec<_> = undefined.map(|symbol| symbol.name.to_owned()).collect();
        names.sort();
        names
    }

    /// User space and BPF code find each variable in the same place.
    #[track_caller]
    pub(crate) fn assert_in_order(&self) {
        if let Err(error) = verify_linked(&self.bytes) {
            panic!("{}: {error}", self.path.display());
        }
    }

    /// The size of a variable.
    #[track_caller]
    pub(crate) fn size(&self, name: &str) -> u64 {
        let elf = Elf::parse(&self.bytes).unwrap();
        let symbol = elf.symbols.iter().find(|symbol| symbol.name == name);
        symbol.unwrap_or_else(|| panic!("no {name}")).size
    }

    #[track_caller]
    pub(crate) fn contents(&self, section: &str) -> Vec<u8> {
        let elf = Elf::parse(&self.bytes).unwrap();
        elf.section(section).unwrap().data.to_vec()
    }

    /// The length of its CO-RE relocations.
    pub(crate) fn core_relocations(&self) -> u32 {
        // `core_relo_len` in `struct btf_ext_header`.
        let field = &self.contents(".BTF.ext")[28..32];
        u32::from_ne_bytes(field.try_into().unwrap())
    }

    /// When it was written: a build script that runs again writes it again.
    pub(crate) fn written(&self) -> std::time::SystemTime {
        fs::metadata(&self.path).unwrap().modified().unwrap()
    }
}

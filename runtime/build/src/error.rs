//! What can go wrong in a build script.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use bpf_subskeleton_object::Misplaced;

/// Why an object could not be built: what is wrong, and what to do.
///
/// `Debug` writes the same as `Display`, because a `main` that returns the error prints its `Debug`.
pub struct Error {
    kind: Kind,
}

/// What is wrong.
pub(crate) enum Kind {
    /// A variable that cargo sets for build scripts is not set.
    NotInBuildScript(&'static str),
    /// The package has no `links`.
    NoLinks,
    /// There is no source.
    NoSource,
    /// A file or folder that was named does not exist.
    Missing(PathBuf),
    /// A file can't be read or written.
    File(PathBuf, io::Error),
    /// There is no clang.
    NoClang,
    /// The compiler does not run.
    Compiler(PathBuf, io::Error),
    /// It is no compiler: it does not tell its version.
    NotClang(PathBuf, ExitStatus),
    /// The compiler was built without BPF.
    NoTarget(PathBuf),
    /// The compiler found mistakes, and has said so.
    Compile(PathBuf),
    /// The compiler did not find a header.
    Header {
        source: PathBuf,
        header: String,
        advice: &'static str,
    },
    /// The metadata of a library is not understood.
    Metadata(String, String),
    /// Two versions of a library.
    Versions { library: String, found: [String; 2] },
    /// Weak variables and those that replace them are in two sections.
    Sections(Vec<Split>),
    /// libbpf's linker refused.
    Link {
        inputs: Vec<PathBuf>,
        reason: String,
    },
    /// Variables are in the wrong place, however the objects are linked.
    Misplaced(Vec<Misplaced>),
    /// What an application uses, and nothing in it defines.
    Undefined(Vec<String>),
    /// An object can't be read.
    Object(PathBuf, String),
    /// The committed object is out of date.
    Stale { object: PathBuf, why: String },
    /// A variable of the user's has another value than those there are.
    Mode(&'static str, OsString),
    /// BTF to make `vmlinux.h` of can't be read.
    Vmlinux(PathBuf, String),
}

/// A variable with a weak definition in one section and another definition in another.
pub(crate) struct Split {
    pub(crate) name: String,
    pub(crate) weak: Definition,
    pub(crate) other: Definition,
}

/// Where a variable is defined.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Definition {
    pub(crate) object: PathBuf,
    pub(crate) section: String,
}

impl Error {
    pub(crate) fn file(path: &Path, error: io::Error) -> Self {
        Kind::File(path.to_owned(), error).into()
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Self {
        Self { kind }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::NotInBuildScript(name) => write!(
                f,
                "{name} is not set: this is for build scripts, which cargo runs with that variable"
            ),
            Kind::NoLinks => f.write_str(
                "cargo tells other crates about a library only if it has a name: add a line like \
                 `links = \"histogram_bpf\"` to [package] in Cargo.toml",
            ),
            Kind::NoSource => f.write_str(
                "there is nothing to link: name a source, or depend on the crate of a BPF library",
            ),
            Kind::Missing(path) => write!(
                f,
                "{} does not exist; paths are relative to the folder of Cargo.toml",
                path.display()
            ),
            Kind::File(path, error) => write!(f, "{}: {error}", path.display()),
            Kind::NoClang => f.write_str(
                "no clang in PATH: install clang (Debian, Fedora: package `clang`), or set CLANG to the path \
                 of one; 16 or newer knows all of BTF",
            ),
            Kind::Compiler(path, error) => {
                write!(f, "can't run {}: {error}", path.display())
            }
            Kind::NotClang(path, status) => write!(
                f,
                "{} --version ends with {status}, so it is not clang: CLANG is the path of one, without arguments",
                path.display()
            ),
            Kind::NoTarget(path) => write!(
                f,
                "{} can't compile for BPF: install a clang that can, as all distributions have it (package \
                 `clang`), or set CLANG to the path of one",
                path.display()
            ),
            Kind::Compile(source) => {
                write!(f, "clang could not compile {}", source.display())
            }
            Kind::Header {
                source,
                header,
                advice,
            } => write!(
                f,
                "{} needs <{header}>, which was not found: {advice}",
                source.display()
            ),
            Kind::Metadata(variable, reason) => write!(
                f,
                "{variable} is not what a library's build script writes ({reason}): use one version of \
                 bpf-subskeleton-build in all crates"
            ),
            Kind::Versions { library, found } => {
                write!(f, "two versions of the BPF library `{library}` can't be in one object:")?;
                for found in found {
                    write!(f, "\n- {found}")?;
                }
                f.write_str("\n`cargo update` or the dependencies' Cargo.toml may bring them together")
            }
            Kind::Sections(split) => {
                for Split { name, weak, other } in split {
                    writeln!(
                        f,
                        "`{name}` is weak in {} ({}) and defined in {} ({})",
                        weak.section,
                        weak.object.display(),
                        other.section,
                        other.object.display()
                    )?;
                }
                f.write_str(
                    "libbpf's linker would corrupt the sections: give all definitions of a variable an initial \
                     value other than 0, or none, or name the section of all with SEC(…)",
                )
            }
            Kind::Link { inputs, reason } => {
                f.write_str("libbpf could not link")?;
                for input in inputs {
                    write!(f, " {}", input.display())?;
                }
                write!(f, ": {reason}")
            }
            Kind::Misplaced(misplaced) => {
                f.write_str(
                    "user space would not find what BPF code uses, in whatever order the objects are linked:",
                )?;
                for misplaced in misplaced {
                    write!(f, "\n- {misplaced}")?;
                }
                Ok(())
            }
            Kind::Undefined(missing) => {
                f.write_str("libbpf can't open the linked object, because nothing in it defines:")?;
                for missing in missing {
                    write!(f, "\n- {missing}")?;
                }
                f.write_str(
                    "\nis the crate of each library in [dependencies]? Crates in between need a build script with \
                     `Library::pass_on`; what the kernel has is declared with `__ksym`",
                )
            }
            Kind::Object(path, reason) => write!(f, "{}: {reason}", path.display()),
            Kind::Stale { object, why } => write!(
                f,
                "{} is out of date: {why}; build once with BPF_SUBSKELETON_PREBUILT=write in the environment, on \
                 a machine with clang, and commit the file",
                object.display()
            ),
            Kind::Mode(variable, value) => write!(
                f,
                "{variable}={} means nothing: set it to `write` or `check`",
                value.display()
            ),
            Kind::Vmlinux(path, reason) => write!(
                f,
                "can't make vmlinux.h of {}: {reason}; name a file with BTF of a kernel, such as \
                 `vmlinux_from(\"bpf/vmlinux.btf\")`",
                path.display()
            ),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.kind {
            Kind::File(_, error) | Kind::Compiler(_, error) => Some(error),
            _ => None,
        }
    }
}

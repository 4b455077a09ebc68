//! [`Application`]: the build script of a crate that loads a BPF object.

use std::path::PathBuf;

use crate::clang::Clang;
use crate::complete::check_complete;
use crate::environment::rerun_if_changed;
use crate::error::Error;
use crate::metadata::dependencies;
use crate::sources::{Sources, options};

/// A BPF object with libraries: compiles the application's own code, and links the libraries in.
///
/// ```no_run
/// // build.rs
/// fn main() -> Result<(), bpf_subskeleton_build::Error> {
///     let object = bpf_subskeleton_build::Application::new("bpf/app.bpf.c").build()?;
///     // Optionally, libbpf-cargo's skeleton:
///     // SkeletonBuilder::new().obj(&object).generate(…)
///     # drop(object);
///     Ok(())
/// }
/// ```
///
/// Paths are relative to the folder of Cargo.toml. The libraries are those of the crates that this one depends on,
/// directly or through other libraries. For a crate without BPF code in between, see
/// [`Library::pass_on`](crate::Library::pass_on).
#[derive(Debug, Clone)]
#[must_use = "nothing is compiled before `build`"]
pub struct Application {
    sources: Sources,
}

impl Application {
    /// The application with this C source.
    pub fn new(source: impl Into<PathBuf>) -> Self {
        Self {
            sources: Sources::new(source),
        }
    }

    /// An application without BPF code of its own, only that of libraries. The object is
    /// `$OUT_DIR/NAME.bpf.o`.
    pub fn of_libraries(name: impl Into<String>) -> Self {
        Self {
            sources: Sources {
                name: Some(name.into()),
                ..Sources::default()
            },
        }
    }

    options!();

    /// Adds a folder of headers. The libraries' headers are found without it.
    pub fn include(mut self, folder: impl Into<PathBuf>) -> Self {
        self.sources.includes.push(folder.into());
        self
    }

    /// Compiles and links to `$OUT_DIR/app.bpf.o` (for the first source `bpf/app.bpf.c`), whose path is returned.
    ///
    /// # Errors
    ///
    /// If there is nothing to link, a source or header is missing, there is no clang, the source does not compile, the
    /// dependencies include two versions of a library, libbpf's linker refuses the objects or would put a variable
    /// in the wrong place, or something is used that is neither in one of the objects nor in the kernel.
    pub fn build(self) -> Result<PathBuf, Error> {
        let Self { sources } = self;
        let libraries = dependencies()?;
        let output = sources.output()?;
        let mut inputs = match sources.sources.is_empty() {
            true => Vec::new(),
            false => {
                let mut clang = Clang::find(sources.clang.as_deref())?;
                sources.compile(&mut clang, &libraries)?.objects
            }
        };
        for library in libraries {
            rerun_if_changed(&library.object);
            inputs.push(library.object);
        }
        Sources::link_to(&inputs, &output)?;
        check_complete(&output)?;
        for source in &sources.sources {
            rerun_if_changed(source);
        }
        Ok(output)
    }
}

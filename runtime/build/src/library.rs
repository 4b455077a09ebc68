//! [`Library`]: the build script of a companion crate.

use std::path::PathBuf;

use crate::clang::Clang;
use crate::environment::{cargo_text, rerun_if_changed};
use crate::error::{Error, Kind};
use crate::metadata::{Dependency, dependencies, publish};
use crate::prebuilt::Prebuilt;
use crate::sources::{Sources, options};

/// A BPF library: compiles it, and publishes its paths to the crates that depend on this one.
///
/// ```no_run
/// // build.rs; Cargo.toml has `links = "histogram_bpf"`
/// fn main() -> Result<(), bpf_subskeleton_build::Error> {
///     bpf_subskeleton_build::Library::new("bpf/histogram.bpf.c")
///         .include("bpf")
///         .define("HIST_SLOTS", 64)
///         .build()?;
///     Ok(())
/// }
/// ```
///
/// Paths are relative to the folder of Cargo.toml. The library may use others: their crates are dependencies, their
/// headers are in the include path, and their objects are linked where an application links this one.
#[derive(Debug, Clone)]
#[must_use = "nothing is compiled before `build`"]
pub struct Library {
    sources: Sources,
    prebuilt: Option<PathBuf>,
}

impl Library {
    /// The library in this C source.
    pub fn new(source: impl Into<PathBuf>) -> Self {
        Self {
            sources: Sources::new(source),
            prebuilt: None,
        }
    }

    options!();

    /// Adds a folder of headers. Users of the library get it too: `#include <histogram.bpf.h>` works in each crate
    /// that depends on this one.
    pub fn include(mut self, folder: impl Into<PathBuf>) -> Self {
        self.sources.includes.push(folder.into());
        self
    }

    /// Uses a committed object on machines without clang, such as those of docs.rs.
    ///
    /// A file beside it lists what it was compiled from (`histogram.bpf.o.sources`). If one of these files has
    /// changed, the object is out of date: without clang the build fails; with clang, which compiles the
    /// library instead, the build warns.
    ///
    /// `BPF_SUBSKELETON_PREBUILT=write` in the environment of a build writes both files, and
    /// `BPF_SUBSKELETON_PREBUILT=check` turns the warning into an error, for continuous integration.
    pub fn prebuilt(mut self, object: impl Into<PathBuf>) -> Self {
        self.prebuilt = Some(object.into());
        self
    }

    /// Compiles the library to `$OUT_DIR/histogram.bpf.o` (for the first source `bpf/histogram.bpf.c`), whose path is
    /// returned, and publishes it.
    ///
    /// # Errors
    ///
    /// If `links` is missing in Cargo.toml, a source or header is missing, there is no clang, the source does not
    /// compile, or the objects of several sources can't be linked.
    pub fn build(self) -> Result<PathBuf, Error> {
        let Self { sources, prebuilt } = self;
        cargo_text("CARGO_MANIFEST_LINKS").map_err(|_| Kind::NoLinks)?;
        let used = dependencies()?;
        let output = sources.output()?;
        let prebuilt = prebuilt.map(Prebuilt::new).transpose()?;
        match (Clang::find(sources.clang.as_deref()), &prebuilt) {
            (Err(_), Some(prebuilt)) => prebuilt.copy_to(&output, &sources)?,
            (clang, prebuilt) => {
                let compiled = sources.compile(&clang?, &used)?;
                Sources::link_to(&compiled.objects, &output)?;
                if let Some(prebuilt) = prebuilt {
                    prebuilt.compare(&output, &sources, &compiled.read)?;
                }
            }
        }
        for source in &sources.sources {
            rerun_if_changed(source);
        }
        let own = Dependency {
            name: cargo_text("CARGO_PKG_NAME")?,
            version: cargo_text("CARGO_PKG_VERSION")?,
            via: Vec::new(),
            object: output.clone(),
            includes: sources.include_folders()?,
        };
        publish(&own, &used);
        Ok(output)
    }
}

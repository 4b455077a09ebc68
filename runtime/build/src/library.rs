//! [`Library`]: the build script of a companion crate.

use std::path::{Path, PathBuf};

use crate::clang::Clang;
use crate::environment::{cargo_text, rerun_if_changed};
use crate::error::{Error, Kind};
use crate::metadata::{Dependency, dependencies, pass_on, publish};
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

    /// No library of its own, but those that it depends on, for the crates that depend on this one.
    ///
    /// Cargo tells a build script only about direct dependencies. So a crate without BPF code that stands between an
    /// application and a library passes on what it was told: it has `links` in Cargo.toml, and this in its build
    /// script. An application that depends on the library as well does not need it.
    ///
    /// ```no_run
    /// // build.rs
    /// fn main() -> Result<(), bpf_subskeleton_build::Error> {
    ///     bpf_subskeleton_build::Library::pass_on()
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If `links` is missing in Cargo.toml, or two versions of a library are depended on.
    pub fn pass_on() -> Result<(), Error> {
        cargo_text("CARGO_MANIFEST_LINKS").map_err(|_| Kind::NoLinks)?;
        rerun_if_changed(Path::new("build.rs"));
        pass_on(&cargo_text("CARGO_PKG_NAME")?, &dependencies()?);
        Ok(())
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
    /// Both need a clang, and so does a build with `CLANG` in the environment.
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
        let may_stand_in = prebuilt.as_ref().filter(|prebuilt| prebuilt.stands_in());
        let clang = Clang::find(sources.clang.as_deref()).and_then(|mut clang| {
            if may_stand_in.is_some() {
                clang.verify()?;
            }
            Ok(clang)
        });
        match (clang, may_stand_in) {
            (Err(_), Some(prebuilt)) => prebuilt.copy_to(&output, &sources)?,
            (clang, _) => {
                let compiled = sources.compile(&mut clang?, &used)?;
                Sources::link_to(&compiled.objects, &output)?;
                if let Some(prebuilt) = prebuilt {
                    prebuilt.compare(&output, &sources, compiled.own)?;
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

//! What is compiled, and how: the part that libraries and applications share.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::clang::Clang;
use crate::environment::{manifest_dir, out_dir, rerun_if_changed, warn};
use crate::error::{Error, Kind};
use crate::headers;
use crate::link::link;
use crate::metadata::Dependency;
use crate::vmlinux;

/// Sources and options.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    /// The output's name, if it is not the first source's.
    pub(crate) name: Option<String>,
    pub(crate) sources: Vec<PathBuf>,
    pub(crate) includes: Vec<PathBuf>,
    pub(crate) clang: Option<PathBuf>,
    /// `-D` and the user's own flags, in order.
    pub(crate) flags: Vec<OsString>,
    pub(crate) vmlinux: Option<PathBuf>,
}

/// What was compiled.
pub(crate) struct Compiled {
    /// One object for each source.
    pub(crate) objects: Vec<PathBuf>,
    /// The files of the package that the compiler has read.
    pub(crate) own: Vec<PathBuf>,
}

impl Sources {
    pub(crate) fn new(source: impl Into<PathBuf>) -> Self {
        Self {
            sources: vec![source.into()],
            ..Self::default()
        }
    }

    /// Where the object goes: `$OUT_DIR/app.bpf.o` for `bpf/app.bpf.c`.
    pub(crate) fn output(&self) -> Result<PathBuf, Error> {
        let name = match (&self.name, self.sources.first()) {
            (Some(name), _) => PathBuf::from(format!("{name}.bpf.o")),
            (None, Some(first)) => object_name(first),
            (None, None) => return Err(Kind::NoSource.into()),
        };
        Ok(out_dir()?.join(name))
    }

    /// The folders of headers, as absolute paths.
    pub(crate) fn include_folders(&self) -> Result<Vec<PathBuf>, Error> {
        let root = manifest_dir()?;
        let folders = self.includes.iter().map(|folder| {
            let path = root.join(folder);
            match path.is_dir() {
                true => Ok(path),
                false => Err(Kind::Missing(folder.clone()).into()),
            }
        });
        folders.collect()
    }

    /// Compiles each source, with the headers of `libraries`.
    pub(crate) fn compile(
        &self,
        clang: &mut Clang,
        libraries: &[Dependency],
    ) -> Result<Compiled, Error> {
        let root = manifest_dir()?;
        let out = out_dir()?;
        // Headers in these are not the package's, though its folder may well be around them: libbpf's are in
        // the target folder.
        let mut others: Vec<_> = libraries
            .iter()
            .flat_map(|library| library.includes.clone())
            .collect();
        if let Some(btf) = &self.vmlinux {
            others.push(vmlinux::write(&root.join(btf), &out)?);
        }
        let mut includes = self.include_folders()?;
        includes.extend_from_slice(&others);
        others.extend(headers::system_folders());
        let is_own = |path: &Path| {
            path.starts_with(&root) && !others.iter().any(|folder| path.starts_with(folder))
        };
        let mut compiled = Compiled {
            objects: Vec::new(),
            own: Vec::new(),
        };
        // Two sources may share a file name; their objects must not.
        let parts = out.join("bpf-subskeleton");
        fs::create_dir_all(&parts).map_err(|error| Error::file(&parts, error))?;
        for (index, source) in self.sources.iter().enumerate() {
            if !root.join(source).is_file() {
                return Err(Kind::Missing(source.clone()).into());
            }
            let object = parts.join(format!("{index}-{}", object_name(source).display()));
            let output = clang.compile(&root, source, &includes, &self.flags, &object)?;
            warn(&output.warnings);
            for path in output.read {
                // Files that this build script writes are always newer than its last run.
                if !path.starts_with(&out) {
                    rerun_if_changed(&path);
                    compiled.own.extend(is_own(&path).then_some(path));
                }
            }
            compiled.objects.push(object);
        }
        Ok(compiled)
    }

    /// Links `inputs` to `output`, or takes the only one as it is.
    pub(crate) fn link_to(inputs: &[PathBuf], output: &Path) -> Result<(), Error> {
        match inputs {
            [] => Err(Kind::NoSource.into()),
            [only] => fs::copy(only, output)
                .map(drop)
                .map_err(|error| Error::file(output, error)),
            inputs => link(inputs, output),
        }
    }
}

/// `app.bpf.o` for `bpf/app.bpf.c`.
fn object_name(source: &Path) -> PathBuf {
    let name = source.file_name().unwrap_or_default();
    Path::new(name).with_extension("o")
}

/// The options that libraries and applications share.
macro_rules! options {
    () => {
        /// Adds a source, whose object is linked with the others into one.
        pub fn source(mut self, source: impl Into<std::path::PathBuf>) -> Self {
            self.sources.sources.push(source.into());
            self
        }

        /// Sets the compiler, by default the newest clang in `PATH`. `CLANG` in the environment takes precedence.
        pub fn clang(mut self, clang: impl Into<std::path::PathBuf>) -> Self {
            self.sources.clang = Some(clang.into());
            self
        }

        /// Passes a flag to the compiler, after this crate's own.
        pub fn flag(mut self, flag: impl Into<std::ffi::OsString>) -> Self {
            self.sources.flags.push(flag.into());
            self
        }

        /// Defines a macro: `-DNAME=VALUE`.
        pub fn define(mut self, name: &str, value: impl std::fmt::Display) -> Self {
            self.sources.flags.push(format!("-D{name}={value}").into());
            self
        }

        /// Generates `vmlinux.h` from the running kernel's BTF, for CO-RE: `#include <vmlinux.h>`.
        pub fn vmlinux(self) -> Self {
            self.vmlinux_from("/sys/kernel/btf/vmlinux")
        }

        /// Generates `vmlinux.h` from the BTF in this file: a copy of
        /// `/sys/kernel/btf/vmlinux`, or an ELF file with a `.BTF` section.
        pub fn vmlinux_from(mut self, btf: impl Into<std::path::PathBuf>) -> Self {
            self.sources.vmlinux = Some(btf.into());
            self
        }
    };
}

pub(crate) use options;

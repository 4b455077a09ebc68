//! Object files of libraries, and of what they are linked into.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use bpf_subskeleton_object::model::Library;

/// A file of an object.
pub(crate) struct ObjectFile {
    path: PathBuf,
    /// Kept as long as the process, because descriptions of libraries refer to it.
    bytes: &'static [u8],
}

impl ObjectFile {
    /// Reads the file.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let context = || path.display().to_string();
        let metadata = fs::metadata(path).with_context(context)?;
        if metadata.is_dir() {
            bail!("{}: a directory, not a BPF object", path.display());
        }
        // Reading a device or pipe might never end.
        if !metadata.is_file() {
            bail!("{}: not a regular file", path.display());
        }
        let bytes = fs::read(path).with_context(context)?;
        Ok(Self {
            path: path.to_owned(),
            bytes: Vec::leak(bytes),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn bytes(&self) -> &'static [u8] {
        self.bytes
    }

    /// What the object offers to user space.
    pub(crate) fn library(&self) -> Result<Library<'static>> {
        Library::read(self.bytes).with_context(|| self.path.display().to_string())
    }

    /// The name of the library: that of the file, without `.bpf.o`.
    pub(crate) fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.strip_suffix(".o").unwrap_or(&name);
        name.strip_suffix(".bpf").unwrap_or(name).to_owned()
    }
}

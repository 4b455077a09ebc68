//! A committed object, for machines without a compiler.

use std::fs;
use std::path::{Path, PathBuf};

use crate::environment::{manifest_dir, rerun_if_changed, user, warn};
use crate::error::{Error, Kind};
use crate::sources::Sources;

/// What to do with the committed object if there is a compiler.
const VARIABLE: &str = "BPF_SUBSKELETON_PREBUILT";

/// The committed object, and what it was compiled from.
pub(crate) struct Prebuilt {
    root: PathBuf,
    /// As the user wrote it.
    written: PathBuf,
    object: PathBuf,
    /// `histogram.bpf.o.sources`
    record: PathBuf,
}

impl Prebuilt {
    pub(crate) fn new(written: PathBuf) -> Result<Self, Error> {
        let root = manifest_dir()?;
        let object = root.join(&written);
        let mut record = object.clone().into_os_string();
        record.push(".sources");
        let record = PathBuf::from(record);
        rerun_if_changed(&object);
        rerun_if_changed(&record);
        Ok(Self {
            root,
            written,
            object,
            record,
        })
    }

    /// Uses the committed object, unless it is out of date.
    pub(crate) fn copy_to(&self, output: &Path, sources: &Sources) -> Result<(), Error> {
        let record = match fs::read_to_string(&self.record) {
            Ok(record) if self.object.is_file() => record,
            _ => return self.stale("there is none yet"),
        };
        let files = record
            .lines()
            .skip(2)
            .filter_map(|line| line.split_once(' '));
        let files: Vec<_> = files.map(|(_, path)| self.root.join(path)).collect();
        for file in &files {
            rerun_if_changed(file);
        }
        self.check(&record, &self.describe(sources, &files)?, &self.object)?;
        fs::copy(&self.object, output)
            .map(drop)
            .map_err(|error| Error::file(output, error))
    }

    /// Compares the committed object's record with what was just compiled.
    pub(crate) fn compare(
        &self,
        output: &Path,
        sources: &Sources,
        read: &[PathBuf],
    ) -> Result<(), Error> {
        // The headers of the system are not the library's.
        let own = read.iter().filter(|path| path.starts_with(&self.root));
        let mut own: Vec<_> = own.cloned().collect();
        own.sort();
        own.dedup();
        let described = self.describe(sources, &own)?;
        let mode = user(VARIABLE);
        if mode.as_deref().is_some_and(|mode| mode == "write") {
            fs::copy(output, &self.object).map_err(|error| Error::file(&self.object, error))?;
            let record = described + &line_of(&self.object, "object")?;
            return fs::write(&self.record, record)
                .map_err(|error| Error::file(&self.record, error));
        }
        let record = fs::read_to_string(&self.record).unwrap_or_default();
        let checked = self.check(&record, &described, &self.object);
        match (checked, mode) {
            (Err(error), Some(mode)) if mode == "check" => Err(error),
            (Err(error), _) => {
                warn(&error.to_string());
                Ok(())
            }
            (Ok(()), _) => Ok(()),
        }
    }

    /// Flags and files, a line each.
    fn describe(&self, sources: &Sources, files: &[PathBuf]) -> Result<String, Error> {
        let mut text =
            String::from("# Written by bpf-subskeleton-build: what the object was compiled of.\n");
        text += &format!("# flags: {:?}\n", sources.flags);
        for file in files {
            let name = file.strip_prefix(&self.root).unwrap_or(file);
            text += &line_of(file, &name.to_string_lossy())?;
        }
        Ok(text)
    }

    fn check(&self, record: &str, described: &str, object: &Path) -> Result<(), Error> {
        let Some((recorded, last)) = record.trim_end().rsplit_once('\n') else {
            return self.stale("there is none yet");
        };
        if line_of(object, "object").map_or(true, |line| line.trim_end() != last) {
            return self.stale("it is not the one that was written with its record");
        }
        let differs = |line: &&str| !recorded.lines().any(|recorded| recorded == *line);
        match described.lines().find(differs) {
            None => Ok(()),
            Some(line) => {
                let name = line.split_once(' ').map_or(line, |(_, name)| name);
                self.stale(&format!("{name} has changed"))
            }
        }
    }

    fn stale<T>(&self, why: &str) -> Result<T, Error> {
        Err(Kind::Stale {
            object: self.written.clone(),
            why: why.to_owned(),
        }
        .into())
    }
}

/// A file's fingerprint and name.
fn line_of(file: &Path, name: &str) -> Result<String, Error> {
    let bytes = fs::read(file).map_err(|error| Error::file(file, error))?;
    Ok(format!("{:016x} {name}\n", fingerprint(&bytes)))
}

/// FNV-1a: enough to detect an edit, and the same on every machine and in every release.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vectors published by its authors.
    #[test]
    fn fingerprints_are_fnv_1a() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fingerprint(b"foobar"), 0x8594_4171_f739_67e8);
    }
}

//! A committed object, for machines without a compiler.

use std::fs;
use std::path::{Path, PathBuf};

use crate::environment::{manifest_dir, rerun_if_changed, user, warn};
use crate::error::{Error, Kind};
use crate::sources::Sources;

/// What to do with the committed object if there is a compiler.
const VARIABLE: &str = "BPF_SUBSKELETON_PREBUILT";

/// What the record calls the object, in its last line.
const OBJECT: &str = "object";

/// That as a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Write,
    Check,
}

/// The committed object, and what it was compiled of.
pub(crate) struct Prebuilt {
    mode: Option<Mode>,
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
        let mode = match user(VARIABLE) {
            None => None,
            Some(mode) if mode == "write" => Some(Mode::Write),
            Some(mode) if mode == "check" => Some(Mode::Check),
            Some(mode) => return Err(Kind::Mode(VARIABLE, mode).into()),
        };
        Ok(Self {
            mode,
            root,
            written,
            object,
            record,
        })
    }

    /// Whether it may take the place of what a compiler would make. Not for those who name a compiler in the
    /// environment, or want the object rewritten or compared.
    pub(crate) fn stands_in(&self) -> bool {
        self.mode.is_none() && user("CLANG").is_none()
    }

    /// Takes the committed object for the library's, if it is not out of date.
    pub(crate) fn copy_to(&self, output: &Path, sources: &Sources) -> Result<(), Error> {
        let record = match fs::read_to_string(&self.record) {
            Ok(record) if self.object.is_file() => record,
            _ => return self.stale("it does not exist yet"),
        };
        let files = record
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(' '))
            .map(|(_, name)| name)
            .filter(|&name| name != OBJECT);
        let mut files: Vec<_> = files.map(|name| self.root.join(name)).collect();
        // The build script may name one more since.
        files.extend(sources.sources.iter().map(|source| self.root.join(source)));
        files.sort();
        files.dedup();
        for file in &files {
            rerun_if_changed(file);
            if !file.is_file() {
                return self.stale(&format!("{} is missing", self.name(file)));
            }
        }
        self.check(&record, &self.describe(sources, &files)?)?;
        fs::copy(&self.object, output)
            .map(drop)
            .map_err(|error| Error::file(output, error))
    }

    /// Compares the committed object's record with what was just compiled.
    pub(crate) fn compare(
        &self,
        output: &Path,
        sources: &Sources,
        mut own: Vec<PathBuf>,
    ) -> Result<(), Error> {
        own.sort();
        own.dedup();
        let described = self.describe(sources, &own)?;
        if self.mode == Some(Mode::Write) {
            fs::copy(output, &self.object).map_err(|error| Error::file(&self.object, error))?;
            let record = described + &line_of(&self.object, OBJECT)?;
            return fs::write(&self.record, record)
                .map_err(|error| Error::file(&self.record, error));
        }
        let record = fs::read_to_string(&self.record).unwrap_or_default();
        match self.check(&record, &described) {
            Err(error) if self.mode.is_none() => {
                warn(&error.to_string());
                Ok(())
            }
            checked => checked,
        }
    }

    /// Flags and files, a line each.
    fn describe(&self, sources: &Sources, files: &[PathBuf]) -> Result<String, Error> {
        let mut text =
            String::from("# Written by bpf-subskeleton-build: what the object was compiled of.\n");
        text += &format!("# flags: {:?}\n", sources.flags);
        for file in files {
            text += &line_of(file, &self.name(file))?;
        }
        Ok(text)
    }

    /// A file's name in the record.
    fn name(&self, file: &Path) -> String {
        let name = file.strip_prefix(&self.root).unwrap_or(file);
        name.to_string_lossy().into_owned()
    }

    fn check(&self, record: &str, described: &str) -> Result<(), Error> {
        let Some((recorded, object)) = record.trim_end().rsplit_once('\n') else {
            return self.stale("it does not exist yet");
        };
        if line_of(&self.object, OBJECT).map_or(true, |line| line.trim_end() != object) {
            return self.stale("it is not the one that was written with its record");
        }
        let only_in = |lines: &str, others: &str| {
            let mut lines = lines.lines();
            let line = lines.find(|line| !others.lines().any(|other| other == *line))?;
            Some(match line.split_once(' ') {
                Some((fingerprint, name)) if fingerprint != "#" => name.to_owned(),
                _ => "the list of flags".to_owned(),
            })
        };
        if let Some(name) = only_in(described, recorded) {
            return self.stale(&format!("{name} has changed"));
        }
        match only_in(recorded, described) {
            Some(name) => self.stale(&format!("{name} is no longer part of it")),
            None => Ok(()),
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

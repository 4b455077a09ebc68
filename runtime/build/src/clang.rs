//! Finding and calling clang.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::environment::{cargo_text, user};
use crate::error::{Error, Kind};
use crate::headers;

/// A compiler.
pub(crate) struct Clang {
    path: PathBuf,
    /// Others in `PATH`, in case this one does not run; the last is the newest.
    others: Vec<PathBuf>,
}

/// What the compiler reports about a source that it has compiled.
pub(crate) struct Output {
    pub(crate) warnings: String,
    /// The source and the headers that it has read.
    pub(crate) read: Vec<PathBuf>,
}

impl Clang {
    /// `CLANG` from the environment, else `chosen`, else the newest in `PATH`.
    ///
    /// It may turn out not to run: asking each build costs half of what a compilation takes.
    pub(crate) fn find(chosen: Option<&Path>) -> Result<Self, Error> {
        // Don't silently replace a compiler that the user named.
        let mut others = match (user("CLANG"), chosen) {
            (Some(path), _) => vec![PathBuf::from(path)],
            (None, Some(path)) => vec![path.to_owned()],
            (None, None) => in_path(),
        };
        let path = others.pop().ok_or(Kind::NoClang)?;
        Ok(Self { path, others })
    }

    /// Takes the first that runs.
    pub(crate) fn verify(&mut self) -> Result<(), Error> {
        let Err(error) = runs(&self.path) else {
            return Ok(());
        };
        while let Some(other) = self.others.pop() {
            if runs(&other).is_ok() {
                self.path = other;
                return Ok(());
            }
        }
        Err(error.into())
    }

    /// Compiles `source`, a path in `root`.
    pub(crate) fn compile(
        &mut self,
        root: &Path,
        source: &Path,
        includes: &[PathBuf],
        flags: &[OsString],
        object: &Path,
    ) -> Result<Output, Error> {
        let rules = object.with_extension("d");
        let mut arguments: Vec<OsString> = vec![
            target()?.into(),
            "-g".into(),
            "-O2".into(),
            "-Wall".into(),
            headers::target_arch()?.into(),
            // Keep this machine's paths out of the object: they would leak to its readers, and make builds
            // irreproducible.
            joined("-ffile-prefix-map=", root, "=."),
        ];
        arguments.extend(colours().map(OsString::from));
        arguments.extend(["-MD".into(), "-MF".into(), rules.clone().into()]);
        for folder in includes {
            arguments.extend(["-I".into(), folder.into()]);
        }
        for folder in headers::system_folders() {
            // Of what is in these, there is nothing to warn of here.
            arguments.extend(["-isystem".into(), folder.into()]);
        }
        arguments.extend_from_slice(flags);
        arguments.extend(["-c".into(), source.into(), "-o".into(), object.into()]);

        let run = |clang: &Path| {
            Command::new(clang)
                .current_dir(root)
                .args(&arguments)
                .output()
        };
        let mut output = run(&self.path);
        if !matches!(&output, Ok(output) if output.status.success()) {
            let failed = self.path.clone();
            self.verify()?;
            if self.path != failed {
                output = run(&self.path);
            }
        }
        let output = output.map_err(|error| Kind::Compiler(self.path.clone(), error))?;
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() {
            // Cargo shows this, because the build script fails.
            eprint!("{text}");
            // In the words of clang's driver and of its code generator.
            if ["unknown target triple 'bpf", "unable to create target: "]
                .iter()
                .any(|words| text.contains(words))
            {
                return Err(Kind::NoTarget(self.path.clone()).into());
            }
            if let Some((header, advice)) = headers::missing(&text) {
                return Err(Kind::Header {
                    source: source.to_owned(),
                    header,
                    advice,
                }
                .into());
            }
            return Err(Kind::Compile(source.to_owned()).into());
        }
        let rules = fs::read_to_string(&rules).map_err(|error| Error::file(&rules, error))?;
        Ok(Output {
            warnings: text,
            read: prerequisites(&rules)
                .into_iter()
                .map(|path| root.join(path))
                .collect(),
        })
    }
}

fn runs(clang: &Path) -> Result<(), Kind> {
    match Command::new(clang).arg("--version").output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(Kind::NotClang(clang.to_owned(), output.status)),
        Err(error) => Err(Kind::Compiler(clang.to_owned(), error)),
    }
}

/// Each clang in `PATH`, the newest last; among equal versions, the first in `PATH`.
fn in_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<(Option<u32>, PathBuf)> = Vec::new();
    for folder in env::split_paths(&path) {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        found.extend(entries.flatten().filter_map(|entry| {
            let version = entry.file_name().to_str().and_then(version_in_name)?;
            let path = entry.path();
            is_executable(&path).then_some((version, path))
        }));
    }
    // Only the plain name has no version. It need not be asked for if it is alone, or another name of one that has.
    if found.iter().any(|(version, _)| version.is_some()) {
        let known: Vec<_> = found
            .iter()
            .filter(|(version, _)| version.is_some())
            .filter_map(|(_, path)| path.canonicalize().ok())
            .collect();
        found.retain_mut(|(version, path)| {
            if version.is_none() && !path.canonicalize().is_ok_and(|path| known.contains(&path)) {
                *version = version_of(path);
            }
            version.is_some()
        });
    }
    found.reverse();
    found.sort_by_key(|(version, _)| *version);
    found.into_iter().map(|(_, path)| path).collect()
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// The version in `clang-19`; `Some(None)` for `clang`, `None` for other programs.
fn version_in_name(name: &str) -> Option<Option<u32>> {
    match name.strip_prefix("clang")? {
        "" => Some(None),
        rest => rest.strip_prefix('-')?.parse().ok().map(Some),
    }
}

fn version_of(clang: &Path) -> Option<u32> {
    let output = Command::new(clang).arg("--version").output().ok()?;
    version_in_text(&String::from_utf8_lossy(&output.stdout))
}

/// The major version in `Debian clang version 19.1.7 (3+b1)`.
fn version_in_text(text: &str) -> Option<u32> {
    let (_, rest) = text.split_once("clang version ")?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest.get(..end)?.parse().ok()
}

/// The target's byte order: BPF programs must have that of the machine they run on.
fn target() -> Result<&'static str, Error> {
    let order = cargo_text("CARGO_CFG_TARGET_ENDIAN")?;
    Ok(match order.as_str() {
        "big" => "--target=bpfeb",
        _ => "--target=bpfel",
    })
}

/// Asks for colours, unless the user doesn't want them: cargo captures the output, so clang sees no terminal.
fn colours() -> Option<&'static str> {
    let never = env::var_os("CARGO_TERM_COLOR").is_some_and(|when| when == "never");
    let no_colour = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    (!never && !no_colour).then_some("-fcolor-diagnostics")
}

fn joined(before: &str, path: &Path, after: &str) -> OsString {
    let mut joined = OsString::from(before);
    joined.push(path);
    joined.push(after);
    joined
}

/// The prerequisites in a make rule, as `-MD` writes it: `a.o: a.c \` and so on.
fn prerequisites(rules: &str) -> Vec<PathBuf> {
    // The target's colon has a space after it; those of paths have none.
    let Some((_, list)) = rules.split_once(": ") else {
        return Vec::new();
    };
    let mut paths = Vec::new();
    let mut path = String::new();
    let mut chars = list.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            // A continued line.
            ('\\', Some('\n')) => {
                chars.next();
                paths.push(std::mem::take(&mut path));
            }
            ('\\', Some(&next @ (' ' | '#' | '\\'))) => {
                chars.next();
                path.push(next);
            }
            ('$', Some('$')) => {
                chars.next();
                path.push('$');
            }
            (' ' | '\n', _) => paths.push(std::mem::take(&mut path)),
            (c, _) => path.push(c),
        }
    }
    paths.push(path);
    let paths = paths.into_iter().filter(|path| !path.is_empty());
    paths.map(|path| PathBuf::from(OsStr::new(&path))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(version_in_name("clang-19"), Some(Some(19)));
        assert_eq!(version_in_name("clang"), Some(None));
        for other in [
            "clang-format",
            "clang++",
            "clang-format-19",
            "gcc",
            "clang-19.1x",
        ] {
            assert_eq!(version_in_name(other), None, "{other}");
        }
        for (text, version) in [
            (
                "Debian clang version 19.1.7 (3+b1)\nTarget: x86_64",
                Some(19),
            ),
            ("clang version 22.0.0git (https://…)", Some(22)),
            ("gcc (Debian 12.2.0) 12.2.0", None),
            ("clang version ", None),
        ] {
            assert_eq!(version_in_text(text), version, "{text}");
        }
    }

    #[test]
    fn prerequisites_are_read() {
        let rules = "/out dir/x.o: bpf/a.bpf.c bpf/with\\ space.h \\\n  /usr/include/c$$d.h \\\n  e\\#f.h\n";
        let expected = [
            "bpf/a.bpf.c",
            "bpf/with space.h",
            "/usr/include/c$d.h",
            "e#f.h",
        ];
        assert_eq!(prerequisites(rules), expected.map(PathBuf::from));
        assert_eq!(prerequisites(""), Vec::<PathBuf>::new());
    }
}

//! Finding and calling clang.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::environment::{cargo_text, user};
use crate::error::{Error, Kind};
use crate::headers;

/// A compiler.
pub(crate) struct Clang {
    path: PathBuf,
}

/// What the compiler reports about a source that it has compiled.
pub(crate) struct Output {
    pub(crate) warnings: String,
    /// The source and the headers that it has read.
    pub(crate) read: Vec<PathBuf>,
}

impl Clang {
    /// `CLANG` from the environment, else `chosen`, else the newest in `PATH`.
    pub(crate) fn find(chosen: Option<&Path>) -> Result<Self, Error> {
        let path = match (user("CLANG"), chosen) {
            (Some(path), _) => PathBuf::from(path),
            (None, Some(path)) => path.to_owned(),
            (None, None) => newest().ok_or(Kind::NoClang)?,
        };
        // Don't silently replace a compiler that the user named and that does not run.
        let version = Command::new(&path).arg("--version").output();
        match version {
            Ok(output) if output.status.success() => Ok(Self { path }),
            Ok(output) => Err(Kind::NotClang(path, output.status).into()),
            Err(error) => Err(Kind::Compiler(path, error).into()),
        }
    }

    /// Compiles `source`, a path in `root`.
    pub(crate) fn compile(
        &self,
        root: &Path,
        source: &Path,
        includes: &[PathBuf],
        flags: &[OsString],
        object: &Path,
    ) -> Result<Output, Error> {
        let rules = object.with_extension("d");
        let mut command = Command::new(&self.path);
        command
            .current_dir(root)
            .args([target()?, "-g", "-O2", "-Wall"])
            .arg(headers::target_arch()?)
            // Keep this machine's paths out of the object: they would leak to its readers, and make builds
            // irreproducible.
            .arg(joined("-ffile-prefix-map=", root, "=."))
            .args(colours())
            .args(["-MD", "-MF"])
            .arg(&rules);
        for folder in includes {
            command.arg("-I").arg(folder);
        }
        for folder in headers::system_folders() {
            // Of what is in these, there is nothing to warn of here.
            command.arg("-isystem").arg(folder);
        }
        command
            .args(flags)
            .arg("-c")
            .arg(source)
            .arg("-o")
            .arg(object);
        let output = command
            .output()
            .map_err(|error| Kind::Compiler(self.path.clone(), error))?;
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

/// The clang in `PATH` with the greatest version.
fn newest() -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for folder in env::split_paths(&path) {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let Some(version) = entry.file_name().to_str().and_then(version_in_name) else {
                continue;
            };
            let path = entry.path();
            // Only the plain name has no version.
            let version = match version {
                Some(version) => Some(version),
                None => version_of(&path),
            };
            found.extend(version.map(|version| (version, path)));
        }
    }
    // Among equal versions, the first in `PATH`.
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    let mut paths = found.into_iter().map(|(_, path)| path);
    paths.find(|path| version_of(path).is_some())
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

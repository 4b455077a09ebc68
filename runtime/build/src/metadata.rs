//! What a library publishes to its dependents, in one line of cargo's metadata.
//!
//! Cargo passes `cargo::metadata=bpf_subskeleton=…` of a package with `links = "x"` to the build scripts of its
//! direct dependents only, as `DEP_X_BPF_SUBSKELETON`. So each library passes on what it received, itself first.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use crate::environment::say;
use crate::error::{Error, Kind};

/// The metadata's key, and the suffix of the variable.
const KEY: &str = "bpf_subskeleton";
const PREFIX: &str = "DEP_";
const SUFFIX: &str = "_BPF_SUBSKELETON";

/// The version of the line's format.
const FORM: &str = "1";

/// A library that this package depends on, or this package itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dependency {
    /// The package.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// The packages on the way to it, the nearest first.
    pub(crate) via: Vec<String>,
    /// Its object.
    pub(crate) object: PathBuf,
    /// Where its headers are.
    pub(crate) includes: Vec<PathBuf>,
}

impl Dependency {
    /// Who depends on it: `a → b → tally 0.1.0`.
    fn chain(&self) -> String {
        let mut chain = env::var("CARGO_PKG_NAME").unwrap_or_else(|_| "this package".to_owned());
        for package in &self.via {
            chain.push_str(" → ");
            chain.push_str(package);
        }
        let object = self.object.display();
        format!("{chain} → {} {} ({object})", self.name, self.version)
    }
}

/// Publishes the library `own`, and those that it uses, to dependents.
pub(crate) fn publish(own: &Dependency, used: &[Dependency]) {
    let mut libraries = vec![own.clone()];
    libraries.extend(through(&own.name, used));
    say("metadata", format_args!("{KEY}={}", encode(&libraries)));
}

/// Tells dependents of `package` about the libraries that it uses.
pub(crate) fn pass_on(package: &str, used: &[Dependency]) {
    let libraries: Vec<_> = through(package, used).collect();
    say("metadata", format_args!("{KEY}={}", encode(&libraries)));
}

/// The libraries as dependents of `package` see them.
fn through(package: &str, used: &[Dependency]) -> impl Iterator<Item = Dependency> {
    used.iter().map(|library| {
        let mut library = library.clone();
        library.via.insert(0, package.to_owned());
        library
    })
}

/// The libraries that this package depends on, each once, in order of their names.
///
/// # Errors
///
/// If there are two versions of one.
pub(crate) fn dependencies() -> Result<Vec<Dependency>, Error> {
    let variables = env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        let ours = name.starts_with(PREFIX) && name.ends_with(SUFFIX);
        ours.then_some((name, value))
    });
    // Sorted: what is linked must not depend on the order of the environment.
    let variables: BTreeMap<_, _> = variables.collect();
    let mut told = Vec::new();
    for (name, value) in variables {
        let libraries = decode(&value).map_err(|reason| Kind::Metadata(name, reason.to_owned()))?;
        told.extend(libraries);
    }
    merge(told)
}

/// Each library once, even if several crates depend on it.
fn merge(told: Vec<Dependency>) -> Result<Vec<Dependency>, Error> {
    let mut libraries: BTreeMap<String, Dependency> = BTreeMap::new();
    for library in told {
        match libraries.get(&library.name) {
            None => {
                libraries.insert(library.name.clone(), library);
            }
            Some(first) if first.version == library.version && first.object == library.object => {}
            Some(first) => {
                return Err(Kind::Versions {
                    found: [first.chain(), library.chain()],
                    library: library.name,
                }
                .into());
            }
        }
    }
    Ok(libraries.into_values().collect())
}

/// Libraries are separated by `;`, fields by `,`, and parts of a field by `|`.
fn encode(libraries: &[Dependency]) -> String {
    let list = |parts: &[&OsStr]| {
        let parts = parts.iter().map(|part| escape(part));
        parts.collect::<Vec<_>>().join("|")
    };
    let libraries = libraries.iter().map(|library| {
        let via: Vec<_> = library.via.iter().map(OsStr::new).collect();
        let includes: Vec<_> = library
            .includes
            .iter()
            .map(|path| path.as_os_str())
            .collect();
        [
            escape(OsStr::new(&library.name)),
            escape(OsStr::new(&library.version)),
            list(&via),
            escape(library.object.as_os_str()),
            list(&includes),
        ]
        .join(",")
    });
    let parts = std::iter::once(FORM.to_owned()).chain(libraries);
    parts.collect::<Vec<_>>().join(";")
}

fn decode(line: &OsStr) -> Result<Vec<Dependency>, &'static str> {
    let line = line.to_str().ok_or("it is not text")?;
    let mut parts = line.split(';');
    if parts.next() != Some(FORM) {
        return Err("it has another form");
    }
    parts.map(decode_library).collect()
}

fn decode_library(text: &str) -> Result<Dependency, &'static str> {
    let fields: Vec<_> = text.split(',').collect();
    let [name, version, via, object, includes] = fields.as_slice() else {
        return Err("it has another number of fields");
    };
    let text = |field: &str| {
        let value = unescape(field)?;
        value.into_string().map_err(|_| "a name is not text")
    };
    let list = |field: &str| -> Result<Vec<OsString>, &'static str> {
        let parts = field.split('|').filter(|part| !part.is_empty());
        parts.map(unescape).collect()
    };
    Ok(Dependency {
        name: text(name)?,
        version: text(version)?,
        via: list(via)?
            .into_iter()
            .map(|package| package.into_string().map_err(|_| "a name is not text"))
            .collect::<Result<_, _>>()?,
        object: unescape(object)?.into(),
        includes: list(includes)?.into_iter().map(PathBuf::from).collect(),
    })
}

/// Escapes all but the usual characters of paths as `%` and two hex digits.
fn escape(text: &OsStr) -> String {
    let mut escaped = String::new();
    for &byte in text.as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b'+' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02x}")),
        }
    }
    escaped
}

fn unescape(text: &str) -> Result<OsString, &'static str> {
    const WRONG: &str = "an escape is wrong";
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_first_chunk::<2>().ok_or(WRONG)?;
        let digits = std::str::from_utf8(digits).map_err(|_| WRONG)?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| WRONG)?);
        rest = after;
    }
    Ok(OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library(name: &str, version: &str, via: &[&str]) -> Dependency {
        Dependency {
            name: name.to_owned(),
            version: version.to_owned(),
            via: via.iter().map(|&package| package.to_owned()).collect(),
            object: format!("/target/{name} {version}/it;s,a|path%.bpf.o").into(),
            includes: vec![
                "/one".into(),
                OsString::from_vec(vec![b'/', 0xff, b'\n']).into(),
            ],
        }
    }

    #[test]
    fn what_is_published_is_understood() {
        let libraries = [
            library("a", "1.0.0", &[]),
            library("b", "2.0.0+x", &["a", "c"]),
        ];
        let line = encode(&libraries);
        assert!(line.is_ascii() && !line.contains(['\n', ' ']), "{line}");
        assert_eq!(decode(OsStr::new(&line)), Ok(libraries.to_vec()));
    }

    #[test]
    fn what_is_something_else_is_not() {
        for (line, reason) in [
            ("", "it has another form"),
            ("2;a", "it has another form"),
            ("1;a,b", "it has another number of fields"),
            ("1;a,1,,%zz,", "an escape is wrong"),
            ("1;a,1,,%f", "it has another number of fields"),
            ("1;a,1,,%f,", "an escape is wrong"),
            ("1;%ff,1,,o,", "a name is not text"),
        ] {
            assert_eq!(decode(OsStr::new(line)), Err(reason), "{line}");
        }
    }

    #[test]
    fn a_diamond_is_one_library() {
        let told = vec![
            library("base", "1.0.0", &["left"]),
            library("left", "1.0.0", &[]),
            library("base", "1.0.0", &["right"]),
        ];
        let merged = merge(told).unwrap();
        let names: Vec<_> = merged.iter().map(|library| library.name.as_str()).collect();
        assert_eq!(names, ["base", "left"]);
    }

    #[test]
    fn two_versions_are_an_error_with_both_paths() {
        let told = vec![
            library("base", "1.0.0", &["left"]),
            library("base", "2.0.0", &["right", "middle"]),
        ];
        let error = merge(told).unwrap_err().to_string();
        let package = env!("CARGO_PKG_NAME");
        assert!(
            error.contains(&format!("{package} → left → base 1.0.0")),
            "{error}"
        );
        assert!(
            error.contains(&format!("{package} → right → middle → base 2.0.0")),
            "{error}"
        );
    }
}

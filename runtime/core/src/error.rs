//! [`BindError`]: everything that keeps a library from being bound.

use core::fmt;
use std::io;

use crate::near::nearest;

/// Why a library could not be bound to an object: every problem, not only the first.
///
/// ```text
/// can't bind `Hist`: 2 problems
///   variable `stats.by_cpu[].packets`: built with u64 at offset 8, the object has u32 at offset 8
///   map `slots`: not in the object; is the library linked into it?
///   build `Hist` and the object from the same source of the library
/// ```
///
/// `{:?}` writes the same text, because that is what a `main` that returns it prints; `{:#?}` shows the
/// fields.
pub struct BindError {
    library: &'static str,
    problems: Vec<Problem>,
}

/// One thing that keeps a library from being bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    subject: Subject,
    path: String,
    expected: Option<String>,
    found: String,
}

/// What a [`Problem`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// The object as a whole.
    Object,
    /// A data section and its map.
    Section,
    /// A variable, or a part of one.
    Variable,
    /// A map, or its key or value.
    Map,
    /// A program.
    Program,
    /// A `struct_ops`.
    StructOps,
}

impl BindError {
    pub(crate) fn new(library: &'static str, problems: Vec<Problem>) -> Self {
        Self { library, problems }
    }

    /// The name of the struct that could not be bound.
    pub fn library(&self) -> &str {
        self.library
    }

    /// All problems, at least one.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

impl Problem {
    // Where something is wrong, speed does not matter: this keeps what is written then out of the way of what is not.
    #[cold]
    pub(crate) fn new(subject: Subject, path: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            subject,
            path: path.into(),
            expected: None,
            found: found.into(),
        }
    }

    #[cold]
    pub(crate) fn mismatch(
        subject: Subject,
        path: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self {
            subject,
            path: path.into(),
            expected: Some(expected.into()),
            found: found.into(),
        }
    }

    /// What the problem is about.
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// The C path: `stats.by_cpu[].packets`, or the name of a section, map or program.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the library was built with, where the object differs from it.
    pub fn expected(&self) -> Option<&str> {
        self.expected.as_deref()
    }

    /// What the object has, or what is wrong with it.
    pub fn found(&self) -> &str {
        &self.found
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { library, problems } = self;
        match problems.as_slice() {
            [problem] => write!(f, "can't bind `{library}`: {problem}"),
            problems => {
                write!(f, "can't bind `{library}`: {} problems", problems.len())?;
                for problem in problems {
                    write!(f, "\n  {problem}")?;
                }
                Ok(())
            }
        }?;
        match problems.iter().any(|problem| problem.expected.is_some()) {
            true => write!(
                f,
                "\n  build `{library}` and the object from the same source of the library"
            ),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => f
                .debug_struct("BindError")
                .field("library", &self.library)
                .field("problems", &self.problems)
                .finish(),
            false => fmt::Display::fmt(self, f),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, found, .. } = self;
        let subject = match self.subject {
            Subject::Object => "object",
            Subject::Section => "section",
            Subject::Variable => "variable",
            Subject::Map => "map",
            Subject::Program => "program",
            Subject::StructOps => "struct_ops",
        };
        match path.as_str() {
            "" => write!(f, "{subject}: ")?,
            path => write!(f, "{subject} `{path}`: ")?,
        }
        match &self.expected {
            Some(expected) => write!(f, "built with {expected}, the object has {found}"),
            None => f.write_str(found),
        }
    }
}

impl std::error::Error for BindError {}

/// What a [`Problem`] says about a name that an object does not have; `others` are the names that it has.
pub(crate) fn missing<'a>(name: &str, others: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, others) {
        Some(nearest) => format!("not in the object; it has `{nearest}`"),
        None => "not in the object; is the library linked into it?".to_owned(),
    }
}

/// A size as messages write it.
pub(crate) fn bytes(size: u32) -> String {
    match size {
        1 => "1 byte".to_owned(),
        size => format!("{size} bytes"),
    }
}

/// A request that makes no sense, as an error of libbpf-rs.
pub(crate) fn invalid(text: String) -> libbpf_rs::Error {
    io::Error::new(io::ErrorKind::InvalidInput, text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_suggested_and_no_far_one() {
        let names = ["hist_tasks", "hist_slots", "total"];
        let text = missing("hist_slot", names.into_iter());
        assert_eq!(text, "not in the object; it has `hist_slots`");
        let text = missing("lost", names.into_iter());
        assert_eq!(text, "not in the object; is the library linked into it?");
    }

    #[test]
    fn differences_say_what_to_do_and_others_do_not() {
        let differs = Problem::mismatch(Subject::Variable, "count", "u64", "u32");
        let missing = Problem::new(Subject::Map, "slots", "not in the object");
        let error = BindError::new("Hist", vec![differs, missing.clone()]);
        let text = "can't bind `Hist`: 2 problems\n  \
                    variable `count`: built with u64, the object has u32\n  \
                    map `slots`: not in the object\n  \
                    build `Hist` and the object from the same source of the library";
        assert_eq!(error.to_string(), text);
        let error = BindError::new("Hist", vec![missing]);
        assert_eq!(
            error.to_string(),
            "can't bind `Hist`: map `slots`: not in the object"
        );
    }
}

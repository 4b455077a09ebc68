//! The traits of `derive(…)` and `derive?(…)`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote};

use crate::errors::Errors;
use crate::select::shown;

use super::written::Path;

/// A trait that the user wants the C types to have as values.
pub(crate) struct Derive {
    /// As written.
    pub path: Path,
    /// Which it is.
    pub name: Trait,
    /// `derive?(…)`: types that can't have it go without.
    pub where_possible: bool,
}

/// The traits that the generator knows, and others, whose derive macro is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trait {
    /// One of the standard library's.
    Standard(Standard),
    /// `serde::Serialize`
    Serialize,
    /// Any other.
    Other,
}

/// The traits of the standard library that are about all members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standard {
    /// `PartialEq`
    PartialEq,
    /// `Eq`
    Eq,
    /// `Hash`
    Hash,
    /// `PartialOrd`
    PartialOrd,
    /// `Ord`
    Ord,
}

impl Standard {
    /// Its path.
    pub(crate) fn path(self) -> TokenStream {
        match self {
            Self::PartialEq => quote!(::core::cmp::PartialEq),
            Self::Eq => quote!(::core::cmp::Eq),
            Self::Hash => quote!(::core::hash::Hash),
            Self::PartialOrd => quote!(::core::cmp::PartialOrd),
            Self::Ord => quote!(::core::cmp::Ord),
        }
    }
}

impl Trait {
    /// Those that it can't be without and that must be asked for: `PartialEq` need not be.
    fn needs(self) -> &'static [Standard] {
        match self {
            Self::Standard(Standard::Ord) => &[Standard::Eq, Standard::PartialOrd],
            _ => &[],
        }
    }
}

impl Derive {
    /// The traits of both arguments. Those that can't be asked for are errors.
    pub(crate) fn all(
        everywhere: Vec<Path>,
        where_possible: Vec<Path>,
        errors: &mut Errors,
    ) -> Vec<Self> {
        let everywhere = everywhere.into_iter().map(|path| (path, false));
        let where_possible = where_possible.into_iter().map(|path| (path, true));
        let mut all: Vec<Self> = Vec::new();
        for (path, where_possible) in everywhere.chain(where_possible) {
            let span = path.name.span();
            let name = match named(&path) {
                Ok(name) => name,
                Err(text) => {
                    errors.at(span, text);
                    continue;
                }
            };
            let same = |other: &Self| match name {
                Trait::Other => shown(&other.path) == shown(&path),
                name => other.name == name,
            };
            if all.iter().any(same) {
                errors.at(span, format!("duplicate trait `{}`", shown(&path)));
                continue;
            }
            all.push(Self {
                path,
                name,
                where_possible,
            });
        }
        let asked: Vec<_> = all.iter().map(|derive| derive.name).collect();
        all.retain(|derive| {
            let needs = derive.name.needs().iter();
            let missing = needs.filter(|need| !asked.contains(&Trait::Standard(**need)));
            let missing: Vec<_> = missing.map(|need| format!("`{need:?}`")).collect();
            if !missing.is_empty() {
                let text = format!(
                    "`{}` needs {} beside it",
                    shown(&derive.path),
                    missing.join(" and ")
                );
                errors.at(derive.span(), text);
            }
            // Without it the rest of the expansion compiles, and this stays one error.
            missing.is_empty()
        });
        all
    }

    /// Where errors about it point: at its name.
    pub(crate) fn span(&self) -> Span {
        self.path.name.span()
    }

    /// The path, as code in a module `depth` levels below the user's struct writes it. One of several segments begins
    /// with the name of a crate; one name is looked up where the struct is.
    pub(crate) fn path_at(&self, depth: usize) -> TokenStream {
        self.names_at(self.path.names(), depth)
    }

    /// What is before the trait's name.
    pub(crate) fn parent_at(&self, depth: usize) -> TokenStream {
        self.names_at(self.path.parents.iter(), depth)
    }

    fn names_at<'s>(&'s self, names: impl Iterator<Item = &'s Ident>, depth: usize) -> TokenStream {
        let colon = self.path.leading_colon;
        let first = self.path.first().to_string();
        let has_parent = !self.path.parents.is_empty();
        match first.as_str() {
            // `$crate`, as the item came through a `macro_rules`.
            "crate" | "$crate" => quote!(#(#names)::*),
            "self" | "super" => relative(names, depth),
            _ if colon.is_none() && !has_parent => relative(names, depth),
            _ => quote!(::#(#names)::*),
        }
    }
}

/// A path that the user wrote beside the struct, `depth` modules further in.
fn relative<'s>(names: impl Iterator<Item = &'s Ident>, depth: usize) -> TokenStream {
    let outward = (0..depth).map(|_| Ident::new("super", Span::call_site()));
    let outward = outward.map(|name| name.into_token_stream());
    let names = names.filter(|name| *name != "self");
    let names = outward.chain(names.map(Ident::to_token_stream));
    quote!(#(#names)::*)
}

/// Which trait it is, or why it can't be asked for.
fn named(path: &Path) -> Result<Trait, String> {
    let names: Vec<_> = path.names().map(ToString::to_string).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let name = match names.as_slice() {
        [.., "serde", "Serialize"] => return Ok(Trait::Serialize),
        // Members are serialised as texts and names, which serde's own derive macro would not read.
        [.., "serde", "Deserialize"] | ["Deserialize"] => {
            return Err(
                "C types can't be `Deserialize`, since what is serialised of them is for people: \
                 `char[]` as text, enums as names of constants"
                    .to_owned(),
            );
        }
        ["Serialize"] => {
            return Err(
                "write `serde::Serialize`, or the path of another crate's `Serialize`: the name alone \
                 doesn't say which trait it is"
                    .to_owned(),
            );
        }
        [name] | ["core" | "std", .., name] => *name,
        _ => return Ok(Trait::Other),
    };
    Ok(match name {
        "PartialEq" => Trait::Standard(Standard::PartialEq),
        "Eq" => Trait::Standard(Standard::Eq),
        "Hash" => Trait::Standard(Standard::Hash),
        "PartialOrd" => Trait::Standard(Standard::PartialOrd),
        "Ord" => Trait::Standard(Standard::Ord),
        "Clone" | "Copy" | "Debug" | "Default" => {
            return Err(format!("`{name}` is on every C type already: leave it out"));
        }
        _ => Trait::Other,
    })
}

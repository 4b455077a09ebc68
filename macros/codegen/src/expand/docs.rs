//! Doc comments.

use std::cell::RefCell;
use std::collections::HashMap;

use proc_macro2::TokenStream;
use quote::quote;

use super::Writer;
use crate::layout::{FieldKind, Method, MethodKind, Rust, StructField};

/// Doc comments that several items have: the fields of a struct and those of its mirror, members of one declaration.
///
/// Making a literal of a text takes longer than finding one again.
#[derive(Default)]
pub(super) struct Docs {
    written: RefCell<HashMap<String, TokenStream>>,
}

impl Docs {
    /// As [`doc`], for a text that may be needed again.
    pub(super) fn doc(&self, text: String) -> TokenStream {
        let mut written = self.written.borrow_mut();
        written
            .entry(text)
            .or_insert_with_key(|text| doc(text))
            .clone()
    }
}

impl Writer<'_, '_> {
    pub(super) fn field_docs(&self, field: &StructField) -> TokenStream {
        match &field.kind {
            FieldKind::Member {
                declaration, docs, ..
            } => {
                let text = format!("`{declaration}`, at offset {}.", field.offset);
                self.docs.doc(joined(docs, text))
            }
            FieldKind::Padding | FieldKind::Storage => quote!(#[doc(hidden)]),
        }
    }

    pub(super) fn getter_docs(&self, method: &Method) -> TokenStream {
        let text = format!("`{}`", method.declaration);
        self.docs.doc(joined(&method.docs, text))
    }

    pub(super) fn setter_docs(&self, method: &Method) -> TokenStream {
        let text = format!("Sets `{}`.", method.declaration);
        // A `bool` always fits.
        let is_cut = matches!(method.kind, MethodKind::Bitfield { .. }) && method.ty != Rust::Bool;
        self.docs.doc(match is_cut {
            true => format!("{text} Higher bits of the value are cut off."),
            false => text,
        })
    }
}

/// A doc comment, as `///` writes it.
pub(super) fn doc(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| match line {
        "" => String::new(),
        line => format!(" {line}"),
    });
    quote!(#(#[doc = #lines])*)
}

/// What the C author wrote, and what BTF says.
pub(super) fn documented(written: &[impl AsRef<str>], text: String) -> TokenStream {
    doc(&joined(written, text))
}

fn joined(written: &[impl AsRef<str>], text: String) -> String {
    match written.is_empty() {
        true => text,
        false => {
            let written = written.iter().map(AsRef::as_ref).chain([text.as_str()]);
            written.collect::<Vec<_>>().join("\n\n")
        }
    }
}

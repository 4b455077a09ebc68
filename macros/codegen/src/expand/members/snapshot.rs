//! A variable in a snapshot: its value, which does not pass through the stack if it is large.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::Writer;
use super::{Part, SnapshotPart};
use crate::layout::Rust;

/// A value of more bytes is in a `Box`.
const LARGE: u32 = 1024;

/// A variable whose value a snapshot has.
pub(super) struct Value {
    pub(super) attrs: TokenStream,
    pub(super) vis: TokenStream,
    /// The type, or that of the elements.
    pub(super) ty: TokenStream,
    /// Whether it is an array, and `ty` that of its elements.
    pub(super) is_array: bool,
    pub(super) size: u32,
    /// The type from BTF, or that of the elements.
    pub(super) rust: Rust,
    /// Whether `ty` is that type for sure, and not one that the user wrote in its place.
    pub(super) is_known: bool,
    /// Whether it is an array of `char`.
    pub(super) is_text: bool,
    /// Whether it may be missing.
    pub(super) optional: bool,
}

impl Writer<'_, '_> {
    /// Its field in the snapshot, read from the handle `name` of `self`.
    pub(super) fn snapshot_part(&self, name: &Ident, value: Value) -> SnapshotPart {
        let krate = self.krate();
        let Value { attrs, vis, ty, .. } = value;
        let is_boxed = !value.is_array && value.size > LARGE;
        let handle = match value.optional {
            true => quote!(variable),
            false => quote!(self.#name),
        };
        let (ty, taken) = match value.is_array {
            true => (
                quote!(::std::vec::Vec<#ty>),
                quote!(#krate::private::elements(#handle.iter())),
            ),
            false if is_boxed => (quote!(::std::boxed::Box<#ty>), quote!(#handle.get_boxed())),
            false => (ty, quote!(#handle.get())),
        };
        let (ty, taken) = match value.optional {
            true => (
                quote!(::core::option::Option<#ty>),
                quote!(self.#name.as_ref().map(|variable| #taken)),
            ),
            false => (ty, taken),
        };
        SnapshotPart {
            part: Part {
                attrs,
                vis,
                ty,
                taken,
            },
            rust: value.rust,
            is_known: value.is_known,
            is_array: value.is_array,
            is_text: value.is_text,
            is_boxed,
            optional: value.optional,
        }
    }
}

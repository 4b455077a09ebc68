//! A variable in a snapshot: its value, which does not pass through the stack if it is large.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::super::Writer;
use super::Part;

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
    /// Whether it may be missing.
    pub(super) optional: bool,
}

impl Writer<'_, '_> {
    /// Its field in the snapshot, read from the handle `name` of `self`.
    pub(super) fn snapshot_part(&self, name: &Ident, value: Value) -> Part {
        let krate = self.krate();
        let Value { attrs, vis, ty, .. } = value;
        let handle = match value.optional {
            true => quote!(variable),
            false => quote!(self.#name),
        };
        let (ty, taken) = match value.is_array {
            true => (
                quote!(::std::vec::Vec<#ty>),
                quote!(#krate::private::elements(#handle.iter())),
            ),
            false if value.size > LARGE => {
                (quote!(::std::boxed::Box<#ty>), quote!(#handle.get_boxed()))
            }
            false => (ty, quote!(#handle.get())),
        };
        let (ty, taken) = match value.optional {
            true => (
                quote!(::core::option::Option<#ty>),
                quote!(self.#name.as_ref().map(|variable| #taken)),
            ),
            false => (ty, taken),
        };
        Part {
            attrs,
            vis,
            ty,
            taken,
        }
    }
}

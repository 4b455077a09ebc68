//! The module `types`: C types as values, which `get` returns and `set` takes.

use proc_macro2::TokenStream;
use quote::quote;

use crate::layout::{NamedType, NamedTypeKind};

use super::docs::{doc, documented};
use super::scope::Scope;
use super::{Writer, call_site, submodule};

impl Writer<'_, '_> {
    /// The module `types`, unless nothing is in it.
    pub(super) fn types(&self) -> TokenStream {
        let types: TokenStream = self
            .input
            .layout
            .items
            .iter()
            .enumerate()
            .map(|(index, item)| match &item.kind {
                _ if self.own_type(item).is_some() => self.own_import(item),
                NamedTypeKind::Struct(composite) => {
                    let contents = self.input.traits.item(index);
                    self.composite(item, composite, contents, Scope::Types)
                }
                NamedTypeKind::Enum(enumeration) => self.enumeration(item, enumeration),
                NamedTypeKind::Alias(ty) => {
                    let name = call_site(&item.name);
                    let ty = self.rust(ty, Scope::Types);
                    let docs = documented(&item.docs, format!("`typedef … {}`.", item.c_name));
                    quote!(#docs pub type #name = #ty;)
                }
                NamedTypeKind::Opaque => {
                    let name = call_site(&item.name);
                    // As of `struct event *unused`, which brings a type into BTF, but not here.
                    let docs = doc(&format!(
                        "`{0}`, reached through pointers only. Its members are here if the library has a global \
                         variable of the type itself: `{0} record;`.",
                        item.c_name
                    ));
                    quote! {
                        #docs
                        #[derive(::core::fmt::Debug)]
                        pub enum #name {}
                    }
                }
            })
            .collect();
        submodule("types", "The C types as values.", types)
    }

    /// The user's own type under its C name.
    fn own_import(&self, item: &NamedType) -> TokenStream {
        let Some(path) = self.own_type(item) else {
            return TokenStream::new();
        };
        let name = call_site(&item.name);
        // Paths are relative to the struct, two modules further out.
        let outward = (!path.is_absolute()).then(|| quote!(super::super::));
        let names = path.names().filter(|name| *name != "self");
        let colon = path.leading_colon;
        let text = doc(&format!("`{}`, as the user wrote it in Rust.", item.c_name));
        // An alias, because a type less visible than the struct can't be re-exported.
        quote!(#text pub type #name = #outward #colon #(#names)::*;)
    }
}

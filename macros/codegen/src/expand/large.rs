//! Groups with many variables, which the runtime fills, clones, drops and shows by a table of their fields.
//!
//! The time that an optimiser takes for a function that touches each field of a struct grows with the square of
//! their number. So does that of the compiler for naming each of them.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;

use super::members::{Group, GroupKind, Member, Part};
use super::{Writer, call_site};

/// A group with more members has a table. The documentation of `Variables` and of the attribute has the number, too.
const LARGE: usize = 256;

impl Group {
    /// Whether the runtime fills the struct.
    pub(super) fn is_large(&self) -> bool {
        let kind = self.of.as_ref().map(|of| of.kind);
        matches!(kind, Some(GroupKind::Section | GroupKind::Arena)) && self.members.len() > LARGE
    }
}

/// What is written of a large group besides its fields.
pub(super) struct Large<'m> {
    /// The struct, and its lifetime if it has one.
    pub(super) ty: &'m Ident,
    pub(super) lifetime: Option<TokenStream>,
    /// What the runtime takes the fields from.
    pub(super) library: &'static str,
    /// The fields, and the type of one after them.
    pub(super) fields: Vec<(&'m Member, &'m Part)>,
    pub(super) last: Option<(&'m Ident, TokenStream)>,
}

impl Writer<'_, '_> {
    /// The table, and `Debug`.
    pub(super) fn large(&self, large: Large<'_>) -> TokenStream {
        let krate = self.krate();
        let Large {
            ty,
            lifetime,
            library,
            fields,
            last,
        } = large;
        let parameters = lifetime.as_ref().map(|lifetime| quote!(<#lifetime>));
        let library = call_site(library);
        let rows = fields.into_iter().map(|(member, part)| {
            let (name, ty) = (member.name.unraw().to_string(), &part.ty);
            let row = call_site(match (member.has_debug, member.grows) {
                (true, false) => "row",
                (true, true) => "growing_row",
                (false, false) => "hidden_row",
                (false, true) => "hidden_growing_row",
            });
            quote!(#krate::private::#row::<#ty>(#name))
        });
        let last = last.map(|(name, ty)| {
            let name = name.to_string();
            quote!(#krate::private::row::<#ty>(#name),)
        });
        let text = ty.to_string();
        quote! {
            /// SAFETY: it is `repr(C)`, and has these fields in this order.
            #[automatically_derived]
            unsafe impl #parameters #krate::private::Group for #ty #parameters {
                type Library = #krate::private::#library #parameters;
                const ROWS: &'static [#krate::private::Row] = &[#(#rows,)* #last];
            }

            #[automatically_derived]
            impl #parameters ::core::fmt::Debug for #ty #parameters {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #krate::private::debug_group(#text, self, f)
                }
            }
        }
    }
}

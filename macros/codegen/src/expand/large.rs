//! Groups with many variables, which the runtime fills, clones, drops and shows by a table of their fields.
//!
//! The time that an optimiser takes for a function that touches each field of a struct grows with the square of
//! their number. So does that of the compiler for naming each of them.

use std::collections::HashMap;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;

use super::members::{Group, GroupKind, Member, Part, Shown};
use super::once::once;
use super::{Writer, call_site};

/// A group with more members has a table. The documentation of `Variables` and of the attribute has the number, too.
///
/// A release build that uses all of 128 variables takes three times the processor time without one, of 256 six times. But
/// with one an access follows one more pointer.
const LARGE: usize = 128;

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
        let mut kinds = Kinds::default();
        let (mut rows, mut names) = (Vec::new(), Vec::new());
        for (member, part) in fields {
            let kind = match (member.shown, member.grows) {
                (Shown::Itself, false) => "kind",
                (Shown::Itself, true) => "growing_kind",
                (Shown::Text, _) => "text_kind",
                (Shown::Hidden, false) => "hidden_kind",
                (Shown::Hidden, true) => "hidden_growing_kind",
            };
            rows.push(kinds.place(kind, &part.ty));
            names.push(member.name.unraw().to_string());
        }
        if let Some((name, ty)) = last {
            rows.push(kinds.place("kind", &ty));
            names.push(name.to_string());
        }
        let kinds = kinds.kinds.into_iter().map(|(kind, ty)| {
            let kind = call_site(kind);
            once(quote!(#krate::private::#kind::<#ty>()))
        });
        let rows = rows.into_iter().map(Literal::usize_unsuffixed);
        let names = names.join(" ");
        let text = ty.to_string();
        quote! {
            /// SAFETY: it is `repr(C)`, and has these fields in this order.
            #[automatically_derived]
            unsafe impl #parameters #krate::private::Group for #ty #parameters {
                type Library = #krate::private::#library #parameters;
                const KINDS: &'static [#krate::private::Kind] = &[#(#kinds),*];
                const ROWS: &'static [::core::primitive::u32] = &[#(#rows),*];
                const NAMES: &'static ::core::primitive::str = #names;
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

/// What differs between fields, each once.
#[derive(Default)]
struct Kinds {
    kinds: Vec<(&'static str, TokenStream)>,
    places: HashMap<(&'static str, String), usize>,
}

impl Kinds {
    /// Where the kind of a field of this type is. An object has fewer variables than a `u32` has values, because that is
    /// what it has for the length of its types.
    fn place(&mut self, kind: &'static str, ty: &TokenStream) -> usize {
        let place = self.places.entry((kind, ty.to_string()));
        *place.or_insert_with(|| {
            self.kinds.push((kind, ty.clone()));
            self.kinds.len() - 1
        })
    }
}

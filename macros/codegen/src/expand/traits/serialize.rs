//! `serde::Serialize`, for people: texts, names of constants and addresses, where C has bytes and numbers.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::attr::{Derive, Trait};
use crate::layout::{NamedTypeKind, Rust};

use super::super::Writer;
use super::super::members::SnapshotPart;
use super::{IN_SUBMODULE, MemberKind, ValueMember};

impl Writer<'_, '_> {
    /// A struct, member by member, in a module so far below the user's struct.
    pub(super) fn serialize(
        &self,
        name: &Ident,
        derive: &Derive,
        members: &[ValueMember<'_>],
        depth: usize,
    ) -> TokenStream {
        let serde = derive.parent_at(depth);
        let [serializer, fields] = ["serializer", "fields"].map(|name| self.local(name));
        let text = name.to_string();
        let text = text.trim_start_matches("r#");
        let len = members.len();
        let members = members.iter().map(|member| {
            let name = &member.name;
            let [value, _] = &member.values;
            let shown = match &member.kind {
                MemberKind::Value(ty, is_text) => self.shown(ty, *is_text, value, depth),
                MemberKind::Variable(part) => self.shown_variable(part, value, depth),
                MemberKind::Section => None,
            };
            let shown = shown.as_ref().unwrap_or(value);
            quote!(#serde::ser::SerializeStruct::serialize_field(&mut #fields, #name, &#shown)?;)
        });
        let mutable = (len > 0).then(|| quote!(mut));
        let body = quote! {
            let #mutable #fields = #serializer.serialize_struct(#text, #len)?;
            #(#members)*
            #serde::ser::SerializeStruct::end(#fields)
        };
        serialize_impl(&serde, name, &serializer, &body)
    }

    /// An enum: the name of the constant, or the integer.
    pub(super) fn serialize_enumeration(&self, name: &Ident, derive: &Derive) -> TokenStream {
        let krate = self.krate();
        let serde = derive.parent_at(IN_SUBMODULE);
        let [serializer, constant] = ["serializer", "constant"].map(|name| self.local(name));
        let body = quote! {
            match #krate::Enumeration::name(*self) {
                ::core::option::Option::Some(#constant) => #serializer.serialize_str(#constant),
                ::core::option::Option::None => #serde::Serialize::serialize(&self.0, #serializer),
            }
        };
        serialize_impl(&serde, name, &serializer, &body)
    }

    /// What is serialised in a value's place: plain `bool`s and texts, pointers in hexadecimal as in `Debug` or nothing for
    /// NULL, arrays of any length. `None` if it is the value.
    fn shown(
        &self,
        ty: &Rust,
        is_text: bool,
        value: &TokenStream,
        depth: usize,
    ) -> Option<TokenStream> {
        let krate = self.krate();
        Some(match ty {
            Rust::Array(..) if is_text => quote!(*#krate::Text::text(&#value[..])),
            Rust::Array(element, _) => self.shown_sequence(element, value, depth),
            Rust::Bool => quote!(#krate::Bool::as_bool(#value)),
            Rust::Pointer(_) => {
                quote!((!#krate::BpfPtr::is_null(#value)).then(|| ::std::format!("{:?}", #value)))
            }
            Rust::Named(index) => match self.input.layout.item(*index).map(|item| &item.kind) {
                Some(NamedTypeKind::Alias(ty)) => return self.shown(ty, is_text, value, depth),
                _ => return None,
            },
            Rust::Int { .. } | Rust::Float { .. } | Rust::Callback => return None,
        })
    }

    /// What is serialised in the place of a variable in a snapshot, which may be in a `Box`, a `Vec` and an `Option`.
    fn shown_variable(
        &self,
        part: &SnapshotPart,
        field: &TokenStream,
        depth: usize,
    ) -> Option<TokenStream> {
        if !part.is_known {
            return None;
        }
        let value = match (part.optional, part.is_boxed) {
            (true, true) => quote!((**value)),
            (true, false) => quote!((*value)),
            (false, true) => quote!((*#field)),
            (false, false) => field.clone(),
        };
        let krate = self.krate();
        let shown = match part.is_array {
            // The text itself can't leave the closure.
            true if part.is_text && part.optional => quote!(#krate::Text::text(&#value[..])),
            true if part.is_text => quote!(*#krate::Text::text(&#value[..])),
            true => self.shown_sequence(&part.rust, &value, depth),
            false => self.shown(&part.rust, false, &value, depth)?,
        };
        Some(match part.optional {
            true => quote!(#field.as_ref().map(|value| #shown)),
            false => shown,
        })
    }

    /// An array's or a `Vec`'s elements.
    fn shown_sequence(&self, element: &Rust, value: &TokenStream, depth: usize) -> TokenStream {
        let name = self.local("element");
        let shown = self.shown(element, false, &quote!((*#name)), depth);
        let shown = shown.unwrap_or_else(|| quote!(#name));
        let module = match depth {
            0 => {
                let module = &self.input.args.module;
                quote!(#module)
            }
            _ => quote!(super),
        };
        quote!(#module::serialize::sequence(&#value, |#name| #shown))
    }

    /// The module `serialize`, if something is serialised: serde knows arrays of up to 32 elements.
    pub(in super::super) fn serialize_module(&self) -> TokenStream {
        let mut asked = self.input.traits.asked().iter();
        let Some(derive) = asked.find(|derive| derive.name == Trait::Serialize) else {
            return TokenStream::new();
        };
        let serde = derive.parent_at(IN_SUBMODULE);
        quote! {
            /// Arrays of any length, serialised.
            #[doc(hidden)]
            pub mod serialize {
                #[allow(missing_debug_implementations)]
                pub struct Sequence<'a, T, F>(&'a [T], F);

                pub fn sequence<'a, T, R, F: ::core::ops::Fn(&'a T) -> R>(
                    elements: &'a [T],
                    shown: F,
                ) -> Sequence<'a, T, F> {
                    Sequence(elements, shown)
                }

                #[automatically_derived]
                impl<'a, T, R, F> #serde::Serialize for Sequence<'a, T, F>
                where
                    R: #serde::Serialize,
                    F: ::core::ops::Fn(&'a T) -> R,
                {
                    fn serialize<S: #serde::Serializer>(
                        &self,
                        serializer: S,
                    ) -> ::core::result::Result<S::Ok, S::Error> {
                        serializer.collect_seq(::core::iter::Iterator::map(self.0.iter(), &self.1))
                    }
                }
            }
        }
    }
}

fn serialize_impl(
    serde: &TokenStream,
    name: &Ident,
    serializer: &Ident,
    body: &TokenStream,
) -> TokenStream {
    quote! {
        #[automatically_derived]
        impl #serde::Serialize for #name {
            fn serialize<S: #serde::Serializer>(
                &self,
                #serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                #body
            }
        }
    }
}

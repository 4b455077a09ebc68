//! A C enum: a transparent integer, which may hold any value.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::layout::{Enum, NamedType};

use super::docs::{doc, documented};
use super::once::once;
use super::traits::TypeTraits;
use super::{Writer, bytes, call_site};

impl Writer<'_, '_> {
    /// `pub struct state(pub u32)`, with its constants.
    pub(super) fn enumeration(&self, item: &NamedType, enumeration: &Enum) -> TokenStream {
        let krate = self.krate();
        let (f, value) = (self.local("f"), self.local("value"));
        let name = call_site(&item.name);
        let int = self.enum_int(enumeration);
        let text = format!(
            "`{}`, {}. Any value can be in it, not only the constants.",
            item.c_name,
            bytes(enumeration.size)
        );
        let docs = documented(&item.docs, text);
        let constants = enumeration.values.iter().map(|(name, c_name, value)| {
            let name = call_site(name);
            let docs = once(doc(&format!("`{c_name}`")));
            let value = Literal::i128_unsuffixed(*value);
            once(quote!(#docs pub const #name: Self = Self(#value);))
        });
        let named = enumeration.values.iter().map(|(name, c_name, _)| {
            let name = call_site(name);
            once(quote!((#c_name, Self::#name)))
        });
        let c_name = &item.c_name;
        let TypeTraits { derives, impls } = self.enumeration_traits(&name);
        let impls = once(impls);
        let debug_name = item.name.trim_start_matches("r#");
        quote! {
            #docs
            #[repr(transparent)]
            #[derive(
                ::core::clone::Clone,
                ::core::marker::Copy,
                ::core::default::Default,
                ::core::cmp::PartialEq,
                ::core::cmp::Eq,
                ::core::cmp::PartialOrd,
                ::core::cmp::Ord,
                ::core::hash::Hash,
                #(#derives,)*
            )]
            pub struct #name(pub #int);

            impl #name {
                #(#constants)*
            }

            /// SAFETY: a transparent integer.
            #[automatically_derived]
            unsafe impl #krate::bytemuck::Zeroable for #name {}

            /// SAFETY: a transparent integer.
            #[automatically_derived]
            unsafe impl #krate::bytemuck::Pod for #name {}

            #[automatically_derived]
            impl #krate::Enumeration for #name {
                type Int = #int;
                const CONSTANTS: &'static [(&'static ::core::primitive::str, Self)] = &[#(#named),*];

                fn to_int(self) -> #int {
                    self.0
                }
            }

            #[automatically_derived]
            impl ::core::convert::TryFrom<#int> for #name {
                type Error = #krate::NoConstant<#int>;

                fn try_from(#value: #int) -> ::core::result::Result<Self, #krate::NoConstant<#int>> {
                    #krate::private::constant(Self(#value), #c_name)
                }
            }

            #[automatically_derived]
            impl ::core::fmt::Debug for #name {
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #krate::private::debug_constant(*self, #debug_name, #f)
                }
            }

            #[automatically_derived]
            impl ::core::fmt::Display for #name {
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #krate::private::display_constant(*self, #f)
                }
            }

            #impls
        }
    }
}

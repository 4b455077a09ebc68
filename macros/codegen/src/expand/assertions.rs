//! Proof, by constants, that the compiler lays types out as C does.

use proc_macro2::TokenStream;
use quote::quote;

use crate::layout::ItemKind;

use super::{Writer, call_site, number};

impl Writer<'_, '_> {
    /// Proof that the compiler lays the types out as C does.
    pub(super) fn assertions(&self) -> TokenStream {
        let krate = self.krate();
        let mut proofs: Vec<TokenStream> = Vec::new();
        for item in &self.input.layout.items {
            let name = call_site(&item.name);
            if let Some(path) = self.own_type(item) {
                proofs.push(self.own_type_proof(item, path));
                continue;
            }
            match &item.kind {
                ItemKind::Struct(composite) => {
                    let (size, align) = (number(composite.size), number(composite.align));
                    let offsets = composite.fields.iter().map(|field| {
                        let name = call_site(&field.name);
                        let offset = number(field.offset);
                        quote! {
                            runtime::expect_offset(
                                offset_of!(Value, #name),
                                offset_of!(Fields, #name),
                                #offset,
                            );
                        }
                    });
                    proofs.push(quote! {
                        const _: () = {
                            type Value = super::types::#name;
                            type Fields = super::fields::#name<#krate::Write>;
                            runtime::expect_layout::<Value, Fields>(#size, #align);
                            #(#offsets)*
                        };
                    });
                }
                // An enum is a transparent integer.
                ItemKind::Enum(_) | ItemKind::Alias(_) | ItemKind::Opaque => {}
            }
        }
        proofs.extend(self.struct_ops_proofs());
        match proofs.is_empty() {
            true => TokenStream::new(),
            false => quote! {
                /// Proof that these types are laid out as C lays them out.
                mod layout {
                    use ::core::mem::offset_of;

                    use #krate::private as runtime;

                    #(#proofs)*
                }
            },
        }
    }
}

//! The library's `struct_ops`: sets of operations for the kernel to call.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::declaration::declaration;
use crate::layout::{Item, ItemKind};
use crate::model::StructOps;

use super::types::Place;
use super::{Writer, call_site, documented, number};

impl<'a> Writer<'_, 'a> {
    /// Each with the struct that user space fills in.
    fn operations(&self) -> impl Iterator<Item = (&Ident, &StructOps<'a>, &Item)> {
        let layout = self.input.layout;
        self.struct_ops.iter().filter_map(|(name, struct_ops)| {
            let item = layout.struct_ops(&self.input.library.btf, struct_ops)?;
            Some((name, *struct_ops, item))
        })
    }

    pub(super) fn struct_ops_docs(&self, struct_ops: &StructOps<'_>) -> TokenStream {
        let declaration = declaration(&self.input.library.btf, struct_ops.ty, struct_ops.name);
        let text = format!("`{declaration}`, in `SEC(\"{}\")`.", struct_ops.section);
        documented(&struct_ops.docs, &text)
    }

    /// `pub struct StructOps<'obj> { pub vegas: OpenStructOps<'obj, struct_ops::tcp_congestion_ops> }`
    pub(super) fn config_struct_ops(&self) -> TokenStream {
        let krate = self.krate();
        let fields = self.operations().map(|(name, struct_ops, item)| {
            let docs = self.struct_ops_docs(struct_ops);
            let ty = call_site(&item.name);
            quote!(#docs pub #name: #krate::OpenStructOps<'obj, super::struct_ops::#ty>)
        });
        quote! {
            /// The `struct_ops` before load.
            #[derive(::core::fmt::Debug)]
            pub struct StructOps<'obj> {
                #(#fields,)*
            }
        }
    }

    /// The value of that in `configure`.
    pub(super) fn configured_struct_ops(&self) -> TokenStream {
        let module = &self.input.args.module;
        let names = self.operations().map(|(name, ..)| name);
        quote! {
            #module::config::StructOps {
                #(#names: library.struct_ops(),)*
            }
        }
    }

    /// The module `struct_ops`, unless nothing is in it.
    pub(super) fn struct_ops_types(&self) -> TokenStream {
        let types: Vec<_> = self
            .input
            .layout
            .struct_ops
            .iter()
            .filter_map(|item| match &item.kind {
                ItemKind::Struct(composite) => Some(self.composite(item, composite, Place::Fields)),
                _ => None,
            })
            .collect();
        match types.is_empty() {
            true => TokenStream::new(),
            false => quote! {
                /// The structs of `struct_ops` before load, with programs for function pointers.
                pub mod struct_ops {
                    #(#types)*
                }
            },
        }
    }

    /// Proof that the compiler lays these out as C does.
    pub(super) fn struct_ops_proofs(&self) -> impl Iterator<Item = TokenStream> {
        self.input.layout.struct_ops.iter().filter_map(|item| {
            let ItemKind::Struct(composite) = &item.kind else {
                return None;
            };
            let name = call_site(&item.name);
            let (size, align) = (number(composite.size), number(composite.align));
            let offsets = composite.fields.iter().map(|field| {
                let name = call_site(&field.name);
                let offset = number(field.offset);
                quote!(::core::assert!(offset_of!(Value, #name) == #offset);)
            });
            Some(quote! {
                const _: () = {
                    type Value = super::struct_ops::#name;
                    ::core::assert!(::core::mem::size_of::<Value>() == #size);
                    ::core::assert!(::core::mem::align_of::<Value>() == #align);
                    #(#offsets)*
                };
            })
        })
    }

    /// The descriptions, in the order of [`operations`](Self::operations).
    pub(super) fn described_struct_ops(&self) -> Vec<TokenStream> {
        let krate = self.krate();
        self.operations()
            .map(|(_, struct_ops, item)| {
                let (name, section) = (struct_ops.name, struct_ops.section);
                let ty = call_site(&item.name);
                let ty = quote!(super::struct_ops::#ty);
                quote! {
                    StructOps::new::<#ty>(#name, #section, <#ty as #krate::BtfType>::BTF)
                }
            })
            .collect()
    }

    /// Their C types, for the module `btf`.
    pub(super) fn struct_ops_btf(&self) -> impl Iterator<Item = TokenStream> {
        let krate = self.krate();
        self.input.layout.struct_ops.iter().filter_map(move |item| {
            let name = call_site(&item.name);
            let ty = self.item_description(item)?;
            Some(quote! {
                impl #krate::BtfType for super::struct_ops::#name {
                    const BTF: &'static Type = {
                        static TYPE: Type = #ty;
                        &TYPE
                    };
                }
            })
        })
    }
}

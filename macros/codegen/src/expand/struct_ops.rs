//! The library's `struct_ops`: kernel structs whose function pointers are BPF programs.

use proc_macro2::TokenStream;
use quote::quote;

use crate::layout::{NamedType, NamedTypeKind, Struct};
use crate::names::Names;
use bpf_subskeleton_object::declaration::declaration;

use super::docs::documented;
use super::members::Attachable;
use super::once::once;
use super::programs::link_docs;
use super::proofs::layout_proof;
use super::scope::Scope;
use super::{Writer, call_site, submodule};

impl Writer<'_, '_> {
    pub(super) fn struct_ops_members(&self, names: &mut Names) -> Vec<Attachable> {
        let krate = self.krate();
        let (layout, btf) = (self.input.layout, &self.input.library.btf);
        let struct_ops = self.input.library.struct_ops.iter();
        let members = struct_ops.filter_map(|struct_ops| {
            let item = call_site(&layout.struct_ops(btf, struct_ops)?.name);
            let (name, section) = (struct_ops.name, struct_ops.section);
            let declaration = declaration(btf, struct_ops.ty, name);
            let text = format!("`{declaration}`, in `SEC(\"{section}\")`.");
            let ty = quote!(super::struct_ops::#item);
            Some(Attachable {
                name: call_site(&names.unique(name, &[])),
                docs: documented(&struct_ops.docs, text),
                ty: quote!(#krate::StructOps<'obj, Loaded>),
                taken: quote!(library.struct_ops()),
                open_ty: quote!(#krate::OpenStructOps<'obj, #ty>),
                link_docs: link_docs(name),
                link_ty: quote!(#krate::StructOpsLink),
                line: quote! {
                    StructOps::new::<#ty>(#name, #section, <#ty as #krate::BtfType>::BTF)
                },
            })
        });
        members.collect()
    }

    fn struct_ops_structs(&self) -> impl Iterator<Item = (&NamedType, &Struct)> {
        let items = self.input.layout.struct_ops.iter();
        items.filter_map(|item| match &item.kind {
            NamedTypeKind::Struct(composite) => Some((item, composite)),
            _ => None,
        })
    }

    /// The module `struct_ops`, unless nothing is in it.
    pub(super) fn struct_ops_types(&self) -> TokenStream {
        let types = self.struct_ops_structs();
        let types: TokenStream = types
            .map(|(item, composite)| self.composite(item, composite, None, Scope::Fields))
            .collect();
        let docs = "The `struct_ops` structs before load, with programs as function pointers.";
        submodule("struct_ops", docs, types)
    }

    /// Proof that the compiler lays out these structs as C does.
    pub(super) fn struct_ops_proofs(&self) -> impl Iterator<Item = TokenStream> {
        self.struct_ops_structs()
            .map(|(item, composite)| layout_proof("struct_ops", item, composite))
    }

    /// The structs' C types, for the module `btf`.
    pub(super) fn struct_ops_btf(&self) -> impl Iterator<Item = TokenStream> {
        let krate = self.krate();
        self.input.layout.struct_ops.iter().filter_map(move |item| {
            let name = call_site(&item.name);
            let ty = once(self.item_description(item)?);
            Some(quote! {
                #[automatically_derived]
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

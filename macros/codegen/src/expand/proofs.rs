//! Proof, by constants, that the compiler lays types out as C does.

use proc_macro2::TokenStream;
use quote::quote;

use crate::layout::{Item, ItemKind, Struct};

use super::{Writer, call_site, number};

impl Writer<'_, '_> {
    /// The module `layout`, unless nothing is in it.
    pub(super) fn layout_proofs(&self) -> TokenStream {
        let krate = self.krate();
        let (mut proofs, mut own) = (Vec::new(), Vec::new());
        for item in &self.input.layout.items {
            match (self.own_type(item), &item.kind) {
                (Some(path), _) => own.push(self.own_type_proof(item, path)),
                (None, ItemKind::Struct(composite)) => {
                    proofs.push(layout_proof("types", item, composite));
                }
                // An enum is a transparent integer.
                (None, ItemKind::Enum(_) | ItemKind::Alias(_) | ItemKind::Opaque) => {}
            }
        }
        proofs.extend(self.struct_ops_proofs());
        if proofs.is_empty() && own.is_empty() {
            return TokenStream::new();
        }
        let import = (!proofs.is_empty()).then(|| quote!(use #krate::private::layout_proof;));
        quote! {
            /// Proof that these types are laid out as C lays them out: size, alignment, offsets.
            mod layout {
                #import

                #(#proofs)*
                #(#own)*
            }
        }
    }
}

/// `layout_proof!(types::worker, 48, 8, pid: 0, state: 4);`
pub(super) fn layout_proof(module: &str, item: &Item, composite: &Struct) -> TokenStream {
    let (module, name) = (call_site(module), call_site(&item.name));
    let (size, align) = (number(composite.size), number(composite.align));
    let offsets = composite.fields.iter().map(|field| {
        let name = call_site(&field.name);
        let offset = number(field.offset);
        quote!(, #name: #offset)
    });
    quote!(layout_proof!(#module::#name, #size, #align #(#offsets)*);)
}

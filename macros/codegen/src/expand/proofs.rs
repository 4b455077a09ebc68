//! Proof, by constants, that the compiler lays types out as C does.

use proc_macro2::TokenStream;
use quote::quote;

use crate::layout::{NamedType, NamedTypeKind, Struct};

use super::once::once;
use super::{Writer, call_site, number};

impl Writer<'_, '_> {
    /// The module `layout`, unless nothing is in it.
    pub(super) fn layout_proofs(&self) -> TokenStream {
        let krate = self.krate();
        let (mut proofs, mut own) = (TokenStream::new(), TokenStream::new());
        for item in &self.input.layout.items {
            match (self.own_type(item), &item.kind) {
                (Some(path), _) => own.extend([self.own_type_proof(item, path)]),
                (None, NamedTypeKind::Struct(composite)) => {
                    proofs.extend([layout_proof("types", item, composite)]);
                }
                // An enum is a transparent integer.
                (
                    None,
                    NamedTypeKind::Enum(_) | NamedTypeKind::Alias(_) | NamedTypeKind::Opaque,
                ) => {}
            }
        }
        proofs.extend(self.struct_ops_proofs());
        if proofs.is_empty() && own.is_empty() {
            return TokenStream::new();
        }
        let import = (!proofs.is_empty()).then(|| quote!(use #krate::private::layout_proof;));
        let (proofs, own) = (once(proofs), once(own));
        quote! {
            /// Proof that these types are laid out as C lays them out: size, alignment, offsets.
            mod layout {
                #import

                #proofs
                #own
            }
        }
    }
}

/// `layout_proof!(types::worker, 48, 8, pid: 0, state: 4);`
pub(super) fn layout_proof(module: &str, item: &NamedType, composite: &Struct) -> TokenStream {
    let (module, name) = (call_site(module), call_site(&item.name));
    let (size, align) = (number(composite.size), number(composite.align));
    let offsets = composite.fields.iter().map(|field| {
        let name = call_site(&field.name);
        let offset = number(field.offset);
        once(quote!(, #name: #offset))
    });
    quote!(layout_proof!(#module::#name, #size, #align #(#offsets)*);)
}

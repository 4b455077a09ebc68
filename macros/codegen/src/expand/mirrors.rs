//! The module `fields`: C types in shared memory. Each struct has a mirror, in which every field is a cell.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::layout::{FieldKind, Method, MethodKind, NamedType, NamedTypeKind, Struct};

use super::docs::doc;
use super::once::once;
use super::scope::Scope;
use super::{Writer, call_site, number, submodule};

impl Writer<'_, '_> {
    /// The module `fields`, unless nothing is in it.
    pub(super) fn mirrors(&self) -> TokenStream {
        let items = self.input.layout.items.iter();
        let items = items.filter(|item| self.own_type(item).is_none());
        let mirrors: TokenStream = items
            .filter_map(|item| match &item.kind {
                NamedTypeKind::Struct(composite) => Some(self.mirror(item, composite)),
                _ => None,
            })
            .collect();
        let docs = "The C types in shared memory: each field is a `Shared` of its own.";
        submodule("fields", docs, mirrors)
    }

    fn mirror(&self, item: &NamedType, composite: &Struct) -> TokenStream {
        let krate = self.krate();
        let name = call_site(&item.name);
        let docs = doc(&format!(
            "The fields of `{}` in shared memory.",
            item.c_name
        ));
        let fields = composite.fields.iter().map(|field| {
            let name = call_site(&field.name);
            let ty = once(self.rust(&field.ty, Scope::Fields));
            let docs = once(self.field_docs(field));
            once(match field.kind {
                FieldKind::Member {
                    misaligned: true, ..
                } => {
                    quote!(#docs pub #name: #krate::Packed<#ty, A>)
                }
                _ => quote!(#docs pub #name: #krate::Shared<#ty, A>),
            })
        });
        // A packed struct's cells have alignment 1, so its mirror needs no `packed`. The type parameter
        // must be used, even by a struct without fields.
        let marker = composite.fields.is_empty().then(|| {
            quote! {
                #[doc(hidden)]
                pub _access: ::core::marker::PhantomData<fn() -> A>,
            }
        });
        let methods = composite.methods.iter();
        let methods: TokenStream = methods
            .map(|method| self.shared_accessors(method))
            .collect();
        let methods = (!methods.is_empty()).then(|| {
            let methods = once(methods);
            once(quote!(impl<A: #krate::Access> self::#name<A> { #methods }))
        });
        let same_fields = self.docs.doc(
            "SAFETY: the fields are the same, in the same order, each in a transparent cell; the module\n\
             `layout` compares size and offsets."
                .to_owned(),
        );
        quote! {
            #docs
            #[repr(C)]
            pub struct #name<A> {
                #(#fields,)*
                #marker
            }

            #methods

            #same_fields
            #[automatically_derived]
            unsafe impl<A> #krate::Fields<A> for super::types::#name {
                type Fields = self::#name<A>;

                fn fields(value: *const Self) -> *const Self::Fields {
                    value.cast()
                }
            }
        }
    }

    /// The getter and setter of a bitfield or union member.
    fn shared_accessors(&self, method: &Method) -> TokenStream {
        let krate = self.krate();
        let docs = once(self.getter_docs(method));
        let setter_docs = once(self.setter_docs(method));
        let (getter, setter) = (call_site(&method.getter), call_site(&method.setter));
        let ty = self.rust(&method.ty, Scope::Fields);
        let value = self.local("value");
        let (get, set) = self.through_cell(method, &ty, &value);
        let (get, set) = (once(get), once(set));
        quote! {
            #docs
            pub fn #getter(&self) -> #ty {
                #get
            }

            #setter_docs
            pub fn #setter(&self, #value: #ty)
            where
                A: #krate::Writable,
            {
                #set
            }
        }
    }

    /// Reads from and writes to the storage, which is shared.
    fn through_cell(
        &self,
        method: &Method,
        ty: &TokenStream,
        value: &Ident,
    ) -> (TokenStream, TokenStream) {
        let krate = self.krate();
        let storage = call_site(&method.storage);
        match method.kind {
            MethodKind::Bitfield { offset, width } => {
                let (offset, width) = (number(offset), number(width));
                self.through_bits(
                    &method.ty,
                    |int| {
                        quote! {
                            #krate::private::bitfield::<_, #int>(&self.#storage.get(), #offset, #width)
                        }
                    },
                    |value| {
                        quote! {
                            #krate::private::store_bitfield(&self.#storage, #offset, #width, #value)
                        }
                    },
                    Scope::Fields,
                )
            }
            MethodKind::Member { offset, misaligned } => {
                let offset = number(offset);
                let cell = call_site(if misaligned { "packed_cell" } else { "cell" });
                let cell = quote!(#krate::private::#cell::<_, #ty, A>(&self.#storage, #offset));
                (quote!(#cell.get()), quote!(#cell.set(#value)))
            }
        }
    }
}

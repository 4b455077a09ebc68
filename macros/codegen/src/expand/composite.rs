//! A C struct or union as a value.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::layout::{Enum, FieldKind, Method, MethodKind, NamedType, NamedTypeKind, Rust, Struct};
use crate::traits::Contents;

use super::docs::documented;
use super::once::once;
use super::scope::Scope;
use super::traits::{NO_COMPARISON_OF_A_UNION, TypeTraits, with_paragraph};
use super::{Writer, bytes, call_site, number};

impl Writer<'_, '_> {
    /// A struct or union as a value, in the module of `scope`; with traits, unless nothing is known of its `contents`.
    pub(super) fn composite(
        &self,
        item: &NamedType,
        composite: &Struct,
        contents: Option<&Contents>,
        scope: Scope<'_>,
    ) -> TokenStream {
        let krate = self.krate();
        let name = call_site(&item.name);
        let mut text = format!("`{}`, {}.", item.c_name, bytes(composite.size));
        let traits = match contents {
            Some(contents) => {
                let no_comparison = match composite.union {
                    true => Some(NO_COMPARISON_OF_A_UNION.to_owned()),
                    false => self.no_comparison(contents),
                };
                text = with_paragraph(text, no_comparison);
                self.composite_traits(&name, composite, contents)
            }
            None => TypeTraits::default(),
        };
        let TypeTraits { derives, impls } = traits;
        let docs = documented(&item.docs, text);
        let repr = match composite.packed {
            true => quote!(C, packed),
            false => quote!(C),
        };
        let fields = composite.fields.iter().map(|field| {
            let name = call_site(&field.name);
            let ty = once(self.rust(&field.ty, scope));
            let docs = once(self.field_docs(field));
            once(quote!(#docs pub #name: #ty))
        });
        let methods = composite.methods.iter();
        let methods: TokenStream = methods
            .map(|method| self.accessors(method, scope))
            .collect();
        let methods = (!methods.is_empty()).then(|| {
            let methods = once(methods);
            once(quote!(impl #name { #methods }))
        });
        let [zeroable, pod] = [
            "SAFETY: all fields are `Zeroable`.",
            "SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is\n\
             no other.",
        ]
        .map(|text| once(self.docs.doc(text.to_owned())));
        let debug = once(self.composite_debug(item, composite));
        let impls = once(impls);
        quote! {
            #docs
            #[repr(#repr)]
            #[derive(::core::clone::Clone, ::core::marker::Copy #(, #derives)*)]
            pub struct #name {
                #(#fields,)*
            }

            #methods

            #zeroable
            #[automatically_derived]
            unsafe impl #krate::bytemuck::Zeroable for #name {}

            #pod
            #[automatically_derived]
            unsafe impl #krate::bytemuck::Pod for #name {}

            #[automatically_derived]
            impl ::core::default::Default for #name {
                fn default() -> Self {
                    #krate::bytemuck::Zeroable::zeroed()
                }
            }

            #debug

            #impls
        }
    }

    /// The getter and setter of a bitfield or union member.
    fn accessors(&self, method: &Method, scope: Scope<'_>) -> TokenStream {
        let docs = once(self.getter_docs(method));
        let setter_docs = once(self.setter_docs(method));
        let getter = call_site(&method.getter);
        let setter = call_site(&method.setter);
        let field = call_site(&method.storage);
        let ty = self.rust(&method.ty, scope);
        let (value, storage) = (self.local("value"), self.local("storage"));
        let (get, set) = self.through_storage(method, scope, &value, &storage);
        let (get, set) = (once(get), once(set));
        // By value, because a field of a packed struct can't be borrowed.
        quote! {
            #docs
            pub fn #getter(&self) -> #ty {
                let #storage = self.#field;
                #get
            }

            #setter_docs
            pub fn #setter(&mut self, #value: #ty) {
                let mut #storage = self.#field;
                #set
                self.#field = #storage;
            }
        }
    }

    /// Reads from and writes to a copy of the storage.
    fn through_storage(
        &self,
        method: &Method,
        scope: Scope<'_>,
        value: &Ident,
        storage: &Ident,
    ) -> (TokenStream, TokenStream) {
        let krate = self.krate();
        match method.kind {
            MethodKind::Bitfield { offset, width } => {
                let (offset, width) = (number(offset), number(width));
                self.through_bits(
                    &method.ty,
                    |int| quote!(#krate::private::bitfield::<_, #int>(&#storage, #offset, #width)),
                    |value| {
                        quote! {
                            #krate::private::set_bitfield(&mut #storage, #offset, #width, #value);
                        }
                    },
                    scope,
                )
            }
            MethodKind::Member { offset, .. } => {
                let offset = number(offset);
                (
                    quote!(#krate::private::member(&#storage, #offset)),
                    quote!(#krate::private::set_member(&mut #storage, #offset, #value);),
                )
            }
        }
    }

    /// A bitfield's getter and setter, which convert an enum through its integer.
    pub(super) fn through_bits(
        &self,
        ty: &Rust,
        get: impl Fn(TokenStream) -> TokenStream,
        set: impl Fn(TokenStream) -> TokenStream,
        scope: Scope<'_>,
    ) -> (TokenStream, TokenStream) {
        let value = self.local("value");
        if let Rust::Named(index) = ty
            && let Some(item) = self.input.layout.item(*index)
            && let NamedTypeKind::Enum(enumeration) = &item.kind
        {
            let name = self.item_path(item, scope);
            let get = get(self.enum_int(enumeration));
            return (quote!(#name(#get)), set(quote!(#value.0)));
        }
        (get(self.rust(ty, scope)), set(quote!(#value)))
    }

    pub(super) fn enum_int(&self, enumeration: &Enum) -> TokenStream {
        let Enum { size, signed, .. } = *enumeration;
        self.rust(&Rust::Int { size, signed }, Scope::Types)
    }

    /// A reference to a `char[]`, as `Debug` shows it.
    pub(super) fn shown_text(&self, chars: &TokenStream) -> TokenStream {
        let krate = self.krate();
        quote!(&#krate::private::ShownText(#chars))
    }

    /// `Debug`, without padding and the user's own types, which need not implement it.
    fn composite_debug(&self, item: &NamedType, composite: &Struct) -> TokenStream {
        let f = self.local("f");
        let name = call_site(&item.name);
        let debug_name = item.name.trim_start_matches("r#");
        let members = composite.fields.iter();
        let members = members.filter(|field| matches!(field.kind, FieldKind::Member { .. }));
        let (fields, own_fields): (Vec<_>, Vec<_>) =
            members.partition(|field| !self.holds_own_type(&field.ty));
        let (methods, own_methods): (Vec<_>, Vec<_>) =
            (composite.methods.iter()).partition(|method| !self.holds_own_type(&method.ty));
        let fields = fields.into_iter().map(|field| {
            let name = call_site(&field.name);
            let shown = field.name.trim_start_matches("r#");
            // A field of a packed struct can't be borrowed.
            let value = match composite.packed {
                true => quote!(&{ self.#name }),
                false => quote!(&self.#name),
            };
            let value = match field.kind {
                FieldKind::Member { is_text: true, .. } => self.shown_text(&value),
                _ => value,
            };
            let value = once(value);
            once(quote!(.field(#shown, #value)))
        });
        let methods = methods.into_iter().map(|method| {
            let getter = call_site(&method.getter);
            let shown = &method.c_name;
            let value = quote!(&self.#getter());
            let value = if method.is_text {
                self.shown_text(&value)
            } else {
                value
            };
            let value = once(value);
            once(quote!(.field(#shown, #value)))
        });
        let finish = finish(own_fields.is_empty() && own_methods.is_empty());
        quote! {
            #[automatically_derived]
            impl ::core::fmt::Debug for #name {
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #f.debug_struct(#debug_name)
                        #(#fields)*
                        #(#methods)*
                        .#finish()
                }
            }
        }
    }
}

/// The end of a `Debug` implementation.
pub(super) fn finish(all_shown: bool) -> Ident {
    call_site(match all_shown {
        true => "finish",
        false => "finish_non_exhaustive",
    })
}

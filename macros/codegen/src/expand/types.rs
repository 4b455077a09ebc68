//! C types as Rust types: values, which `get` returns and `set` takes.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use crate::constants::constants;
use crate::layout::{
    Enum, Field, FieldKind, Item, ItemKind, Method, MethodKind, Pointee, Rust, Struct,
};

use super::{Writer, bytes, call_site, doc, documented, number};

/// Where a type is named.
#[derive(Clone, Copy)]
pub(super) enum Place<'m> {
    /// Beside the generated module, which has this name.
    Outside(&'m Ident),
    /// In the generated module.
    Module,
    /// In a module of it that has no names of C's.
    Child,
    /// In its module `fields`.
    Fields,
    /// In its module `types`.
    Types,
}

impl Writer<'_, '_> {
    /// A type as code in `place` names it.
    pub(super) fn rust(&self, ty: &Rust, place: Place<'_>) -> TokenStream {
        let krate = self.krate();
        match ty {
            Rust::Int { size, signed } => primitive(if *signed { "i" } else { "u" }, *size, place),
            Rust::Bool => quote!(#krate::Bool),
            Rust::Float { size } => primitive("f", *size, place),
            Rust::Array(element, len) => {
                let element = self.rust(element, place);
                let len = number(*len);
                quote!([#element; #len])
            }
            Rust::Callback => quote!(#krate::Callback),
            Rust::Pointer(pointee) => {
                let to = self.pointee(pointee, place);
                quote!(#krate::BpfPtr<#to>)
            }
            Rust::Item(index) => match self.input.layout.item(*index) {
                Some(item) => self.item_path(item, place),
                None => quote!(()),
            },
        }
    }

    fn pointee(&self, pointee: &Pointee, place: Place<'_>) -> TokenStream {
        let krate = self.krate();
        match pointee {
            Pointee::Void => quote!(::core::ffi::c_void),
            Pointee::Function => quote!(#krate::Function),
            Pointee::Scalar(ty) => self.rust(ty, place),
            Pointee::Enum(id, size, signed) => match self.input.layout.item_of(*id) {
                Some(item) => self.item_path(item, place),
                None => {
                    let (size, signed) = (*size, *signed);
                    self.rust(&Rust::Int { size, signed }, place)
                }
            },
            Pointee::Composite(id) => {
                match self.input.layout.pointee_item(&self.input.library.btf, *id) {
                    Some(item) => self.item_path(item, place),
                    None => quote!(::core::ffi::c_void),
                }
            }
            Pointee::Array(element, len) => {
                let element = self.pointee(element, place);
                let len = number(*len);
                quote!([#element; #len])
            }
            Pointee::Pointer(to) => {
                let to = self.pointee(to, place);
                quote!(#krate::BpfPtr<#to>)
            }
        }
    }

    fn item_path(&self, item: &Item, place: Place<'_>) -> TokenStream {
        let name = call_site(&item.name);
        match place {
            Place::Outside(module) => quote!(#module::types::#name),
            Place::Module => quote!(self::types::#name),
            Place::Child | Place::Fields => quote!(super::types::#name),
            Place::Types => quote!(self::#name),
        }
    }

    /// The module `types`, unless nothing is in it.
    pub(super) fn types(&self) -> TokenStream {
        let types: Vec<_> = self
            .input
            .layout
            .items
            .iter()
            .map(|item| match &item.kind {
                _ if self.own_type(item).is_some() => self.own_import(item),
                ItemKind::Struct(composite) => self.composite(item, composite, Place::Types),
                ItemKind::Enum(enumeration) => self.enumeration(item, enumeration),
                ItemKind::Alias(ty) => {
                    let name = call_site(&item.name);
                    let ty = self.rust(ty, Place::Types);
                    let docs = documented(&item.docs, &format!("`typedef … {}`.", item.c_name));
                    quote!(#docs pub type #name = #ty;)
                }
                ItemKind::Opaque => {
                    let name = call_site(&item.name);
                    let docs = doc(&format!(
                        "`{}`, reached through pointers only.",
                        item.c_name
                    ));
                    quote! {
                        #docs
                        #[derive(::core::fmt::Debug)]
                        pub enum #name {}
                    }
                }
            })
            .collect();
        match types.is_empty() {
            true => TokenStream::new(),
            false => quote! {
                /// The C types as values.
                pub mod types {
                    #(#types)*
                }
            },
        }
    }

    /// The user's own type under its C name.
    fn own_import(&self, item: &Item) -> TokenStream {
        let Some(path) = self.own_type(item) else {
            return TokenStream::new();
        };
        let name = call_site(&item.name);
        let outward = match path.segments.first() {
            _ if path.leading_colon.is_some() => TokenStream::new(),
            Some(first) if first.ident == "crate" => TokenStream::new(),
            // Written beside the struct, read two modules further in.
            _ => quote!(super::super::),
        };
        let segments = path
            .segments
            .iter()
            .filter(|segment| segment.ident != "self");
        let colon = path.leading_colon;
        let text = doc(&format!("`{}`, as the user wrote it in Rust.", item.c_name));
        // An alias, because a type that is less visible than the struct can't be re-exported.
        quote!(#text pub type #name = #outward #colon #(#segments)::*;)
    }

    /// A struct or union as a value, in the module that `place` is.
    pub(super) fn composite(
        &self,
        item: &Item,
        composite: &Struct,
        place: Place<'_>,
    ) -> TokenStream {
        let krate = self.krate();
        let f = self.local("f");
        let name = call_site(&item.name);
        let text = format!("`{}`, {}.", item.c_name, bytes(composite.size));
        let docs = documented(&item.docs, &text);
        let repr = match composite.packed {
            true => quote!(C, packed),
            false => quote!(C),
        };
        let fields = composite.fields.iter().map(|field| {
            let name = call_site(&field.name);
            let ty = self.rust(&field.ty, place);
            let docs = field_docs(field);
            quote!(#docs pub #name: #ty)
        });
        let (value, storage_copy) = (self.local("value"), self.local("storage"));
        let getters = composite.methods.iter().map(|method| {
            let Method { docs, declaration, .. } = method;
            let docs = documented(docs, &format!("`{declaration}`"));
            let getter = call_site(&method.getter);
            let setter = call_site(&method.setter);
            let storage = call_site(&method.storage);
            let ty = self.rust(&method.ty, place);
            let setter_docs = doc(&format!("Sets `{declaration}`."));
            let (get, set) = match method.kind {
                MethodKind::Bitfield { offset, width } => {
                    let (offset, width) = (number(offset), number(width));
                    let (get, set) = self.through_bits(
                        &method.ty,
                        |int| quote!(#krate::private::bitfield::<_, #int>(&#storage_copy, #offset, #width)),
                        |value| {
                            quote! {
                                #krate::private::set_bitfield(&mut #storage_copy, #offset, #width, #value);
                            }
                        },
                        place,
                    );
                    (get, set)
                }
                MethodKind::Member { offset, .. } => {
                    let offset = number(offset);
                    (
                        quote!(#krate::private::member(&#storage_copy, #offset)),
                        quote!(#krate::private::set_member(&mut #storage_copy, #offset, #value);),
                    )
                }
            };
            // By value, because a field of a packed struct can't be borrowed.
            quote! {
                #docs
                pub fn #getter(&self) -> #ty {
                    let #storage_copy = self.#storage;
                    #get
                }

                #setter_docs
                pub fn #setter(&mut self, #value: #ty) {
                    let mut #storage_copy = self.#storage;
                    #set
                    self.#storage = #storage_copy;
                }
            }
        });
        let getters: Vec<_> = getters.collect();
        let methods = (!getters.is_empty()).then(|| quote!(impl #name { #(#getters)* }));
        let debug_name = item.name.trim_start_matches("r#");
        let shown_fields = composite
            .fields
            .iter()
            .filter_map(|field| match field.kind {
                FieldKind::Member { .. } if self.holds_own_type(&field.ty) => None,
                FieldKind::Member { .. } => {
                    let name = call_site(&field.name);
                    let shown = field.name.trim_start_matches("r#");
                    // A field of a packed struct can't be borrowed.
                    Some(match composite.packed {
                        true => quote!(.field(#shown, &{ self.#name })),
                        false => quote!(.field(#shown, &self.#name)),
                    })
                }
                FieldKind::Padding | FieldKind::Storage => None,
            });
        let methods_shown = composite.methods.iter();
        let methods_shown = methods_shown.filter(|method| !self.holds_own_type(&method.ty));
        let shown_methods = methods_shown.map(|method| {
            let getter = call_site(&method.getter);
            let shown = &method.c_name;
            quote!(.field(#shown, &self.#getter()))
        });
        let all_shown = !composite
            .fields
            .iter()
            .map(|field| &field.ty)
            .chain(composite.methods.iter().map(|method| &method.ty))
            .any(|ty| self.holds_own_type(ty));
        let finish = finish(all_shown);
        quote! {
            #docs
            #[repr(#repr)]
            #[derive(::core::clone::Clone, ::core::marker::Copy)]
            pub struct #name {
                #(#fields,)*
            }

            #methods

            // SAFETY: all fields are, and padding is a field.
            unsafe impl #krate::bytemuck::Zeroable for #name {}
            // SAFETY: all fields are, and there is no padding between them: the assertions below.
            unsafe impl #krate::bytemuck::Pod for #name {}

            impl ::core::default::Default for #name {
                fn default() -> Self {
                    #krate::bytemuck::Zeroable::zeroed()
                }
            }

            impl ::core::fmt::Debug for #name {
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #f.debug_struct(#debug_name)
                        #(#shown_fields)*
                        #(#shown_methods)*
                        .#finish()
                }
            }
        }
    }

    /// A bitfield's getter and setter: an enum goes through its integer.
    pub(super) fn through_bits(
        &self,
        ty: &Rust,
        get: impl Fn(TokenStream) -> TokenStream,
        set: impl Fn(TokenStream) -> TokenStream,
        place: Place<'_>,
    ) -> (TokenStream, TokenStream) {
        let value = self.local("value");
        if let Rust::Item(index) = ty
            && let Some(item) = self.input.layout.item(*index)
            && let ItemKind::Enum(enumeration) = &item.kind
        {
            let name = self.item_path(item, place);
            let get = get(self.enum_int(enumeration));
            return (quote!(#name(#get)), set(quote!(#value.0)));
        }
        (get(self.rust(ty, place)), set(quote!(#value)))
    }

    /// A name for a parameter or a variable in the module `types`. An enum there is also the function that
    /// makes one, which a pattern can't shadow.
    pub(super) fn local(&self, name: &str) -> Ident {
        let mut name = name.to_owned();
        while self.enums.contains(name.as_str()) {
            name.push('_');
        }
        call_site(&name)
    }

    fn enum_int(&self, enumeration: &Enum) -> TokenStream {
        let Enum { size, signed, .. } = *enumeration;
        self.rust(&Rust::Int { size, signed }, Place::Types)
    }

    fn enumeration(&self, item: &Item, enumeration: &Enum) -> TokenStream {
        let krate = self.krate();
        let f = self.local("f");
        let name = call_site(&item.name);
        let int = self.enum_int(enumeration);
        let text = format!(
            "`{}`, {}. Any value can be in it, not only the constants.",
            item.c_name,
            bytes(enumeration.size)
        );
        let docs = documented(&item.docs, &text);
        let constants = enumeration.values.iter().map(|(name, c_name, value)| {
            let name = call_site(name);
            let docs = doc(&format!("`{c_name}`"));
            let value = Literal::i128_unsuffixed(*value);
            quote!(#docs pub const #name: Self = Self(#value);)
        });
        let mut seen = std::collections::HashSet::new();
        let shown = enumeration
            .values
            .iter()
            .filter(|(_, _, value)| seen.insert(*value))
            .map(|(name, c_name, _)| {
                let name = call_site(name);
                quote!(Self::#name => #f.write_str(#c_name))
            });
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
            )]
            pub struct #name(pub #int);

            impl #name {
                #(#constants)*
            }

            // SAFETY: a transparent integer.
            unsafe impl #krate::bytemuck::Zeroable for #name {}
            // SAFETY: a transparent integer.
            unsafe impl #krate::bytemuck::Pod for #name {}

            impl ::core::fmt::Debug for #name {
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    match *self {
                        #(#shown,)*
                        _ => #f.debug_tuple(#debug_name).field(&self.0).finish(),
                    }
                }
            }
        }
    }

    /// The module `constants`. The types are not in it, nor it in theirs: a constant named `value` would
    /// be a pattern wherever a parameter has that name.
    pub(super) fn constants(&self) -> TokenStream {
        let constants = constants(&self.input.library.btf, self.input.layout);
        if constants.is_empty() {
            return TokenStream::new();
        }
        let constants = constants.iter().map(|constant| {
            let name = call_site(&constant.name);
            let (size, signed) = (constant.size, constant.signed);
            let ty = self.rust(&Rust::Int { size, signed }, Place::Child);
            let value = Literal::i128_unsuffixed(constant.value);
            let text = match constant.of.as_str() {
                "" => format!("`{}`", constant.c_name),
                of => format!("`{}` of `{of}`", constant.c_name),
            };
            let docs = doc(&text);
            quote!(#docs pub const #name: #ty = #value;)
        });
        quote! {
            /// The constants of the C enums as integers.
            pub mod constants {
                #(#constants)*
            }
        }
    }
}

/// A primitive type, by a path where C may have a type of its name.
fn primitive(kind: &str, size: u32, place: Place<'_>) -> TokenStream {
    let name = format_ident!("{kind}{}", size * 8);
    match place {
        Place::Child => quote!(#name),
        _ => quote!(::core::primitive::#name),
    }
}

/// The end of a `Debug` implementation.
pub(super) fn finish(all_shown: bool) -> Ident {
    call_site(match all_shown {
        true => "finish",
        false => "finish_non_exhaustive",
    })
}

pub(super) fn field_docs(field: &Field) -> TokenStream {
    match &field.kind {
        FieldKind::Member {
            declaration, docs, ..
        } => documented(
            docs,
            &format!("`{declaration}`, at offset {}.", field.offset),
        ),
        FieldKind::Padding | FieldKind::Storage => quote!(#[doc(hidden)]),
    }
}

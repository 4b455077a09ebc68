//! The module `btf`: the C types as the library was built with them, for comparison.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use crate::growth::Growth;
use crate::layout::{NamedType, NamedTypeKind};
use bpf_subskeleton_object::btf::{Composite, Type, TypeId};

use super::once::once;
use super::scope::Scope;
use super::{Writer, call_site, number};

impl Writer<'_, '_> {
    /// The module `btf`: the C types for comparison.
    pub(super) fn type_descriptions(&self) -> TokenStream {
        let krate = self.krate();
        let mut types: TokenStream = self
            .input
            .layout
            .items
            .iter()
            .filter_map(|item| {
                let name = call_site(&item.name);
                let ty = once(self.item_description(item)?);
                let own = self.own_type(item).is_none().then(|| {
                    once(quote! {
                        #[automatically_derived]
                        impl #krate::BtfType for super::types::#name {
                            const BTF: &'static Type = &self::#name;
                        }
                    })
                });
                Some(quote! {
                    pub static #name: Type = #ty;
                    #own
                })
            })
            .collect();
        types.extend(self.struct_ops_btf());
        if types.is_empty() {
            return types;
        }
        let types = once(types);
        // Only statics are in here, so a C type of an imported name does not clash.
        quote! {
            /// The C types as the library was built with them, for comparison.
            #[doc(hidden)]
            pub mod btf {
                use #krate::private::prelude::*;

                #types
            }
        }
    }

    /// The description of a named type, for the module `btf`.
    pub(super) fn item_description(&self, item: &NamedType) -> Option<TokenStream> {
        Some(match &item.kind {
            NamedTypeKind::Struct(composite) => match self.input.library.btf.ty(composite.ty) {
                Type::Struct(inner) => self.composite_description(inner, false, Scope::Types),
                Type::Union(inner) => self.composite_description(inner, true, Scope::Types),
                _ => return None,
            },
            NamedTypeKind::Enum(enumeration) => {
                let name = self.input.library.btf.ty(enumeration.ty).name();
                let size = number(enumeration.size);
                let values = enumeration.values.iter().map(|(_, name, value)| {
                    let value = Literal::u64_unsuffixed(*value as u64);
                    once(quote!((#name, #value)))
                });
                quote! {
                    Type::Enum(Enum {
                        name: #name,
                        size: #size,
                        values: &[#(#values),*],
                    })
                }
            }
            NamedTypeKind::Alias(_) | NamedTypeKind::Opaque => return None,
        })
    }

    fn composite_description(
        &self,
        composite: &Composite<'_>,
        union: bool,
        scope: Scope<'_>,
    ) -> TokenStream {
        let variant = call_site(if union { "Union" } else { "Struct" });
        let (name, size) = (composite.name, number(composite.size));
        let members = composite.members.iter().map(|member| {
            let name = member.name;
            let ty = once(self.describe(member.ty, scope));
            once(match (member.bitfield_size, member.bit_offset % 8) {
                (0, 0) => {
                    let offset = number(member.bit_offset / 8);
                    quote!(Member::new(#name, #offset, #ty))
                }
                (width, _) => {
                    let (offset, width) = (number(member.bit_offset), number(width.into()));
                    quote!(Member::bits(#name, #offset, #width, #ty))
                }
            })
        });
        let describe = self.describe_path(scope);
        quote! {
            #describe Type::#variant(#describe Composite {
                name: #name,
                size: #size,
                members: &[#(#members),*],
            })
        }
    }

    /// A reference to the description of `id`: beside the module `btf`, from a child of the module, or
    /// inside `btf` (as `Scope::Types` is inside `types`).
    pub(super) fn describe(&self, id: TypeId, scope: Scope<'_>) -> TokenStream {
        let ty = self.describe_as_built(id, scope);
        match self.input.growing.contains(&self.input.library.btf, id) {
            true => self.describe_growing(&ty, scope),
            false => ty,
        }
    }

    /// A reference to the description of a struct that may be longer in the object, if `ty` is one to that of the
    /// struct.
    fn describe_growing(&self, ty: &TokenStream, scope: Scope<'_>) -> TokenStream {
        let describe = self.describe_path(scope);
        quote!(&#describe Type::Growing(#ty))
    }

    /// [`describe`](Self::describe) for the type of a variable, or of a map's values, that may be longer in the object in
    /// this way.
    pub(super) fn describe_growth(
        &self,
        id: TypeId,
        growth: Growth,
        scope: Scope<'_>,
    ) -> TokenStream {
        let btf = &self.input.library.btf;
        match (growth, btf.ty(btf.resolve(id))) {
            (Growth::Array, Type::Array { element, len, .. }) => {
                let element = self.describe_growth(*element, Growth::Struct, scope);
                let describe = self.describe_path(scope);
                let len = number(*len);
                quote!(&#describe Type::array(#element, #len))
            }
            (Growth::Struct, _) => self.describe_growing(&self.describe_as_built(id, scope), scope),
            _ => self.describe(id, scope),
        }
    }

    fn describe_as_built(&self, id: TypeId, scope: Scope<'_>) -> TokenStream {
        let id = self.input.library.btf.resolve(id);
        if let Some(item) = self.input.layout.item_of(id) {
            let name = call_site(&item.name);
            return match scope {
                Scope::Outside(module) => quote!(&#module::btf::#name),
                Scope::Module => quote!(&self::btf::#name),
                Scope::Child | Scope::Fields => quote!(&super::btf::#name),
                Scope::Types => quote!(&self::#name),
            };
        }
        let describe = self.describe_path(scope);
        let runtime = match scope {
            Scope::Outside(_) => {
                let krate = self.krate();
                quote!(#krate::private)
            }
            _ => quote!(runtime),
        };
        match self.input.library.btf.ty(id) {
            Type::Int {
                boolean: true,
                size: 1,
                ..
            } => quote!(&#runtime::BOOL),
            Type::Int { size, signed, .. } => {
                let name = format_ident!("{}{}", if *signed { "I" } else { "U" }, size * 8);
                quote!(&#runtime::#name)
            }
            Type::Float { size, .. } => {
                let size = number(*size);
                quote!(&#describe Type::Float { size: #size })
            }
            Type::Array { element, len, .. } => {
                let element = once(self.describe(*element, scope));
                let len = number(*len);
                quote!(&#describe Type::array(#element, #len))
            }
            Type::Pointer { to } if self.is_in_arena(*to) => {
                let target = once(self.describe(*to, scope));
                quote!(&#describe Type::arena_pointer(#target))
            }
            Type::Pointer { to } => {
                let pointee = once(self.describe_pointee(*to));
                quote!(&#describe Type::Pointer(#describe Pointee::#pointee))
            }
            Type::Struct(composite) => {
                let ty = once(self.composite_description(composite, false, scope));
                quote!(&#ty)
            }
            Type::Union(composite) => {
                let ty = once(self.composite_description(composite, true, scope));
                quote!(&#ty)
            }
            // No variable has such a type: the layout refuses it.
            _ => quote!(&#describe Type::array(&#runtime::U8, 0)),
        }
    }

    fn is_in_arena(&self, id: TypeId) -> bool {
        let id = self.input.library.btf.resolve(id);
        self.input.layout.is_in_arena(id)
    }

    /// The path before the runtime's names for types: the user's module must not import them, as generated
    /// modules do.
    fn describe_path(&self, scope: Scope<'_>) -> Option<TokenStream> {
        match scope {
            Scope::Outside(_) => {
                let krate = self.krate();
                Some(quote!(#krate::describe::))
            }
            _ => None,
        }
    }

    fn describe_pointee(&self, id: TypeId) -> TokenStream {
        match self
            .input
            .library
            .btf
            .ty(self.input.library.btf.resolve(id))
        {
            Type::Int { boolean: true, .. } => quote!(Bool),
            Type::Int { size, signed, .. } => {
                let size = number(*size);
                quote!(Int { size: #size, signed: #signed })
            }
            Type::Float { .. } => quote!(Float),
            Type::Enum { .. } => quote!(Enum),
            Type::Struct(Composite { name, .. }) | Type::Forward { name, union: false } => {
                quote!(Struct(#name))
            }
            Type::Union(Composite { name, .. }) | Type::Forward { name, union: true } => {
                quote!(Union(#name))
            }
            Type::Array { .. } => quote!(Array),
            Type::Pointer { .. } => quote!(Pointer),
            Type::FunctionProto { .. } => quote!(Function),
            _ => quote!(Void),
        }
    }
}

//! Constant descriptions of the library, which the runtime compares with the final object.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use crate::btf::{Composite, Type, TypeId};
use crate::declaration::declaration;
use crate::layout::{Item, ItemKind};
use crate::model::{Map, Shape, Variable};

use super::types::Place;
use super::{Writer, call_site, number};

impl Writer<'_, '_> {
    /// The library's `LIBRARY`, in the order in which `bind` takes variables, maps and programs.
    pub(super) fn library_description(&self) -> TokenStream {
        let krate = self.krate();
        let name = self.item.name().to_string();
        let variables = self.groups.iter().flat_map(|group| {
            let variables = group.variables.iter();
            variables.map(|(_, variable)| self.variable_description(variable, group.section))
        });
        let maps = self.maps.iter().map(|(_, map)| self.map_description(map));
        let programs = self.programs.iter().map(|(_, program)| {
            let (name, section) = (program.name, program.section);
            quote!(#krate::describe::Program::new(#name, #section))
        });
        quote! {
            #krate::describe::Library {
                name: #name,
                variables: &[#(#variables),*],
                maps: &[#(#maps),*],
                programs: &[#(#programs),*],
            }
        }
    }

    fn variable_description(&self, variable: &Variable<'_>, section: &str) -> TokenStream {
        let krate = self.krate();
        let name = variable.name;
        let declaration = declaration(&self.library.btf, variable.ty, name);
        let ty = self.layout.variable(&self.library.btf, variable);
        let (constructor, ty) = match &ty {
            crate::layout::Rust::Array(element, _) if self.is_unsized(variable) => {
                ("unsized_array", self.rust(element, Place::Module))
            }
            ty if self.layout.is_flexible(variable) => ("flexible", self.rust(ty, Place::Module)),
            ty => ("new", self.rust(ty, Place::Module)),
        };
        let constructor = call_site(constructor);
        let access = match variable.read_only {
            true => quote!(#krate::Read),
            false => quote!(#krate::Write),
        };
        let btf = self.describe(variable.ty, true);
        quote! {
            #krate::describe::Variable::#constructor::<#ty, #access>(
                #name,
                #section,
                #declaration,
                #btf,
            )
        }
    }

    fn map_description(&self, map: &Map<'_>) -> TokenStream {
        let krate = self.krate();
        let name = map.name;
        let kind = match map.definition.kind {
            Some(kind) => {
                let kind = number(kind);
                quote!(::core::option::Option::Some(#kind))
            }
            None => quote!(::core::option::Option::None),
        };
        let shape = |shape| match shape {
            Shape::Unknown => quote!(#krate::describe::Shape::Unknown),
            Shape::Size(size) => {
                let size = number(size);
                quote!(#krate::describe::Shape::Size(#size))
            }
            Shape::Type(id) => {
                let ty = self.describe(id, true);
                quote!(#krate::describe::Shape::Type(#ty))
            }
        };
        let (key, value) = (shape(map.definition.key), shape(map.definition.value));
        quote!(#krate::describe::Map::new(#name, #kind, #key, #value))
    }

    /// The contents of the module `btf`.
    pub(super) fn type_descriptions(&self) -> TokenStream {
        let krate = self.krate();
        self.layout
            .items
            .iter()
            .filter_map(|item| {
                let name = call_site(&item.name);
                let ty = self.item_description(item)?;
                Some(quote!(pub static #name: #krate::describe::Type = #ty;))
            })
            .collect()
    }

    fn item_description(&self, item: &Item) -> Option<TokenStream> {
        let krate = self.krate();
        Some(match &item.kind {
            ItemKind::Struct(composite) => match self.library.btf.ty(composite.ty) {
                Type::Struct(inner) => self.composite_description(inner, false),
                Type::Union(inner) => self.composite_description(inner, true),
                _ => return None,
            },
            ItemKind::Enum(enumeration) => {
                let name = self.library.btf.ty(enumeration.ty).name();
                let size = number(enumeration.size);
                let values = enumeration.values.iter().map(|(_, name, value)| {
                    let value = Literal::u64_unsuffixed(*value as u64);
                    quote!((#name, #value))
                });
                quote! {
                    #krate::describe::Type::Enum(#krate::describe::Enum {
                        name: #name,
                        size: #size,
                        values: &[#(#values),*],
                    })
                }
            }
            ItemKind::Alias(_) | ItemKind::Opaque => return None,
        })
    }

    fn composite_description(&self, composite: &Composite<'_>, union: bool) -> TokenStream {
        let krate = self.krate();
        let variant = call_site(if union { "Union" } else { "Struct" });
        let (name, size) = (composite.name, number(composite.size));
        let members = composite.members.iter().map(|member| {
            let name = member.name;
            let ty = self.describe(member.ty, false);
            match (member.bitfield_size, member.bit_offset % 8) {
                (0, 0) => {
                    let offset = number(member.bit_offset / 8);
                    quote!(#krate::describe::Member::new(#name, #offset, #ty))
                }
                (width, _) => {
                    let (offset, width) = (number(member.bit_offset), number(width.into()));
                    quote!(#krate::describe::Member::bits(#name, #offset, #width, #ty))
                }
            }
        });
        quote! {
            #krate::describe::Type::#variant(#krate::describe::Composite {
                name: #name,
                size: #size,
                members: &[#(#members),*],
            })
        }
    }

    /// A reference to the description of `id`; from beside the module `btf`, or inside it.
    fn describe(&self, id: TypeId, beside: bool) -> TokenStream {
        let id = self.library.btf.resolve(id);
        let item = match self.layout.item_of(id) {
            Some(item) => item,
            None => return self.describe_unnamed(id, beside),
        };
        let name = call_site(&item.name);
        match beside {
            true => quote!(&self::btf::#name),
            false => quote!(&self::#name),
        }
    }

    fn describe_unnamed(&self, id: TypeId, beside: bool) -> TokenStream {
        let krate = self.krate();
        match self.library.btf.ty(id) {
            Type::Int {
                boolean: true,
                size: 1,
                ..
            } => quote!(&#krate::private::BOOL),
            Type::Int { size, signed, .. } => {
                let name = format_ident!("{}{}", if *signed { "I" } else { "U" }, size * 8);
                quote!(&#krate::private::#name)
            }
            Type::Float { size, .. } => {
                let size = number(*size);
                quote!(&#krate::describe::Type::Float { size: #size })
            }
            Type::Array { element, len, .. } => {
                let element = self.describe(*element, beside);
                let len = number(*len);
                quote!(&#krate::describe::Type::array(#element, #len))
            }
            Type::Pointer { to } => {
                let pointee = self.describe_pointee(*to);
                quote!(&#krate::describe::Type::Pointer(#krate::describe::Pointee::#pointee))
            }
            Type::Struct(composite) => {
                let ty = self.composite_description(composite, false);
                quote!(&#ty)
            }
            Type::Union(composite) => {
                let ty = self.composite_description(composite, true);
                quote!(&#ty)
            }
            // No variable has such a type: the layout has refused it.
            _ => quote!(&#krate::describe::Type::array(&#krate::private::U8, 0)),
        }
    }

    fn describe_pointee(&self, id: TypeId) -> TokenStream {
        match self.library.btf.ty(self.library.btf.resolve(id)) {
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

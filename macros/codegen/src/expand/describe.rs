//! Constant descriptions of the library, which the runtime compares with the final object.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use crate::attr::{Access, Request};
use crate::btf::{Composite, Type, TypeId};
use crate::declaration::declaration;
use crate::layout::{Item, ItemKind, Rust};
use crate::model::{Map, MapDefinition, Shape, Variable};
use crate::select::{Choice, Selected};

use super::types::Place;
use super::{Writer, call_site, number};

impl Writer<'_, '_> {
    /// The module `description`: the library, in the order in which `bind` takes variables and maps.
    pub(super) fn library_description(&self) -> TokenStream {
        let krate = self.krate();
        let name = self.name().to_string();
        let variables = self.described_variables();
        let maps = self.described_maps();
        let struct_ops = self.described_struct_ops();
        // Few libraries have any.
        let struct_ops_use =
            (!struct_ops.is_empty()).then(|| quote!(use #krate::describe::StructOps;));
        let programs = self.programs.iter().map(|(_, program)| {
            let (name, section) = (program.name, program.section);
            let context = program.call.context().map(|context| {
                let ty = self.describe(context, Place::Child);
                quote!(.with_context(#ty))
            });
            quote!(Program::new(#name, #section) #context)
        });
        quote! {
            /// The library as it was built, to compare objects with.
            #[doc(hidden)]
            pub mod description {
                use #krate::describe::{Library, Map, Pointee, Program, Shape, Type, Variable};
                use #krate::private as runtime;
                use #krate::{Read, Write};
                #struct_ops_use

                pub static LIBRARY: Library = Library {
                    name: #name,
                    variables: &[#(#variables),*],
                    maps: &[#(#maps),*],
                    programs: &[#(#programs),*],
                    struct_ops: &[#(#struct_ops),*],
                };
            }
        }
    }

    fn described_variables(&self) -> Vec<TokenStream> {
        let Some(selected) = self.input.selected else {
            let groups = self.groups.iter().flat_map(|group| {
                let variables = group.variables.iter();
                variables.map(|(_, variable)| (group.section, *variable))
            });
            return groups
                .map(|(section, variable)| {
                    self.variable_description(variable, section, !variable.read_only)
                })
                .collect();
        };
        selected
            .iter()
            .filter_map(
                |Selected { field, choice }| match (choice, &field.request) {
                    (Choice::Variable(section, variable), Request::Variable { access, .. }) => {
                        let section = section.unwrap_or("extern");
                        let writable = *access == Access::Write;
                        let description = self.variable_description(variable, section, writable);
                        Some(optional(description, field.optional))
                    }
                    _ => None,
                },
            )
            .collect()
    }

    fn described_maps(&self) -> Vec<TokenStream> {
        let Some(selected) = self.input.selected else {
            let maps = self.maps.iter();
            return maps.map(|(_, map)| self.map_description(map)).collect();
        };
        selected
            .iter()
            .filter_map(|Selected { field, choice }| match choice {
                Choice::Map(map) => Some(optional(self.map_description(map), field.optional)),
                Choice::Variable(..) | Choice::Nothing => None,
            })
            .collect()
    }

    fn variable_description(
        &self,
        variable: &Variable<'_>,
        section: &str,
        writable: bool,
    ) -> TokenStream {
        let name = variable.name;
        let declaration = declaration(&self.input.library.btf, variable.ty, name);
        let ty = self
            .input
            .layout
            .variable(&self.input.library.btf, variable);
        let (constructor, ty) = match &ty {
            Rust::Array(element, _) if self.is_unsized(variable) => {
                ("unsized_array", self.rust(element, Place::Child))
            }
            ty if self.input.layout.is_flexible(variable) => {
                ("flexible", self.rust(ty, Place::Child))
            }
            ty => ("new", self.rust(ty, Place::Child)),
        };
        let constructor = call_site(constructor);
        let access = match writable {
            true => quote!(Write),
            false => quote!(Read),
        };
        let mut btf = self.describe(variable.ty, Place::Child);
        let c = self
            .input
            .library
            .btf
            .ty(self.input.library.btf.resolve(variable.ty));
        if let (true, Type::Array { element, .. }) = (variable.resizable, c) {
            let element = self.describe(*element, Place::Child);
            btf = quote!(&Type::array(#element, 0));
        }
        quote! {
            Variable::#constructor::<#ty, #access>(#name, #section, #declaration, #btf)
        }
    }

    fn map_description(&self, map: &Map<'_>) -> TokenStream {
        self.definition_description(map.name, &map.definition)
    }

    fn definition_description(&self, name: &str, definition: &MapDefinition) -> TokenStream {
        let kind = match definition.kind {
            Some(kind) => {
                let kind = number(kind);
                quote!(::core::option::Option::Some(#kind))
            }
            None => quote!(::core::option::Option::None),
        };
        let shape = |shape| match shape {
            Shape::Unknown => quote!(Shape::Unknown),
            Shape::Size(size) => {
                let size = number(size);
                quote!(Shape::Size(#size))
            }
            Shape::Type(id) => {
                let ty = self.describe(id, Place::Child);
                quote!(Shape::Type(#ty))
            }
        };
        let (key, value) = (shape(definition.key), shape(definition.value));
        let flags = definition.flags.filter(|flags| *flags != 0).map(|flags| {
            let flags = number(flags);
            quote!(.with_flags(#flags))
        });
        let inner = definition.inner.as_deref().map(|inner| {
            let inner = self.definition_description("values", inner);
            quote!(.with_inner(&#inner))
        });
        quote!(Map::new(#name, #kind, #key, #value) #flags #inner)
    }

    /// The module `btf`: the C types for comparison.
    pub(super) fn type_descriptions(&self) -> TokenStream {
        let krate = self.krate();
        let mut types: Vec<_> = self
            .input
            .layout
            .items
            .iter()
            .filter_map(|item| {
                let name = call_site(&item.name);
                let ty = self.item_description(item)?;
                let own = self.own_type(item).is_none().then(|| {
                    quote! {
                        impl #krate::BtfType for super::types::#name {
                            const BTF: &'static Type = &self::#name;
                        }
                    }
                });
                Some(quote! {
                    pub static #name: Type = #ty;
                    #own
                })
            })
            .collect();
        types.extend(self.struct_ops_btf());
        if types.is_empty() {
            return TokenStream::new();
        }
        // Only statics are in here, so a C type of one of these names is in nobody's way.
        quote! {
            /// The C types as the library was built with them, for comparison.
            #[doc(hidden)]
            pub mod btf {
                use #krate::describe::{Composite, Enum, Member, Pointee, Type};
                use #krate::private as runtime;

                #(#types)*
            }
        }
    }

    /// The description of a named type, to stand in the module `btf`.
    pub(super) fn item_description(&self, item: &Item) -> Option<TokenStream> {
        Some(match &item.kind {
            ItemKind::Struct(composite) => match self.input.library.btf.ty(composite.ty) {
                Type::Struct(inner) => self.composite_description(inner, false, Place::Types),
                Type::Union(inner) => self.composite_description(inner, true, Place::Types),
                _ => return None,
            },
            ItemKind::Enum(enumeration) => {
                let name = self.input.library.btf.ty(enumeration.ty).name();
                let size = number(enumeration.size);
                let values = enumeration.values.iter().map(|(_, name, value)| {
                    let value = Literal::u64_unsuffixed(*value as u64);
                    quote!((#name, #value))
                });
                quote! {
                    Type::Enum(Enum {
                        name: #name,
                        size: #size,
                        values: &[#(#values),*],
                    })
                }
            }
            ItemKind::Alias(_) | ItemKind::Opaque => return None,
        })
    }

    fn composite_description(
        &self,
        composite: &Composite<'_>,
        union: bool,
        place: Place<'_>,
    ) -> TokenStream {
        let krate = self.krate();
        let variant = call_site(if union { "Union" } else { "Struct" });
        let (name, size) = (composite.name, number(composite.size));
        let members = composite.members.iter().map(|member| {
            let name = member.name;
            let ty = self.describe(member.ty, place);
            match (member.bitfield_size, member.bit_offset % 8) {
                (0, 0) => {
                    let offset = number(member.bit_offset / 8);
                    quote!(Member::new(#name, #offset, #ty))
                }
                (width, _) => {
                    let (offset, width) = (number(member.bit_offset), number(width.into()));
                    quote!(Member::bits(#name, #offset, #width, #ty))
                }
            }
        });
        let describe = self.describe_path(place);
        // Not imported where only some libraries would need it.
        let path = match place {
            Place::Types => TokenStream::new(),
            _ => quote!(#krate::describe::),
        };
        quote! {
            #describe Type::#variant(#path Composite {
                name: #name,
                size: #size,
                members: &[#(#members),*],
            })
        }
    }

    /// A reference to the description of `id`: beside the module `btf`, from a child of the module, or
    /// inside `btf` (as `Place::Types` is inside `types`).
    pub(super) fn describe(&self, id: TypeId, place: Place<'_>) -> TokenStream {
        let id = self.input.library.btf.resolve(id);
        if let Some(item) = self.input.layout.item_of(id) {
            let name = call_site(&item.name);
            return match place {
                Place::Outside(module) => quote!(&#module::btf::#name),
                Place::Module => quote!(&self::btf::#name),
                Place::Child | Place::Fields => quote!(&super::btf::#name),
                Place::Types => quote!(&self::#name),
            };
        }
        let describe = self.describe_path(place);
        let runtime = match place {
            Place::Outside(_) => {
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
                let element = self.describe(*element, place);
                let len = number(*len);
                quote!(&#describe Type::array(#element, #len))
            }
            Type::Pointer { to } => {
                let pointee = self.describe_pointee(*to);
                quote!(&#describe Type::Pointer(#describe Pointee::#pointee))
            }
            Type::Struct(composite) => {
                let ty = self.composite_description(composite, false, place);
                quote!(&#ty)
            }
            Type::Union(composite) => {
                let ty = self.composite_description(composite, true, place);
                quote!(&#ty)
            }
            // No variable has such a type: the layout has refused it.
            _ => quote!(&#describe Type::array(&#runtime::U8, 0)),
        }
    }

    /// The path in front of the runtime's words for types: the generated modules import them, the user's
    /// has its own.
    fn describe_path(&self, place: Place<'_>) -> TokenStream {
        match place {
            Place::Outside(_) => {
                let krate = self.krate();
                quote!(#krate::describe::)
            }
            _ => TokenStream::new(),
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

fn optional(description: TokenStream, optional: bool) -> TokenStream {
    match optional {
        true => quote!(#description.optional()),
        false => description,
    }
}

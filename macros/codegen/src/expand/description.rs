//! The module `description`: the library's table, which the runtime compares with the final object.

use proc_macro2::TokenStream;
use quote::quote;

use crate::growth::Growth;
use bpf_subskeleton_object::btf::Type;
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::model::{Extent, Map, MapDefinition, Shape};

use super::members::{Line, Members, VariableMember};
use super::once::once;
use super::scope::Scope;
use super::{Writer, call_site, number};

impl Writer<'_, '_> {
    /// The module `description`: the members, in the order in which constructors take them.
    pub(super) fn library_description(&self, members: &Members) -> TokenStream {
        let krate = self.krate();
        let name = self.name().to_string();
        let variables = members.lines().filter_map(|line| match line {
            Line::Variable { description, .. } => Some(description),
            Line::Map(_) => None,
        });
        let maps = members.lines().filter_map(|line| match line {
            Line::Map(line) => Some(line),
            Line::Variable { .. } => None,
        });
        let programs = members.programs.iter().map(|program| &program.line);
        let struct_ops = members.struct_ops.iter().map(|ops| &ops.line);
        let initial = members.lines().filter_map(|line| match line {
            Line::Variable { initial, .. } => Some(initial),
            Line::Map(_) => None,
        });
        quote! {
            /// The library as it was built, to compare objects with.
            #[doc(hidden)]
            pub mod description {
                use #krate::private::prelude::*;

                pub static LIBRARY: Library = Library {
                    name: #name,
                    variables: &[#(#variables),*],
                    maps: &[#(#maps),*],
                    programs: &[#(#programs),*],
                    struct_ops: &[#(#struct_ops),*],
                };

                /// The table, for code elsewhere. Code that names `LIBRARY` itself is compiled with a copy of it, for
                /// which each text in it gets a symbol.
                #[inline(never)]
                pub fn library() -> &'static Library {
                    &LIBRARY
                }

                /// What the variables hold before anyone sets them: sizes, and bytes without the zeroes at their end.
                pub const INITIAL: &[runtime::Initial] = &[#(#initial),*];
            }
        }
    }

    pub(super) fn variable_description(&self, member: VariableMember<'_, '_>) -> TokenStream {
        let VariableMember {
            variable,
            section,
            extent,
            writable,
            growth,
        } = member;
        let name = variable.name;
        let btf = &self.input.library.btf;
        let declaration = declaration(btf, variable.ty, name);
        let constructor = call_site(match extent {
            Extent::Fixed => "new",
            Extent::Flexible => "flexible",
            Extent::Unknown | Extent::Resizable => "unsized_array",
        });
        let value = once(self.value_type(variable, extent, Scope::Child));
        let access = call_site(if writable { "Write" } else { "Read" });
        let ty = once(match (extent, btf.ty(btf.resolve(variable.ty))) {
            (Extent::Resizable, Type::Array { element, .. }) => {
                let element = self.describe(*element, Scope::Child);
                quote!(&Type::array(#element, 0))
            }
            _ => self.describe_growth(variable.ty, growth, Scope::Child),
        });
        quote! {
            Variable::#constructor::<#value, #access>(#name, #section, #declaration, #ty)
        }
    }

    /// The line of a map, whose values may be longer in the object if `grows`.
    pub(super) fn map_description(&self, map: &Map<'_>, grows: bool) -> TokenStream {
        let growth = if grows { Growth::Struct } else { Growth::None };
        self.definition_description(map.name, &map.definition, growth)
    }

    fn definition_description(
        &self,
        name: &str,
        definition: &MapDefinition,
        growth: Growth,
    ) -> TokenStream {
        let map_type = match definition.map_type {
            Some(map_type) => {
                let map_type = number(map_type);
                quote!(::core::option::Option::Some(#map_type))
            }
            None => quote!(::core::option::Option::None),
        };
        let shape = |shape, growth| match shape {
            Shape::Unknown => quote!(Shape::Unknown),
            Shape::Size(size) => {
                let size = number(size);
                quote!(Shape::Size(#size))
            }
            Shape::Type(id) => {
                let ty = self.describe_growth(id, growth, Scope::Child);
                quote!(Shape::Type(#ty))
            }
        };
        let key = shape(definition.key, Growth::None);
        let value = shape(definition.value, growth);
        let flags = definition.flags.filter(|flags| *flags != 0).map(|flags| {
            let flags = number(flags);
            quote!(.with_flags(#flags))
        });
        let inner = definition.inner.as_deref().map(|inner| {
            let inner = self.definition_description("values", inner, Growth::None);
            quote!(.with_inner(&#inner))
        });
        quote!(Map::new(#name, #map_type, #key, #value) #flags #inner)
    }
}

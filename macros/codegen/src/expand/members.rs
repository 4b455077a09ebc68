//! All of a library: a struct of handles for each section, for maps and for programs, live and before
//! load.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;

use crate::declaration::declaration;
use crate::layout::Rust;
use crate::map_kind::{MapKind, Parameters};
use crate::model::{Map, MapDefinition, Shape, Variable};

use super::types::{Place, finish};
use super::{Group, Parts, Writer, doc, documented};

impl Writer<'_, '_> {
    /// The fields of a unit struct: one for each section, one for the maps.
    pub(super) fn whole(&self) -> Parts {
        let module = &self.input.args.module;
        let mut parts = Parts::default();
        for Group {
            field,
            ty,
            docs,
            configurable,
            variables,
            ..
        } in &self.groups
        {
            let values = |method: &dyn Fn(&Self, &Variable<'_>) -> Ident| {
                let values = variables.iter().map(|(name, variable)| {
                    let method = method(self, variable);
                    quote!(#name: library.#method())
                });
                values.collect::<Vec<_>>()
            };
            let bound = values(&Self::bound_method);
            let docs_live = doc(docs);
            parts
                .fields
                .push(quote!(#docs_live pub #field: #module::#ty));
            parts
                .bound
                .push(quote!(#field: #module::#ty { #(#bound,)* }));
            if *configurable {
                let configured = values(&Self::configured_method);
                let docs = doc(&docs.replace(", read-only once loaded", ""));
                parts
                    .config_fields
                    .push(quote!(#docs pub #field: #module::config::#ty<'obj>));
                parts
                    .configured
                    .push(quote!(#field: #module::config::#ty { #(#configured,)* }));
            }
        }
        if !self.maps.is_empty() {
            let values = self
                .maps
                .iter()
                .map(|(name, _)| quote!(#name: library.map()));
            let values: Vec<_> = values.collect();
            let docs = doc("The maps.");
            parts.fields.push(quote!(#docs pub maps: #module::Maps));
            parts
                .bound
                .push(quote!(maps: #module::Maps { #(#values,)* }));
            parts
                .config_fields
                .push(quote!(#docs pub maps: #module::config::Maps<'obj>));
            parts
                .configured
                .push(quote!(maps: #module::config::Maps { #(#values,)* }));
        }
        parts
    }

    /// The module `config`, unless nothing is in it.
    pub(super) fn config_module(&self) -> TokenStream {
        let sections = self.groups.iter().filter(|group| group.configurable);
        let mut structs: Vec<_> = sections.map(|group| self.config_section(group)).collect();
        if !self.maps.is_empty() {
            structs.push(self.config_maps());
        }
        if !self.programs.is_empty() {
            structs.push(self.config_programs());
        }
        if !self.struct_ops.is_empty() {
            structs.push(self.config_struct_ops());
        }
        if structs.is_empty() {
            return TokenStream::new();
        }
        quote! {
            /// The sections, maps and programs before the object is loaded.
            pub mod config {
                #(#structs)*
            }
        }
    }
    /// `pub struct Bss { pub samples: Var<u64> }`
    pub(super) fn section(&self, group: &Group<'_, '_>) -> TokenStream {
        let krate = self.krate();
        let Group {
            ty, docs, section, ..
        } = group;
        let docs = doc(docs);
        let fields = group.variables.iter().map(|(name, variable)| {
            let docs = self.variable_docs(variable, section);
            let value = self.value_type(variable, Place::Module);
            let inner = self.live_type(variable, &value);
            match variable.read_only {
                true => quote!(#docs pub #name: #krate::Const<#inner>),
                false => quote!(#docs pub #name: #krate::Var<#inner>),
            }
        });
        let (derive, debug) = self.section_debug(group, &TokenStream::new());
        quote! {
            #docs
            #[derive(::core::clone::Clone, #derive)]
            pub struct #ty {
                #(#fields,)*
            }

            #debug
        }
    }

    /// `Debug` of a section's struct: derived, unless a type of the user's own may not have it.
    fn section_debug(
        &self,
        group: &Group<'_, '_>,
        lifetime: &TokenStream,
    ) -> (Option<TokenStream>, TokenStream) {
        let shown: Vec<_> = group
            .variables
            .iter()
            .filter(|(_, variable)| {
                let layout = &self.input.layout;
                !self.holds_own_type(&layout.variable(&self.input.library.btf, variable))
            })
            .map(|(name, _)| name)
            .collect();
        if shown.len() == group.variables.len() {
            return (Some(quote!(::core::fmt::Debug)), TokenStream::new());
        }
        let name = &group.ty;
        let text = name.to_string();
        let texts = shown.iter().map(|name| name.unraw().to_string());
        let finish = finish(false);
        let debug = quote! {
            impl ::core::fmt::Debug for #name #lifetime {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.debug_struct(#text)
                        #(.field(#texts, &self.#shown))*
                        .#finish()
                }
            }
        };
        (None, debug)
    }

    /// `pub struct Bss<'obj> { pub samples: &'obj mut u64 }`
    fn config_section(&self, group: &Group<'_, '_>) -> TokenStream {
        let Group { ty, section, .. } = group;
        let text = match *section {
            "extern" => "The `extern` variables before load.".to_owned(),
            section => format!("The variables of `{section}` before load."),
        };
        let text = doc(&text);
        let fields = group.variables.iter().map(|(name, variable)| {
            let docs = self.variable_docs(variable, section);
            let value = self.value_type(variable, Place::Child);
            let open = self.open_type(variable, &value);
            quote!(#docs pub #name: #open)
        });
        let (derive, debug) = self.section_debug(group, &quote!(<'_>));
        let derive = derive.map(|derive| quote!(#[derive(#derive)]));
        quote! {
            #text
            #derive
            pub struct #ty<'obj> {
                #(#fields,)*
            }

            #debug
        }
    }

    /// The type of a variable's value, or of its elements where only the object knows how many there are.
    pub(super) fn value_type(&self, variable: &Variable<'_>, place: Place<'_>) -> TokenStream {
        let ty = self
            .input
            .layout
            .variable(&self.input.library.btf, variable);
        match (self.is_unsized(variable), &ty) {
            (true, Rust::Array(element, _)) => self.rust(element, place),
            _ => self.rust(&ty, place),
        }
    }

    /// What a `Var` of the variable is of, if `value` is its [`value_type`](Self::value_type).
    pub(super) fn live_type(&self, variable: &Variable<'_>, value: &TokenStream) -> TokenStream {
        match self.is_unsized(variable) {
            true => quote!([#value]),
            false => value.clone(),
        }
    }

    /// The variable before load, likewise.
    pub(super) fn open_type(&self, variable: &Variable<'_>, value: &TokenStream) -> TokenStream {
        let krate = self.krate();
        match self.is_unsized(variable) {
            true if variable.resizable => quote!(#krate::Resizable<'obj, #value>),
            true => quote!(&'obj mut [#value]),
            false => quote!(&'obj mut #value),
        }
    }

    /// The method that takes the variable from what `bind` found.
    pub(super) fn bound_method(&self, variable: &Variable<'_>) -> Ident {
        super::call_site(match self.is_unsized(variable) {
            true => "unsized_variable",
            false => "variable",
        })
    }

    /// The method that takes the variable from what `configure` found.
    pub(super) fn configured_method(&self, variable: &Variable<'_>) -> Ident {
        super::call_site(match self.is_unsized(variable) {
            true if variable.resizable => "resizable_variable",
            true => "unsized_variable",
            false => "variable",
        })
    }

    pub(super) fn map_structs(&self) -> TokenStream {
        if self.maps.is_empty() {
            return TokenStream::new();
        }
        let fields = self.maps.iter().map(|(name, map)| {
            let docs = self.map_docs(map);
            let ty = self.map_type(&map.definition, Place::Module);
            quote!(#docs pub #name: #ty)
        });
        quote! {
            /// The maps.
            #[derive(::core::fmt::Debug)]
            pub struct Maps {
                #(#fields,)*
            }
        }
    }

    fn config_maps(&self) -> TokenStream {
        let krate = self.krate();
        let fields = self.maps.iter().map(|(name, map)| {
            let docs = self.map_docs(map);
            let ty = self.map_type(&map.definition, Place::Child);
            quote!(#docs pub #name: #krate::maps::Open<'obj, #ty>)
        });
        quote! {
            /// The maps before load.
            #[derive(::core::fmt::Debug)]
            pub struct Maps<'obj> {
                #(#fields,)*
            }
        }
    }

    fn config_programs(&self) -> TokenStream {
        let krate = self.krate();
        let fields = self.programs.iter().map(|(name, program)| {
            let docs = self.program_docs(program);
            quote!(#docs pub #name: #krate::libbpf_rs::OpenProgramMut<'obj>)
        });
        quote! {
            /// The programs before load.
            #[derive(::core::fmt::Debug)]
            pub struct Programs<'obj> {
                #(#fields,)*
            }
        }
    }

    pub(super) fn map_docs(&self, map: &Map<'_>) -> TokenStream {
        let definition = &map.definition;
        let shape = |shape| match shape {
            Shape::Unknown => None,
            Shape::Size(size) => Some(format!("{size} bytes")),
            Shape::Type(id) => Some(format!(
                "`{}`",
                declaration(&self.input.library.btf, id, "")
            )),
        };
        let mut text = match definition.kind {
            Some(kind) => format!("Map `{}`, {}", map.name, kind_name(kind)),
            None => format!("Map `{}`", map.name),
        };
        match (shape(definition.key), shape(definition.value)) {
            (Some(key), Some(value)) => text.push_str(&format!(": {key} to {value}")),
            (None, Some(part)) | (Some(part), None) => text.push_str(&format!(": {part}")),
            (None, None) => {}
        }
        if let Some(entries) = definition.max_entries {
            let entries = match entries {
                1 => "1 entry".to_owned(),
                entries => format!("{entries} entries"),
            };
            text.push_str(&format!(", at most {entries}"));
        }
        if map.external {
            text.push_str(", defined by another object");
        }
        text.push('.');
        documented(&map.docs, &text)
    }

    /// The handle of a map: `maps::Hash<u32, slot>`.
    pub(super) fn map_type(&self, definition: &MapDefinition, place: Place<'_>) -> TokenStream {
        let krate = self.krate();
        let typed = |shape| match shape {
            Shape::Type(id) => {
                let ty = self.input.layout.rust(&self.input.library.btf, id);
                Some(self.rust(&ty, place))
            }
            Shape::Unknown | Shape::Size(_) => None,
        };
        let (key, value) = (typed(definition.key), typed(definition.value));
        let parameters = definition
            .kind
            .and_then(MapKind::by_number)
            .and_then(|kind| match kind.parameters {
                Parameters::KeyValue => Some((kind, vec![key?, value?])),
                Parameters::Value => Some((kind, vec![value?])),
                Parameters::None | Parameters::Record => Some((kind, Vec::new())),
                Parameters::Key => Some((kind, vec![key?])),
                Parameters::Inner => {
                    let inner = definition.inner.as_deref()?;
                    Some((kind, vec![self.map_type(inner, place)]))
                }
                Parameters::KeyInner => {
                    let inner = definition.inner.as_deref()?;
                    Some((kind, vec![key?, self.map_type(inner, place)]))
                }
            });
        match parameters {
            Some((kind, parameters)) => {
                let name = super::call_site(kind.name);
                match parameters.is_empty() {
                    true => quote!(#krate::maps::#name),
                    false => quote!(#krate::maps::#name<#(#parameters),*>),
                }
            }
            None => quote!(#krate::maps::Untyped),
        }
    }
}

fn kind_name(number: u32) -> String {
    match MapKind::by_number(number) {
        Some(kind) => format!("`{}`", kind.name),
        None => format!("of kind {number}"),
    }
}

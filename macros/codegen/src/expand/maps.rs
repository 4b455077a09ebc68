//! A map's handle and its docs.

use proc_macro2::TokenStream;
use quote::quote;

use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::map_type::{MapType, Parameters};
use bpf_subskeleton_object::model::{Map, MapDefinition, Shape};

use super::docs::documented;
use super::scope::Scope;
use super::{Input, Writer, call_site};

impl Writer<'_, '_> {
    /// Whether the values of the map may be longer in the object; `requested` if its field says so.
    pub(super) fn values_grow(&self, map: &Map<'_>, requested: bool) -> bool {
        let Input {
            library, growing, ..
        } = self.input;
        growing.in_values(&library.btf, map, requested)
    }

    /// Its values may be longer in the object if `grows`.
    pub(super) fn map_docs(&self, map: &Map<'_>, grows: bool) -> TokenStream {
        let definition = &map.definition;
        let shape = |shape| match shape {
            Shape::Unknown => None,
            Shape::Size(size) => Some(format!("{size} bytes")),
            Shape::Type(id) => Some(format!(
                "`{}`",
                declaration(&self.input.library.btf, id, "")
            )),
        };
        let mut text = match definition.map_type {
            Some(number) => format!("Map `{}`, {}", map.name, type_name(number)),
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
        if grows {
            text.push_str(" Its values may be longer in the object.");
        }
        documented(&map.docs, text)
    }

    /// The handle of a map: `maps::Hash<u32, slot>`.
    pub(super) fn map_type(&self, definition: &MapDefinition, scope: Scope<'_>) -> TokenStream {
        let krate = self.krate();
        let typed = |shape| match shape {
            Shape::Type(id) => {
                let ty = self.input.layout.rust(&self.input.library.btf, id);
                Some(self.rust(&ty, scope))
            }
            Shape::Unknown | Shape::Size(_) => None,
        };
        let (key, value) = (typed(definition.key), typed(definition.value));
        let inner = || {
            let inner = definition.inner.as_deref()?;
            Some(self.map_type(inner, scope))
        };
        let map_type = definition.map_type.and_then(MapType::by_number);
        // If BTF lacks a type that the handle needs, only the untyped one remains.
        let typed = map_type.and_then(|map_type| {
            let parameters = match map_type.parameters {
                Parameters::KeyValue => vec![key?, value?],
                Parameters::Value => vec![value?],
                Parameters::None | Parameters::Record => Vec::new(),
                Parameters::Key => vec![key?],
                Parameters::Inner => vec![inner()?],
                Parameters::KeyInner => vec![key?, inner()?],
            };
            Some((call_site(map_type.name), parameters))
        });
        match typed {
            Some((name, parameters)) if parameters.is_empty() => quote!(#krate::maps::#name),
            Some((name, parameters)) => quote!(#krate::maps::#name<#(#parameters),*>),
            None => quote!(#krate::maps::Untyped),
        }
    }
}

/// The method that takes the map from what `bind` found.
pub(super) fn take_map(grows: bool) -> &'static str {
    match grows {
        true => "growing_map",
        false => "map",
    }
}

/// A map type, for docs.
fn type_name(number: u32) -> String {
    match MapType::by_number(number) {
        Some(map_type) => format!("`{}`", map_type.name),
        None => format!("of map type {number}"),
    }
}

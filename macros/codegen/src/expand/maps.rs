//! A map's handle and its docs.

use proc_macro2::TokenStream;
use quote::quote;

use crate::declaration::declaration;
use crate::map_kind::{MapKind, Parameters};
use crate::model::{Map, MapDefinition, Shape};

use super::scope::Scope;
use super::{Writer, call_site, documented};

impl Writer<'_, '_> {
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
                    Some((kind, vec![self.map_type(inner, scope)]))
                }
                Parameters::KeyInner => {
                    let inner = definition.inner.as_deref()?;
                    Some((kind, vec![key?, self.map_type(inner, scope)]))
                }
            });
        match parameters {
            Some((kind, parameters)) => {
                let name = call_site(kind.name);
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

//! Sections, maps and programs: a struct of handles for each, live and before load.

use proc_macro2::TokenStream;
use quote::quote;

use crate::declaration::declaration;
use crate::model::{Map, MapDefinition, Shape, Variable};

use super::types::Place;
use super::{Group, Writer, docs};

impl Writer<'_, '_> {
    /// `pub struct Bss { pub samples: Var<u64> }`
    pub(super) fn section(&self, group: &Group<'_, '_>) -> TokenStream {
        let krate = self.krate();
        let Group {
            ty, docs, section, ..
        } = group;
        let fields = group.variables.iter().map(|(name, variable)| {
            let docs = self.variable_docs(variable, section);
            let inner = self.variable_type(variable, Place::Module);
            match variable.read_only {
                true => quote!(#docs pub #name: #krate::Const<#inner>),
                false => quote!(#docs pub #name: #krate::Var<#inner>),
            }
        });
        quote! {
            #[doc = #docs]
            #[derive(::core::clone::Clone, ::core::fmt::Debug)]
            pub struct #ty {
                #(#fields,)*
            }
        }
    }

    /// `pub struct Bss<'obj> { pub samples: &'obj mut u64 }`
    pub(super) fn config_section(&self, group: &Group<'_, '_>) -> TokenStream {
        let Group { ty, section, .. } = group;
        let text = match *section {
            "extern" => "The `extern` variables before load.".to_owned(),
            section => format!("The variables of `{section}` before load."),
        };
        let fields = group.variables.iter().map(|(name, variable)| {
            let docs = self.variable_docs(variable, section);
            let inner = self.variable_type(variable, Place::Child);
            quote!(#docs pub #name: &'obj mut #inner)
        });
        quote! {
            #[doc = #text]
            #[derive(::core::fmt::Debug)]
            pub struct #ty<'obj> {
                #(#fields,)*
            }
        }
    }

    /// The type of a variable's value; a slice where only the final object knows its length.
    fn variable_type(&self, variable: &Variable<'_>, place: Place) -> TokenStream {
        let ty = self.layout.variable(&self.library.btf, variable);
        match (self.is_unsized(variable), &ty) {
            (true, crate::layout::Rust::Array(element, _)) => {
                let element = self.rust(element, place);
                quote!([#element])
            }
            _ => self.rust(&ty, place),
        }
    }

    pub(super) fn map_structs(&self) -> TokenStream {
        if self.maps.is_empty() {
            return TokenStream::new();
        }
        let fields = self.maps.iter().map(|(name, map)| {
            let docs = self.map_docs(map);
            let ty = self.map_type(&map.definition);
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

    pub(super) fn config_maps(&self) -> TokenStream {
        if self.maps.is_empty() {
            return TokenStream::new();
        }
        let krate = self.krate();
        let fields = self.maps.iter().map(|(name, map)| {
            let docs = self.map_docs(map);
            quote!(#docs pub #name: #krate::libbpf_rs::OpenMapMut<'obj>)
        });
        quote! {
            /// The maps before load.
            #[derive(::core::fmt::Debug)]
            pub struct Maps<'obj> {
                #(#fields,)*
            }
        }
    }

    pub(super) fn config_programs(&self) -> TokenStream {
        if self.programs.is_empty() {
            return TokenStream::new();
        }
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

    fn map_docs(&self, map: &Map<'_>) -> TokenStream {
        let definition = &map.definition;
        let shape = |shape| match shape {
            Shape::Unknown => None,
            Shape::Size(size) => Some(format!("{size} bytes")),
            Shape::Type(id) => Some(format!("`{}`", declaration(&self.library.btf, id, ""))),
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
            text.push_str(&format!(", at most {entries} entries"));
        }
        if map.external {
            text.push_str(", defined by another object");
        }
        text.push('.');
        docs(&map.docs, &text)
    }

    /// The handle of a map: `maps::Hash<u32, slot>`.
    pub(super) fn map_type(&self, definition: &MapDefinition) -> TokenStream {
        let krate = self.krate();
        let typed = |shape| match shape {
            Shape::Type(id) => {
                let ty = self.layout.rust(&self.library.btf, id);
                Some(self.rust(&ty, Place::Module))
            }
            Shape::Unknown | Shape::Size(_) => None,
        };
        let (key, value) = (typed(definition.key), typed(definition.value));
        let parameters = definition
            .kind
            .and_then(kind)
            .and_then(|kind| match kind.parameters {
                Parameters::KeyValue => Some((kind, vec![key?, value?])),
                Parameters::Value => Some((kind, vec![value?])),
                Parameters::None => Some((kind, Vec::new())),
                Parameters::Key => Some((kind, vec![key?])),
                Parameters::Inner => {
                    let inner = definition.inner.as_deref()?;
                    Some((kind, vec![self.map_type(inner)]))
                }
                Parameters::KeyInner => {
                    let inner = definition.inner.as_deref()?;
                    Some((kind, vec![key?, self.map_type(inner)]))
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

/// A kind of map that the runtime has a handle for.
#[derive(Clone, Copy)]
struct Kind {
    number: u32,
    name: &'static str,
    parameters: Parameters,
}

/// The type parameters of a handle.
#[derive(Clone, Copy)]
enum Parameters {
    None,
    Key,
    Value,
    KeyValue,
    Inner,
    KeyInner,
}

/// The kernel's `enum bpf_map_type`, as `maps::kind` of the runtime has it.
const KINDS: &[Kind] = {
    use Parameters::{Inner, Key, KeyInner, KeyValue, None, Value};
    const fn kind(number: u32, name: &'static str, parameters: Parameters) -> Kind {
        Kind {
            number,
            name,
            parameters,
        }
    }
    &[
        kind(1, "Hash", KeyValue),
        kind(2, "Array", Value),
        kind(3, "ProgArray", None),
        kind(4, "PerfEventArray", None),
        kind(5, "PerCpuHash", KeyValue),
        kind(6, "PerCpuArray", Value),
        kind(7, "StackTrace", Value),
        kind(8, "CgroupArray", None),
        kind(9, "LruHash", KeyValue),
        kind(10, "LruPerCpuHash", KeyValue),
        kind(11, "LpmTrie", KeyValue),
        kind(12, "ArrayOfMaps", Inner),
        kind(13, "HashOfMaps", KeyInner),
        kind(14, "DevMap", Value),
        kind(15, "SockMap", Value),
        kind(16, "CpuMap", Value),
        kind(17, "XskMap", None),
        kind(18, "SockHash", Key),
        kind(20, "ReuseportSockArray", Value),
        kind(22, "Queue", Value),
        kind(23, "Stack", Value),
        kind(24, "SkStorage", Value),
        kind(25, "DevMapHash", KeyValue),
        kind(27, "RingBuf", None),
        kind(28, "InodeStorage", Value),
        kind(29, "TaskStorage", Value),
        kind(30, "BloomFilter", Value),
        kind(31, "UserRingBuf", None),
        kind(32, "CgrpStorage", Value),
    ]
};

fn kind(number: u32) -> Option<Kind> {
    KINDS.iter().find(|kind| kind.number == number).copied()
}

fn kind_name(number: u32) -> String {
    match kind(number) {
        Some(kind) => format!("`{}`", kind.name),
        None => format!("of kind {number}"),
    }
}

//! A selection: the fields that the user named.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};

use crate::attr::{Access, Field, Request};
use crate::layout::Rust;
use crate::map_kind::{MapKind, Parameters};
use crate::model::{Map, Variable};
use crate::select::{Choice, Selected, blame, is_told};

use super::types::Place;
use super::{Parts, Writer};

impl Writer<'_, '_> {
    /// The user's fields, with whole paths and the types that were left to BTF.
    pub(super) fn selection(&self, selected: &[Selected<'_, '_>]) -> Parts {
        let krate = self.krate();
        let mut parts = Parts::default();
        for Selected { field, choice } in selected {
            let Field {
                ident, vis, attrs, ..
            } = field;
            let (docs, live, before, methods, configurable) = match choice {
                Choice::Nothing => {
                    let (live, before) = self.unknown(field);
                    parts.fields.push(quote!(#(#attrs)* #vis #ident: #live));
                    parts.bound.push(quote!(#ident: #krate::private::missing()));
                    parts.config_fields.push(quote!(#vis #ident: #before));
                    parts
                        .configured
                        .push(quote!(#ident: #krate::private::missing()));
                    continue;
                }
                Choice::Variable(section, variable) => {
                    let section = section.unwrap_or("extern");
                    let docs = self.variable_docs(variable, section);
                    let (handle, before) = self.selected_variable(field, variable);
                    let methods = [
                        self.bound_method(variable),
                        self.configured_method(variable),
                    ];
                    (docs, handle, before, methods, section != ".kconfig")
                }
                Choice::Map(map) => {
                    let handle = self.selected_map(field, map);
                    let before = quote!(#krate::maps::Open<'obj, #handle>);
                    let methods = ["map", "map"].map(super::call_site);
                    (self.map_docs(map), handle, before, methods, true)
                }
            };
            let (live, before, [bound, configured]) = match field.optional {
                true => (
                    quote!(::core::option::Option<#live>),
                    quote!(::core::option::Option<#before>),
                    methods.map(|method| format_ident!("optional_{method}")),
                ),
                false => (live, before, methods),
            };
            let named = match (&field.request, choice) {
                (Request::Variable { ty: Some(ty), .. }, Choice::Variable(_, variable)) => {
                    Some((self.named_type(ty, variable), blame(ty)))
                }
                _ => None,
            };
            // Attributes may be derive helpers of the user's struct, so only docs go to the other.
            let written_docs = attrs
                .iter()
                .filter(|attribute| attribute.path().is_ident("doc"));
            let written_docs: Vec<_> = written_docs.collect();
            let gap = (!written_docs.is_empty()).then(|| quote!(#[doc = ""]));
            parts
                .fields
                .push(quote!(#(#attrs)* #gap #docs #vis #ident: #live));
            // Once is enough.
            let (bound, configured) = match (named, configurable) {
                (Some((ty, span)), false) => (
                    quote_spanned!(span=> library.#bound::<#ty, _>()),
                    TokenStream::new(),
                ),
                (Some((ty, span)), true) => (
                    quote!(library.#bound()),
                    quote_spanned!(span=> library.#configured::<#ty>()),
                ),
                (None, _) => (quote!(library.#bound()), quote!(library.#configured())),
            };
            parts.bound.push(quote!(#ident: #bound));
            if configurable {
                parts
                    .config_fields
                    .push(quote!(#(#written_docs)* #gap #docs #vis #ident: #before));
                parts.configured.push(quote!(#ident: #configured));
            }
        }
        parts
    }

    /// The type to ask the runtime for. Of a type that is known by its words it is the one that these
    /// should mean: a `u64` of the user's own does not compile, then. Any other is asked here whether it
    /// is plain old data, to be blamed if it is not.
    fn named_type(&self, written: &syn::Type, variable: &Variable<'_>) -> TokenStream {
        let rust = self
            .input
            .layout
            .variable(&self.input.library.btf, variable);
        let (written, rust) = match (written, rust) {
            (syn::Type::Slice(slice), Rust::Array(element, _)) => (&*slice.elem, *element),
            (written, rust) => (written, rust),
        };
        if !is_told(written, &rust) {
            return quote!(#written);
        }
        let span = blame(written);
        let ty = self.rust(&rust, Place::Outside(&self.input.args.module));
        ty.into_iter()
            .map(|mut token| {
                token.set_span(span);
                token
            })
            .collect()
    }

    /// The handle and the open value of a field that is already an error, as far as the user wrote them:
    /// code that uses the field is not to blame.
    fn unknown(&self, field: &Field) -> (TokenStream, TokenStream) {
        let krate = self.krate();
        let written = |ty: Option<&syn::Type>| match ty {
            Some(ty) => quote!(#ty),
            None => quote!(::core::primitive::u8),
        };
        let (live, before) = match &field.request {
            Request::Variable { word, ty, .. } => {
                let value = written(ty.as_deref());
                (quote!(#krate::#word<#value>), quote!(&'obj mut #value))
            }
            Request::Map { kind, types } => {
                let types = types.iter().map(|ty| written(ty.as_ref()));
                let known = MapKind::by_name(&kind.to_string());
                let live = match known.map(|kind| kind.parameters.count()) {
                    Some(0) => quote!(#krate::maps::#kind),
                    Some(count) if count == types.len() => quote!(#krate::maps::#kind<#(#types),*>),
                    _ => quote!(#krate::maps::Untyped),
                };
                let before = quote!(#krate::maps::Open<'obj, #live>);
                (live, before)
            }
            Request::Other(ty) => (quote!(#ty), quote!(&'obj mut #ty)),
        };
        match field.optional {
            true => (
                quote!(::core::option::Option<#live>),
                quote!(::core::option::Option<#before>),
            ),
            false => (live, before),
        }
    }

    /// The handle, and the variable before load.
    fn selected_variable(
        &self,
        field: &Field,
        variable: &Variable<'_>,
    ) -> (TokenStream, TokenStream) {
        let krate = self.krate();
        let Request::Variable { access, word, ty } = &field.request else {
            return (TokenStream::new(), TokenStream::new());
        };
        let module = &self.input.args.module;
        let value = match ty.as_deref() {
            Some(syn::Type::Slice(slice)) => {
                let element = &slice.elem;
                quote!(#element)
            }
            Some(ty) => quote!(#ty),
            None => self.value_type(variable, Place::Outside(module)),
        };
        let handle = match access {
            Access::Read => quote_spanned!(word.span()=> Const),
            Access::Write => quote_spanned!(word.span()=> Var),
        };
        let live = self.live_type(variable, &value);
        let open = self.open_type(variable, &value);
        (quote!(#krate::#handle<#live>), open)
    }

    fn selected_map(&self, field: &Field, map: &Map<'_>) -> TokenStream {
        let krate = self.krate();
        let Request::Map { kind, types } = &field.request else {
            return TokenStream::new();
        };
        let module = &self.input.args.module;
        let place = Place::Outside(module);
        let library = &self.input.library;
        let from_btf = |shape| match shape {
            crate::model::Shape::Type(id) => {
                let ty = self.input.layout.rust(&library.btf, id);
                self.rust(&ty, place)
            }
            _ => self.rust(&Rust::Bool, place),
        };
        let definition = &map.definition;
        let Some(known) = MapKind::by_name(&kind.to_string()) else {
            return quote!(#krate::maps::Untyped);
        };
        let shapes = match known.parameters {
            Parameters::KeyValue => vec![definition.key, definition.value],
            Parameters::Value => vec![definition.value],
            Parameters::Key => vec![definition.key],
            Parameters::Record => vec![crate::model::Shape::Unknown],
            Parameters::None => Vec::new(),
            // Inner maps are always the definition's.
            Parameters::Inner | Parameters::KeyInner => {
                return self.map_type(definition, place);
            }
        };
        let types: Vec<_> = types
            .iter()
            .zip(shapes)
            .map(|(ty, shape)| match ty {
                Some(ty) => quote!(#ty),
                None => from_btf(shape),
            })
            .collect();
        match types.is_empty() {
            true => quote!(#krate::maps::#kind),
            false => quote!(#krate::maps::#kind<#(#types),*>),
        }
    }
}

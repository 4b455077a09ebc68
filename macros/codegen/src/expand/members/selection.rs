//! A selection: the fields that the user named.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};

use crate::attr::{Attribute, Field, Form, Handle, Request, Type};
use crate::growth::Growth;
use crate::layout::{Rust, is_text};
use crate::select::{Choice, Chosen, Selected, is_told};
use bpf_subskeleton_object::map_type::{MapType, Parameters};
use bpf_subskeleton_object::model::{Extent, Map, Shape};

use super::super::Writer;
use super::super::maps::take_map;
use super::super::variables::{take_live, take_open};
use super::snapshot::Value;
use super::{Group, Line, Member, Part, Shown, VariableMember};

impl<'a> Writer<'_, 'a> {
    /// The user's fields, with absolute paths, and with types from BTF for `_`.
    pub(super) fn selection(&self, selected: &[Selected<'_, '_, 'a>]) -> Group {
        let members = selected
            .iter()
            .map(|Selected { field, choice }| match choice {
                Choice::Nothing => self.unknown(field),
                Choice::Variable(chosen) => self.selected_variable(field, *chosen),
                Choice::Map(map) => self.selected_map(field, map),
            });
        Group {
            of: None,
            members: members.collect(),
        }
    }

    /// The variables of which only the type matters: records are of it. They may be missing from the object.
    pub(super) fn compared(&self) -> Vec<Line> {
        let variables = self.input.records.iter();
        let variables = variables.filter_map(|record| record.variable);
        let lines = variables.map(|(section, variable)| {
            let member = VariableMember {
                variable,
                section: section.name,
                extent: variable.extent,
                writable: !variable.read_only,
                growth: self.growth(variable, false),
            };
            self.variable_line(member, true)
        });
        lines.collect()
    }

    fn selected_variable(&self, field: &Field, chosen: Chosen<'_, 'a>) -> Member {
        let Request::Variable { handle, word, ty } = &field.request else {
            return self.unknown(field);
        };
        let krate = self.krate();
        let Chosen {
            section,
            variable,
            extent,
        } = chosen;
        let member = VariableMember {
            variable,
            section: section.map_or("extern", |section| section.name),
            extent,
            writable: *handle == Handle::Var,
            growth: self.growth(variable, field.grows.is_some()),
        };
        let value = match ty.as_deref().map(|ty| (ty, &ty.form)) {
            Some((_, Form::Slice(element))) => quote!(#element),
            Some((ty, _)) => quote!(#ty),
            None => self.value_type(variable, extent, self.outside()),
        };
        let handle = Ident::new(handle.name(), word.span());
        let live = self.live_type(member, &value);
        let live = quote!(#krate::#handle<#live>);
        let open = self.open_type(member, &value);
        let [take_live, take_open] =
            [take_live(member), take_open(member)].map(|method| taking(field, method));
        let configurable = section.is_none_or(|section| section.configurable);
        let named = ty
            .as_deref()
            .map(|ty| (self.named_type(ty, chosen), ty.blame()));
        // A local variable: with the hygiene of a type that came through a `macro_rules` it would be another.
        let library = |span: Span| Ident::new("library", Span::call_site().located_at(span));
        // The type is named once, in the one of the two that asks more of it.
        let (take_live, take_open) = match named {
            Some((ty, span)) if configurable => {
                let located = library(span);
                (
                    quote!(library.#take_live()),
                    quote_spanned!(span=> #located.#take_open::<#ty>()),
                )
            }
            Some((ty, span)) => {
                let located = library(span);
                (
                    quote_spanned!(span=> #located.#take_live::<#ty, _>()),
                    TokenStream::new(),
                )
            }
            None => (quote!(library.#take_live()), quote!(library.#take_open())),
        };
        let docs = self.variable_docs(member);
        let snapshot = self.input.args.snapshot.then(|| {
            let value = self.value_in_snapshot(field, ty.as_deref(), chosen, value, &docs);
            self.snapshot_part(&field.ident, value)
        });
        Member {
            live: live_part(field, &docs, live, take_live),
            open: configurable.then(|| open_part(field, &docs, open, take_open)),
            snapshot,
            name: field.ident.clone(),
            line: Some(self.variable_line(member, field.optional)),
            shown: Shown::Itself,
            grows: member.growth == Growth::Struct,
        }
    }

    /// The value of `field`. One whose type is an alias is an array only to the compiler.
    fn value_in_snapshot(
        &self,
        field: &Field,
        written: Option<&Type>,
        chosen: Chosen<'_, '_>,
        value: TokenStream,
        docs: &TokenStream,
    ) -> Value {
        let Chosen {
            variable, extent, ..
        } = chosen;
        let from_btf = self
            .input
            .layout
            .variable(&self.input.library.btf, variable);
        let growth = self.growth(variable, field.grows.is_some());
        let is_known = !self.holds_own_type(&from_btf)
            && written.is_none_or(|written| self.is_generated(written, &from_btf));
        let (rust, was_array) = match &from_btf {
            Rust::Array(element, _) => ((**element).clone(), true),
            rust => (rust.clone(), false),
        };
        let (ty, is_array) = match (written.map(|ty| (ty, &ty.form)), from_btf, extent) {
            (Some((_, Form::Array(element, _))), ..) => (quote!(#element), true),
            // An alias of an array.
            (Some((array, _)), ..) if growth == Growth::Array => {
                let krate = self.krate();
                (quote!(<#array as #krate::Elements>::Element), true)
            }
            (_, _, Extent::Unknown | Extent::Resizable) => (value, true),
            (None, Rust::Array(element, _), _) => (self.rust(&element, self.outside()), true),
            _ => (value, false),
        };
        let (vis, written, gap) = (&field.vis, written_docs(field), gap(field));
        Value {
            attrs: quote!(#(#written)* #gap #docs),
            vis: quote!(#vis),
            ty,
            is_array,
            size: variable.size,
            // What the user wrote in an array's place may be anything.
            is_known: is_known && (is_array || !was_array),
            rust,
            is_text: is_text(&self.input.library.btf, variable.ty),
            optional: field.optional,
        }
    }

    /// Whether the written type is the one from BTF: by its tokens, because it is a path into the generated module, or
    /// because it is named as the runtime's type. A type of the user's named `Bool` must be like that.
    fn is_generated(&self, written: &Type, rust: &Rust) -> bool {
        match (&written.form, rust) {
            (Form::Array(written, _) | Form::Slice(written), Rust::Array(element, _)) => {
                self.is_generated(written, element)
            }
            (Form::Path(path), Rust::Named(index)) => {
                let item = self.input.layout.item(*index);
                let is_in_module = path.parents == [self.input.args.module.clone()];
                is_in_module && item.is_some_and(|item| path.name == item.name.as_str())
            }
            (Form::Path(path), Rust::Bool) => path.name == "Bool",
            (Form::Path(path), Rust::Pointer(_)) => path.name == "BpfPtr",
            _ => is_told(written, rust),
        }
    }

    fn selected_map(&self, field: &Field, map: &Map<'_>) -> Member {
        let handle = self.selected_map_type(field, map);
        let open = self.open_map_type(&handle);
        let grows = self.values_grow(map, field.grows.is_some());
        let [take_live, take_open] = [take_map(grows), "map"].map(|method| taking(field, method));
        let docs = self.map_docs(map, grows);
        Member {
            name: field.ident.clone(),
            live: live_part(field, &docs, handle, quote!(library.#take_live())),
            open: Some(open_part(field, &docs, open, quote!(library.#take_open()))),
            snapshot: None,
            line: Some(self.map_line(map, grows, field.optional)),
            shown: Shown::Itself,
            grows: false,
        }
    }

    /// A field that already has an error, as the user wrote it, so that its uses cause no further errors.
    fn unknown(&self, field: &Field) -> Member {
        let krate = self.krate();
        let written = |ty: Option<&Type>| match ty {
            Some(ty) => quote!(#ty),
            None => quote!(::core::primitive::u8),
        };
        let (live, open) = match &field.request {
            Request::Variable { word, ty, .. } => {
                let value = written(ty.as_deref());
                (quote!(#krate::#word<#value>), quote!(&'obj mut #value))
            }
            Request::Map { word, types } => {
                let types = types.iter().map(|ty| written(ty.as_ref()));
                let known = MapType::by_name(&word.to_string());
                let live = match known.map(|known| known.parameters.count()) {
                    Some(0) => quote!(#krate::maps::#word),
                    Some(count) if count == types.len() => quote!(#krate::maps::#word<#(#types),*>),
                    _ => quote!(#krate::maps::Untyped),
                };
                let open = self.open_map_type(&live);
                (live, open)
            }
            Request::Other(ty) => (quote!(#ty), quote!(&'obj mut #ty)),
        };
        let taken = quote!(#krate::private::missing());
        let Field { vis, attrs, .. } = field;
        let part = |attrs, ty| Part {
            attrs,
            vis: quote!(#vis),
            ty: optional(field, ty),
            taken: taken.clone(),
        };
        Member {
            name: field.ident.clone(),
            live: part(quote!(#(#attrs)*), live),
            open: Some(part(TokenStream::new(), open)),
            snapshot: None,
            line: None,
            shown: Shown::Itself,
            grows: false,
        }
    }

    /// The type to ask the runtime for. For a type known by its tokens, it is the one that these should
    /// mean, so that a `u64` of the user's own does not compile. Any other type must be plain old data,
    /// which is asserted here, at the type.
    fn named_type(&self, written: &Type, chosen: Chosen<'_, '_>) -> TokenStream {
        let rust = self
            .input
            .layout
            .variable(&self.input.library.btf, chosen.variable);
        let (written, rust) = match (&written.form, rust) {
            (Form::Slice(written), Rust::Array(element, _)) => (&**written, *element),
            (_, rust) => (written, rust),
        };
        if !is_told(written, &rust) {
            return quote!(#written);
        }
        let span = written.blame();
        let ty = self.rust(&rust, self.outside());
        ty.into_iter()
            .map(|mut token| {
                token.set_span(span);
                token
            })
            .collect()
    }

    fn selected_map_type(&self, field: &Field, map: &Map<'_>) -> TokenStream {
        let krate = self.krate();
        let Request::Map { word, types } = &field.request else {
            return TokenStream::new();
        };
        let scope = self.outside();
        let from_btf = |shape| match shape {
            Shape::Type(id) => {
                let ty = self.input.layout.rust(&self.input.library.btf, id);
                self.rust(&ty, scope)
            }
            // An error already says that a type must be written.
            Shape::Size(_) | Shape::Unknown => self.rust(&Rust::Bool, scope),
        };
        let definition = &map.definition;
        let Some(known) = MapType::by_name(&word.to_string()) else {
            return quote!(#krate::maps::Untyped);
        };
        let shapes = match known.parameters {
            Parameters::KeyValue => vec![definition.key, definition.value],
            Parameters::Value => vec![definition.value],
            Parameters::Key => vec![definition.key],
            Parameters::Record => vec![Shape::Unknown],
            Parameters::None => Vec::new(),
            // Inner maps always come from the definition.
            Parameters::Inner | Parameters::KeyInner => {
                return self.map_type(definition, scope);
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
            true => quote!(#krate::maps::#word),
            false => quote!(#krate::maps::#word<#(#types),*>),
        }
    }
}

/// The method that takes the member, if `method` takes one that is not optional.
fn taking(field: &Field, method: &str) -> Ident {
    match field.optional {
        true => format_ident!("optional_{method}"),
        false => format_ident!("{method}"),
    }
}

fn optional(field: &Field, ty: TokenStream) -> TokenStream {
    match field.optional {
        true => quote!(::core::option::Option<#ty>),
        false => ty,
    }
}

fn live_part(field: &Field, docs: &TokenStream, ty: TokenStream, taken: TokenStream) -> Part {
    let Field { vis, attrs, .. } = field;
    let gap = gap(field);
    Part {
        attrs: quote!(#(#attrs)* #gap #docs),
        vis: quote!(#vis),
        ty: optional(field, ty),
        taken,
    }
}

fn open_part(field: &Field, docs: &TokenStream, ty: TokenStream, taken: TokenStream) -> Part {
    let vis = &field.vis;
    // Attributes may be derive helpers for the user's struct, so the config struct gets only docs.
    let written = written_docs(field);
    let gap = gap(field);
    Part {
        attrs: quote!(#(#written)* #gap #docs),
        vis: quote!(#vis),
        ty: optional(field, ty),
        taken,
    }
}

fn written_docs(field: &Field) -> impl Iterator<Item = &Attribute> {
    let attrs = field.attrs.iter();
    attrs.filter(|attribute| attribute.is("doc"))
}

/// A blank line between the user's docs and ours.
fn gap(field: &Field) -> Option<TokenStream> {
    let written = written_docs(field).next();
    written.map(|_| quote!(#[doc = ""]))
}

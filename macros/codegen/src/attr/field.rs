//! The fields of a selection: `#[bpf(name = "hist_last")] pub last: Option<Var<u64>>`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Error, GenericArgument, LitStr, PathArguments, PathSegment, Type, Visibility,
};

use crate::errors::Errors;
use bpf_subskeleton_object::map_type::MapType;

/// A field of a selection.
pub(crate) struct Field {
    /// The Rust name.
    pub ident: Ident,
    /// The visibility.
    pub vis: Visibility,
    /// The attributes, except `#[bpf(…)]`.
    pub attrs: Vec<Attribute>,
    /// The C name.
    pub name: String,
    /// The span of the C name: in `#[bpf(name = …)]`, else the field's name.
    pub name_span: Span,
    /// `#[bpf(section = …)]`
    pub section: Option<LitStr>,
    /// `#[bpf(grows)]`: the struct may be longer in the object.
    pub grows: Option<Span>,
    /// Whether it is an `Option`.
    pub optional: bool,
    /// Whether `#[bpf(…)]` is wrong, so that the field can't be resolved.
    pub mistaken: bool,
    /// What the field's type asks for.
    pub request: Request,
}

/// What a field's type asks for.
pub(crate) enum Request {
    /// `Var<T>` or `Const<T>`.
    Variable {
        /// Which of the two.
        handle: Handle,
        /// The word as written.
        word: Ident,
        /// `T`, unless it is `_`.
        ty: Option<Box<Type>>,
    },
    /// `maps::Hash<K, V>`.
    Map {
        /// The word `Hash`.
        word: Ident,
        /// `K` and `V`, `None` for `_`.
        types: Vec<Option<Type>>,
    },
    /// No handle at all: the type as written.
    Other(Box<Type>),
}

/// The handle that a field asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handle {
    /// `Const`, which only reads.
    Const,
    /// `Var`, which reads and writes.
    Var,
}

impl Handle {
    /// The handle's name in the runtime.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Const => "Const",
            Self::Var => "Var",
        }
    }
}

impl Field {
    /// Parses a field. Mistakes go to `errors`: its type is no handle, or `#[bpf(…)]` has an unknown
    /// key. The field is kept where possible: the rest of the crate may use it.
    pub(super) fn parse(field: syn::Field, errors: &mut Errors) -> Option<Self> {
        let mut mistakes = Errors::default();
        let (mut name, mut section, mut grows) = (None, None, None);
        let (bpf, attrs): (Vec<_>, Vec<_>) = field
            .attrs
            .into_iter()
            .partition(|attribute| attribute.path().is_ident("bpf"));
        for attribute in bpf {
            let parsed = attribute.parse_nested_meta(|meta| {
                if meta.path.is_ident("grows") {
                    return match grows.replace(meta.path.span()) {
                        Some(_) => Err(meta.error("duplicate key")),
                        None => Ok(()),
                    };
                }
                let slot = match meta.path.get_ident().map(ToString::to_string).as_deref() {
                    Some("name") => &mut name,
                    Some("section") => &mut section,
                    _ => {
                        return Err(meta.error(
                            "unknown key: expected `name = \"…\"`, the C name, `section = \"…\"` or `grows`",
                        ));
                    }
                };
                match slot.replace(meta.value()?.parse::<LitStr>()?) {
                    Some(_) => Err(meta.error("duplicate key")),
                    None => Ok(()),
                }
            });
            mistakes.ok(parsed);
        }
        let ident = field.ident?;
        let mistaken = !mistakes.is_empty();
        let (optional, request) = match parse_type(&field.ty) {
            Ok(request) => request,
            Err(error) => {
                mistakes.push(error);
                (false, Request::Other(Box::new(field.ty.clone())))
            }
        };
        errors.append(mistakes);
        // An incomplete handle would cause a second error.
        if matches!(request, Request::Other(_)) && is_handle(&field.ty) {
            return None;
        }
        let (c_name, name_span) = match &name {
            Some(name) => (name.value(), name.span()),
            None => (ident.unraw().to_string(), ident.span()),
        };
        Some(Self {
            ident,
            vis: field.vis,
            attrs,
            name: c_name,
            name_span,
            section,
            grows,
            optional,
            mistaken,
            request,
        })
    }
}

/// Reads `Var<T>`, `Const<T>`, `maps::Kind<…>` and `Option` of them. The last path segment decides, so
/// the user's crate need not import them.
fn parse_type(ty: &Type) -> Result<(bool, Request), Error> {
    let last = last_segment(ty).ok_or_else(|| not_a_handle(ty))?;
    if last.ident == "Option" {
        let arguments = arguments(last)?;
        let [Some(inner)] = arguments.as_slice() else {
            return Err(not_a_handle(ty));
        };
        let (optional, request) = parse_type(inner)?;
        return match optional {
            true => Err(Error::new_spanned(inner, "nested `Option`: write just one")),
            false => Ok((true, request)),
        };
    }
    let word = last.ident.clone();
    let types = arguments(last)?;
    for ty in types.iter().flatten() {
        if let Some(span) = placeholder(ty.to_token_stream()) {
            let text = format!(
                "`_` can only stand for the whole type: write `{word}<_>`, or spell out the type"
            );
            return Err(Error::new(span, text));
        }
    }
    let handle = match word.to_string().as_str() {
        "Var" => Handle::Var,
        "Const" => Handle::Const,
        _ if is_map(ty) => return Ok((false, Request::Map { word, types })),
        name if MapType::by_name(name).is_some() => {
            let types = if types.is_empty() { "" } else { "<…>" };
            let text = format!("`{word}` is a map: write `maps::{word}{types}`");
            return Err(Error::new_spanned(ty, text));
        }
        _ => return Err(not_a_handle(ty)),
    };
    match <[_; 1]>::try_from(types) {
        Ok([ty]) => {
            let ty = ty.map(Box::new);
            Ok((false, Request::Variable { handle, word, ty }))
        }
        Err(_) => {
            let text = format!(
                "`{word}` takes one type: `{word}<u64>`, or `{word}<_>` to take it from BTF"
            );
            Err(Error::new_spanned(last, text))
        }
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// Whether the type starts like a handle.
fn is_handle(ty: &Type) -> bool {
    let word = last_segment(ty).map(|last| last.ident.to_string());
    is_map(ty) || matches!(word.as_deref(), Some("Var" | "Const" | "Option"))
}

/// Whether the type is written `maps::…`.
fn is_map(ty: &Type) -> bool {
    let segments = match ty {
        Type::Path(path) => &path.path.segments,
        Type::Group(group) => return is_map(&group.elem),
        _ => return false,
    };
    let before = segments.iter().rev().nth(1);
    before.is_some_and(|segment| segment.ident == "maps")
}

/// The type arguments, `None` for `_`.
fn arguments(segment: &PathSegment) -> Result<Vec<Option<Type>>, Error> {
    match &segment.arguments {
        PathArguments::None => Ok(Vec::new()),
        PathArguments::AngleBracketed(arguments) => arguments
            .args
            .iter()
            .map(|argument| match argument {
                GenericArgument::Type(Type::Infer(_)) => Ok(None),
                GenericArgument::Type(ty) => Ok(Some(ty.clone())),
                other => Err(Error::new_spanned(
                    other,
                    "expected a type, or `_` to take it from BTF",
                )),
            })
            .collect(),
        PathArguments::Parenthesized(arguments) => {
            Err(Error::new_spanned(arguments, "expected `<` and `>`"))
        }
    }
}

/// Finds a `_` inside a type: the compiler would report it in generated code.
fn placeholder(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(ident) if ident == "_" => Some(ident.span()),
        TokenTree::Punct(punct) if punct.as_char() == '_' => Some(punct.span()),
        TokenTree::Group(group) => placeholder(group.stream()),
        _ => None,
    })
}

fn not_a_handle(ty: &Type) -> Error {
    Error::new_spanned(
        ty,
        "expected `Var<T>` (a variable), `Const<T>` (a read-only variable), `maps::Hash<K, V>` or \
         another map, or an `Option` of one of these; write `_` to take a type from BTF",
    )
}

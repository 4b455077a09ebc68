//! The fields of a selection: `#[bpf(name = "hist_last")] pub last: Option<Var<u64>>`.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{
    Attribute, Error, GenericArgument, LitStr, PathArguments, PathSegment, Type, Visibility,
};

use super::combine;

/// A field of a selection.
pub struct Field {
    /// The Rust name.
    pub ident: Ident,
    /// The visibility.
    pub vis: Visibility,
    /// The attributes, but for `#[bpf(…)]`.
    pub attrs: Vec<Attribute>,
    /// The C name.
    pub name: String,
    /// Where the C name stands: in `#[bpf(name = …)]`, else the field's.
    pub name_span: Span,
    /// `#[bpf(section = …)]`
    pub section: Option<LitStr>,
    /// Whether it is an `Option`.
    pub optional: bool,
    /// What the field's type asks for.
    pub request: Request,
}

/// What a field's type asks for.
pub enum Request {
    /// `Var<T>` or `Const<T>`.
    Variable {
        /// Which of the two.
        access: Access,
        /// The word `Var` or `Const`.
        word: Ident,
        /// `T`, unless it is `_`.
        ty: Option<Box<Type>>,
    },
    /// `maps::Hash<K, V>`.
    Map {
        /// The word `Hash`.
        kind: Ident,
        /// `K` and `V`, `None` for `_`.
        types: Vec<Option<Type>>,
    },
}

/// How a field wants to use a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// `Const`: only read.
    Read,
    /// `Var`: read and write.
    Write,
}

impl Field {
    /// Parses a field.
    ///
    /// # Errors
    ///
    /// If its type is nothing that a library has, or `#[bpf(…)]` says something unknown.
    pub(super) fn parse(field: syn::Field) -> Result<Self, Error> {
        let mut errors = None;
        let (mut name, mut section) = (None, None);
        let (bpf, attrs): (Vec<_>, Vec<_>) = field
            .attrs
            .into_iter()
            .partition(|attribute| attribute.path().is_ident("bpf"));
        for attribute in bpf {
            let parsed = attribute.parse_nested_meta(|meta| {
                let slot = match meta.path.get_ident().map(ToString::to_string).as_deref() {
                    Some("name") => &mut name,
                    Some("section") => &mut section,
                    _ => {
                        return Err(meta.error(
                            "unknown key: `#[bpf(…)]` takes `name = \"…\"`, the C name, and \
                             `section = \"…\"`",
                        ));
                    }
                };
                match slot.replace(meta.value()?.parse::<LitStr>()?) {
                    Some(_) => Err(meta.error("given twice")),
                    None => Ok(()),
                }
            });
            if let Err(error) = parsed {
                combine(&mut errors, error);
            }
        }
        let Some(ident) = field.ident else {
            return Err(Error::new(field.ty.span(), "the field has no name"));
        };
        let request = parse_type(&field.ty);
        let (optional, request) = match request {
            Ok(request) => request,
            Err(error) => {
                combine(&mut errors, error);
                return Err(errors.unwrap_or_else(|| Error::new(ident.span(), "")));
            }
        };
        if let Some(errors) = errors {
            return Err(errors);
        }
        let (c_name, name_span) = match &name {
            Some(name) => (name.value(), name.span()),
            None => (ident.unraw().to_string(), ident.span()),
        };
        Ok(Self {
            ident,
            vis: field.vis,
            attrs,
            name: c_name,
            name_span,
            section,
            optional,
            request,
        })
    }
}

/// Reads `Var<T>`, `Const<T>`, `maps::Kind<…>` and `Option` of them. They are known by their last word,
/// so the user's crate need not import them.
fn parse_type(ty: &Type) -> Result<(bool, Request), Error> {
    let last = last_segment(ty).ok_or_else(|| not_a_handle(ty))?;
    if last.ident == "Option" {
        let arguments = arguments(last)?;
        let [Some(inner)] = arguments.as_slice() else {
            return Err(not_a_handle(ty));
        };
        let (optional, request) = parse_type(inner)?;
        return match optional {
            true => Err(Error::new_spanned(inner, "one `Option` is enough")),
            false => Ok((true, request)),
        };
    }
    let word = last.ident.clone();
    let types = arguments(last)?;
    let access = match word.to_string().as_str() {
        "Var" => Access::Write,
        "Const" => Access::Read,
        _ if is_map(ty) => return Ok((false, Request::Map { kind: word, types })),
        _ => return Err(not_a_handle(ty)),
    };
    match <[_; 1]>::try_from(types) {
        Ok([ty]) => {
            let ty = ty.map(Box::new);
            Ok((false, Request::Variable { access, word, ty }))
        }
        Err(_) => {
            let text = format!("`{word}` takes one type: `{word}<u64>`, or `{word}<_>` for BTF's");
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
                    "expected a type, or `_` for BTF's",
                )),
            })
            .collect(),
        PathArguments::Parenthesized(arguments) => {
            Err(Error::new_spanned(arguments, "expected `<` and `>`"))
        }
    }
}

fn not_a_handle(ty: &Type) -> Error {
    Error::new_spanned(
        ty,
        "expected `Var<T>` (a variable), `Const<T>` (a read-only one), `maps::Hash<K, V>` or \
         another map, or an `Option` of these; `_` takes a type from the object",
    )
}

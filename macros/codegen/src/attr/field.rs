//! The fields of a selection: `#[bpf(name = "hist_last")] pub last: Option<Var<u64>>`.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Error, LitStr, Token};

use crate::errors::Errors;
use bpf_subskeleton_object::map_type::MapType;

use super::item::{Attribute, Head, trees};
use super::written::{Arguments, Form, Type, TypePath, placeholder};
use crate::trees::is_punct;

/// A field of a selection.
pub(crate) struct Field {
    /// The Rust name.
    pub ident: Ident,
    /// The visibility.
    pub vis: TokenStream,
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
    pub(super) fn parse(field: Vec<TokenTree>, errors: &mut Errors) -> Option<Self> {
        let parsed = Parsed::parse.parse2(field.into_iter().collect());
        let Parsed { head, ident, ty } = errors.ok(parsed)?;
        let mut mistakes = Errors::default();
        let (bpf, attrs): (Vec<_>, Vec<_>) =
            head.attrs.into_iter().partition(|attr| attr.is("bpf"));
        let mut keys = Keys::default();
        for attribute in bpf {
            keys.read(&attribute, &mut mistakes);
        }
        let mistaken = !mistakes.is_empty();
        let request = parse_type(&ty);
        let has_request = request.is_ok();
        if let Err(error) = &request {
            mistakes.push(error.clone());
        }
        errors.append(mistakes);
        // An incomplete handle would cause a second error.
        if !has_request && is_handle(&ty) {
            return None;
        }
        let (optional, request) = request.unwrap_or_else(|_| (false, Request::Other(Box::new(ty))));
        let (c_name, name_span) = match &keys.name {
            Some(name) => (name.value(), name.span()),
            None => (ident.unraw().to_string(), ident.span()),
        };
        Some(Self {
            ident,
            vis: head.vis,
            attrs,
            name: c_name,
            name_span,
            section: keys.section,
            grows: keys.grows,
            optional,
            mistaken,
            request,
        })
    }
}

/// A field, in parts.
struct Parsed {
    head: Head,
    ident: Ident,
    ty: Type,
}

impl Parsed {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let head = Head::parse(input)?;
        let ident = input.parse()?;
        input.parse::<Token![:]>()?;
        match trees(input)?.as_slice() {
            [] => Err(input.error("expected a type")),
            ty => Ok(Self {
                head,
                ident,
                ty: Type::new(ty),
            }),
        }
    }
}

/// The keys of `#[bpf(…)]`.
#[derive(Default)]
struct Keys {
    name: Option<LitStr>,
    section: Option<LitStr>,
    grows: Option<Span>,
}

impl Keys {
    fn read(&mut self, attribute: &Attribute, errors: &mut Errors) {
        let keys = |input: ParseStream<'_>| {
            if !input.peek(syn::token::Paren) {
                let text = "expected keys in parentheses: `#[bpf(name = \"…\")]`, with the C name";
                return Err(Error::new_spanned(attribute, text));
            }
            let list;
            syn::parenthesized!(list in input);
            while !list.is_empty() {
                let is_key = errors.ok(self.key(&list)).is_some();
                if is_key && !list.is_empty() && !list.peek(Token![,]) {
                    errors.push(list.error("expected `,`"));
                }
                // What is wrong with one key says nothing of the next.
                while !list.is_empty() && list.parse::<Option<Token![,]>>()?.is_none() {
                    list.parse::<TokenTree>()?;
                }
            }
            Ok(())
        };
        let read = keys.parse2(attribute.arguments.clone());
        errors.ok(read);
    }

    fn key(&mut self, input: ParseStream<'_>) -> Result<(), Error> {
        let key = input.call(Ident::parse_any)?;
        let slot = match key.to_string().as_str() {
            "grows" => {
                return match self.grows.replace(key.span()) {
                    Some(_) => Err(Error::new(key.span(), "duplicate key")),
                    None => Ok(()),
                };
            }
            "name" => &mut self.name,
            "section" => &mut self.section,
            _ => {
                let text = "unknown key: expected `name = \"…\"`, the C name, `section = \"…\"` or `grows`";
                return Err(Error::new(key.span(), text));
            }
        };
        let equals: Token![=] = input.parse()?;
        let value: LitStr = input.parse()?;
        let written = quote!(#key #equals #value);
        match slot.replace(value) {
            Some(_) => Err(Error::new_spanned(written, "duplicate key")),
            None => Ok(()),
        }
    }
}

/// Reads `Var<T>`, `Const<T>`, `maps::Kind<…>` and `Option` of them. The last name decides, so
/// the user's crate need not import them.
fn parse_type(ty: &Type) -> Result<(bool, Request), Error> {
    let path = ty.path().ok_or_else(|| not_a_handle(ty))?;
    if path.name == "Option" {
        let arguments = arguments(path)?;
        let [Some(inner)] = arguments.as_slice() else {
            return Err(not_a_handle(ty));
        };
        let (optional, request) = parse_type(inner)?;
        return match optional {
            true => Err(Error::new_spanned(inner, "nested `Option`: write just one")),
            false => Ok((true, request)),
        };
    }
    let word = path.name.clone();
    let types = arguments(path)?;
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
        _ if is_map(path) => return Ok((false, Request::Map { word, types })),
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
            Err(Error::new_spanned(path.last(), text))
        }
    }
}

/// Whether the type starts like a handle.
fn is_handle(ty: &Type) -> bool {
    ty.path().is_some_and(|path| {
        is_map(path)
            || ["Var", "Const", "Option"]
                .iter()
                .any(|word| path.name == word)
    })
}

/// Whether the type is written `maps::…`.
fn is_map(path: &TypePath) -> bool {
    path.parents.last().is_some_and(|parent| parent == "maps")
}

/// The type arguments, `None` for `_`.
fn arguments(path: &TypePath) -> Result<Vec<Option<Type>>, Error> {
    let arguments = match &path.arguments {
        None => return Ok(Vec::new()),
        Some(Arguments::Angled(_, arguments)) => arguments,
        Some(Arguments::Parenthesized(arguments)) => {
            return Err(Error::new_spanned(arguments, "expected `<` and `>`"));
        }
    };
    let types = arguments.iter().map(|argument| {
        if !is_type(argument) {
            let argument: TokenStream = argument.iter().cloned().collect();
            let text = "expected a type, or `_` to take it from BTF";
            return Err(Error::new_spanned(argument, text));
        }
        let ty = Type::new(argument);
        Ok((!matches!(ty.form, Form::Placeholder)).then_some(ty))
    });
    types.collect()
}

/// Whether a generic argument is not a lifetime, a constant or an associated type's name and value.
fn is_type(argument: &[TokenTree]) -> bool {
    match argument {
        [] | [TokenTree::Literal(_), ..] => false,
        [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Brace => false,
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            is_type(&group.stream().into_iter().collect::<Vec<_>>())
        }
        [TokenTree::Ident(word)] if word == "true" || word == "false" => false,
        [first, ..] if is_punct(first, '\'') || is_punct(first, '-') => false,
        [TokenTree::Ident(_), second, ..] if is_punct(second, '=') => false,
        [TokenTree::Ident(_), second, third, ..] if is_punct(second, ':') => is_punct(third, ':'),
        _ => true,
    }
}

fn not_a_handle(ty: &Type) -> Error {
    Error::new_spanned(
        ty,
        "expected `Var<T>` (a variable), `Const<T>` (a read-only variable), `maps::Hash<K, V>` or \
         another map, or an `Option` of one of these; write `_` to take a type from BTF",
    )
}

//! Types and paths as the user wrote them, taken apart as far as anything here depends on it.
//!
//! syn's syntax tree of Rust does that too, but is most of syn, which every user compiles. And there is nothing to check: the
//! compiler parsed the struct before it called the macro. So what is not understood here is kept as it is, for the compiler.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned as _;
use syn::{Error, LitInt, Token};

use crate::trees::{angled, colons, is_punct, split, split_once};

/// A type.
pub(crate) struct Type {
    tokens: TokenStream,
    /// What it looks like.
    pub form: Form,
}

/// What a type looks like. Parentheses don't matter, nor do groups without delimiters, which come through a `macro_rules`.
pub(crate) enum Form {
    /// `u64`, `hist::slot`, `Var<u64>`, `<Own as Trait>::Slot`
    Path(TypePath),
    /// `[T; 4]`, with the length if it is a literal.
    Array(Box<Type>, Option<u32>),
    /// `[T]`
    Slice(Box<Type>),
    /// `_`
    Placeholder,
    /// A tuple, a reference or a pointer: no C type is one of these.
    NotC,
    /// Anything else.
    Other,
}

/// A path that is a type.
pub(crate) struct TypePath {
    /// Whether it begins with `::` or `<Own as Trait>::`.
    has_prefix: bool,
    has_self_type: bool,
    /// The names before the last one.
    pub parents: Vec<Ident>,
    /// The last name.
    pub name: Ident,
    /// `<u64>` behind the last name, or `(u64) -> u64`.
    pub arguments: Option<Arguments>,
}

/// The arguments of the last part of a path.
pub(crate) enum Arguments {
    /// All of `<u32, u64>`, and what each is.
    Angled(TokenStream, Vec<Vec<TokenTree>>),
    /// All of `(u64) -> u64`.
    Parenthesized(TokenStream),
}

impl Type {
    /// Whatever these tokens are.
    pub(super) fn new(trees: &[TokenTree]) -> Self {
        Self {
            tokens: trees.iter().cloned().collect(),
            form: Form::of(trees),
        }
    }

    /// The path, unless it begins with `<Own as Trait>`.
    pub(crate) fn path(&self) -> Option<&TypePath> {
        match &self.form {
            Form::Path(path) if !path.has_self_type => Some(path),
            _ => None,
        }
    }

    /// The names of all types in it that are paths into `module`: `event` of `[events::event; 4]`.
    pub(crate) fn names_in(&self, module: &Ident) -> Vec<Ident> {
        match &self.form {
            Form::Path(path) => {
                let arguments = match &path.arguments {
                    Some(Arguments::Angled(_, arguments)) => arguments.as_slice(),
                    Some(Arguments::Parenthesized(_)) | None => &[],
                };
                let arguments = arguments.iter().map(|argument| Self::new(argument));
                let mut names: Vec<_> = arguments.flat_map(|ty| ty.names_in(module)).collect();
                if path.is_in(module) {
                    names.push(path.name.clone());
                }
                names
            }
            Form::Array(element, _) | Form::Slice(element) => element.names_in(module),
            Form::Placeholder | Form::NotC | Form::Other => Vec::new(),
        }
    }

    /// The span to blame for the type: its name, if it is a path.
    pub(crate) fn blame(&self) -> Span {
        match &self.form {
            Form::Path(path) => path.name.span(),
            _ => self.tokens.span(),
        }
    }
}

impl ToTokens for Type {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.tokens.clone());
    }
}

impl Form {
    fn of(trees: &[TokenTree]) -> Self {
        match trees {
            // Another type's beginning, as of `$handle<u64>`, or all of this one.
            [TokenTree::Group(group), rest @ ..] if group.delimiter() == Delimiter::None => {
                let inner = group.stream().into_iter();
                Self::of(&inner.chain(rest.iter().cloned()).collect::<Vec<_>>())
            }
            [TokenTree::Group(group)] => {
                let inner: Vec<_> = group.stream().into_iter().collect();
                match group.delimiter() {
                    Delimiter::Bracket => match split_once(&inner, ';') {
                        (element, Some(len)) => {
                            let len = syn::parse2::<LitInt>(len.iter().cloned().collect()).ok();
                            let len = len.and_then(|len| len.base10_parse().ok());
                            Self::Array(Box::new(Type::new(element)), len)
                        }
                        (element, None) => Self::Slice(Box::new(Type::new(element))),
                    },
                    Delimiter::Parenthesis => match split_once(&inner, ',') {
                        (one, None) if !one.is_empty() => Self::of(one),
                        _ => Self::NotC,
                    },
                    Delimiter::Brace | Delimiter::None => Self::Other,
                }
            }
            [tree] if is_placeholder(tree) => Self::Placeholder,
            [tree, ..] if is_punct(tree, '&') || is_punct(tree, '*') => Self::NotC,
            _ => TypePath::of(trees).map_or(Self::Other, Self::Path),
        }
    }
}

impl TypePath {
    /// `None` if it is anything else, or more than a path.
    fn of(trees: &[TokenTree]) -> Option<Self> {
        let self_type = angled(trees);
        let has_self_type = self_type.is_some();
        let trees = self_type.map_or(trees, |(_, rest)| rest);
        let after_colons = colons(trees);
        if has_self_type && after_colons.is_none() {
            return None;
        }
        let mut trees = after_colons.unwrap_or(trees);
        let mut parents = Vec::new();
        loop {
            let [TokenTree::Ident(name), rest @ ..] = trees else {
                return None;
            };
            // `fn(u64)`, which looks like `Fn(u64)`.
            if name == "fn" {
                return None;
            }
            let name = name.clone();
            let open = colons(rest).unwrap_or(rest);
            let (arguments, rest) = match angled(open) {
                Some((inside, rest)) => {
                    let all = open.len().saturating_sub(rest.len());
                    let all = open.iter().take(all).cloned().collect();
                    (Some(Arguments::Angled(all, split(inside, ','))), rest)
                }
                None => match rest {
                    [TokenTree::Group(group), ..]
                        if group.delimiter() == Delimiter::Parenthesis =>
                    {
                        let arguments = rest.iter().cloned().collect();
                        (Some(Arguments::Parenthesized(arguments)), &[][..])
                    }
                    rest => (None, rest),
                },
            };
            if rest.is_empty() {
                return Some(Self {
                    has_prefix: after_colons.is_some(),
                    has_self_type,
                    parents,
                    name,
                    arguments,
                });
            }
            parents.push(name);
            trees = colons(rest)?;
        }
    }

    /// The last name, with its arguments.
    pub(super) fn last(&self) -> TokenStream {
        let Self {
            name, arguments, ..
        } = self;
        match arguments {
            None => quote!(#name),
            Some(Arguments::Angled(tokens, _) | Arguments::Parenthesized(tokens)) => {
                quote!(#name #tokens)
            }
        }
    }

    /// Whether it names something in `module`, which is beside the struct.
    pub(crate) fn is_in(&self, module: &Ident) -> bool {
        let parents = match self.parents.as_slice() {
            [first, rest @ ..] if first == "self" => rest,
            parents => parents,
        };
        let is_there = match parents {
            [only] => only == module,
            [first, second] => first == module && second == "types",
            _ => false,
        };
        is_there && !self.has_prefix && !self.has_self_type
    }

    /// The name, if that is all.
    pub(crate) fn only_name(&self) -> Option<&Ident> {
        let is_all = !self.has_prefix && self.parents.is_empty() && self.arguments.is_none();
        is_all.then_some(&self.name)
    }
}

/// A path without arguments, in those of the attribute: `my::Event`.
#[derive(Clone)]
pub(crate) struct Path {
    /// `::` at its beginning.
    pub leading_colon: Option<Token![::]>,
    /// The names before the last one.
    pub parents: Vec<Ident>,
    /// The last name.
    pub name: Ident,
}

impl Path {
    /// `::name`
    pub(super) fn absolute(name: &str) -> Self {
        Self {
            leading_colon: Some(Token![::](Span::call_site())),
            parents: Vec::new(),
            name: Ident::new(name, Span::call_site()),
        }
    }

    /// Whether it means the same in every module: it begins with `::`, `crate`, or `$crate` of a `macro_rules`.
    pub(crate) fn is_absolute(&self) -> bool {
        let first = self.first();
        self.leading_colon.is_some() || first == "crate" || first == "$crate"
    }

    /// All names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Ident> {
        self.parents.iter().chain([&self.name])
    }

    /// The first name.
    pub(crate) fn first(&self) -> &Ident {
        self.parents.first().unwrap_or(&self.name)
    }
}

impl Parse for Path {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let leading_colon = input.parse()?;
        let mut parents = Vec::new();
        loop {
            let name = path_segment(input)?;
            if !input.peek(Token![::]) {
                return Ok(Self {
                    leading_colon,
                    parents,
                    name,
                });
            }
            input.parse::<Token![::]>()?;
            parents.push(name);
        }
    }
}

fn path_segment(input: ParseStream<'_>) -> Result<Ident, Error> {
    let is_keyword = input.peek(Token![crate])
        || input.peek(Token![self])
        || input.peek(Token![Self])
        || input.peek(Token![super]);
    match is_keyword {
        true => input.call(Ident::parse_any),
        false => input.parse(),
    }
}

impl ToTokens for Path {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (colon, names) = (&self.leading_colon, self.names());
        tokens.extend(quote!(#colon #(#names)::*));
    }
}

fn is_placeholder(tree: &TokenTree) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == "_")
}

/// Finds a `_` inside a type: the compiler would report it in generated code. One in an expression may be a pattern, so only
/// a whole length counts.
pub(super) fn placeholder(tokens: TokenStream) -> Option<Span> {
    let trees: Vec<_> = tokens.into_iter().collect();
    let (ty, len) = split_once(&trees, ';');
    let inside = ty.iter().find_map(|tree| match tree {
        tree if is_placeholder(tree) => Some(tree.span()),
        // A constant in braces is an expression, too.
        TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {
            placeholder(group.stream())
        }
        _ => None,
    });
    let len = match len {
        Some([len]) if is_placeholder(len) => Some(len.span()),
        _ => None,
    };
    inside.or(len)
}

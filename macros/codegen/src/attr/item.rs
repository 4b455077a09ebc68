//! The struct that the attribute is on.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Error, Token};

use crate::errors::Errors;
use crate::trees::{angled, split};

use super::field::Field;

/// The struct that `#[subskeleton]` is on.
pub(crate) struct Item {
    /// The attributes.
    pub attrs: Vec<Attribute>,
    /// The visibility.
    pub vis: TokenStream,
    /// The name.
    pub ident: Ident,
    /// The fields, if it is a selection.
    pub fields: Option<Vec<Field>>,
}

/// `#[doc = "…"]`
pub(crate) struct Attribute {
    tokens: TokenStream,
    /// Its name, unless that is a path.
    name: Option<Ident>,
    /// What is behind its path.
    pub arguments: TokenStream,
}

/// What stands before an item, or a field.
pub(super) struct Head {
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: TokenStream,
}

impl Item {
    /// Parses the item. Mistakes in fields go to `errors`, and the item remains usable.
    ///
    /// # Errors
    ///
    /// If it is not a struct, has type parameters, or is a tuple struct: `errors` says so, and the
    /// result replaces the item, so that the rest of the crate still finds the name.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Result<Self, TokenStream> {
        let Some(parsed) = errors.ok(Parsed::parse.parse2(tokens.clone())) else {
            return Err(tokens);
        };
        let Parsed {
            head: Head { attrs, vis },
            struct_token,
            ident,
            parameters,
            body,
        } = parsed;
        let is_generic = !parameters.is_empty();
        if is_generic {
            let text =
                "the struct can't be generic: it owns what it is bound to, and borrows nothing";
            errors.spanned(&parameters, text);
        }
        let stand_in = quote!(#[allow(dead_code)] #(#attrs)* #vis #struct_token #ident;);
        let mut field_errors = Errors::default();
        let fields = match body {
            Body::Unit => None,
            Body::Named(fields) => {
                let fields = split(&fields.into_iter().collect::<Vec<_>>(), ',').into_iter();
                let fields = fields.filter_map(|field| Field::parse(field, &mut field_errors));
                Some(fields.collect())
            }
            Body::Tuple(fields) => {
                let text = "a tuple struct has no field names to look up: write `pub struct Hist;` for \
                            everything that the library exports, or name the fields";
                errors.spanned(fields, text);
                return Err(stand_in);
            }
        };
        if is_generic {
            return Err(stand_in);
        }
        errors.append(field_errors);
        Ok(Self {
            attrs,
            vis,
            ident,
            fields,
        })
    }
}

/// A struct, in parts.
struct Parsed {
    head: Head,
    struct_token: Token![struct],
    ident: Ident,
    /// `<T>`, if there are any.
    parameters: TokenStream,
    body: Body,
}

enum Body {
    Unit,
    Named(TokenStream),
    Tuple(TokenTree),
}

impl Parsed {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let head = Head::parse(input)?;
        if !input.peek(Token![struct]) {
            let text = "`#[subskeleton]` goes on a struct: `pub struct Hist;` for everything that the \
                        library exports, or a struct with named fields for a selection";
            return Err(Error::new(keyword(&trees(input)?), text));
        }
        let struct_token = input.parse()?;
        let ident = input.parse()?;
        let trees = trees(input)?;
        let (parameters, trees) = match angled(&trees) {
            Some(([], rest)) => (&[][..], rest),
            Some((_, rest)) => trees.split_at(trees.len().saturating_sub(rest.len())),
            None => (&[][..], trees.as_slice()),
        };
        // A `where` is before the braces, or behind the parentheses.
        let body = match (trees.first(), trees.last()) {
            (Some(first @ TokenTree::Group(group)), _)
                if group.delimiter() == Delimiter::Parenthesis =>
            {
                Body::Tuple(first.clone())
            }
            (_, Some(TokenTree::Group(group))) if group.delimiter() == Delimiter::Brace => {
                Body::Named(group.stream())
            }
            _ => Body::Unit,
        };
        Ok(Self {
            head,
            struct_token,
            ident,
            parameters: parameters.iter().cloned().collect(),
            body,
        })
    }
}

/// Where an error about an item that is not a struct points: at its keyword.
fn keyword(item: &[TokenTree]) -> Span {
    // These are also before `fn` and others. None of them is a constant's or a block's keyword if they are.
    let modifiers = [
        "async", "auto", "const", "default", "extern", "gen", "safe", "unsafe",
    ];
    let one_of = |tree: &TokenTree, words: &[&str]| match tree {
        TokenTree::Ident(word) => words.iter().any(|one| word == one),
        _ => false,
    };
    let mut words = item
        .iter()
        // That of `extern "C"`.
        .filter(|tree| !matches!(tree, TokenTree::Literal(_)));
    let mut modifier = None;
    let keyword = loop {
        match words.next() {
            Some(tree) if one_of(tree, &modifiers) => modifier = Some(tree),
            next => break next,
        }
    };
    let needs_no_modifier = ["fn", "impl", "static", "trait", "type"];
    let keyword = match (keyword, modifier) {
        (Some(keyword), Some(_)) if one_of(keyword, &needs_no_modifier) => Some(keyword),
        (keyword, modifier) => modifier.or(keyword),
    };
    keyword.map_or_else(Span::call_site, TokenTree::span)
}

/// All that is left.
pub(super) fn trees(input: ParseStream<'_>) -> Result<Vec<TokenTree>, Error> {
    Ok(input.parse::<TokenStream>()?.into_iter().collect())
}

impl Head {
    pub(super) fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let mut attrs = Vec::new();
        while input.peek(Token![#]) {
            attrs.push(input.parse()?);
        }
        let mut vis = TokenStream::new();
        if input.peek(Token![pub]) {
            vis.extend([input.parse::<TokenTree>()?]);
            // `pub(crate)`. What comes next has a name, so it is not a tuple's field.
            if input.peek(syn::token::Paren) {
                vis.extend([input.parse::<TokenTree>()?]);
            }
        }
        Ok(Self { attrs, vis })
    }
}

impl Parse for Attribute {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let pound: Token![#] = input.parse()?;
        let content;
        let bracket = syn::bracketed!(content in input);
        let ahead = content.fork();
        let name = ahead.call(Ident::parse_any).ok();
        let name = name.filter(|_| !ahead.peek(Token![::]));
        if name.is_some() {
            content.call(Ident::parse_any)?;
        }
        let arguments: TokenStream = content.parse()?;
        let mut tokens = pound.to_token_stream();
        bracket.surround(&mut tokens, |tokens| {
            tokens.extend(name.to_token_stream());
            tokens.extend(arguments.clone());
        });
        Ok(Self {
            tokens,
            name,
            arguments,
        })
    }
}

impl Attribute {
    /// Whether it is `#[name …]`.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.as_ref().is_some_and(|own| own == name)
    }
}

impl ToTokens for Attribute {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.tokens.clone());
    }
}

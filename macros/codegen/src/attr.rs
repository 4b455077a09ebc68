//! What the user wrote: the attribute's arguments and the struct it is on.

mod derive;
mod field;

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Fields, ItemStruct, LitStr, Path, Token};

use crate::errors::Errors;
use crate::names;
use crate::source::Object;

pub(crate) use derive::{Derive, Standard, Trait};
pub(crate) use field::{Field, Handle, Request};

/// The arguments of `#[subskeleton(…)]`.
pub(crate) struct Args {
    /// `obj = …`
    pub object: Object,
    /// `module = …`, or the struct's name in snake case.
    pub module: Ident,
    /// `crate = …`, or `::bpf_subskeleton`.
    pub krate: Path,
    /// `types(event = my::Event)`: the user's own Rust types for C types.
    pub types: Vec<(Ident, Path)>,
    /// `grows(event)`: structs that may be longer in the object.
    pub grows: Vec<Ident>,
    /// `snapshot`: structs of plain values, and methods that read them.
    pub snapshot: bool,
    /// `derive(Eq)` and `derive?(Hash)`: traits of the C types as values.
    pub derive: Vec<Derive>,
}

/// The struct that `#[subskeleton]` is on.
pub(crate) struct Item {
    /// The struct, as a unit struct.
    pub item: ItemStruct,
    /// The fields, if it is a selection.
    pub fields: Option<Vec<Field>>,
}

impl Item {
    /// Parses the item. Mistakes in fields go to `errors`, and the item remains usable.
    ///
    /// # Errors
    ///
    /// If it is not a struct, has type parameters, or is a tuple struct: `errors` says so, and the
    /// result replaces the item, so that the rest of the crate still finds the name.
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Result<Self, TokenStream> {
        let Some(parsed) = errors.ok(syn::parse2::<syn::Item>(tokens.clone())) else {
            return Err(tokens);
        };
        let syn::Item::Struct(mut item) = parsed else {
            let text = "`#[subskeleton]` goes on a struct: `pub struct Hist;` for everything that the \
                        library exports, or a struct with named fields for a selection";
            errors.at(keyword(&parsed), text);
            return Err(tokens);
        };
        let fields = std::mem::replace(&mut item.fields, Fields::Unit);
        let generics = std::mem::take(&mut item.generics);
        item.semi_token = Some(Token![;](item.ident.span()));
        let is_generic = !generics.params.is_empty();
        if is_generic {
            let text =
                "the struct can't be generic: it owns what it is bound to, and borrows nothing";
            errors.spanned(generics, text);
        }
        let stand_in = |item: &ItemStruct| quote::quote!(#[allow(dead_code)] #item);
        let mut field_errors = Errors::default();
        let fields = match fields {
            Fields::Unit => None,
            Fields::Named(fields) => {
                let fields = fields.named.into_iter();
                let fields = fields.filter_map(|field| Field::parse(field, &mut field_errors));
                Some(fields.collect())
            }
            Fields::Unnamed(fields) => {
                let text = "a tuple struct has no field names to look up: write `pub struct Hist;` for \
                            everything that the library exports, or name the fields";
                errors.spanned(fields, text);
                return Err(stand_in(&item));
            }
        };
        if is_generic {
            return Err(stand_in(&item));
        }
        errors.append(field_errors);
        Ok(Self { item, fields })
    }

    /// The struct's name.
    pub(crate) fn name(&self) -> &Ident {
        &self.item.ident
    }
}

/// Where an error about an item that is not a struct points: at its keyword.
fn keyword(item: &syn::Item) -> Span {
    match item {
        syn::Item::Enum(item) => item.enum_token.span,
        syn::Item::Union(item) => item.union_token.span,
        syn::Item::Fn(item) => item.sig.fn_token.span,
        syn::Item::Mod(item) => item.mod_token.span,
        syn::Item::Impl(item) => item.impl_token.span,
        syn::Item::Trait(item) => item.trait_token.span,
        syn::Item::Type(item) => item.type_token.span,
        _ => Span::call_site(),
    }
}

impl Args {
    /// Parses the arguments; `None` if some are unknown, repeated or missing, as `errors` then says.
    pub(crate) fn parse(tokens: TokenStream, item: &Item, errors: &mut Errors) -> Option<Self> {
        let arguments = Punctuated::<Argument, Token![,]>::parse_terminated.parse2(tokens);
        let arguments = errors.ok(arguments)?;
        let (mut object, mut module, mut krate) = (None, None, None);
        let (mut types, mut grows, mut snapshot) = (None, None, None);
        let (mut derive, mut derive_where_possible) = (None, None);
        let mut mistakes = Errors::default();
        for Argument { name, value } in arguments {
            let repeated = match value {
                Value::Object(value) => object.replace(value).is_some(),
                Value::Module(value) => module.replace(value).is_some(),
                Value::Crate(value) => krate.replace(value).is_some(),
                Value::Types(value) => types.replace(value).is_some(),
                Value::Grows(value) => grows.replace(value).is_some(),
                Value::Snapshot => snapshot.replace(()).is_some(),
                Value::Derive(value) => derive.replace(value).is_some(),
                Value::DeriveWherePossible(value) => derive_where_possible.replace(value).is_some(),
                Value::Unknown => {
                    let text = format!(
                        "unknown argument `{name}`: expected `obj`, `module`, `crate`, `types`, `grows`, `snapshot` or `derive`"
                    );
                    mistakes.at(name.span(), text);
                    false
                }
            };
            if repeated {
                mistakes.at(name.span(), format!("duplicate argument `{name}`"));
            }
        }
        if object.is_none() {
            let text = "missing `obj`: write `#[subskeleton(obj = \"hist.bpf.o\")]`, a path relative to \
                        the crate's Cargo.toml, or \
                        `obj = concat!(env!(\"OUT_DIR\"), \"/hist.bpf.o\")`";
            errors.at(Span::call_site(), text);
        }
        let derive = Derive::all(
            derive.unwrap_or_default(),
            derive_where_possible.unwrap_or_default(),
            errors,
        );
        let is_right = mistakes.is_empty();
        errors.append(mistakes);
        let expression = object.filter(|_| is_right)?;
        Some(Self {
            object: Object { expression },
            module: module.unwrap_or_else(|| {
                let name = names::snake_case(&item.name().to_string());
                ident(&names::identifier(&name), item.name().span())
            }),
            krate: krate.unwrap_or_else(|| syn::parse_quote!(::bpf_subskeleton)),
            types: types.unwrap_or_default(),
            grows: grows.unwrap_or_default(),
            snapshot: snapshot.is_some(),
            derive,
        })
    }
}

/// An identifier from [`names`], raw where it is a keyword.
pub(crate) fn ident(name: &str, span: Span) -> Ident {
    match name.strip_prefix("r#") {
        Some(bare) => Ident::new_raw(bare, span),
        None => Ident::new(name, span),
    }
}

struct Argument {
    name: Ident,
    value: Value,
}

enum Value {
    Object(Expr),
    Module(Ident),
    Crate(Path),
    Types(Vec<(Ident, Path)>),
    Grows(Vec<Ident>),
    Snapshot,
    Derive(Vec<Path>),
    DeriveWherePossible(Vec<Path>),
    Unknown,
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        if let Ok(path) = input.fork().parse::<LitStr>() {
            let text = format!("expected an argument: write `obj = {}`", path.token());
            return Err(Error::new(path.span(), text));
        }
        let name = input.call(Ident::parse_any)?;
        if name == "types" {
            let list;
            syn::parenthesized!(list in input);
            let types = Punctuated::<TypeArgument, Token![,]>::parse_terminated(&list)?;
            let types = types.into_iter().map(|TypeArgument(c, rust)| (c, rust));
            let value = Value::Types(types.collect());
            return Ok(Self { name, value });
        }
        if name == "grows" {
            let list;
            syn::parenthesized!(list in input);
            let types = list.parse_terminated(Ident::parse_any, Token![,])?;
            let value = Value::Grows(types.into_iter().collect());
            return Ok(Self { name, value });
        }
        if name == "snapshot" {
            let value = Value::Snapshot;
            return Ok(Self { name, value });
        }
        if name == "derive" {
            let where_possible = input.parse::<Option<Token![?]>>()?.is_some();
            let list;
            syn::parenthesized!(list in input);
            let traits = list.parse_terminated(Path::parse_mod_style, Token![,])?;
            let traits = traits.into_iter().collect();
            let value = match where_possible {
                true => Value::DeriveWherePossible(traits),
                false => Value::Derive(traits),
            };
            return Ok(Self { name, value });
        }
        // Skip an unknown argument's value, so that it is one error and not two.
        let known = ["obj", "module", "crate"].iter().any(|known| name == known);
        if known || input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
        }
        let value = match name.to_string().as_str() {
            "obj" => Value::Object(input.parse()?),
            "module" => Value::Module(input.parse()?),
            "crate" => {
                let path = input.call(Path::parse_mod_style)?;
                let first = path.segments.first().map(|segment| &segment.ident);
                // The path is also used in submodules of the generated module.
                if first.is_some_and(|first| first == "self" || first == "super") {
                    let text =
                        "expected a path that starts with `crate::` or with the name of a crate";
                    return Err(Error::new_spanned(path, text));
                }
                Value::Crate(path)
            }
            _ => {
                while !input.is_empty() && !input.peek(Token![,]) {
                    input.parse::<proc_macro2::TokenTree>()?;
                }
                Value::Unknown
            }
        };
        Ok(Self { name, value })
    }
}

/// `event = my::Event`
struct TypeArgument(Ident, Path);

impl Parse for TypeArgument {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let c = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        Ok(Self(c, input.call(Path::parse_mod_style)?))
    }
}

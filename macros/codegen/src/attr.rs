//! What the user wrote: the attribute's arguments and the struct it is on.

mod derive;
mod field;
mod item;
mod written;

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Error, LitStr, Token};

use crate::errors::Errors;
use crate::names;
use crate::source::Object;

pub(crate) use derive::{Derive, Standard, Trait};
pub(crate) use field::{Field, Handle, Request};
pub(crate) use item::{Attribute, Item};
pub(crate) use written::{Form, Path, Type, TypePath};

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
        let object = object.filter(|_| is_right)?;
        Some(Self {
            object,
            module: module.unwrap_or_else(|| {
                let name = names::snake_case(&item.ident.to_string());
                ident(&names::identifier(&name), item.ident.span())
            }),
            krate: krate.unwrap_or_else(|| Path::absolute("bpf_subskeleton")),
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

/// All arguments.
const ARGUMENTS: [&str; 7] = [
    "obj", "module", "crate", "types", "grows", "snapshot", "derive",
];

struct Argument {
    name: Ident,
    value: Value,
}

enum Value {
    Object(Object),
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
            if !input.is_empty() && !input.peek(Token![,]) {
                return Err(input.error("`snapshot` takes no value: write it alone"));
            }
            let value = Value::Snapshot;
            return Ok(Self { name, value });
        }
        if name == "derive" {
            let where_possible = input.parse::<Option<Token![?]>>()?.is_some();
            let list;
            syn::parenthesized!(list in input);
            let traits = list.parse_terminated(Path::parse, Token![,])?;
            let traits = traits.into_iter().collect();
            let value = match where_possible {
                true => Value::DeriveWherePossible(traits),
                false => Value::Derive(traits),
            };
            return Ok(Self { name, value });
        }
        if name == "obj" {
            let value = Value::Object(object(&name, input)?);
            return Ok(Self { name, value });
        }
        // Skip an unknown argument's value, so that it is one error and not two.
        let known = ["module", "crate"].iter().any(|known| name == known);
        if known || input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
        }
        let value = match name.to_string().as_str() {
            "module" => Value::Module(module(input)?),
            "crate" => {
                let path = input.parse::<Path>()?;
                // The path is also used in submodules of the generated module.
                if path.first() == "self" || path.first() == "super" {
                    let text =
                        "expected a path that starts with `crate::` or with the name of a crate";
                    return Err(Error::new_spanned(path, text));
                }
                Value::Crate(path)
            }
            _ => {
                while !input.is_empty() && !input.peek(Token![,]) {
                    input.parse::<TokenTree>()?;
                }
                Value::Unknown
            }
        };
        Ok(Self { name, value })
    }
}

/// A name, and not a string with one.
fn module(input: ParseStream<'_>) -> Result<Ident, Error> {
    if let Ok(text) = input.fork().parse::<LitStr>() {
        let text = format!(
            "expected a name without quotes: write `module = {}`",
            text.value()
        );
        return Err(input.error(text));
    }
    input.parse()
}

/// `= "hist.bpf.o"`. What is no path that can be known now ends where another argument begins, since a comma may also be part
/// of an expression.
fn object(name: &Ident, input: ParseStream<'_>) -> Result<Object, Error> {
    let has_value = input.parse::<Option<Token![=]>>()?.is_some();
    let mut value = Vec::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        value.push(input.parse::<TokenTree>()?);
    }
    if !has_value || value.is_empty() {
        let text = "`obj` needs a value: write `obj = \"hist.bpf.o\"`";
        return Err(Error::new(name.span(), text));
    }
    if !Object::is_literal(&value) {
        while !input.is_empty() && !is_next_argument(input) {
            value.push(input.parse::<TokenTree>()?);
        }
    }
    Ok(Object::new(value))
}

/// Whether a comma follows, and behind it nothing, or an argument.
fn is_next_argument(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    if !matches!(ahead.parse::<Option<Token![,]>>(), Ok(Some(_))) {
        return false;
    }
    match ahead.call(Ident::parse_any) {
        Ok(name) => ahead.peek(Token![=]) || ARGUMENTS.iter().any(|known| name == known),
        Err(_) => ahead.is_empty(),
    }
}

/// `event = my::Event`
struct TypeArgument(Ident, Path);

impl Parse for TypeArgument {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let c = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        Ok(Self(c, input.parse::<Path>()?))
    }
}

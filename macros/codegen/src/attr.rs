//! What the user wrote: the attribute's arguments and the struct it stands on.

use proc_macro2::{Ident, Span, TokenStream};
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Fields, ItemStruct, Path, Token};

use crate::names;
use crate::source::Object;

/// The arguments of `#[subskeleton(…)]`.
pub struct Args {
    /// `obj = …`
    pub object: Object,
    /// `module = …`, or the struct's name in snake case.
    pub module: Ident,
    /// `crate = …`, or `::bpf_subskeleton`.
    pub krate: Path,
}

/// The struct that `#[subskeleton]` stands on.
pub struct Item {
    /// The struct, without fields.
    pub item: ItemStruct,
}

impl Item {
    /// Parses the item.
    ///
    /// # Errors
    ///
    /// If it is not a struct, has type parameters, or is a tuple struct.
    pub fn parse(tokens: TokenStream) -> Result<Self, Error> {
        let parsed: syn::Item = syn::parse2(tokens)?;
        let item = match parsed {
            syn::Item::Struct(item) => item,
            other => {
                return Err(Error::new_spanned(
                    other,
                    "`#[subskeleton]` goes on a struct: `pub struct Hist;` for all of the library",
                ));
            }
        };
        if !item.generics.params.is_empty() {
            return Err(Error::new_spanned(
                &item.generics,
                "the struct owns what it is bound to, so it has no lifetimes or type parameters",
            ));
        }
        match &item.fields {
            Fields::Unit => Ok(Self { item }),
            fields => Err(Error::new_spanned(
                fields,
                "`#[subskeleton]` goes on a unit struct: `pub struct Hist;`",
            )),
        }
    }

    /// The struct's name.
    pub fn name(&self) -> &Ident {
        &self.item.ident
    }
}

impl Args {
    /// Parses the arguments.
    ///
    /// # Errors
    ///
    /// All mistakes at once: unknown, repeated and missing arguments.
    pub fn parse(tokens: TokenStream, item: &Item) -> Result<Self, Error> {
        let arguments = Punctuated::<Argument, Token![,]>::parse_terminated.parse2(tokens)?;
        let (mut object, mut module, mut krate) = (None, None, None);
        let mut errors: Option<Error> = None;
        for argument in arguments {
            let repeated = match argument.value {
                Value::Object(value) => object.replace(value).is_some(),
                Value::Module(value) => module.replace(value).is_some(),
                Value::Crate(value) => krate.replace(value).is_some(),
            };
            if repeated {
                let text = format!("`{}` is given twice", argument.name);
                combine(&mut errors, Error::new(argument.name.span(), text));
            }
        }
        let Some(expression) = object else {
            let text = "which object? Say `#[subskeleton(obj = \"hist.bpf.o\")]`, relative to the \
                        crate's Cargo.toml, or `obj = concat!(env!(\"OUT_DIR\"), \"/hist.bpf.o\")`";
            combine(&mut errors, Error::new(Span::call_site(), text));
            return Err(errors.unwrap_or_else(|| Error::new(Span::call_site(), text)));
        };
        match errors {
            Some(errors) => Err(errors),
            None => Ok(Self {
                object: Object { expression },
                module: module.unwrap_or_else(|| {
                    let name = names::snake_case(&item.name().to_string());
                    ident(&names::identifier(&name), item.name().span())
                }),
                krate: krate.unwrap_or_else(|| syn::parse_quote!(::bpf_subskeleton)),
            }),
        }
    }
}

/// An identifier from [`names`], raw where it is a keyword.
pub fn ident(name: &str, span: Span) -> Ident {
    match name.strip_prefix("r#") {
        Some(bare) => Ident::new_raw(bare, span),
        None => Ident::new(name, span),
    }
}

/// Adds an error to those found before.
pub fn combine(errors: &mut Option<Error>, error: Error) {
    match errors {
        Some(errors) => errors.combine(error),
        None => *errors = Some(error),
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
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let name: Ident = input.call(syn::ext::IdentExt::parse_any)?;
        let value = match name.to_string().as_str() {
            "obj" => {
                input.parse::<Token![=]>()?;
                Value::Object(input.parse()?)
            }
            "module" => {
                input.parse::<Token![=]>()?;
                Value::Module(input.parse()?)
            }
            "crate" => {
                input.parse::<Token![=]>()?;
                Value::Crate(input.call(Path::parse_mod_style)?)
            }
            other => {
                let text =
                    format!("unknown argument `{other}`: there are `obj`, `module` and `crate`");
                return Err(Error::new(name.span(), text));
            }
        };
        Ok(Self { name, value })
    }
}

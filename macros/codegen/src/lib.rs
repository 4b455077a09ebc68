//! Generates, from a BPF library's object, the code of
//! [`#[subskeleton]`](https://docs.rs/bpf-subskeleton).
//!
//! This is an implementation detail of `bpf-subskeleton`. Only [`subskeleton`] is public API.
//!
//! Data flows one way: `attr` parses what the user wrote, `source` finds the object's bytes,
//! `bpf-subskeleton-object` says what the library offers, `select` resolves the fields of an annotated struct,
//! `layout` turns C types into Rust types, `growth` says which of them may be longer in the object, `traits` which can be
//! compared, and `expand` writes the code. `layout` knows nothing of tokens.
//! All of them report mistakes to one `errors`.

// A malformed object is the user's mistake: report it, and never panic in the compiler.
#![cfg_attr(
    not(test),
    warn(
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod attr;
mod constants;
mod errors;
mod expand;
mod growth;
mod layout;
mod names;
#[expect(
    unreachable_pub,
    reason = "it is the runtime's too, where it is public"
)]
mod near;
mod select;
mod source;
mod traits;
mod trees;

#[doc(hidden)]
pub mod internals;

use proc_macro2::TokenStream;
use quote::ToTokens as _;

use crate::attr::{Args, Item};
use crate::errors::Errors;
use crate::expand::Input;
use crate::growth::Growing;
use crate::layout::{Layout, Roots};
use crate::source::{Environment, File};
use crate::traits::Traits;
use bpf_subskeleton_object::model::Library;

/// The `#[subskeleton]` attribute: takes its arguments and item, returns the expansion.
///
/// Mistakes become `compile_error!`s at the tokens to blame, beside an item of the same name, so that the rest of the crate
/// still finds it.
pub fn subskeleton(args: TokenStream, item: TokenStream) -> TokenStream {
    subskeleton_in(&Environment::cargo(), args, item)
}

/// [`subskeleton`] with paths and variables looked up in `environment`.
fn subskeleton_in(environment: &Environment, args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let code = expand_in(environment, args, item, &mut errors);
    let mut all = errors.into_token_stream();
    all.extend(code);
    all
}

/// The code, and mistakes apart from it.
fn expand_in(
    environment: &Environment,
    args: TokenStream,
    item: TokenStream,
    errors: &mut Errors,
) -> TokenStream {
    match Item::parse(item, errors) {
        Ok(item) => {
            let code = read_and_generate(environment, args, &item, errors);
            code.unwrap_or_else(|| expand::stand_in(&item))
        }
        Err(stand_in) => stand_in,
    }
}

fn read_and_generate(
    environment: &Environment,
    args: TokenStream,
    item: &Item,
    errors: &mut Errors,
) -> Option<TokenStream> {
    let args = Args::parse(args, item, errors)?;
    let object = errors.ok(source::read(environment, &args.object))?;
    generate(&args, item, &object, errors)
}

/// The code for an object's bytes; reads neither files nor the environment. `None` if `errors` says that
/// the bytes are not a BPF library with BTF, or are damaged. Wrong fields are errors too, but are kept
/// for the rest of the crate.
fn generate(args: &Args, item: &Item, object: &File, errors: &mut Errors) -> Option<TokenStream> {
    let library = Library::read(&object.bytes);
    let library = errors.ok(library.map_err(|error| at_object(args, &error)))?;
    let fields = item.fields.as_deref();
    let mut selected = fields.map(|fields| select::resolve(fields, &library, errors));
    let roots = match &selected {
        None => Roots::of(&library),
        Some(selected) => select::roots(&library, selected, &args.module),
    };
    let layout = Layout::new(&library.btf, &roots);
    let layout = errors.ok(layout.map_err(|error| at_object(args, &error)))?;
    select::check_types(&args.types, &layout, errors);
    let growing = Growing::resolve(
        &args.grows,
        &library,
        &layout,
        &roots,
        selected.as_deref(),
        errors,
    );
    let traits = Traits::resolve(
        &args.derive,
        &args.types,
        &library,
        &layout,
        args.snapshot.then_some(&roots),
        errors,
    );
    growth::check_fields(
        selected.as_deref().unwrap_or_default(),
        &library.btf,
        errors,
    );
    let checks = match &mut selected {
        None => Vec::new(),
        Some(selected) => select::check(selected, &args.module, &library, &layout, errors),
    };
    Some(expand::expand(&Input {
        args,
        item,
        path: &object.path,
        library: &library,
        layout: &layout,
        growing: &growing,
        traits: &traits,
        selected: selected.as_deref(),
        records: &roots.records,
        checks: &checks,
    }))
}

/// An error about the object, at the `obj` argument.
fn at_object(args: &Args, error: &dyn std::error::Error) -> syn::Error {
    let text = format!("{}: {error}", args.object.shown());
    syn::Error::new_spanned(&args.object, text)
}

//! Reads a BPF library's ELF object and BTF, and generates the code behind
//! [`#[subskeleton]`](https://docs.rs/bpf-subskeleton).
//!
//! Data flows one way: [`attr`] parses what the user wrote, [`source`] finds the object's bytes,
//! [`elf`] and [`btf`] mirror its formats, [`model`] says what the library offers, [`layout`] turns C
//! types into Rust types, and [`expand`] writes the code. From [`elf`] to [`layout`] nothing knows of
//! tokens.

pub mod attr;
pub mod btf;
pub mod declaration;
pub mod elf;
pub mod expand;
pub mod layout;
pub mod model;
pub mod names;
pub mod source;

use proc_macro2::TokenStream;

use crate::attr::{Args, Item};
use crate::layout::Layout;
use crate::model::Library;
use crate::source::Environment;

/// The `#[subskeleton]` attribute: its arguments and its item in, the item and what belongs to it out.
///
/// Mistakes come out as `compile_error!`s at the tokens to blame, beside an empty item of the same
/// name, so that the rest of the crate still finds it.
pub fn subskeleton(args: TokenStream, item: TokenStream) -> TokenStream {
    subskeleton_in(&Environment::cargo(), args, item)
}

/// [`subskeleton`] with paths and variables looked up in `environment`.
pub fn subskeleton_in(
    environment: &Environment,
    args: TokenStream,
    item: TokenStream,
) -> TokenStream {
    let item = match Item::parse(item) {
        Ok(item) => item,
        Err(error) => return error.into_compile_error(),
    };
    match generate(environment, args, &item) {
        Ok(code) => code,
        Err(error) => expand::failed(&item, &error),
    }
}

fn generate(
    environment: &Environment,
    args: TokenStream,
    item: &Item,
) -> Result<TokenStream, syn::Error> {
    let args = Args::parse(args, item)?;
    let at_object = |text: &dyn std::fmt::Display| {
        let text = format!("{}: {text}", args.object.shown());
        syn::Error::new_spanned(&args.object.expression, text)
    };
    let object = source::read(environment, &args.object)?;
    let library = Library::read(&object.bytes).map_err(|error| at_object(&error))?;
    let layout = Layout::new(&library).map_err(|error| at_object(&error))?;
    Ok(expand::expand(&args, item, &object.path, &library, &layout))
}

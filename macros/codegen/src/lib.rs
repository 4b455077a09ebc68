//! Reads a BPF library's ELF object and BTF, and generates the code behind
//! [`#[subskeleton]`](https://docs.rs/bpf-subskeleton).
//!
//! Data flows one way: [`attr`] parses what the user wrote, [`source`] finds the object's bytes,
//! [`elf`] and [`btf`] mirror its formats, [`model`] says what the library offers, [`layout`] turns C
//! types into Rust types, [`select`] finds what the fields of an annotated struct mean, and [`expand`]
//! writes the code. From [`elf`] to [`layout`] nothing knows of tokens. Beside that way stands
//! [`verify`], for build scripts that link.

// Whatever an object holds, it is the user's mistake, and never ends in a panic of the compiler.
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

pub mod attr;
pub mod btf;
pub mod constants;
pub mod declaration;
pub mod elf;
pub mod expand;
pub mod layout;
pub mod map_kind;
pub mod model;
pub mod names;
pub mod select;
pub mod source;
pub mod verify;

use proc_macro2::TokenStream;

use crate::attr::{Args, Item, Rejected};
use crate::expand::Input;
use crate::layout::Layout;
use crate::model::Library;
use crate::source::{Environment, File};

pub use crate::verify::verify_linked;

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
        Err(Rejected { error, stand_in }) => {
            let errors = error.into_compile_error();
            return quote::quote!(#errors #stand_in);
        }
    };
    let code = Args::parse(args, &item).and_then(|args| {
        let object = source::read(environment, &args.object)?;
        generate(&args, &item, &object)
    });
    code.unwrap_or_else(|error| {
        let mut errors = item.errors.clone();
        attr::combine(&mut errors, error.clone());
        expand::failed(&item, &errors.unwrap_or(error))
    })
}

/// The code for an object that has been read: all of the way from bytes to tokens, without a look at
/// files or the environment.
///
/// # Errors
///
/// At the `obj` argument, if the bytes are not those of a BPF library with BTF, or are damaged.
pub fn generate(args: &Args, item: &Item, object: &File) -> Result<TokenStream, syn::Error> {
    let at_object = |text: &dyn std::fmt::Display| {
        let text = format!("{}: {text}", args.object.shown());
        syn::Error::new_spanned(&args.object.expression, text)
    };
    let mut library = Library::read(&object.bytes).map_err(|error| at_object(&error))?;
    let mut errors = item.errors.clone();
    let mut selected = item.fields.as_ref().map(|fields| {
        let selected = select::choose(fields, &library, &mut errors);
        select::narrow(&mut library, &selected);
        selected
    });
    let layout = Layout::new(&library).map_err(|error| at_object(&error))?;
    select::check_types(&args.types, &layout, &mut errors);
    let fields = selected.as_deref_mut().unwrap_or_default();
    let checks = select::check(fields, &args.module, &library, &layout, &mut errors);
    let input = Input {
        args,
        item,
        path: &object.path,
        library: &library,
        layout: &layout,
        selected: selected.as_deref(),
        checks: &checks,
    };
    Ok(expand::expand(&input, errors.as_ref()))
}

//! For this repository's command, tests, benchmarks and fuzzer: it may change in any release.

use proc_macro2::TokenStream;

use crate::attr::{Args, Item};
use crate::errors::Errors;

pub use crate::select::map_handle;
pub use crate::source::{Environment, File};
pub mod layout {
    pub use crate::layout::*;
}
pub mod names {
    pub use crate::names::*;
}

/// [`subskeleton`](crate::subskeleton) with paths and variables looked up in `environment`.
pub fn subskeleton_in(
    environment: &Environment,
    args: TokenStream,
    item: TokenStream,
) -> TokenStream {
    crate::subskeleton_in(environment, args, item)
}

/// [`subskeleton_in`], or what is wrong with its arguments, its item or the object.
///
/// # Errors
///
/// All mistakes, without where they are.
pub fn expand_in(
    environment: &Environment,
    args: TokenStream,
    item: TokenStream,
) -> Result<TokenStream, Vec<String>> {
    let mut errors = Errors::default();
    let code = crate::expand_in(environment, args, item, &mut errors);
    match errors.is_empty() {
        true => Ok(code),
        false => Err(errors.messages()),
    }
}

/// The code for an object's bytes; reads neither files nor the environment. `None` if the arguments, the
/// item or the object can't be used.
pub fn generate(args: TokenStream, item: TokenStream, object: &File) -> Option<TokenStream> {
    let mut errors = Errors::default();
    let item = Item::parse(item, &mut errors).ok()?;
    let args = Args::parse(args, &item, &mut errors)?;
    crate::generate(&args, &item, object, &mut errors)
}

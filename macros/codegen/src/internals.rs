//! For the tests, benchmarks and fuzzer of this repository: it may change in any release.

use proc_macro2::TokenStream;

use crate::attr::{Args, Item};
use crate::errors::Errors;

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

/// The code for an object's bytes; reads neither files nor the environment. `None` if the arguments, the
/// item or the object can't be used.
pub fn generate(args: TokenStream, item: TokenStream, object: &File) -> Option<TokenStream> {
    let mut errors = Errors::default();
    let item = Item::parse(item, &mut errors).ok()?;
    let args = Args::parse(args, &item, &mut errors)?;
    crate::generate(&args, &item, object, &mut errors)
}

//! Code that moves to where a template names it.

use std::cell::Cell;

use proc_macro2::TokenStream;
use quote::ToTokens;

/// Code for one place.
///
/// A template copies the `TokenStream`s that it names token by token, and so does each template around it: for a large
/// library that takes longer than all else. Of this it takes the tokens, so that nothing is left for a second place.
pub(super) struct Once(Cell<Option<TokenStream>>);

pub(super) fn once(code: TokenStream) -> Once {
    Once(Cell::new(Some(code)))
}

impl ToTokens for Once {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let code = self.0.take();
        debug_assert!(code.is_some(), "code for one place is in two");
        tokens.extend(code);
    }
}

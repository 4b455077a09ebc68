//! The module `constants`: the constants of C's enums as integers.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use crate::constants::constants;
use crate::layout::Rust;

use super::docs::doc;
use super::once::once;
use super::scope::Scope;
use super::{Writer, call_site};

impl Writer<'_, '_> {
    /// The module `constants`. It shares no scope with types: a parameter named like a constant, such as
    /// `value`, would be a pattern.
    pub(super) fn constants(&self) -> TokenStream {
        let constants = constants(&self.input.library.btf, self.input.layout);
        if constants.is_empty() {
            return TokenStream::new();
        }
        let constants = constants.iter().map(|constant| {
            let name = call_site(&constant.name);
            let (size, signed) = (constant.size, constant.signed);
            let ty = once(self.rust(&Rust::Int { size, signed }, Scope::Child));
            let value = Literal::i128_unsuffixed(constant.value);
            let text = match constant.of.as_str() {
                "" => format!("`{}`", constant.c_name),
                of => format!("`{}` of `{of}`", constant.c_name),
            };
            let docs = once(doc(&text));
            once(quote!(#docs pub const #name: #ty = #value;))
        });
        quote! {
            /// The constants of the C enums as integers.
            pub mod constants {
                #(#constants)*
            }
        }
    }
}

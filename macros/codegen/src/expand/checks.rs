//! What only the compiler can check: types that the user wrote or brought.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};

use crate::attr::Path;
use crate::layout::{FieldKind, NamedType, NamedTypeKind, Rust};
use crate::select::{Check, Expected};

use super::{Writer, call_site, number};

impl Writer<'_, '_> {
    /// An assertion for each type that tokens don't determine, spanned at the type.
    pub(super) fn checks(&self) -> TokenStream {
        self.input
            .checks
            .iter()
            .map(|check| self.check(check))
            .collect()
    }

    fn check(&self, check: &Check<'_, '_, '_>) -> TokenStream {
        let Check {
            written,
            expected,
            message,
            pod,
        } = check;
        let span = written.blame();
        let krate = self.krate_at(span);
        // Spanned in the macro, as `_` below, for the same reason as the struct's parameters.
        let constant = call_site("WRONG");
        let wrong = match expected {
            Expected::Type(id) => {
                let ty = self.describe(*id, self.outside());
                let rust = self.input.layout.rust(&self.input.library.btf, *id);
                let own = self.rust(&rust, self.outside());
                quote_spanned! {span=>
                    // Distinguishes types that the runtime knows from those that it doesn't.
                    #[allow(unused_imports)]
                    use #krate::private::Unknown as _;
                    const EXPECTED: &#krate::describe::Type = #ty;
                    const #constant: ::core::option::Option<#krate::private::Text> =
                        #krate::private::wrong_type::<#written, #own>(
                            #krate::private::Probe::<#written>::BTF,
                            EXPECTED,
                            #message,
                        );
                }
            }
            Expected::Variable(variable) => {
                let own = self.value_type(variable, variable.extent, self.outside());
                quote_spanned! {span=>
                    const #constant: ::core::option::Option<#krate::private::Text> =
                        #krate::private::wrong_size::<#written>(
                            ::core::mem::size_of::<#own>(),
                            #message,
                        );
                }
            }
            Expected::Size(size) => {
                let size = number(*size);
                quote_spanned! {span=>
                    const #constant: ::core::option::Option<#krate::private::Text> =
                        #krate::private::wrong_size::<#written>(#size, #message);
                }
            }
            Expected::Any => quote_spanned! {span=>
                const #constant: ::core::option::Option<#krate::private::Text> =
                    ::core::option::Option::None;
            },
        };
        let fail = fail(span);
        let nameless = quote!(_);
        // Only if nothing else requires it.
        let pod = pod.then(|| quote_spanned!(span=> #krate::private::expect_pod::<#written>();));
        quote_spanned! {span=>
            const #nameless: () = {
                #wrong
                #fail
                #pod
            };
        }
    }

    /// The runtime's path, spanned in the user's code: the compiler reports an error at its first token.
    fn krate_at(&self, span: Span) -> TokenStream {
        let tokens = self.krate().to_token_stream().into_iter();
        tokens
            .map(|mut token| {
                token.set_span(span);
                token
            })
            .collect()
    }

    /// The user's own type for an item: `types(event = my::Event)`.
    pub(super) fn own_type(&self, item: &NamedType) -> Option<&Path> {
        let mut types = self.input.args.types.iter();
        let name = |name: &syn::Ident| name == item.name.as_str();
        types.find(|(c, _)| name(c)).map(|(_, path)| path)
    }

    /// Whether a type is the user's own, or an array of it, and so may not implement `Debug`.
    pub(super) fn holds_own_type(&self, ty: &Rust) -> bool {
        match ty {
            Rust::Array(element, _) => self.holds_own_type(element),
            Rust::Named(index) => {
                let item = self.input.layout.item(*index);
                item.is_some_and(|item| self.own_type(item).is_some())
            }
            _ => false,
        }
    }

    /// Proof that the user's own type is laid out as C lays out the item.
    pub(super) fn own_type_proof(&self, item: &NamedType, path: &Path) -> TokenStream {
        let NamedTypeKind::Struct(composite) = &item.kind else {
            return TokenStream::new();
        };
        let span = path.name.span();
        let krate = self.krate_at(span);
        let fail = fail(span);
        let name = call_site(&item.name);
        let (size, align) = (number(composite.size), number(composite.align));
        let c_name = format!(
            "`{}` is not laid out as `{}`",
            crate::select::shown(path),
            item.c_name
        );
        let fields = composite
            .fields
            .iter()
            .filter_map(|field| match field.kind {
                FieldKind::Member { .. } => Some((&field.name, field.offset)),
                FieldKind::Padding | FieldKind::Storage => None,
            });
        let offsets = fields.map(|(field, offset)| {
            let text = format!("{c_name}: field `{}`", field.trim_start_matches("r#"));
            let field = crate::attr::ident(field, span);
            let offset = number(offset);
            quote_spanned! {span=>
                const _: () = {
                    const WRONG: ::core::option::Option<#krate::private::Text> =
                        #krate::private::wrong_offset(
                            ::core::mem::offset_of!(super::types::#name, #field),
                            #offset,
                            #text,
                        );
                    #fail
                };
            }
        });
        quote_spanned! {span=>
            const _: () = {
                const WRONG: ::core::option::Option<#krate::private::Text> =
                    #krate::private::wrong_layout::<super::types::#name>(#size, #align, #c_name);
                #fail
                #krate::private::expect_pod::<super::types::#name>();
            };
            #(#offsets)*
        }
    }
}

/// Stops compilation with the text of `WRONG`. Inlined, because the error for a panic inside a function
/// shows that function too.
fn fail(span: Span) -> TokenStream {
    quote_spanned! {span=>
        if let ::core::option::Option::Some(text) = &WRONG {
            ::core::panic!("{}", text.as_str());
        }
    }
}

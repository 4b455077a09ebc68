//! The arena of a loaded object, with the library's variables in it.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::docs::doc;
use super::large::Large;
use super::members::{Group, Members};
use super::once::once;
use super::{Writer, call_site};

impl Writer<'_, '_> {
    /// `pub struct HistArena<'obj> { pub total: &'obj Shared<u64> }`, which dereferences to the runtime's `Arena`, if the
    /// library has to do with one.
    pub(super) fn arena_struct(&self, members: &Members) -> TokenStream {
        let Some(group) = &members.arena else {
            return TokenStream::new();
        };
        let krate = self.krate();
        let (ident, vis) = (self.name(), &self.input.item.vis);
        let arena = self.companion("Arena");
        let own = own_field(group);
        let docs = doc(&format!(
            "The variables of [`{ident}`](struct@{ident}) in the arena of a loaded object. It dereferences to the arena, \
             whose `get` follows pointers."
        ));
        let fields = group.members.iter();
        let fields = fields.map(|member| once(member.live.field(&member.name)));
        let (attributes, debug) = match group.is_large() {
            true => {
                let members = group.members.iter();
                let table = self.large(Large {
                    ty: &arena,
                    lifetime: Some(quote!('obj)),
                    library: "BoundArena",
                    fields: members.map(|member| (member, &member.live)).collect(),
                    last: Some((&own, quote!(#krate::Arena<'obj>))),
                });
                (Some(quote!(#[repr(C)])), table)
            }
            false => {
                let (derive, debug) =
                    self.group_debug(&arena, &group.members, Some(&own), &quote!(<'_>));
                (derive.map(|derive| quote!(#[derive(#derive)])), debug)
            }
        };
        let debug = once(debug);
        quote! {
            #docs
            #attributes
            #[allow(dead_code, non_snake_case)]
            #vis struct #arena<'obj> {
                #(#fields,)*
                #own: #krate::Arena<'obj>,
            }

            #debug

            #[automatically_derived]
            impl<'obj> ::core::ops::Deref for #arena<'obj> {
                type Target = #krate::Arena<'obj>;

                fn deref(&self) -> &Self::Target {
                    &self.#own
                }
            }
        }
    }

    /// The method that finds it.
    pub(super) fn arena_method(&self, members: &Members) -> Option<TokenStream> {
        let group = members.arena.as_ref()?;
        let krate = self.krate();
        let module = &self.input.args.module;
        let arena = self.companion("Arena");
        let own = own_field(group);
        let values = group.members.iter();
        let values = values.map(|member| once(member.live.value(&member.name)));
        let value = match group.is_large() {
            true => quote!(library.variables()),
            false => quote!(#arena { #(#values,)* #own: library.arena(), }),
        };
        let value = once(value);
        Some(quote! {
            /// Finds the arena of a loaded object, and the library's variables in it.
            ///
            /// It borrows the object, which owns the only mapping of the arena that this process can have.
            ///
            /// # Errors
            ///
            /// If the object has no arena, or one that is not mapped into this process, as that of a `Running`
            /// object; and all differences of the variables in it.
            pub fn arena<Loaded: #krate::LoadedObject + ?::core::marker::Sized>(
                object: &Loaded,
            ) -> ::core::result::Result<#arena<'_>, #krate::BindError> {
                let mut library = #krate::private::arena(object, #module::description::library())?;
                ::core::result::Result::Ok(#value)
            }
        })
    }
}

/// The field of the arena itself, named as no variable is.
fn own_field(group: &Group) -> Ident {
    let mut name = "_arena".to_owned();
    while group.members.iter().any(|member| member.name == name) {
        name.push('_');
    }
    call_site(&name)
}

//! Snapshots, on request: structs of values, siblings of the structs of handles, and the methods that read them.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use super::Writer;
use super::docs::doc;
use super::members::{Group, Member, Members, SnapshotPart};
use super::traits::{IN_SUBMODULE, TypeTraits, ValueMember, with_paragraph};
use crate::attr::Item;
use crate::traits::Contents;

/// How the parts of a snapshot relate.
const MOMENTS: &str = "BPF programs go on writing while it is read: an aligned value of 1, 2, 4 or 8 bytes is never torn, a \
     wider one may be, and two values may be of different moments.";

impl Writer<'_, '_> {
    /// The snapshot of the user's struct, if one is wanted.
    pub(super) fn snapshot(&self, members: &Members) -> TokenStream {
        if !self.input.args.snapshot {
            return TokenStream::new();
        }
        let Item { vis, ident, .. } = self.input.item;
        let module = &self.input.args.module;
        let snapshot = self.companion("Snapshot");
        let (mut fields, mut values) = (Vec::new(), Vec::new());
        for group in &members.groups {
            let parts = parts(group);
            match &group.of {
                None => {
                    fields.extend(
                        parts
                            .iter()
                            .map(|(member, part)| part.part.field(&member.name)),
                    );
                    values.extend(
                        parts
                            .iter()
                            .map(|(member, part)| part.part.value(&member.name)),
                    );
                }
                Some(of) if !parts.is_empty() => {
                    let (field, ty, docs) = (&of.field, &of.ty, doc(&of.docs));
                    fields.push(quote!(#docs pub #field: #module::snapshot::#ty));
                    values.push(quote!(#field: self.#field.snapshot()));
                }
                Some(_) => {}
            }
        }
        let text = format!("The values of the variables of [`{ident}`](struct@{ident}).");
        let (no_comparison, TypeTraits { derives, impls }) =
            self.snapshot_traits(&snapshot, members.groups.iter(), 0);
        let docs = doc(&with_paragraph(text, no_comparison));
        let moments = doc(MOMENTS);
        quote! {
            #docs
            #[derive(::core::fmt::Debug, ::core::clone::Clone #(, #derives)*)]
            // Fields keep their visibility, and not each is read.
            #[allow(dead_code, non_snake_case)]
            #vis struct #snapshot {
                #(#fields,)*
            }

            #impls

            impl #ident {
                /// Reads all variables.
                ///
                #moments
                #[must_use]
                pub fn snapshot(&self) -> #snapshot {
                    #snapshot {
                        #(#values,)*
                    }
                }
            }
        }
    }

    /// The module `snapshot`, if one is wanted and sections have structs.
    pub(super) fn snapshot_module(&self, members: &Members) -> TokenStream {
        if !self.input.args.snapshot {
            return TokenStream::new();
        }
        let (mut structs, mut methods) = (TokenStream::new(), TokenStream::new());
        for group in &members.groups {
            let (Some(of), parts) = (&group.of, parts(group)) else {
                continue;
            };
            if parts.is_empty() {
                continue;
            }
            let (ty, moments) = (&of.ty, doc(MOMENTS));
            let fields = parts
                .iter()
                .map(|(member, part)| part.part.field(&member.name));
            let values = parts
                .iter()
                .map(|(member, part)| part.part.value(&member.name));
            let (derive, debug) = self.group_debug(ty, &group.members, None, &TokenStream::new());
            let group = std::iter::once(group);
            let (no_comparison, TypeTraits { derives, impls }) =
                self.snapshot_traits(ty, group, IN_SUBMODULE);
            let docs = doc(&with_paragraph(of.snapshot_docs.clone(), no_comparison));
            let derive = derive.map(|derive| quote!(#derive,));
            structs.extend(quote! {
                #docs
                #[derive(#derive ::core::clone::Clone #(, #derives)*)]
                pub struct #ty {
                    #(#fields,)*
                }

                #debug

                #impls
            });
            methods.extend(quote! {
                impl #ty {
                    /// Reads all variables.
                    ///
                    #moments
                    #[must_use]
                    pub fn snapshot(&self) -> self::snapshot::#ty {
                        self::snapshot::#ty {
                            #(#values,)*
                        }
                    }
                }
            });
        }
        if structs.is_empty() {
            return TokenStream::new();
        }
        quote! {
            #methods

            /// The variables' values.
            pub mod snapshot {
                #structs
            }
        }
    }
}

impl Writer<'_, '_> {
    /// The traits of a snapshot of these groups, in a module so far below the user's struct, and why it can't be compared.
    fn snapshot_traits<'g>(
        &self,
        name: &Ident,
        groups: impl Iterator<Item = &'g Group>,
        depth: usize,
    ) -> (Option<String>, TypeTraits) {
        let (mut contents, mut members) = (Contents::default(), Vec::new());
        for group in groups {
            let parts = parts(group);
            for (_, part) in &parts {
                contents.add(&self.input.traits.contents(&part.rust));
                contents.own |= !part.is_known;
            }
            match &group.of {
                Some(of) if depth == 0 => {
                    if !parts.is_empty() {
                        members.push(ValueMember::section(&of.field));
                    }
                }
                _ => members.extend(
                    (parts.into_iter())
                        .map(|(member, part)| ValueMember::variable(&member.name, part)),
                ),
            }
        }
        (
            self.no_comparison(&contents),
            self.struct_traits(name, &contents, true, &members, depth),
        )
    }
}

/// The members that a snapshot has.
fn parts(group: &Group) -> Vec<(&Member, &SnapshotPart)> {
    let members = group.members.iter();
    members
        .filter_map(|member| Some((member, member.snapshot.as_ref()?)))
        .collect()
}

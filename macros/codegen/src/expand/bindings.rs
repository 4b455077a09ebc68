//! The user's struct and that of `configure`, the structs that group their members, and the constructors:
//! all printed from the list of members.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::ext::IdentExt as _;

use super::composite::finish;
use super::docs::doc;
use super::large::Large;
use super::members::{Group, GroupKind, GroupStruct, Member, Members, Part, Shown};
use super::once::{Once, once};
use super::{Writer, marker, submodule};
use crate::attr::Item;

/// The fields of a struct, and their values.
#[derive(Default)]
pub(super) struct Fields {
    pub(super) fields: Vec<Once>,
    pub(super) values: Vec<Once>,
}

impl Fields {
    fn push(&mut self, field: TokenStream, value: TokenStream) {
        self.fields.push(once(field));
        self.values.push(once(value));
    }
}

impl Writer<'_, '_> {
    /// The user's struct with the fields `live`, and that of `configure` with those `open`.
    pub(super) fn structs(
        &self,
        members: &Members,
        live: Vec<Once>,
        mut open: Vec<Once>,
    ) -> TokenStream {
        let Item {
            attrs, vis, ident, ..
        } = self.input.item;
        if open.is_empty() {
            open.push(once(marker(&TokenStream::new()).0));
        }
        let config = self.companion("Config");
        let config_docs = doc(&format!(
            "The variables, maps, programs and `struct_ops` of [`{ident}`](struct@{ident}) before the \
             object is loaded."
        ));
        // The user's own types need not implement it.
        let selected = self.input.selected.is_some();
        // A field's type may be misspelled. The compiler reports that once, however often the type is mentioned, if it
        // says the same each time. In a list of parameters that is the user's it would suggest another parameter.
        let no_parameters = selected.then(|| quote!(<>));
        let config_debug = (!selected).then(|| quote!(#[derive(::core::fmt::Debug)]));
        // A section's name is C's, such as `.bss.Total`. The lint is that of the struct, not of the field.
        let mut sections = members.groups.iter().filter_map(|group| group.of.as_ref());
        let naming = (!sections.all(|section| is_snake_case(&section.field)))
            .then(|| quote!(#[allow(non_snake_case)]));
        quote! {
            #(#attrs)*
            #naming
            #vis struct #ident #no_parameters {
                #(#live,)*
            }

            #config_docs
            #config_debug
            // Fields keep their visibility, and private ones are rarely set before load.
            #[allow(dead_code, non_snake_case)]
            #vis struct #config<'obj> {
                #(#open,)*
            }
        }
    }

    /// The methods that find everything; the values of the fields are `live` and `open`.
    pub(super) fn constructors(
        &self,
        members: &Members,
        live: Vec<Once>,
        mut open: Vec<Once>,
    ) -> TokenStream {
        let name = self.name();
        let module = &self.input.args.module;
        let krate = self.krate();
        // A variable would be unused if nothing is taken from the library.
        let open_library = (!open.is_empty()).then(|| quote!(let mut library =));
        let live_library = match live.is_empty() {
            true => quote!(_),
            false => quote!(library),
        };
        if open.is_empty() {
            open.push(once(marker(&TokenStream::new()).1));
        }
        let config = self.companion("Config");
        let from_library = quote!(<Self as #krate::private::FromLibrary>::from_library);
        let programs = once(self.programs_method(members));
        let arena = self.arena_method(members).map(once);
        quote! {
            impl #name {
                /// The variables, as the library was built.
                pub const VARIABLES: &'static [#krate::describe::Variable] =
                    #module::description::LIBRARY.variables;
                /// The maps, as the library was built.
                pub const MAPS: &'static [#krate::describe::Map] =
                    #module::description::LIBRARY.maps;
                /// The programs, as the library was built.
                pub const PROGRAMS: &'static [#krate::describe::Program] =
                    #module::description::LIBRARY.programs;
                /// The `struct_ops`, as the library was built.
                pub const STRUCT_OPS: &'static [#krate::describe::StructOps] =
                    #module::description::LIBRARY.struct_ops;

                /// Finds the library in an object that is not yet loaded, to set initial values.
                ///
                /// # Errors
                ///
                /// The same as those of [`bind`](Self::bind).
                pub fn configure(
                    object: &mut #krate::libbpf_rs::OpenObject,
                ) -> ::core::result::Result<#config<'_>, #krate::BindError> {
                    #open_library #krate::private::configure(object, #module::description::library())?;
                    ::core::result::Result::Ok(#config {
                        #(#open,)*
                    })
                }

                /// Finds the library in a loaded object: an `Object` of this process, or a `Running` one.
                ///
                /// The result owns its mappings and file descriptors: it borrows nothing, can be sent to
                /// any thread, and stays valid after the object is closed.
                ///
                /// # Errors
                ///
                /// All differences between the object and the library that this code was generated
                /// from: what is missing, has another type, or can't be mapped.
                pub fn bind<Loaded: #krate::LoadedObject + ?::core::marker::Sized>(
                    object: &Loaded,
                ) -> ::core::result::Result<Self, #krate::BindError> {
                    let mut library = #krate::private::bind(object, #module::description::library())?;
                    ::core::result::Result::Ok(#from_library(&mut library))
                }

                /// The variables in plain memory of this process, with the library's own initial values: for tests
                /// that need neither a kernel nor privilege.
                ///
                /// What the library doesn't know is zero: `.kconfig`, and variables that it only declares. A test
                /// replaces any handle with a `Var::detached` of its own. Maps answer every operation with an
                /// error, and those that may be missing are missing.
                #[must_use]
                pub fn detached() -> Self {
                    let mut library = #krate::private::detached(
                        #module::description::library(),
                        #module::description::INITIAL,
                    );
                    #from_library(&mut library)
                }

                #programs
                #arena
            }

            #[automatically_derived]
            impl #krate::private::FromLibrary for #name {
                fn from_library(#live_library: &mut #krate::private::Bound) -> Self {
                    Self {
                        #(#live,)*
                    }
                }
            }
        }
    }

    /// The user's struct: a field for each group, or the user's own.
    pub(super) fn live_fields(&self, members: &Members) -> Fields {
        let module = &self.input.args.module;
        let mut live = Fields::default();
        for group in &members.groups {
            let Group { of, members } = group;
            let Some(GroupStruct {
                field, ty, docs, ..
            }) = of
            else {
                for Member {
                    name, live: part, ..
                } in members
                {
                    live.push(part.field(name), part.value(name));
                }
                continue;
            };
            let (handles, value) = match group.is_large() {
                true => {
                    let krate = self.krate();
                    let handles = quote!(#krate::Variables<#module::#ty>);
                    (handles, quote!(library.variables()))
                }
                false => {
                    let values = members.iter();
                    let values = values.map(|member| once(member.live.value(&member.name)));
                    let handles = quote!(#module::#ty);
                    (handles, quote!(#module::#ty { #(#values,)* }))
                }
            };
            let (docs, value) = (doc(docs), once(value));
            live.push(quote!(#docs pub #field: #handles), quote!(#field: #value));
        }
        live
    }

    /// The user's struct before load, with programs and `struct_ops`.
    pub(super) fn open_fields(&self, members: &Members) -> Fields {
        let module = &self.input.args.module;
        let mut open = Fields::default();
        for group in members.all_groups() {
            let Some(GroupStruct {
                field,
                ty,
                open_docs,
                ..
            }) = &group.of
            else {
                for (name, part) in open_members(group) {
                    open.push(part.field(name), part.value(name));
                }
                continue;
            };
            if open_members(group).next().is_none() {
                continue;
            }
            let value = match group.is_large() {
                true => quote!(library.variables()),
                false => {
                    let values = open_members(group);
                    let values = values.map(|(name, part)| once(part.value(name)));
                    quote!(#module::config::#ty { #(#values,)* })
                }
            };
            let (docs, value) = (doc(open_docs), once(value));
            open.push(
                quote!(#docs pub #field: #module::config::#ty<'obj>),
                quote!(#field: #value),
            );
        }
        // A selection may have a field of that name.
        let taken = |name: &str| {
            let mut fields = self.input.item.fields.iter().flatten();
            fields.any(|field| field.ident == name)
        };
        if !members.struct_ops.is_empty() && !taken("struct_ops") {
            let names = members.struct_ops.iter().map(|ops| &ops.name);
            open.push(
                quote! {
                    /// The `struct_ops`.
                    pub struct_ops: #module::config::StructOps<'obj>
                },
                quote! {
                    struct_ops: #module::config::StructOps { #(#names: library.struct_ops(),)* }
                },
            );
        }
        if !members.programs.is_empty() && !taken("programs") {
            let names = members.programs.iter().map(|program| &program.name);
            open.push(
                quote! {
                    /// The programs.
                    pub programs: #module::config::Programs<'obj>
                },
                quote! {
                    programs: #module::config::Programs { #(#names: library.program(),)* }
                },
            );
        }
        open
    }

    /// `pub struct Bss { pub samples: Var<u64> }`, for each group that has a struct.
    pub(super) fn group_structs(&self, members: &Members) -> TokenStream {
        let mut structs = TokenStream::new();
        for group in &members.groups {
            let Group { of, members } = group;
            let Some(of) = of else { continue };
            let (ty, docs) = (&of.ty, doc(&of.docs));
            let fields = members.iter();
            let fields = fields.map(|member| once(member.live.field(&member.name)));
            if group.is_large() {
                let table = once(
                    self.large(Large {
                        ty,
                        lifetime: None,
                        library: "Bound",
                        fields: (members.iter())
                            .map(|member| (member, &member.live))
                            .collect(),
                        last: None,
                    }),
                );
                structs.extend([quote! {
                    #docs
                    #[repr(C)]
                    pub struct #ty {
                        #(#fields,)*
                    }

                    #table
                }]);
                continue;
            }
            let is_clone = of.kind == GroupKind::Section;
            let clone = is_clone.then(|| quote!(::core::clone::Clone,));
            let (derive, debug) = self.group_debug(ty, members, None, &TokenStream::new());
            structs.extend([quote! {
                #docs
                #[derive(#clone #derive)]
                pub struct #ty {
                    #(#fields,)*
                }

                #debug
            }]);
        }
        structs
    }

    /// The module `config`, unless nothing is in it.
    pub(super) fn config_module(&self, members: &Members) -> TokenStream {
        let groups = members.all_groups();
        let mut structs: TokenStream = groups
            .filter_map(|group| self.config_struct(group))
            .collect();
        structs.extend(self.config_attachable(
            "Programs",
            "The programs before load.",
            &members.programs,
        ));
        structs.extend(self.config_attachable(
            "StructOps",
            "The `struct_ops` before load.",
            &members.struct_ops,
        ));
        let docs = "The sections, maps and programs before the object is loaded.";
        submodule("config", docs, structs)
    }

    /// `pub struct Bss<'obj> { pub samples: &'obj mut u64 }`
    fn config_struct(&self, group: &Group) -> Option<TokenStream> {
        let of = group.of.as_ref()?;
        open_members(group).next()?;
        let (ty, docs) = (&of.ty, doc(&of.config_docs));
        let fields = open_members(group).map(|(name, part)| once(part.field(name)));
        let (attributes, debug) = match group.is_large() {
            true => {
                let members = group.members.iter();
                let table = self.large(Large {
                    ty,
                    lifetime: Some(quote!('obj)),
                    library: "Configured",
                    fields: members
                        .filter_map(|member| Some((member, member.open.as_ref()?)))
                        .collect(),
                    last: None,
                });
                (Some(quote!(#[repr(C)])), table)
            }
            false => {
                let (derive, debug) = self.group_debug(ty, &group.members, None, &quote!(<'_>));
                (derive.map(|derive| quote!(#[derive(#derive)])), debug)
            }
        };
        let debug = once(debug);
        Some(quote! {
            #docs
            #attributes
            pub struct #ty<'obj> {
                #(#fields,)*
            }

            #debug
        })
    }
}

/// Whether rustc finds the name in order.
fn is_snake_case(name: &Ident) -> bool {
    let name = name.unraw().to_string();
    !name.contains("__") && !name.contains(char::is_uppercase)
}

/// The members that can be configured.
fn open_members(group: &Group) -> impl Iterator<Item = (&Ident, &Part)> {
    let members = group.members.iter();
    members.filter_map(|member| Some((&member.name, member.open.as_ref()?)))
}

impl Writer<'_, '_> {
    /// `Debug` of a group's struct, which has the field `last` besides its members: derived, unless a `char[]` is among
    /// them, or one of the user's own types, which may lack it.
    pub(super) fn group_debug(
        &self,
        ty: &Ident,
        members: &[Member],
        last: Option<&Ident>,
        lifetime: &TokenStream,
    ) -> (Option<TokenStream>, TokenStream) {
        let is_derived = |member: &Member| member.shown == Shown::Itself;
        if members.iter().all(is_derived) {
            return (Some(quote!(::core::fmt::Debug)), TokenStream::new());
        }
        let members_shown = members.iter().filter_map(|member| {
            let name = &member.name;
            let value = match member.shown {
                Shown::Itself => quote!(&self.#name),
                Shown::Text => self.shown_text(&quote!(&self.#name)),
                Shown::Hidden => return None,
            };
            Some((name, value))
        });
        let shown = members_shown.chain(last.map(|last| (last, quote!(&self.#last))));
        let fields = shown.map(|(name, value)| {
            let text = name.unraw().to_string();
            quote!(.field(#text, #value))
        });
        let text = ty.to_string();
        let finish = finish(members.iter().all(|member| member.shown != Shown::Hidden));
        let debug = quote! {
            #[automatically_derived]
            impl ::core::fmt::Debug for #ty #lifetime {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.debug_struct(#text)
                        #(#fields)*
                        .#finish()
                }
            }
        };
        (None, debug)
    }
}

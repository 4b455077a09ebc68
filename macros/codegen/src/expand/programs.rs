//! The library's programs in a loaded object.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::Program;

use super::types::Place;
use super::{Writer, doc, marker};

impl Writer<'_, '_> {
    /// The structs of programs and of their links, and `attach` between the two.
    pub(super) fn program_structs(&self) -> TokenStream {
        let krate = self.krate();
        let (ident, vis) = (self.name(), &self.input.item.item.vis);
        let (programs, links) = (self.companion("Programs"), self.companion("Links"));
        let names: Vec<_> = self.programs.iter().map(|(name, _)| name).collect();
        let mut fields: Vec<_> = self
            .programs
            .iter()
            .map(|(name, program)| {
                let docs = self.program_docs(program);
                let ty = match self.context(program) {
                    Some(context) => quote!(#krate::SyscallProgram<'obj, #context>),
                    None => quote!(#krate::Program<'obj>),
                };
                quote!(#docs pub #name: #ty)
            })
            .collect();
        // A library may get its first program, or lose its last: the code that uses it stays the same.
        if fields.is_empty() {
            fields.push(marker().0);
        }
        let link_docs = self.programs.iter().map(|(_, program)| {
            doc(&format!(
                "The link of `{}`, if it was attached.",
                program.name
            ))
        });
        let programs_docs = doc(&format!(
            "The programs of [`{ident}`](struct@{ident}) in a loaded object."
        ));
        let links_docs = doc(&format!(
            "The links of [`{ident}`](struct@{ident})'s programs. Dropping one detaches its program."
        ));
        quote! {
            #programs_docs
            #[derive(::core::fmt::Debug)]
            #[allow(non_snake_case)]
            #vis struct #programs<'obj> {
                #(#fields,)*
            }

            impl #programs<'_> {
                /// Attaches the library's programs, each where its section says.
                ///
                /// A program that is not loaded, not to be attached, or whose section names no target,
                /// gets no link.
                ///
                /// # Errors
                ///
                /// The first program that can't be attached; those before it are detached again.
                pub fn attach(&self) -> ::core::result::Result<#links, #krate::AttachError> {
                    ::core::result::Result::Ok(#links {
                        #(#names: self.#names.attach()?,)*
                    })
                }
            }

            #links_docs
            #[derive(::core::fmt::Debug)]
            #[allow(non_snake_case)]
            #vis struct #links {
                #(#link_docs pub #names: ::core::option::Option<#krate::libbpf_rs::Link>,)*
            }
        }
    }

    /// The method that finds them.
    pub(super) fn programs_method(&self) -> TokenStream {
        let krate = self.krate();
        let module = &self.input.args.module;
        let programs = self.companion("Programs");
        let mut found: Vec<_> = self
            .programs
            .iter()
            .map(|(name, program)| match program.context {
                Some(_) => quote!(#name: library.syscall_program()),
                None => quote!(#name: library.program()),
            })
            .collect();
        // What takes nothing from the library needs no `mut`.
        let mutable = (!found.is_empty()).then(|| quote!(mut));
        if found.is_empty() {
            found.push(marker().1);
        }
        quote! {
            /// Finds the library's programs in a loaded object.
            ///
            /// # Errors
            ///
            /// All programs that the object does not have.
            pub fn programs(
                object: &#krate::libbpf_rs::Object,
            ) -> ::core::result::Result<#programs<'_>, #krate::BindError> {
                let #mutable library =
                    #krate::private::programs(object, &#module::description::LIBRARY)?;
                ::core::result::Result::Ok(#programs {
                    #(#found,)*
                })
            }
        }
    }

    /// The type that user space calls a program with.
    fn context(&self, program: &Program<'_>) -> Option<TokenStream> {
        let rust = (self.input.layout).rust(&self.input.library.btf, program.context?);
        Some(self.rust(&rust, Place::Outside(&self.input.args.module)))
    }
}

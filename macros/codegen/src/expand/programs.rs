//! What can be attached of a loaded object: the library's programs and `struct_ops`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Call, Program};

use super::types::Place;
use super::{Writer, doc, marker};

impl Writer<'_, '_> {
    /// The structs of what can be attached and of the links, and `attach` between the two.
    pub(super) fn program_structs(&self) -> TokenStream {
        let krate = self.krate();
        let (ident, vis) = (self.name(), &self.input.item.item.vis);
        let (programs, links) = (self.companion("Programs"), self.companion("Links"));
        let (mut fields, mut link_fields, mut names) = (Vec::new(), Vec::new(), Vec::new());
        let link_docs = |name| doc(&format!("The link of `{name}`, if it was attached."));
        for (name, program) in &self.programs {
            let docs = self.program_docs(program);
            let ty = self.program_type(program);
            fields.push(quote!(#docs pub #name: #ty));
            let docs = link_docs(program.name);
            let ty = quote!(::core::option::Option<#krate::libbpf_rs::Link>);
            link_fields.push(quote!(#docs pub #name: #ty));
            names.push(name);
        }
        for (name, struct_ops) in &self.struct_ops {
            let docs = self.struct_ops_docs(struct_ops);
            fields.push(quote!(#docs pub #name: #krate::StructOps<'obj>));
            let docs = link_docs(struct_ops.name);
            let ty = quote!(::core::option::Option<#krate::StructOpsLink>);
            link_fields.push(quote!(#docs pub #name: #ty));
            names.push(name);
        }
        // A library may get its first program, or lose its last: the code that uses it stays the same.
        if fields.is_empty() {
            fields.push(marker().0);
        }
        let programs_docs = doc(&format!(
            "The programs and `struct_ops` of [`{ident}`](struct@{ident}) in a loaded object."
        ));
        let links_docs = doc(&format!(
            "The links of [`{ident}`](struct@{ident})'s programs and `struct_ops`. Dropping one detaches \
             what it is of."
        ));
        quote! {
            #programs_docs
            #[derive(::core::fmt::Debug)]
            #[allow(non_snake_case)]
            #vis struct #programs<'obj> {
                #(#fields,)*
            }

            impl #programs<'_> {
                /// Attaches the library's programs, each where its section says, and its `struct_ops`.
                ///
                /// What is not loaded, not to be attached, or in a section that names no target, gets no
                /// link.
                ///
                /// # Errors
                ///
                /// The first that can't be attached; those before it are detached again.
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
                #(#link_fields,)*
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
            .map(|(name, program)| {
                let method = super::call_site(match program.call {
                    Call::None => "program",
                    Call::Syscall(_) => "syscall_program",
                    Call::SkLookup(_) => "sk_lookup_program",
                    Call::Packet(_) => "packet_program",
                    Call::RawTracepoint => "raw_tracepoint_program",
                });
                quote!(#name: library.#method())
            })
            .collect();
        let struct_ops = self.struct_ops.iter();
        found.extend(struct_ops.map(|(name, _)| quote!(#name: library.struct_ops())));
        // What takes nothing from the library needs no `mut`.
        let mutable = (!found.is_empty()).then(|| quote!(mut));
        if found.is_empty() {
            found.push(marker().1);
        }
        quote! {
            /// Finds the library's programs and `struct_ops` in a loaded object.
            ///
            /// # Errors
            ///
            /// All that the object does not have.
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

    /// The handle of a program: what user space can call it with.
    fn program_type(&self, program: &Program<'_>) -> TokenStream {
        let krate = self.krate();
        let context = |id| {
            let rust = self.input.layout.rust(&self.input.library.btf, id);
            self.rust(&rust, Place::Outside(&self.input.args.module))
        };
        match program.call {
            Call::None => quote!(#krate::Program<'obj>),
            Call::RawTracepoint => quote!(#krate::RawTracepointProgram<'obj>),
            Call::Syscall(id) => {
                let context = context(id);
                quote!(#krate::SyscallProgram<'obj, #context>)
            }
            Call::SkLookup(id) => {
                let context = context(id);
                quote!(#krate::SkLookupProgram<'obj, #context>)
            }
            Call::Packet(id) => {
                let context = context(id);
                quote!(#krate::PacketProgram<'obj, #context>)
            }
        }
    }
}

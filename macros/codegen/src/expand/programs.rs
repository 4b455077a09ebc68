//! What can be attached in a loaded object: the library's programs and `struct_ops`.

use proc_macro2::TokenStream;
use quote::quote;

use crate::names::Names;
use bpf_subskeleton_object::model::{Call, Program};

use super::docs::{doc, documented};
use super::members::{Attachable, Members};
use super::once::once;
use super::{Writer, call_site, marker};

impl Writer<'_, '_> {
    pub(super) fn program_members(&self, names: &mut Names) -> Vec<Attachable> {
        let krate = self.krate();
        let programs = self.input.library.programs.iter();
        let members = programs.map(|program| {
            let text = format!(
                "Program `{}`, `SEC(\"{}\")`.",
                program.name, program.section
            );
            let (handle, take) = match program.call {
                Call::None => ("Program", "program"),
                Call::Syscall(_) => ("SyscallProgram", "syscall_program"),
                Call::SkLookup(_) => ("SkLookupProgram", "sk_lookup_program"),
                Call::Packet(_) => ("PacketProgram", "packet_program"),
                Call::RawTracepoint => ("RawTracepointProgram", "raw_tracepoint_program"),
            };
            let (handle, take) = (call_site(handle), call_site(take));
            let context = program.call.context().map(|id| {
                let rust = self.input.layout.rust(&self.input.library.btf, id);
                let context = self.rust(&rust, self.outside());
                quote!(, #context)
            });
            Attachable {
                name: call_site(&names.unique(program.name, &[])),
                docs: documented(&program.docs, text),
                ty: quote!(#krate::#handle<'obj #context, Loaded>),
                taken: quote!(library.#take()),
                open_ty: quote!(#krate::libbpf_rs::OpenProgramMut<'obj>),
                link_docs: link_docs(program.name),
                link_ty: quote!(#krate::libbpf_rs::Link),
                line: self.program_line(program),
            }
        });
        members.collect()
    }

    fn program_line(&self, program: &Program<'_>) -> TokenStream {
        let (name, section) = (program.name, program.section);
        let context = program.call.context().map(|context| {
            let ty = self.describe(context, super::Scope::Child);
            quote!(.with_context(#ty))
        });
        quote!(Program::new(#name, #section) #context)
    }

    /// The structs of what can be attached and of the links, and `attach` between the two.
    pub(super) fn program_structs(&self, members: &Members) -> TokenStream {
        let krate = self.krate();
        let (ident, vis) = (self.name(), &self.input.item.vis);
        let (programs, links) = (self.companion("Programs"), self.companion("Links"));
        let attachable = || members.programs.iter().chain(&members.struct_ops);
        let mut fields: Vec<_> = attachable()
            .map(|Attachable { name, docs, ty, .. }| once(quote!(#docs pub #name: #ty)))
            .collect();
        let link_fields = attachable().map(
            |Attachable {
                 name,
                 link_docs,
                 link_ty,
                 ..
             }| once(quote!(#link_docs pub #name: ::core::option::Option<#link_ty>)),
        );
        let names = attachable().map(|attachable| &attachable.name);
        // Emitted even without programs: a library that gains its first or loses its last must not break
        // the code that uses it.
        if fields.is_empty() {
            fields.push(once(marker(&quote!(Loaded)).0));
        }
        let programs_docs = doc(&format!(
            "The programs and `struct_ops` of [`{ident}`](struct@{ident}) in a loaded object: an `Object` of \
             this process, or a `Running` one."
        ));
        let links_docs = doc(&format!(
            "The links of [`{ident}`](struct@{ident})'s programs and `struct_ops`. Dropping a link detaches \
             its program."
        ));
        quote! {
            #programs_docs
            #[derive(::core::fmt::Debug)]
            #[allow(non_snake_case)]
            #vis struct #programs<'obj, Loaded: #krate::Origin = #krate::libbpf_rs::Object> {
                #(#fields,)*
            }

            impl #programs<'_> {
                /// Attaches each of the library's programs where its section says, and its `struct_ops`.
                ///
                /// A program gets no link if it is not loaded, if autoattach is off, or if its section
                /// names no target.
                ///
                /// # Errors
                ///
                /// If one can't be attached; those attached before it are detached again.
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
    pub(super) fn programs_method(&self, members: &Members) -> TokenStream {
        let krate = self.krate();
        let module = &self.input.args.module;
        let programs = self.companion("Programs");
        let attachable = members.programs.iter().chain(&members.struct_ops);
        let mut values: Vec<_> = attachable
            .map(|Attachable { name, taken, .. }| once(quote!(#name: #taken)))
            .collect();
        // A variable would be unused if nothing is taken from the library.
        let library = (!values.is_empty()).then(|| quote!(let mut library =));
        if values.is_empty() {
            values.push(once(marker(&quote!(Loaded)).1));
        }
        quote! {
            /// Finds the library's programs and `struct_ops` in a loaded object: an `Object` of this process, or a
            /// `Running` one.
            ///
            /// # Errors
            ///
            /// If programs or `struct_ops` are missing or differ; the error lists all of them.
            pub fn programs<Loaded: #krate::LoadedObject + ?::core::marker::Sized>(
                object: &Loaded,
            ) -> ::core::result::Result<#programs<'_, Loaded::Origin>, #krate::BindError> {
                #library #krate::private::programs(object, #module::description::library())?;
                ::core::result::Result::Ok(#programs {
                    #(#values,)*
                })
            }
        }
    }

    /// `pub struct Programs<'obj> { pub on_exit: OpenProgramMut<'obj> }`, unless there are none.
    pub(super) fn config_attachable(
        &self,
        name: &str,
        docs: &str,
        attachable: &[Attachable],
    ) -> Option<TokenStream> {
        if attachable.is_empty() {
            return None;
        }
        let (name, docs) = (call_site(name), doc(docs));
        let fields = attachable.iter().map(
            |Attachable {
                 name,
                 docs,
                 open_ty,
                 ..
             }| once(quote!(#docs pub #name: #open_ty)),
        );
        Some(quote! {
            #docs
            #[derive(::core::fmt::Debug)]
            pub struct #name<'obj> {
                #(#fields,)*
            }
        })
    }
}

pub(super) fn link_docs(name: &str) -> TokenStream {
    doc(&format!("The link of `{name}`, if it was attached."))
}

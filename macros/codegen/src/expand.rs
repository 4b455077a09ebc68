//! Writes the code. It cannot fail: whatever could be wrong was found before.
//!
//! All paths are absolute (`::core::…`, `::bpf_subskeleton::…`), because a C type may have any name, and
//! because the user's crate may have no prelude. C types stand in a module of their own, `types`, from
//! which the generated module takes them by a glob: a section struct of the same name goes first.

mod describe;
mod members;
mod types;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::attr::{Args, Item, ident};
use crate::declaration::declaration;
use crate::elf::Endianness;
use crate::layout::{Layout, Rust};
use crate::model::{Library, Map, Variable};
use crate::names::{self, Names};

/// The item, with fields and methods, and the module behind it.
pub fn expand(
    args: &Args,
    item: &Item,
    path: &str,
    library: &Library<'_>,
    layout: &Layout,
) -> TokenStream {
    let writer = Writer::new(args, item, library, layout);
    let structs = writer.structs();
    let bindings = writer.bindings();
    let module = writer.module();
    let tracked = tracked(args, path);
    let byte_order = byte_order(args, library.endian);
    quote! {
        #structs
        #bindings
        #module
        #tracked
        #byte_order
    }
}

/// What stands in for an item that could not be expanded: the error, and the item without fields.
pub fn failed(item: &Item, error: &syn::Error) -> TokenStream {
    let errors = error.to_compile_error();
    let item = &item.item;
    quote! {
        #errors
        #[allow(dead_code)]
        #item
    }
}

/// Makes cargo compile the crate again when the object changes, or a variable that its path is made of.
fn tracked(args: &Args, path: &str) -> TokenStream {
    let expression = &args.object.expression;
    let variables = match expression {
        syn::Expr::Lit(_) => TokenStream::new(),
        _ => quote!(const _: &::core::primitive::str = #expression;),
    };
    quote! {
        const _: &[::core::primitive::u8] = ::core::include_bytes!(#path);
        #variables
    }
}

/// BPF programs have the byte order of the machine they run on, and so must the crate.
fn byte_order(args: &Args, endian: Endianness) -> TokenStream {
    let (order, other, target) = match endian {
        Endianness::Little => ("little", "big", "bpfeb"),
        Endianness::Big => ("big", "little", "bpfel"),
    };
    let text = format!(
        "{}: a {order}-endian object, but the crate is compiled for a {other}-endian machine: \
         compile the object with `--target={target}`",
        args.object.shown()
    );
    quote_spanned! {args.object.expression.span()=>
        #[cfg(not(target_endian = #order))]
        ::core::compile_error!(#text);
    }
}

/// A group of variables: a section's, or the `extern` ones.
struct Group<'l, 'a> {
    field: Ident,
    ty: Ident,
    section: &'a str,
    docs: String,
    /// Whether `configure` has it: not `.kconfig`, which libbpf fills at load.
    configurable: bool,
    variables: Vec<(Ident, &'l Variable<'a>)>,
}

struct Writer<'l, 'a> {
    args: &'l Args,
    item: &'l Item,
    library: &'l Library<'a>,
    layout: &'l Layout,
    groups: Vec<Group<'l, 'a>>,
    maps: Vec<(Ident, &'l Map<'a>)>,
    programs: Vec<(Ident, &'l crate::model::Program<'a>)>,
}

impl<'l, 'a> Writer<'l, 'a> {
    fn new(args: &'l Args, item: &'l Item, library: &'l Library<'a>, layout: &'l Layout) -> Self {
        let (mut fields, mut types) = (Names::default(), Names::default());
        // Names that are not sections' go first.
        for name in ["maps", "externs"] {
            fields.unique(name, &[]);
        }
        for name in ["Maps", "Externs", "Programs"] {
            types.unique(name, &[]);
        }
        let mut groups: Vec<_> = library
            .sections
            .iter()
            .map(|section| Group {
                field: call_site(&fields.unique(&names::section_field(section.name), &[])),
                ty: call_site(&types.unique(&names::section_type(section.name), &[])),
                section: section.name,
                docs: match section.read_only {
                    false => format!("The variables of `{}`.", section.name),
                    true => format!(
                        "The variables of `{}`, read-only once loaded.",
                        section.name
                    ),
                },
                configurable: section.name != ".kconfig",
                variables: with_names(&section.variables, |variable| variable.name),
            })
            .collect();
        if !library.externs.is_empty() {
            groups.push(Group {
                field: call_site("externs"),
                ty: call_site("Externs"),
                section: "extern",
                docs: "The variables that the library declares `extern`, in whatever section \
                       another object defines them."
                    .to_owned(),
                configurable: true,
                variables: with_names(&library.externs, |variable| variable.name),
            });
        }
        Self {
            args,
            item,
            library,
            layout,
            groups,
            maps: with_names(&library.maps, |map| map.name),
            programs: with_names(&library.programs, |program| program.name),
        }
    }

    fn krate(&self) -> &syn::Path {
        &self.args.krate
    }

    /// A name made of the struct's: `HistConfig`.
    fn companion(&self, suffix: &str) -> Ident {
        format_ident!(
            "{}{suffix}",
            self.item.name(),
            span = self.item.name().span()
        )
    }

    /// The user's struct, and those of `configure` and `programs`.
    fn structs(&self) -> TokenStream {
        let syn::ItemStruct {
            attrs, vis, ident, ..
        } = &self.item.item;
        let module = &self.args.module;
        let (config, programs, links) = (
            self.companion("Config"),
            self.companion("Programs"),
            self.companion("Links"),
        );
        let mut fields = Vec::new();
        let mut config_fields = Vec::new();
        for Group {
            field,
            ty,
            docs,
            configurable,
            ..
        } in &self.groups
        {
            fields.push(quote!(#[doc = #docs] pub #field: #module::#ty));
            if *configurable {
                let docs = docs.replace(", read-only once loaded", "");
                config_fields.push(quote!(#[doc = #docs] pub #field: #module::config::#ty<'obj>));
            }
        }
        if !self.maps.is_empty() {
            fields.push(quote!(#[doc = "The maps."] pub maps: #module::Maps));
            config_fields.push(quote!(#[doc = "The maps."] pub maps: #module::config::Maps<'obj>));
        }
        if !self.programs.is_empty() {
            config_fields.push(
                quote!(#[doc = "The programs."] pub programs: #module::config::Programs<'obj>),
            );
        }
        let krate = self.krate();
        let program_fields = self.programs.iter().map(|(name, program)| {
            let docs = self.program_docs(program);
            quote!(#docs pub #name: #krate::Program<'obj>)
        });
        let link_fields = self.programs.iter().map(|(name, program)| {
            let docs = format!("The link of `{}`, if it was attached.", program.name);
            quote!(#[doc = #docs] pub #name: ::core::option::Option<#krate::libbpf_rs::Link>)
        });
        let config_docs = format!(
            "The initial values of [`{ident}`]'s variables, its maps and its programs, before the \
             object is loaded."
        );
        let programs_docs = format!("The programs of [`{ident}`] in a loaded object.");
        let links_docs =
            format!("The links of [`{ident}`]'s programs. Dropping one detaches its program.");
        let marker = quote!(::core::marker::PhantomData<&'obj mut ()>);
        quote! {
            #(#attrs)*
            #vis struct #ident {
                #(#fields,)*
            }

            #[doc = #config_docs]
            #[allow(non_snake_case)]
            #vis struct #config<'obj> {
                #(#config_fields,)*
                #[doc(hidden)]
                pub _borrow: #marker,
            }

            #[doc = #programs_docs]
            #[allow(non_snake_case)]
            #vis struct #programs<'obj> {
                #(#program_fields,)*
                #[doc(hidden)]
                pub _borrow: #marker,
            }

            #[doc = #links_docs]
            #[allow(non_snake_case)]
            #vis struct #links {
                #(#link_fields,)*
            }
        }
    }

    /// The methods that find everything.
    fn bindings(&self) -> TokenStream {
        let name = self.item.name();
        let module = &self.args.module;
        let krate = self.krate();
        let (config, programs, links) = (
            self.companion("Config"),
            self.companion("Programs"),
            self.companion("Links"),
        );
        let mut bound = Vec::new();
        let mut configured = Vec::new();
        for Group {
            field,
            ty,
            configurable,
            variables,
            ..
        } in &self.groups
        {
            let variable =
                variables
                    .iter()
                    .map(|(name, variable)| match self.is_unsized(variable) {
                        true => quote!(#name: library.unsized_variable()),
                        false => quote!(#name: library.variable()),
                    });
            let variables: Vec<_> = variable.collect();
            bound.push(quote!(#field: #module::#ty { #(#variables,)* }));
            if *configurable {
                configured.push(quote!(#field: #module::config::#ty { #(#variables,)* }));
            }
        }
        if !self.maps.is_empty() {
            let maps: Vec<_> = self
                .maps
                .iter()
                .map(|(name, _)| quote!(#name: library.map()))
                .collect();
            bound.push(quote!(maps: #module::Maps { #(#maps,)* }));
            configured.push(quote!(maps: #module::config::Maps { #(#maps,)* }));
        }
        let program_names: Vec<_> = self.programs.iter().map(|(name, _)| name).collect();
        if !self.programs.is_empty() {
            configured.push(quote! {
                programs: #module::config::Programs {
                    #(#program_names: library.program(),)*
                }
            });
        }
        let attach = match self.programs.is_empty() {
            true => quote!(::core::result::Result::Ok(#links {})),
            false => quote! {
                ::core::result::Result::Ok(#links {
                    #(#program_names: self.#program_names.attach()?,)*
                })
            },
        };
        let mutable = |list: &[TokenStream]| (!list.is_empty()).then(|| quote!(mut));
        let (bound_mut, configured_mut) = (mutable(&bound), mutable(&configured));
        let programs_mut = (!self.programs.is_empty()).then(|| quote!(mut));
        let bind_docs = "Finds the library in a loaded object.\n\n\
             The result owns its mappings and file descriptors: it borrows nothing, goes to any \
             thread, and is valid when the object is gone.\n\n# Errors\n\nAll differences between \
             the library that this code was generated from and the object: what is missing, what \
             has another type, what can't be mapped.";
        let configure_docs = "Finds the library in an object that is not yet loaded, to set initial \
             values.\n\n# Errors\n\nAs `bind`.";
        let programs_docs = "Finds the library's programs in a loaded object.\n\n# Errors\n\n\
             All programs that the object does not have.";
        let attach_docs = "Attaches the library's programs, each where its section says.\n\n\
             A program that is not loaded, not to be attached, or whose section says nothing, has \
             no link.\n\n# Errors\n\nThe first program that can't be attached; those before it are \
             detached again.";
        quote! {
            impl #name {
                /// The library's variables, as it was built.
                pub const VARIABLES: &'static [#krate::describe::Variable] =
                    #module::LIBRARY.variables;
                /// The library's maps, as it was built.
                pub const MAPS: &'static [#krate::describe::Map] = #module::LIBRARY.maps;
                /// The library's programs, as it was built.
                pub const PROGRAMS: &'static [#krate::describe::Program] =
                    #module::LIBRARY.programs;

                #[doc = #configure_docs]
                pub fn configure(
                    object: &mut #krate::libbpf_rs::OpenObject,
                ) -> ::core::result::Result<#config<'_>, #krate::BindError> {
                    let #configured_mut library =
                        #krate::private::configure(object, &#module::LIBRARY)?;
                    ::core::result::Result::Ok(#config {
                        #(#configured,)*
                        _borrow: ::core::marker::PhantomData,
                    })
                }

                #[doc = #bind_docs]
                pub fn bind(
                    object: &#krate::libbpf_rs::Object,
                ) -> ::core::result::Result<Self, #krate::BindError> {
                    let #bound_mut library = #krate::private::bind(object, &#module::LIBRARY)?;
                    ::core::result::Result::Ok(Self {
                        #(#bound,)*
                    })
                }

                #[doc = #programs_docs]
                pub fn programs(
                    object: &#krate::libbpf_rs::Object,
                ) -> ::core::result::Result<#programs<'_>, #krate::BindError> {
                    let #programs_mut library =
                        #krate::private::programs(object, &#module::LIBRARY)?;
                    ::core::result::Result::Ok(#programs {
                        #(#program_names: library.program(),)*
                        _borrow: ::core::marker::PhantomData,
                    })
                }
            }

            impl #programs<'_> {
                #[doc = #attach_docs]
                pub fn attach(&self) -> ::core::result::Result<#links, #krate::AttachError> {
                    #attach
                }
            }
        }
    }

    /// The module: sections, maps, types and the description of them all.
    fn module(&self) -> TokenStream {
        let vis = &self.item.item.vis;
        let module = &self.args.module;
        let krate = self.krate();
        let docs = format!(
            "The sections, maps and C types of [`{0}`](struct@{0}).",
            self.item.name()
        );
        let sections = self.groups.iter().map(|group| self.section(group));
        let maps = self.map_structs();
        let config_sections = self
            .groups
            .iter()
            .filter(|group| group.configurable)
            .map(|group| self.config_section(group));
        let config_maps = self.config_maps();
        let config_programs = self.config_programs();
        let types = self.types();
        let mirrors = self.mirrors();
        let assertions = self.assertions();
        let descriptions = self.type_descriptions();
        let library = self.library_description();
        // `super::X` would not find a struct inside a function, so nothing in here looks out.
        quote! {
            #[doc = #docs]
            #[allow(
                dead_code,
                missing_docs,
                non_camel_case_types,
                non_snake_case,
                non_upper_case_globals,
                unused_imports,
                clippy::all,
            )]
            #vis mod #module {
                pub use self::types::*;

                #(#sections)*
                #maps

                /// The sections, maps and programs before the object is loaded.
                pub mod config {
                    #(#config_sections)*
                    #config_maps
                    #config_programs
                }

                /// The C types as values.
                pub mod types {
                    #types
                }

                /// The C types in shared memory: each field is a `Shared` of its own.
                pub mod fields {
                    #mirrors
                }

                #assertions

                /// The C types as the library was built with them, for comparison.
                mod btf {
                    #descriptions
                }

                /// The library as it was built.
                #[doc(hidden)]
                pub static LIBRARY: #krate::describe::Library = #library;
            }
        }
    }

    fn is_unsized(&self, variable: &Variable<'_>) -> bool {
        let ty = self.layout.variable(&self.library.btf, variable);
        variable.size == 0 && matches!(ty, Rust::Array(..))
    }

    fn program_docs(&self, program: &crate::model::Program<'_>) -> TokenStream {
        let text = format!(
            "Program `{}`, `SEC(\"{}\")`.",
            program.name, program.section
        );
        docs(&program.docs, &text)
    }

    fn variable_docs(&self, variable: &Variable<'_>, section: &str) -> TokenStream {
        let declaration = declaration(&self.library.btf, variable.ty, variable.name);
        let weak = if variable.weak { ", weak" } else { "" };
        let text = match (section, variable.size) {
            ("extern", _) => format!("`extern {declaration}`{weak}."),
            (section, size) => format!("`{declaration}`: {}{weak}, in `{section}`.", bytes(size)),
        };
        docs(&variable.docs, &text)
    }
}

/// Rust names for things of one scope.
fn with_names<'l, T>(list: &'l [T], name: impl Fn(&'l T) -> &'l str) -> Vec<(Ident, &'l T)> {
    let mut names = Names::default();
    list.iter()
        .map(|thing| (call_site(&names.unique(name(thing), &[])), thing))
        .collect()
}

fn call_site(name: &str) -> Ident {
    ident(name, Span::call_site())
}

/// A number without a type's suffix, as a person would write it.
fn number(value: u32) -> Literal {
    Literal::u32_unsuffixed(value)
}

fn bytes(size: u32) -> String {
    match size {
        1 => "1 byte".to_owned(),
        size => format!("{size} bytes"),
    }
}

/// What the C author wrote, and what BTF says.
fn docs(written: &[impl AsRef<str>], text: &str) -> TokenStream {
    let written = written.iter().map(AsRef::as_ref).chain([text]);
    let text = written.collect::<Vec<_>>().join("\n\n");
    quote!(#[doc = #text])
}

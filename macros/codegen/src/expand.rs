//! Writes the code. It cannot fail: whatever could be wrong was found before.
//!
//! All paths are absolute (`::core::…`, `::bpf_subskeleton::…`), because a C type may have any name, and
//! because the user's crate may have no prelude. C types stand in a module of their own, `types`, from
//! which the generated module takes them by a glob: a section struct of the same name goes first.

mod assertions;
mod checks;
mod describe;
mod members;
mod mirrors;
mod programs;
mod selection;
mod struct_ops;
mod types;

use std::collections::HashSet;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::attr::{Args, Item, ident};
use crate::declaration::declaration;
use crate::elf::Endianness;
use crate::layout::{ItemKind, Layout, Rust};
use crate::model::{Library, Map, Program, StructOps, Variable};
use crate::names::{self, Names};
use crate::select::{Check, Selected};

/// The item, with fields and methods, and the module behind it; and `errors` in fields, which are kept
/// all the same, for the rest of the crate.
pub fn expand(input: &Input<'_, '_>, errors: Option<&syn::Error>) -> TokenStream {
    let errors = errors.map(syn::Error::to_compile_error);
    let writer = Writer::new(input);
    let structs = writer.structs();
    let programs = writer.program_structs();
    let bindings = writer.bindings();
    let module = writer.module();
    let checks = writer.checks();
    let tracked = tracked(input.args, input.path);
    let byte_order = byte_order(input.args, input.library.endian);
    quote! {
        #errors
        #structs
        #programs
        #bindings
        #module
        #checks
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

/// Everything that the code is written from.
pub struct Input<'l, 'a> {
    /// The attribute's arguments.
    pub args: &'l Args,
    /// The user's struct.
    pub item: &'l Item,
    /// The object's absolute path.
    pub path: &'l str,
    /// The library, or as much of it as is selected.
    pub library: &'l Library<'a>,
    /// Its types.
    pub layout: &'l Layout,
    /// The selected fields; `None` for all of the library.
    pub selected: Option<&'l [Selected<'l, 'a>]>,
    /// What the compiler is to check.
    pub checks: &'l [Check<'l, 'a>],
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

/// The fields of the user's struct and of its `Config`, and how they are made from `library`.
#[derive(Default)]
struct Parts {
    fields: Vec<TokenStream>,
    bound: Vec<TokenStream>,
    config_fields: Vec<TokenStream>,
    configured: Vec<TokenStream>,
    /// Whether `configured` takes anything from `library`.
    configures: bool,
}

struct Writer<'l, 'a> {
    input: &'l Input<'l, 'a>,
    groups: Vec<Group<'l, 'a>>,
    maps: Vec<(Ident, &'l Map<'a>)>,
    programs: Vec<(Ident, &'l Program<'a>)>,
    struct_ops: Vec<(Ident, &'l StructOps<'a>)>,
    /// The names of the enums.
    enums: HashSet<&'l str>,
}

impl<'l, 'a> Writer<'l, 'a> {
    fn new(input: &'l Input<'l, 'a>) -> Self {
        let library = input.library;
        let whole = input.selected.is_none();
        // These share a struct: what can be attached.
        let mut attached = Names::default();
        Self {
            input,
            groups: if whole { groups(library) } else { Vec::new() },
            maps: match whole {
                true => with_names(&library.maps, |map| map.name),
                false => Vec::new(),
            },
            programs: with_names_of(&mut attached, &library.programs, |program| program.name),
            struct_ops: with_names_of(&mut attached, &library.struct_ops, |ops| ops.name),
            enums: (input.layout.items.iter())
                .filter(|item| matches!(item.kind, ItemKind::Enum(_)))
                .map(|item| item.name.as_str())
                .collect(),
        }
    }

    fn krate(&self) -> &syn::Path {
        &self.input.args.krate
    }

    fn name(&self) -> &Ident {
        self.input.item.name()
    }

    /// A name made of the struct's: `HistConfig`.
    fn companion(&self, suffix: &str) -> Ident {
        format_ident!("{}{suffix}", self.name(), span = self.name().span())
    }

    fn parts(&self) -> Parts {
        let mut parts = match self.input.selected {
            None => self.whole(),
            Some(selected) => self.selection(selected),
        };
        let taken = |name: &str| {
            let mut fields = self.input.item.fields.iter().flatten();
            fields.any(|field| field.ident == name)
        };
        let module = &self.input.args.module;
        if !self.struct_ops.is_empty() && !taken("struct_ops") {
            parts.config_fields.push(quote! {
                /// The `struct_ops`.
                pub struct_ops: #module::config::StructOps<'obj>
            });
            let configured = self.configured_struct_ops();
            parts.configured.push(quote!(struct_ops: #configured));
        }
        if !self.programs.is_empty() && !taken("programs") {
            let names = self.programs.iter().map(|(name, _)| name);
            parts.config_fields.push(quote! {
                /// The programs.
                pub programs: #module::config::Programs<'obj>
            });
            parts.configured.push(quote! {
                programs: #module::config::Programs {
                    #(#names: library.program(),)*
                }
            });
        }
        parts.configures = !parts.configured.is_empty();
        if !parts.configures {
            let (field, value) = marker();
            parts.config_fields.push(field);
            parts.configured.push(value);
        }
        parts
    }

    /// The user's struct, and those of `configure` and `programs`.
    fn structs(&self) -> TokenStream {
        let syn::ItemStruct {
            attrs, vis, ident, ..
        } = &self.input.item.item;
        let Parts {
            fields,
            config_fields,
            ..
        } = self.parts();
        let config = self.companion("Config");
        let config_docs = doc(&format!(
            "The variables, maps, programs and `struct_ops` of [`{ident}`](struct@{ident}) before the \
             object is loaded."
        ));
        // A type of the user's own need not have it.
        let selected = self.input.selected.is_some();
        let config_debug = (!selected).then(|| quote!(#[derive(::core::fmt::Debug)]));
        quote! {
            #(#attrs)*
            #vis struct #ident {
                #(#fields,)*
            }

            #config_docs
            #config_debug
            // Fields keep their visibility, and few private ones are set before load.
            #[allow(dead_code, non_snake_case)]
            #vis struct #config<'obj> {
                #(#config_fields,)*
            }
        }
    }

    /// The methods that find everything.
    fn bindings(&self) -> TokenStream {
        let name = self.name();
        let module = &self.input.args.module;
        let krate = self.krate();
        let Parts {
            bound,
            configured,
            configures,
            ..
        } = self.parts();
        let config = self.companion("Config");
        // What takes nothing from the library needs no `mut`.
        let mutable = |takes: bool| takes.then(|| quote!(mut));
        let bound_mut = mutable(!bound.is_empty());
        let configured_mut = mutable(configures);
        let programs = self.programs_method();
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
                /// As [`bind`](Self::bind).
                pub fn configure(
                    object: &mut #krate::libbpf_rs::OpenObject,
                ) -> ::core::result::Result<#config<'_>, #krate::BindError> {
                    let #configured_mut library =
                        #krate::private::configure(object, &#module::description::LIBRARY)?;
                    ::core::result::Result::Ok(#config {
                        #(#configured,)*
                    })
                }

                /// Finds the library in a loaded object.
                ///
                /// The result owns its mappings and file descriptors: it borrows nothing, goes to any
                /// thread, and is valid when the object is gone.
                ///
                /// # Errors
                ///
                /// All differences between the library that this code was generated from and the
                /// object: what is missing, what has another type, what can't be mapped.
                pub fn bind(
                    object: &#krate::libbpf_rs::Object,
                ) -> ::core::result::Result<Self, #krate::BindError> {
                    let #bound_mut library =
                        #krate::private::bind(object, &#module::description::LIBRARY)?;
                    ::core::result::Result::Ok(Self {
                        #(#bound,)*
                    })
                }

                #programs
            }
        }
    }

    /// The module: sections, maps, types and the description of them all.
    fn module(&self) -> TokenStream {
        let vis = &self.input.item.item.vis;
        let module = &self.input.args.module;
        let docs = doc(&format!(
            "The sections, maps and C types of [`{0}`](struct@{0}).",
            self.name()
        ));
        let sections = self.groups.iter().map(|group| self.section(group));
        let maps = self.map_structs();
        let config = self.config_module();
        let types = self.types();
        let types_use = (!types.is_empty()).then(|| {
            quote!(
                pub use self::types::*;
            )
        });
        let mirrors = self.mirrors();
        let struct_ops = self.struct_ops_types();
        let constants = self.constants();
        let constants_use = (!constants.is_empty()).then(|| {
            quote!(
                pub use self::constants::*;
            )
        });
        let assertions = self.assertions();
        let descriptions = self.type_descriptions();
        let library = self.library_description();
        // `super::X` would not find a struct inside a function, so nothing in here looks out.
        quote! {
            #docs
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
                #constants_use
                #types_use

                #(#sections)*
                #maps
                #config

                #types
                #mirrors
                #struct_ops

                #constants
                #assertions
                #descriptions
                #library
            }
        }
    }

    /// Whether only the object knows the length of the variable, an array.
    fn is_unsized(&self, variable: &Variable<'_>) -> bool {
        let ty = self
            .input
            .layout
            .variable(&self.input.library.btf, variable);
        (variable.resizable || variable.size == 0) && matches!(ty, Rust::Array(..))
    }

    fn program_docs(&self, program: &Program<'_>) -> TokenStream {
        let text = format!(
            "Program `{}`, `SEC(\"{}\")`.",
            program.name, program.section
        );
        documented(&program.docs, &text)
    }

    fn variable_docs(&self, variable: &Variable<'_>, section: &str) -> TokenStream {
        let declaration = declaration(&self.input.library.btf, variable.ty, variable.name);
        let weak = if variable.weak { ", weak" } else { "" };
        let text = match (section, variable.size) {
            ("extern", _) => format!("`extern {declaration}`{weak}."),
            (section, size) => {
                let resizable = match variable.resizable {
                    true => " Its length can be set before load.",
                    false => "",
                };
                let size = bytes(size);
                format!("`{declaration}`: {size}{weak}, in `{section}`.{resizable}")
            }
        };
        documented(&variable.docs, &text)
    }
}

/// The library's sections, and its `extern` variables as one more.
fn groups<'l, 'a>(library: &'l Library<'a>) -> Vec<Group<'l, 'a>> {
    let (mut fields, mut types) = (Names::default(), Names::default());
    // Names that are not sections' go first.
    for name in ["maps", "externs"] {
        fields.unique(name, &[]);
    }
    for name in ["Maps", "Externs"] {
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
            docs: "The variables that the library declares `extern`, in whatever section another \
                   object defines them."
                .to_owned(),
            configurable: true,
            variables: with_names(&library.externs, |variable| variable.name),
        });
    }
    groups
}

/// A field for the lifetime of a struct that has no other, and its value.
fn marker() -> (TokenStream, TokenStream) {
    (
        quote! {
            #[doc(hidden)]
            pub _object: ::core::marker::PhantomData<&'obj mut ()>
        },
        quote!(_object: ::core::marker::PhantomData),
    )
}

/// Rust names for things of one scope.
fn with_names<'l, T>(list: &'l [T], name: impl Fn(&'l T) -> &'l str) -> Vec<(Ident, &'l T)> {
    with_names_of(&mut Names::default(), list, name)
}

/// Rust names for things of a scope that has other things as well.
fn with_names_of<'l, T>(
    names: &mut Names,
    list: &'l [T],
    name: impl Fn(&'l T) -> &'l str,
) -> Vec<(Ident, &'l T)> {
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

/// A doc comment, as `///` writes it.
fn doc(text: &str) -> TokenStream {
    let lines = text.lines().map(|line| match line {
        "" => String::new(),
        line => format!(" {line}"),
    });
    quote!(#(#[doc = #lines])*)
}

/// What the C author wrote, and what BTF says.
fn documented(written: &[impl AsRef<str>], text: &str) -> TokenStream {
    let written = written.iter().map(AsRef::as_ref).chain([text]);
    doc(&written.collect::<Vec<_>>().join("\n\n"))
}

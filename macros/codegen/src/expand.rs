//! Writes the code. It cannot fail: all errors were found before.
//!
//! One pass over the library, or the selection, gives the list of [`Members`]; the user's struct, that of
//! `configure`, both constructors and the table of the library are printed from it.
//!
//! All paths are absolute (`::core::…`, `::bpf_subskeleton::…`), because a C type may have any name, and
//! because the user's crate may have no prelude; only a primitive type is called `u32` where nothing else is.
//! C types are in a module of their own, `types`, which the generated module imports by a glob, so that a section
//! struct of the same name takes precedence.

mod arena;
mod bindings;
mod btf;
mod checks;
mod composite;
mod constants;
mod description;
mod docs;
mod enumeration;
mod large;
mod maps;
mod members;
mod mirrors;
mod once;
mod programs;
mod proofs;
mod scope;
mod snapshot;
mod struct_ops;
mod traits;
mod types;
mod variables;

use std::collections::HashSet;

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::attr::{Args, Item, Path, ident};
use crate::growth::Growing;
use crate::layout::{Layout, NamedTypeKind, Record};
use crate::names;
use crate::select::{Check, Selected};
use crate::traits::Traits;
use bpf_subskeleton_object::elf::Endianness;
use bpf_subskeleton_object::model::Library;

use self::docs::{Docs, doc};
use self::members::Members;
use self::once::once;
use self::scope::Scope;

/// Everything that the code is written from.
pub(crate) struct Input<'l, 'a> {
    /// The attribute's arguments.
    pub args: &'l Args,
    /// The user's struct.
    pub item: &'l Item,
    /// The object's absolute path.
    pub path: &'l str,
    /// The library.
    pub library: &'l Library<'a>,
    /// The types of the library, or of the selection.
    pub layout: &'l Layout,
    /// The structs that may be longer in the object.
    pub growing: &'l Growing,
    /// Which types can be compared, and the traits of `derive(…)`.
    pub traits: &'l Traits<'l>,
    /// The selected fields; `None` for the whole library.
    pub selected: Option<&'l [Selected<'l, 'l, 'a>]>,
    /// The types of records that the fields name.
    pub records: &'l [Record<'l, 'a>],
    /// What is left for the compiler to check.
    pub checks: &'l [Check<'l, 'l, 'a>],
}

/// The item, with fields and methods, and the module beside it.
pub(crate) fn expand(input: &Input<'_, '_>) -> TokenStream {
    let writer = Writer::new(input);
    let members = Members::new(&writer);
    let live = writer.live_fields(&members);
    let open = writer.open_fields(&members);
    TokenStream::from_iter([
        writer.structs(&members, live.fields, open.fields),
        writer.program_structs(&members),
        writer.arena_struct(&members),
        writer.constructors(&members, live.values, open.values),
        writer.snapshot(&members),
        writer.module(&members),
        writer.checks(),
        tracked(input.args, input.path),
        byte_order(input.args, input.library.endian),
    ])
}

/// Replaces an item that could not be expanded: a struct without fields.
///
/// Only rust-analyzer sees the methods, and fields of types that nothing is known of. Without them it reports each use of
/// the struct, which hides the error that matters, until the object is built.
pub(crate) fn stand_in(item: &Item) -> TokenStream {
    let Item { vis, ident, .. } = item;
    let module = format_ident!("__{}", names::snake_case(&ident.to_string()));
    let fields: Vec<_> = match &item.fields {
        Some(fields) => fields.iter().map(|field| field.ident.clone()).collect(),
        None => [
            "bss",
            "data",
            "rodata",
            "kconfig",
            "externs",
            "maps",
            "programs",
            "struct_ops",
            "arena",
        ]
        .map(call_site)
        .into(),
    };
    quote! {
        #[allow(dead_code, non_snake_case, unexpected_cfgs)]
        mod #module {
            #[cfg(not(rust_analyzer))]
            pub struct #ident;

            #[cfg(rust_analyzer)]
            pub struct #ident {
                #(pub #fields: not_known_yet,)*
            }

            #[cfg(rust_analyzer)]
            impl #ident {
                pub fn bind(_: not_known_yet) -> ::core::result::Result<Self, not_known_yet> { loop {} }
                pub fn configure(_: not_known_yet) -> ::core::result::Result<Self, not_known_yet> { loop {} }
                pub fn programs(_: not_known_yet) -> ::core::result::Result<Self, not_known_yet> { loop {} }
                pub fn arena(_: not_known_yet) -> ::core::result::Result<Self, not_known_yet> { loop {} }
                pub fn detached() -> Self { loop {} }
                pub fn attach(&self) -> ::core::result::Result<Self, not_known_yet> { loop {} }
                pub fn snapshot(&self) -> not_known_yet { loop {} }
            }
        }
        #[allow(unused_imports)]
        #vis use #module::#ident;
    }
}

/// Makes cargo recompile the crate when the object changes, or an environment variable in its path.
fn tracked(args: &Args, path: &str) -> TokenStream {
    let object = &args.object;
    let variables = match object.is_one_literal() {
        true => TokenStream::new(),
        false => quote!(const _: &::core::primitive::str = #object;),
    };
    quote! {
        const _: &[::core::primitive::u8] = ::core::include_bytes!(#path);
        #variables
    }
}

/// BPF programs have the byte order of the machine they run on, so the crate must have it too.
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
    quote_spanned! {args.object.span()=>
        #[cfg(not(target_endian = #order))]
        ::core::compile_error!(#text);
    }
}

/// Writes the parts; each file of this folder has the methods for one.
struct Writer<'l, 'a> {
    input: &'l Input<'l, 'a>,
    /// The names of the C types.
    types: HashSet<&'l str>,
    /// Those of them that are enums.
    enums: HashSet<&'l str>,
    docs: Docs,
}

impl<'l, 'a> Writer<'l, 'a> {
    fn new(input: &'l Input<'l, 'a>) -> Self {
        let Layout {
            items, struct_ops, ..
        } = input.layout;
        let enums = items.iter();
        let enums = enums.filter(|item| matches!(item.kind, NamedTypeKind::Enum(_)));
        Self {
            input,
            types: (items.iter().chain(struct_ops))
                .map(|item| item.name.as_str())
                .collect(),
            enums: enums.map(|item| item.name.as_str()).collect(),
            docs: Docs::default(),
        }
    }

    fn krate(&self) -> &'l Path {
        &self.input.args.krate
    }

    fn name(&self) -> &'l Ident {
        &self.input.item.ident
    }

    /// The scope beside the generated module.
    fn outside(&self) -> Scope<'l> {
        Scope::Outside(&self.input.args.module)
    }

    /// A name derived from the struct's: `HistConfig`.
    fn companion(&self, suffix: &str) -> Ident {
        format_ident!("{}{suffix}", self.name(), span = self.name().span())
    }

    /// The module: sections, maps, types and the description of them all.
    fn module(&self, members: &Members) -> TokenStream {
        let vis = &self.input.item.vis;
        let module = &self.input.args.module;
        let docs = doc(&format!(
            "The sections, maps and C types of [`{0}`](struct@{0}).",
            self.name()
        ));
        let groups = once(self.group_structs(members));
        let config = once(self.config_module(members));
        let snapshot = once(self.snapshot_module(members));
        let types = self.types();
        let types_use = (!types.is_empty()).then(|| {
            quote!(
                pub use self::types::*;
            )
        });
        let types = once(types);
        let mirrors = once(self.mirrors());
        let struct_ops = once(self.struct_ops_types());
        let serialize = once(self.serialize_module());
        let constants = self.constants();
        let constants_use = (!constants.is_empty()).then(|| {
            quote!(
                pub use self::constants::*;
            )
        });
        let constants = once(constants);
        let proofs = once(self.layout_proofs());
        let descriptions = once(self.type_descriptions());
        let library = once(self.library_description(members));
        // `super::X` would not find a struct inside a function, so nothing in here uses it.
        quote! {
            #docs
            #[allow(
                dead_code,
                missing_docs,
                non_camel_case_types,
                non_snake_case,
                non_upper_case_globals,
                clippy::all,
                clippy::pedantic,
                clippy::nursery,
            )]
            #vis mod #module {
                #constants_use
                #types_use

                #groups
                #config
                #snapshot

                #types
                #mirrors
                #struct_ops
                #serialize

                #constants
                #proofs
                #descriptions
                #library
            }
        }
    }
}

/// A field that uses a struct's lifetime, and a type parameter, if no other does; and its value.
fn marker(parameter: &TokenStream) -> (TokenStream, TokenStream) {
    let used = match parameter.is_empty() {
        true => quote!(&'obj mut ()),
        false => quote!(fn(&'obj mut ()) -> #parameter),
    };
    (
        quote! {
            #[doc(hidden)]
            pub _object: ::core::marker::PhantomData<#used>
        },
        quote!(_object: ::core::marker::PhantomData),
    )
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

/// A public module, unless nothing is in it.
fn submodule(name: &str, docs: &str, contents: TokenStream) -> TokenStream {
    if contents.is_empty() {
        return contents;
    }
    let (name, docs, contents) = (call_site(name), doc(docs), once(contents));
    quote! {
        #docs
        pub mod #name {
            #contents
        }
    }
}

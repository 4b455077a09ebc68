//! How code names a type, which depends on where the code is.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::layout::{NamedType, Pointee, Rust};

use super::once::once;
use super::{Writer, call_site, number};

/// Where a type is named.
#[derive(Clone, Copy)]
pub(super) enum Scope<'m> {
    /// Beside the generated module, which has this name.
    Outside(&'m Ident),
    /// In the generated module.
    Module,
    /// In a submodule without C names.
    Child,
    /// In the submodule `fields`.
    Fields,
    /// In the submodule `types`.
    Types,
}

impl Writer<'_, '_> {
    /// A type as code in `scope` names it.
    pub(super) fn rust(&self, ty: &Rust, scope: Scope<'_>) -> TokenStream {
        let krate = self.krate();
        match ty {
            Rust::Int { size, signed } => {
                self.primitive(if *signed { "i" } else { "u" }, *size, scope)
            }
            Rust::Bool => quote!(#krate::Bool),
            Rust::Float { size } => self.primitive("f", *size, scope),
            Rust::Array(element, len) => {
                let element = once(self.rust(element, scope));
                let len = number(*len);
                quote!([#element; #len])
            }
            Rust::Callback => quote!(#krate::Callback),
            Rust::Pointer(pointee) => {
                let to = once(self.pointee(pointee, scope));
                quote!(#krate::BpfPtr<#to>)
            }
            Rust::Named(index) => match self.input.layout.item(*index) {
                Some(item) => self.item_path(item, scope),
                None => quote!(()),
            },
        }
    }

    fn pointee(&self, pointee: &Pointee, scope: Scope<'_>) -> TokenStream {
        let krate = self.krate();
        match pointee {
            Pointee::Void => quote!(::core::ffi::c_void),
            Pointee::Function => quote!(#krate::Function),
            Pointee::Scalar(ty) => self.rust(ty, scope),
            Pointee::Enum(id, size, signed) => match self.input.layout.item_of(*id) {
                Some(item) => self.item_path(item, scope),
                None => {
                    let (size, signed) = (*size, *signed);
                    self.rust(&Rust::Int { size, signed }, scope)
                }
            },
            Pointee::Composite(id) => {
                match self.input.layout.pointee_item(&self.input.library.btf, *id) {
                    Some(item) => self.item_path(item, scope),
                    None => quote!(::core::ffi::c_void),
                }
            }
            Pointee::Array(element, len) => {
                let element = once(self.pointee(element, scope));
                let len = number(*len);
                quote!([#element; #len])
            }
            Pointee::Pointer(to) => {
                let to = once(self.pointee(to, scope));
                quote!(#krate::BpfPtr<#to>)
            }
        }
    }

    pub(super) fn item_path(&self, item: &NamedType, scope: Scope<'_>) -> TokenStream {
        let name = call_site(&item.name);
        match scope {
            Scope::Outside(module) => quote!(#module::types::#name),
            Scope::Module => quote!(self::types::#name),
            Scope::Child | Scope::Fields => quote!(super::types::#name),
            Scope::Types => quote!(self::#name),
        }
    }

    /// A name for a parameter or a variable in the module `types`. An enum's name there is also its
    /// constructor, which a pattern can't shadow.
    pub(super) fn local(&self, name: &str) -> Ident {
        let mut name = name.to_owned();
        while self.enums.contains(name.as_str()) {
            name.push('_');
        }
        call_site(&name)
    }

    /// A primitive type. Its name alone could be a C type's, or one of the user's.
    fn primitive(&self, kind: &str, size: u32, scope: Scope<'_>) -> TokenStream {
        let name = format!("{kind}{}", size * 8);
        let is_clear = match scope {
            Scope::Outside(_) => false,
            Scope::Child => true,
            Scope::Module | Scope::Fields | Scope::Types => !self.types.contains(name.as_str()),
        };
        let name = call_site(&name);
        match is_clear {
            true => quote!(#name),
            false => quote!(::core::primitive::#name),
        }
    }
}

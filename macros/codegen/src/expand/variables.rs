//! A variable's handle, its value before load, and its docs.

use proc_macro2::TokenStream;
use quote::quote;

use crate::layout::Rust;
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::model::{ARENA_SECTION, Extent, Variable};

use super::members::VariableMember;
use super::scope::Scope;
use super::{Writer, bytes, documented};

impl Writer<'_, '_> {
    pub(super) fn variable_docs(&self, member: VariableMember<'_, '_>) -> TokenStream {
        let VariableMember {
            variable,
            section,
            extent,
            ..
        } = member;
        let declaration = declaration(&self.input.library.btf, variable.ty, variable.name);
        let weak = if variable.weak { ", weak" } else { "" };
        let text = match section {
            "extern" => format!("`extern {declaration}`{weak}."),
            section => {
                let resizable = match extent {
                    Extent::Resizable => " Its length can be set before load.",
                    Extent::Fixed | Extent::Flexible | Extent::Unknown => "",
                };
                let size = bytes(variable.size);
                let place = match section {
                    ARENA_SECTION => "the arena".to_owned(),
                    section => format!("`{section}`"),
                };
                format!("`{declaration}`: {size}{weak}, in {place}.{resizable}")
            }
        };
        documented(&variable.docs, &text)
    }

    /// The type of a variable's value, or of its elements if only the object determines their number.
    pub(super) fn value_type(
        &self,
        variable: &Variable<'_>,
        extent: Extent,
        scope: Scope<'_>,
    ) -> TokenStream {
        let ty = self
            .input
            .layout
            .variable(&self.input.library.btf, variable);
        match (extent, &ty) {
            (Extent::Unknown | Extent::Resizable, Rust::Array(element, _)) => {
                self.rust(element, scope)
            }
            _ => self.rust(&ty, scope),
        }
    }

    /// The type argument of the variable's `Var`, if `value` is its [`value_type`](Self::value_type).
    pub(super) fn live_type(&self, extent: Extent, value: &TokenStream) -> TokenStream {
        match extent {
            Extent::Unknown | Extent::Resizable => quote!([#value]),
            Extent::Fixed | Extent::Flexible => value.clone(),
        }
    }

    /// What `configure` borrows, if `value` is the variable's [`value_type`](Self::value_type).
    pub(super) fn open_type(&self, extent: Extent, value: &TokenStream) -> TokenStream {
        let krate = self.krate();
        match extent {
            Extent::Resizable => quote!(#krate::Resizable<'obj, #value>),
            Extent::Unknown => quote!(&'obj mut [#value]),
            Extent::Fixed | Extent::Flexible => quote!(&'obj mut #value),
        }
    }
}

/// The method that takes the variable from what `bind` found.
pub(super) fn take_live(extent: Extent) -> &'static str {
    match extent {
        Extent::Unknown | Extent::Resizable => "unsized_variable",
        Extent::Fixed | Extent::Flexible => "variable",
    }
}

/// The method that takes the variable from what `configure` found.
pub(super) fn take_open(extent: Extent) -> &'static str {
    match extent {
        Extent::Resizable => "resizable_variable",
        Extent::Unknown => "unsized_variable",
        Extent::Fixed | Extent::Flexible => "variable",
    }
}

//! A variable's handle, its value before load, and its docs.

use proc_macro2::TokenStream;
use quote::quote;

use crate::growth::Growth;
use crate::layout::Rust;
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::model::{ARENA_SECTION, Extent, Variable};

use super::docs::documented;
use super::members::VariableMember;
use super::scope::Scope;
use super::{Writer, bytes};

impl Writer<'_, '_> {
    pub(super) fn variable_docs(&self, member: VariableMember<'_, '_>) -> TokenStream {
        let VariableMember {
            variable,
            section,
            extent,
            growth,
            ..
        } = member;
        let declaration = declaration(&self.input.library.btf, variable.ty, variable.name);
        let growth = match growth {
            Growth::None => "",
            Growth::Struct => " It may be longer in the object.",
            Growth::Array => " Its elements may be longer in the object.",
        };
        let weak = if variable.weak { ", weak" } else { "" };
        let text = match section {
            "extern" => format!("`extern {declaration}`{weak}.{growth}"),
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
                format!("`{declaration}`: {size}{weak}, in {place}.{resizable}{growth}")
            }
        };
        documented(&variable.docs, text)
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

    /// Whether the variable may be longer in the object; `requested` if its field says so.
    pub(super) fn growth(&self, variable: &Variable<'_>, requested: bool) -> Growth {
        let btf = &self.input.library.btf;
        self.input.growing.of(btf, variable.ty, requested)
    }

    /// The type argument of the variable's `Var`, if `value` is its [`value_type`](Self::value_type).
    pub(super) fn live_type(
        &self,
        member: VariableMember<'_, '_>,
        value: &TokenStream,
    ) -> TokenStream {
        let krate = self.krate();
        match (member.extent, member.growth) {
            (Extent::Unknown | Extent::Resizable, _) => quote!([#value]),
            (_, Growth::Array) => quote!(#krate::Strided<#value>),
            (Extent::Fixed | Extent::Flexible, _) => value.clone(),
        }
    }

    /// What `configure` borrows, if `value` is the variable's [`value_type`](Self::value_type).
    pub(super) fn open_type(
        &self,
        member: VariableMember<'_, '_>,
        value: &TokenStream,
    ) -> TokenStream {
        let krate = self.krate();
        match member.extent {
            Extent::Resizable => quote!(#krate::Resizable<'obj, #value>),
            Extent::Unknown | Extent::Fixed | Extent::Flexible => {
                let value = self.live_type(member, value);
                quote!(&'obj mut #value)
            }
        }
    }
}

/// The method that takes the variable from what `bind` found.
pub(super) fn take_live(member: VariableMember<'_, '_>) -> &'static str {
    match (member.extent, member.growth) {
        (Extent::Unknown | Extent::Resizable, _) => "unsized_variable",
        (_, Growth::Struct) => "growing_variable",
        (_, Growth::Array) => "strided_variable",
        (Extent::Fixed | Extent::Flexible, Growth::None) => "variable",
    }
}

/// The method that takes the variable from what `configure` found.
pub(super) fn take_open(member: VariableMember<'_, '_>) -> &'static str {
    match member.extent {
        Extent::Resizable => "resizable_variable",
        Extent::Unknown | Extent::Fixed | Extent::Flexible => take_live(member),
    }
}

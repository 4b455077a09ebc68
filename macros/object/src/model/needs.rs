//! What a library needs: things that other objects or the kernel define.

use std::fmt;

use crate::btf::{Btf, Type};
use crate::declaration::declaration;

use super::{Hidden, InitialValue, Library, Reason, Variable};

/// Something that a library only declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need<'a> {
    /// What it is.
    pub kind: NeedKind,
    /// The C name.
    pub name: &'a str,
    /// The C declaration, without `extern`.
    pub declaration: String,
    /// Whether it may be missing.
    pub weak: bool,
}

/// What a library can need. `Display` has the words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeedKind {
    /// A variable of another object.
    Variable,
    /// A map of another object.
    Map,
    /// A variable of a type that is only declared.
    Incomplete,
    /// A function of another object.
    Function,
    /// `extern … __ksym`, a variable.
    KernelVariable,
    /// `extern … __ksym`, a function.
    KernelFunction,
}

impl NeedKind {
    /// Whether libbpf finds it in the kernel at load. Everything else has to be linked in before.
    pub fn is_in_kernel(self) -> bool {
        matches!(self, Self::KernelVariable | Self::KernelFunction)
    }
}

impl fmt::Display for NeedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Variable => "variable",
            Self::Map => "map",
            Self::Incomplete => "variable of a type that is only declared",
            Self::Function => "function",
            Self::KernelVariable => "kernel variable",
            Self::KernelFunction => "kernel function",
        })
    }
}

impl<'a> Library<'a> {
    /// What the library only declares: variables, then maps, then what is in [`hidden`](Self::hidden). What libbpf
    /// reads from the kernel's configuration is not in it.
    pub fn needs(&self) -> Vec<Need<'a>> {
        let variables = self.declared().map(|variable| Need {
            kind: NeedKind::Variable,
            name: variable.name,
            declaration: declaration(&self.btf, variable.ty, variable.name),
            weak: variable.weak,
        });
        let maps = self.maps.iter().filter(|map| map.external);
        let maps = maps.map(|map| Need {
            kind: NeedKind::Map,
            name: map.name,
            declaration: map.name.to_owned(),
            weak: false,
        });
        let hidden = self.hidden.iter().filter_map(|hidden| {
            let kind = match (hidden.reason, hidden.section) {
                (Reason::Kernel, _) => NeedKind::KernelVariable,
                (Reason::Incomplete, _) => NeedKind::Incomplete,
                (Reason::ExternFunction, Some(".ksyms")) => NeedKind::KernelFunction,
                (Reason::ExternFunction, _) => NeedKind::Function,
                _ => return None,
            };
            Some(Need {
                kind,
                name: hidden.name,
                declaration: hidden.declaration(&self.btf),
                weak: hidden.weak,
            })
        });
        variables.chain(maps).chain(hidden).collect()
    }

    /// Variables that another object defines. A declaration may name their section.
    fn declared(&self) -> impl Iterator<Item = &Variable<'a>> {
        let declared = self.variables().filter(|(section, variable)| {
            variable.initial == InitialValue::Unknown
                && section.is_none_or(|section| section.configurable)
        });
        declared.map(|(_, variable)| variable)
    }
}

impl Hidden<'_> {
    /// The C declaration, if it is a variable or function; else the name.
    pub fn declaration(&self, btf: &Btf<'_>) -> String {
        match btf.ty(self.id) {
            Type::Variable { ty, .. } | Type::Function { proto: ty, .. } => {
                declaration(btf, *ty, self.name)
            }
            _ => self.name.to_owned(),
        }
    }
}

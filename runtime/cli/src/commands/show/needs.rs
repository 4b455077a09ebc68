//! What a library needs: things that other objects or the kernel define.

use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::model::{InitialValue, Reason, Variable};

use super::{Interface, hidden_declaration};

/// Something that the library only declares.
pub(super) struct Need {
    pub(super) kind: &'static str,
    pub(super) name: &'static str,
    pub(super) declaration: String,
    /// Whether it may be missing.
    pub(super) weak: bool,
}

impl Interface {
    pub(super) fn needs(&self) -> Vec<Need> {
        let library = &self.library;
        let variables = self.declared().map(|variable| Need {
            kind: "variable",
            name: variable.name,
            declaration: declaration(&library.btf, variable.ty, variable.name),
            weak: variable.weak,
        });
        let maps = library.maps.iter().filter(|map| map.external);
        let maps = maps.map(|map| Need {
            kind: "map",
            name: map.name,
            declaration: map.name.to_owned(),
            weak: false,
        });
        let hidden = library.hidden.iter().filter_map(|hidden| {
            let kind = match (hidden.reason, hidden.section) {
                (Reason::Kernel, _) => "kernel variable",
                (Reason::Incomplete, _) => "variable of a type that is only declared",
                (Reason::ExternFunction, Some(".ksyms")) => "kernel function",
                (Reason::ExternFunction, _) => "function",
                _ => return None,
            };
            Some(Need {
                kind,
                name: hidden.name,
                declaration: hidden_declaration(&library.btf, hidden),
                weak: hidden.weak,
            })
        });
        variables.chain(maps).chain(hidden).collect()
    }

    /// Variables that another object defines. A declaration may name their section.
    fn declared(&self) -> impl Iterator<Item = &Variable<'static>> {
        let variables = self.library.variables();
        let declared = variables.filter(|(section, variable)| {
            variable.initial == InitialValue::Unknown
                && section.is_none_or(|section| section.configurable)
        });
        declared.map(|(_, variable)| variable)
    }
}

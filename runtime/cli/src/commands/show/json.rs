//! What is shown, as JSON.

use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::elf::Endianness;
use bpf_subskeleton_object::model::{Extent, Section, Variable};
use serde_json::{Value as Json, json};

use super::{Interface, maps};
use crate::library::ObjectFile;

impl Interface {
    pub(super) fn to_json(&self, file: &ObjectFile) -> Json {
        let library = &self.library;
        json!({
            "file": file.path().display().to_string(),
            "name": file.name(),
            "endian": match library.endian {
                Endianness::Little => "little",
                Endianness::Big => "big",
            },
            "sections": array(&library.sections, |section| self.json_section(section)),
            "externs": array(&library.externs, |variable| self.json_variable(variable)),
            "arena": array(library.arena_variables(), |variable| self.json_variable(variable)),
            "maps": self.json_maps(),
            "programs": array(&library.programs, |program| json!({
                "name": program.name,
                "section": program.section,
                "context": program.call.context().map(|id| declaration(&library.btf, id, "")),
                "docs": program.docs,
            })),
            "struct_ops": array(&library.struct_ops, |ops| json!({
                "name": ops.name,
                "section": ops.section,
                "declaration": declaration(&library.btf, ops.ty, ops.name),
                "docs": ops.docs,
            })),
            "functions": array(self.functions(), |function| json!({
                "name": function.name,
                "declaration": function.declaration(&library.btf),
            })),
            "needs": array(library.needs(), |need| json!({
                "kind": need.kind.to_string(),
                "name": need.name,
                "declaration": need.declaration,
                "weak": need.weak,
            })),
            "out_of_reach": array(self.out_of_reach(), |(hidden, reason)| json!({
                "name": hidden.name,
                "reason": reason,
                "section": hidden.section,
                "declaration": hidden.declaration(&library.btf),
            })),
            "hazards": self.hazards(),
        })
    }

    fn json_section(&self, section: &Section<'static>) -> Json {
        json!({
            "name": section.name,
            "read_only": section.read_only,
            "configurable": section.configurable,
            "variables": array(&section.variables, |variable| self.json_variable(variable)),
        })
    }

    fn json_variable(&self, variable: &Variable<'static>) -> Json {
        json!({
            "name": variable.name,
            "declaration": declaration(&self.library.btf, variable.ty, variable.name),
            "size": variable.size,
            "align": variable.align,
            "length": match variable.extent {
                Extent::Fixed => "fixed",
                Extent::Flexible => "flexible",
                Extent::Unknown => "unknown",
                Extent::Resizable => "resizable",
            },
            "read_only": variable.read_only,
            "weak": variable.weak,
            "value": self.initial_value(variable).map(|value| value.to_json()),
            "docs": variable.docs,
        })
    }

    fn json_maps(&self) -> Json {
        array(&self.library.maps, |map| {
            let mut json = maps::to_json(&self.library.btf, &map.definition);
            json["name"] = map.name.into();
            json["external"] = map.external.into();
            json["docs"] = json!(map.docs);
            json
        })
    }
}

fn array<T>(items: impl IntoIterator<Item = T>, item: impl FnMut(T) -> Json) -> Json {
    items.into_iter().map(item).collect()
}

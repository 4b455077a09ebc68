//! The variables in an arena.

use quote::quote;

use bpf_subskeleton_object::model::ARENA_SECTION;

use crate::growth::Growth;

use super::super::{Writer, call_site};
use super::whole::with_names;
use super::{Group, GroupKind, GroupStruct, VariableMember};

impl Writer<'_, '_> {
    /// The group of the variables in an arena; a selection has none of them.
    pub(super) fn arena_group(&self) -> Option<Group> {
        let arena = self.input.library.arena.as_ref()?;
        let variables = match self.input.selected {
            None => arena.variables.as_slice(),
            Some(_) => &[],
        };
        let krate = self.krate();
        let members = with_names(variables, |variable| variable.name).map(|(name, variable)| {
            let extent = variable.extent;
            let member = VariableMember {
                variable,
                section: ARENA_SECTION,
                extent,
                writable: true,
                growth: Growth::None,
            };
            let value = self.value_type(variable, extent, self.outside());
            let value = self.live_type(member, &value);
            self.whole_variable(name, member, quote!(&'obj #krate::Shared<#value>), true)
        });
        Some(Group {
            members: members.collect(),
            of: Some(GroupStruct {
                field: call_site("arena"),
                ty: call_site("Arena"),
                docs: "The variables in the arena.".to_owned(),
                open_docs: "The variables in the arena.".to_owned(),
                config_docs: "The variables in the arena before load.".to_owned(),
                snapshot_docs: String::new(),
                kind: GroupKind::Arena,
            }),
        })
    }
}

//! The variables in an arena.

use quote::quote;

use bpf_subskeleton_object::model::ARENA_SECTION;

use super::super::variables::{take_live, take_open};
use super::super::{Writer, call_site};
use super::whole::with_names;
use super::{Group, GroupStruct, Member, OPEN, Part, VariableMember};

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
            };
            let docs = self.variable_docs(member);
            let part = |ty, take| {
                let take = call_site(take);
                Part {
                    attrs: docs.clone(),
                    vis: quote!(pub),
                    ty,
                    taken: quote!(library.#take()),
                }
            };
            let live = self.value_type(variable, extent, self.outside());
            let live = self.live_type(extent, &live);
            let open = self.value_type(variable, extent, OPEN);
            let open = self.open_type(extent, &open);
            let ty = self
                .input
                .layout
                .variable(&self.input.library.btf, variable);
            Member {
                name,
                live: part(quote!(&'obj #krate::Shared<#live>), take_live(extent)),
                open: Some(part(open, take_open(extent))),
                line: Some(self.variable_line(member, false)),
                has_debug: !self.holds_own_type(&ty),
            }
        });
        Some(Group {
            members: members.collect(),
            of: Some(GroupStruct {
                field: call_site("arena"),
                ty: call_site("Arena"),
                docs: "The variables in the arena.".to_owned(),
                open_docs: "The variables in the arena.".to_owned(),
                config_docs: "The variables in the arena before load.".to_owned(),
                is_clone: false,
            }),
        })
    }
}

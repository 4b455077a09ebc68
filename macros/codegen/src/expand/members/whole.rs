//! The whole library: a struct of handles for each section, and one for the maps.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::growth::Growth;
use crate::layout::{Rust, is_text};
use crate::names::{self, Names};
use bpf_subskeleton_object::model::{Extent, Library, Section, Variable};

use super::super::maps::take_map;
use super::super::variables::{take_live, take_open};
use super::super::{Writer, call_site};
use super::snapshot::Value;
use super::{
    Group, GroupKind, GroupStruct, LIVE, Member, OPEN, Part, SNAPSHOT, Shown, VariableMember,
};

impl<'a> Writer<'_, 'a> {
    /// A group for each section, one for `extern` variables, and one for maps, if there are any.
    pub(super) fn whole(&self) -> Vec<Group> {
        let library = self.input.library;
        let mut groups: Vec<_> = section_structs(library)
            .into_iter()
            .zip(&library.sections)
            .map(|(of, section)| self.variables(of, &section.variables, Some(section)))
            .collect();
        if !library.externs.is_empty() {
            let docs = "The variables that the library declares `extern`, in whatever section another \
                        object defines them.";
            let of = GroupStruct {
                field: call_site("externs"),
                ty: call_site("Externs"),
                docs: docs.to_owned(),
                open_docs: docs.to_owned(),
                config_docs: "The `extern` variables before load.".to_owned(),
                snapshot_docs: "The values of the `extern` variables.".to_owned(),
                kind: GroupKind::Section,
            };
            groups.push(self.variables(of, &library.externs, None));
        }
        if !library.maps.is_empty() {
            groups.push(self.maps());
        }
        groups
    }

    fn variables(
        &self,
        of: GroupStruct,
        variables: &[Variable<'a>],
        section: Option<&Section<'a>>,
    ) -> Group {
        let named = with_names(variables, |variable| variable.name);
        let members = named.map(|(name, variable)| {
            let configurable = section.is_none_or(|section| section.configurable);
            let member = VariableMember {
                variable,
                section: section.map_or("extern", |section| section.name),
                extent: variable.extent,
                writable: !variable.read_only,
                growth: self.growth(variable, false),
            };
            let krate = self.krate();
            let handle = call_site(if member.writable { "Var" } else { "Const" });
            let value = self.value_type(variable, member.extent, LIVE);
            let value = self.live_type(member, &value);
            let live = quote!(#krate::#handle<#value>);
            self.whole_variable(name, member, live, configurable)
        });
        Group {
            of: Some(of),
            members: members.collect(),
        }
    }

    /// The member of a variable, which after load is a `live`.
    pub(super) fn whole_variable(
        &self,
        name: Ident,
        member: VariableMember<'_, '_>,
        live: TokenStream,
        configurable: bool,
    ) -> Member {
        let VariableMember {
            variable, extent, ..
        } = member;
        let docs = self.variable_docs(member);
        let take = call_site(take_live(member));
        let live = Part {
            attrs: docs.clone(),
            vis: quote!(pub),
            ty: live,
            taken: quote!(library.#take()),
        };
        let attrs = docs.clone();
        let open = configurable.then(|| {
            let value = self.value_type(variable, extent, OPEN);
            let take = call_site(take_open(member));
            Part {
                attrs: docs,
                vis: quote!(pub),
                ty: self.open_type(member, &value),
                taken: quote!(library.#take()),
            }
        });
        let ty = self
            .input
            .layout
            .variable(&self.input.library.btf, variable);
        let is_text = is_text(&self.input.library.btf, variable.ty);
        let snapshot = self.input.args.snapshot.then(|| {
            let (value, is_array) = match &ty {
                Rust::Array(element, _) => (element.as_ref(), true),
                ty => (ty, false),
            };
            let value = Value {
                attrs,
                vis: quote!(pub),
                ty: self.rust(value, SNAPSHOT),
                is_array,
                size: variable.size,
                rust: value.clone(),
                is_known: !self.holds_own_type(&ty),
                is_text,
                optional: false,
            };
            self.snapshot_part(&name, value)
        });
        Member {
            live,
            open,
            snapshot,
            name,
            line: Some(self.variable_line(member, false)),
            shown: match self.holds_own_type(&ty) {
                true => Shown::Hidden,
                // One that can be resized is more often memory than text.
                false if is_text && extent == Extent::Fixed => Shown::Text,
                false => Shown::Itself,
            },
            grows: member.growth == Growth::Struct,
        }
    }

    fn maps(&self) -> Group {
        let named = with_names(&self.input.library.maps, |map| map.name);
        let members = named.map(|(name, map)| {
            let grows = self.values_grow(map, false);
            let docs = self.map_docs(map, grows);
            let part = |ty, take| {
                let take = call_site(take);
                Part {
                    attrs: docs.clone(),
                    vis: quote!(pub),
                    ty,
                    taken: quote!(library.#take()),
                }
            };
            let open = self.map_type(&map.definition, OPEN);
            Member {
                name,
                live: part(self.map_type(&map.definition, LIVE), take_map(grows)),
                open: Some(part(self.open_map_type(&open), "map")),
                snapshot: None,
                line: Some(self.map_line(map, grows, false)),
                shown: Shown::Itself,
                grows: false,
            }
        });
        Group {
            members: members.collect(),
            of: Some(GroupStruct {
                field: call_site("maps"),
                ty: call_site("Maps"),
                docs: "The maps.".to_owned(),
                open_docs: "The maps.".to_owned(),
                config_docs: "The maps before load.".to_owned(),
                snapshot_docs: String::new(),
                kind: GroupKind::Maps,
            }),
        }
    }
}

/// The structs of the library's sections.
fn section_structs(library: &Library<'_>) -> Vec<GroupStruct> {
    let (mut fields, mut types) = (Names::default(), Names::default());
    // Names of other things take precedence over those of sections.
    for name in ["maps", "externs", "arena"] {
        fields.unique(name, &[]);
    }
    for name in ["Maps", "Externs", "Arena"] {
        types.unique(name, &[]);
    }
    let structs = library.sections.iter().map(|section| {
        let name = section.name;
        let docs = format!("The variables of `{name}`.");
        GroupStruct {
            field: call_site(&fields.unique(&names::section_field(name), &[])),
            ty: call_site(&types.unique(&names::section_type(name), &[])),
            docs: match section.read_only {
                false => docs.clone(),
                true => format!("The variables of `{name}`, read-only once loaded."),
            },
            open_docs: docs,
            config_docs: format!("The variables of `{name}` before load."),
            snapshot_docs: format!("The values of the variables of `{name}`."),
            kind: GroupKind::Section,
        }
    });
    structs.collect()
}

/// Rust names in one scope.
pub(super) fn with_names<'l, T>(
    list: &'l [T],
    name: impl Fn(&'l T) -> &'l str,
) -> impl Iterator<Item = (Ident, &'l T)> {
    let mut names = Names::default();
    list.iter()
        .map(move |thing| (call_site(&names.unique(name(thing), &[])), thing))
}

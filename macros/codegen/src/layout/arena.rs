//! What pointers into an arena lead to, which gets fields: user space follows them.

use std::collections::HashSet;

use bpf_subskeleton_object::btf::{Btf, Composite, Type, TypeId};
use bpf_subskeleton_object::model::{Variable, leads_to_arena};

use super::build::Builder;
use super::{LayoutError, MAX_NESTING, dimensions};

/// A type whose pointers lead into an arena, and a path to it.
type Step = (TypeId, String);

impl<'a> Builder<'_, 'a> {
    /// Lays out what pointers into an arena point to, those inside of that too.
    pub(super) fn follow_arena_pointers(
        &mut self,
        variables: &[&Variable<'a>],
    ) -> Result<(), LayoutError> {
        let variables = variables.iter();
        let variables = variables.filter(|variable| variable.leads_to_arena);
        let mut steps: Vec<Step> = variables
            .map(|variable| (variable.ty, variable.name.to_owned()))
            .collect();
        steps.extend(self.marked_members());
        let mut seen = HashSet::new();
        while let Some((id, path)) = steps.pop() {
            let id = self.btf.resolve(id);
            if !seen.insert(id) {
                continue;
            }
            match self.btf.ty(id) {
                Type::Array { element, .. } => steps.push((*element, path)),
                Type::Struct(composite) | Type::Union(composite) => {
                    let members = composite.members.iter();
                    steps
                        .extend(members.map(|member| (member.ty, member_path(&path, member.name))));
                }
                Type::Pointer { to: written } => {
                    let to = self.btf.resolve(*written);
                    if is_followed(self.btf, to) {
                        self.rust(*written, &path)?;
                        self.layout.in_arena.insert(to);
                        steps.push((to, path));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Members of structs and unions that C marks as pointers into an arena.
    fn marked_members(&self) -> Vec<Step> {
        let mut marked = Vec::new();
        for (id, ty) in self.btf.iter() {
            let (Type::Struct(Composite { name, members, .. })
            | Type::Union(Composite { name, members, .. })) = ty
            else {
                continue;
            };
            if !self.layout.has_type(id) {
                continue;
            }
            for (component, member) in (0..).zip(members.iter()) {
                if leads_to_arena(self.btf, id, Some(component)) {
                    marked.push((member.ty, member_path(name, member.name)));
                }
            }
        }
        marked
    }
}

fn member_path(path: &str, member: &str) -> String {
    match member {
        "" => path.to_owned(),
        member => format!("{path}_{member}"),
    }
}

/// Whether pointers to this type are followed: to a struct, union or enum that BTF defines, or to arrays of or pointers to
/// these. Others need no more than their size and sign.
fn is_followed(btf: &Btf<'_>, id: TypeId) -> bool {
    let mut id = id;
    for _ in 0..MAX_NESTING {
        id = match btf.ty(id) {
            Type::Pointer { to } => btf.resolve(*to),
            Type::Array { element, .. } if dimensions(btf, id) <= MAX_NESTING => {
                btf.resolve(*element)
            }
            // `enum e;`
            Type::Enum { size: 0, .. } => return false,
            ty => return matches!(ty, Type::Struct(_) | Type::Union(_) | Type::Enum { .. }),
        };
    }
    false
}

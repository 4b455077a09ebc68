//! Types that no variable or map of a selection need have, because a field names them: `maps::RingBuf<events::event>`.

use std::collections::HashSet;

use syn::Ident;
use syn::ext::IdentExt as _;

use crate::attr::{Form, Request, Type as Written};
use crate::layout::{NamedTypeKind, Record, Roots};
use bpf_subskeleton_object::btf::{Btf, Type, TypeId};
use bpf_subskeleton_object::model::{Extent, Library, Section, Shape, Variable};

use super::types::Checker;
use super::{Selected, near};

/// The types of the library's BTF that the fields of maps name by their paths in `module`, each once. `roots` are the
/// selected variables and maps.
pub(super) fn named<'l, 'a>(
    library: &'l Library<'a>,
    selected: &[Selected<'_, 'l, 'a>],
    module: &Ident,
    roots: &Roots<'l, 'a>,
) -> Vec<Record<'l, 'a>> {
    let (mut seen, mut compared) = (HashSet::new(), HashSet::new());
    let names = selected
        .iter()
        .flat_map(|Selected { field, .. }| match &field.request {
            Request::Map { types, .. } => types.as_slice(),
            Request::Variable { .. } | Request::Other(_) => &[],
        })
        .flatten()
        .flat_map(|ty| ty.names_in(module))
        .map(|name| name.unraw().to_string());
    names
        .filter(|name| seen.insert(name.clone()))
        .filter_map(|name| record(library, roots, &name))
        .map(|record| Record {
            // A struct and a typedef of it have one.
            variable: record
                .variable
                .filter(|(_, variable)| compared.insert(variable.name)),
            ..record
        })
        .collect()
}

/// The type of that name: a tag before a typedef, and of several one that `bind` compares, or else can compare.
fn record<'l, 'a>(
    library: &'l Library<'a>,
    roots: &Roots<'l, 'a>,
    name: &str,
) -> Option<Record<'l, 'a>> {
    let btf = &library.btf;
    let called = types(btf).filter(|(_, called)| *called == name);
    let is_typedef = |id| matches!(btf.ty(id), Type::Typedef { .. });
    let records = called.map(|(ty, _)| {
        let is_compared = is_compared(btf, roots, ty);
        let variable = match is_compared {
            true => None,
            false => variable(library, ty),
        };
        let rank = (is_typedef(ty), !is_compared, variable.is_none());
        (rank, Record { ty, variable })
    });
    let best = records.min_by_key(|(rank, _)| *rank);
    best.map(|(_, record)| record)
}

/// The types with a name and a size.
fn types<'b, 'a>(btf: &'b Btf<'a>) -> impl Iterator<Item = (TypeId, &'a str)> + 'b {
    btf.iter().filter_map(|(id, ty)| {
        let has_name = matches!(
            ty,
            Type::Struct(_) | Type::Union(_) | Type::Enum { .. } | Type::Typedef { .. }
        );
        let is_value = || match btf.ty(btf.resolve(id)) {
            Type::Enum { size: 0, .. } => false,
            _ => btf.size_of(id).is_some(),
        };
        (has_name && !ty.name().is_empty() && is_value()).then(|| (id, ty.name()))
    })
}

/// Whether `bind` compares the type already, for a variable or map of the selection.
fn is_compared(btf: &Btf<'_>, roots: &Roots<'_, '_>, ty: TypeId) -> bool {
    let is_it = |mut id: TypeId| {
        id = btf.resolve(id);
        while let Type::Array { element, .. } = btf.ty(id) {
            id = btf.resolve(*element);
        }
        id == btf.resolve(ty)
    };
    let in_maps = roots.maps.iter().any(|map| {
        let shapes = [map.definition.key, map.definition.value];
        (shapes.iter()).any(|shape| matches!(shape, Shape::Type(id) if is_it(*id)))
    });
    in_maps || roots.variables.iter().any(|variable| is_it(variable.ty))
}

/// A variable of that type, in a section of the library's own.
fn variable<'l, 'a>(
    library: &'l Library<'a>,
    ty: TypeId,
) -> Option<(&'l Section<'a>, &'l Variable<'a>)> {
    let btf = &library.btf;
    library.variables().find_map(|(section, variable)| {
        let section = section.filter(|section| section.configurable)?;
        let is_it = btf.resolve(variable.ty) == btf.resolve(ty);
        (is_it && variable.extent == Extent::Fixed).then_some((section, variable))
    })
}

impl Checker<'_, '_, '_, '_> {
    /// What to say if the written type is a path into the generated module, but there is nothing of that name.
    pub(super) fn not_in_btf(&self, written: &Written) -> Option<String> {
        let Form::Path(path) = &written.form else {
            return None;
        };
        let has_name = || {
            let mut items = self.layout.items.iter();
            items.any(|item| {
                path.name == item.name.as_str() && !matches!(item.kind, NamedTypeKind::Opaque)
            })
        };
        if !path.is_in(self.module) || has_name() {
            return None;
        }
        let name = path.name.unraw().to_string();
        let near = near(&name, types(&self.library.btf).map(|(_, name)| name));
        Some(format!(
            "the library's BTF has no definition of `{name}`: a global variable of the type puts it there{near}"
        ))
    }
}

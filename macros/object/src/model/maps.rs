//! Map definitions: the members of a struct in `SEC(".maps")`.

use crate::btf::{Btf, Type, TypeId};

use super::{MapDefinition, Shape, pointee};

/// Reads a map definition as libbpf does (`parse_btf_map_def`): `__uint(name, value)` is a pointer to
/// an array of that length, `__type(name, type)` a pointer to the type, `__array(name, type)` an array
/// of pointers to it.
pub(super) fn map_definition(btf: &Btf<'_>, id: TypeId) -> MapDefinition {
    let mut definition = MapDefinition::default();
    let Type::Struct(composite) = btf.ty(btf.resolve(id)) else {
        return definition;
    };
    for member in &composite.members {
        let number = || match btf.ty(btf.resolve(pointee(btf, member.ty)?)) {
            Type::Array { len, .. } => Some(*len),
            _ => None,
        };
        match member.name {
            "type" => definition.map_type = number(),
            "max_entries" => definition.max_entries = number(),
            "map_flags" => definition.flags = number(),
            "key_size" => definition.key = number().map_or(definition.key, Shape::Size),
            "value_size" => definition.value = number().map_or(definition.value, Shape::Size),
            "key" | "value" => {
                let Some(to) = pointee(btf, member.ty).filter(|to| btf.size_of(*to).is_some())
                else {
                    continue;
                };
                match member.name {
                    "key" => definition.key = Shape::Type(to),
                    _ => definition.value = Shape::Type(to),
                }
            }
            "values" => definition.inner = inner_definition(btf, member.ty).map(Box::new),
            _ => {}
        }
    }
    definition
}

/// The definition in `__array(values, struct { … })`. As in the kernel, inner maps have no inner maps,
/// so this goes one level deep.
fn inner_definition(btf: &Btf<'_>, id: TypeId) -> Option<MapDefinition> {
    let Type::Array { element, .. } = btf.ty(btf.resolve(id)) else {
        return None;
    };
    let to = btf.resolve(pointee(btf, *element)?);
    match btf.ty(to) {
        Type::Struct(composite) => {
            let nested = composite
                .members
                .iter()
                .any(|member| member.name == "values");
            (!nested).then(|| map_definition(btf, to))
        }
        _ => None,
    }
}

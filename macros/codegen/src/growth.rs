//! Structs that may be longer in the object: which they are, and whether they can be where they are used.
//!
//! A longer struct moves whatever comes after it. So it can be a variable, the element of an array that is one, the value
//! of a map, or the end of another struct that may be longer.

use std::collections::HashSet;

use syn::Ident;

use crate::attr::Request;
use crate::errors::Errors;
use crate::layout::{Layout, NamedType, NamedTypeKind, Roots, Rust};
use crate::select::{Choice, Selected, near};
use bpf_subskeleton_object::btf::{Btf, Composite, Type, TypeId};
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::map_type::{MapType, Parameters};
use bpf_subskeleton_object::model::{Extent, Library, Map, MapDefinition, Shape, Variable};

/// The structs of `grows(…)`.
#[derive(Debug, Default)]
pub(crate) struct Growing {
    types: HashSet<TypeId>,
}

/// How a variable may be longer in the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Growth {
    /// Not at all.
    None,
    /// It is a struct.
    Struct,
    /// It is an array of structs.
    Array,
}

impl Growing {
    /// Whether the type is one of the structs.
    pub(crate) fn contains(&self, btf: &Btf<'_>, id: TypeId) -> bool {
        self.types.contains(&btf.resolve(id))
    }

    /// How a variable of the type may be longer; `requested` if it may, whatever struct it is.
    pub(crate) fn of(&self, btf: &Btf<'_>, id: TypeId, requested: bool) -> Growth {
        let grows = |id| match btf.ty(btf.resolve(id)) {
            Type::Struct(_) => requested || self.contains(btf, id),
            _ => false,
        };
        match btf.ty(btf.resolve(id)) {
            Type::Array { element, .. } if grows(*element) => Growth::Array,
            _ if grows(id) => Growth::Struct,
            _ => Growth::None,
        }
    }

    /// Whether the values of the map may be longer; `requested` if they may, whatever struct they are.
    pub(crate) fn in_values(&self, btf: &Btf<'_>, map: &Map<'_>, requested: bool) -> bool {
        match map.definition.value {
            Shape::Type(id) => self.of(btf, id, requested) == Growth::Struct,
            Shape::Size(_) | Shape::Unknown => false,
        }
    }

    /// Resolves the names of `grows(…)`. Those that name nothing, nothing that can be longer, or something that is where
    /// it can't be, are errors.
    pub(crate) fn resolve(
        names: &[Ident],
        library: &Library<'_>,
        layout: &Layout,
        roots: &Roots<'_, '_>,
        selected: Option<&[Selected<'_, '_, '_>]>,
        errors: &mut Errors,
    ) -> Self {
        let btf = &library.btf;
        let mut growing = Self::default();
        let mut found = Vec::new();
        for name in names {
            let resolved = named(name, layout).and_then(|item| growable(item, btf));
            match resolved.map(|id| (id, growing.types.insert(id))) {
                Ok((id, true)) => found.push((name, id)),
                Ok((_, false)) => errors.at(name.span(), format!("duplicate type `{name}`")),
                Err(text) => errors.at(name.span(), text),
            }
        }
        if found.is_empty() {
            return growing;
        }
        let misplaced = Search::new(btf, layout, &growing).misplaced(library, roots, selected);
        for (name, id) in found {
            let place = misplaced.iter().find(|(misplaced, _)| *misplaced == id);
            if let Some((_, place)) = place {
                errors.at(name.span(), format!("`{name}` can't grow{place}"));
                growing.types.remove(&id);
            }
        }
        growing
    }
}

/// Checks each `#[bpf(grows)]`: it is on a variable or map that can be longer.
pub(crate) fn check_fields(selected: &[Selected<'_, '_, '_>], btf: &Btf<'_>, errors: &mut Errors) {
    for Selected { field, choice } in selected {
        let Some(span) = field.grows else { continue };
        let name = &field.name;
        let wrong = match choice {
            Choice::Nothing => None,
            Choice::Map(map) => match &field.request {
                Request::Map { word, .. } if word == "RingBuf" || word == "PerfEventArray" => Some(
                    format!("records of `{name}` may be longer than their type without `grows`"),
                ),
                Request::Map { word, .. } if word == "UserRingBuf" => Some(format!(
                    "records of `{name}` are as long as their type, with `grows` or without"
                )),
                _ => values_of(map, btf).err(),
            },
            Choice::Variable(chosen) => {
                let id = chosen.variable.ty;
                let (element, in_array) = element(btf, id);
                composite(btf, element)
                    .and_then(|()| in_variable(chosen.extent, in_array))
                    .err()
                    .map(|reason| {
                        let declaration = declaration(btf, id, chosen.variable.name);
                        format!("`{declaration}` can't grow: {reason}")
                    })
            }
        };
        if let Some(text) = wrong {
            errors.at(span, text);
        }
    }
}

/// The item of that name.
fn named<'l>(name: &Ident, layout: &'l Layout) -> Result<&'l NamedType, String> {
    let text = name.to_string();
    let mut items = layout.items.iter();
    let item = items.find(|item| item.name == text);
    // A typedef of a struct is the struct.
    let item = item.map(|item| match &item.kind {
        NamedTypeKind::Alias(Rust::Named(index)) => layout.item(*index).unwrap_or(item),
        _ => item,
    });
    item.ok_or_else(|| {
        let structs = layout.items.iter();
        let structs = structs.filter(|item| matches!(item.kind, NamedTypeKind::Struct(_)));
        let near = near(&text, structs.map(|item| item.name.as_str()));
        format!("no variable or map here uses a struct `{name}`{near}")
    })
}

fn growable(item: &NamedType, btf: &Btf<'_>) -> Result<TypeId, String> {
    let name = &item.c_name;
    match &item.kind {
        NamedTypeKind::Struct(found) => {
            let id = found.ty;
            composite(btf, id).map_err(|reason| format!("`{name}` can't grow: {reason}"))?;
            Ok(id)
        }
        NamedTypeKind::Enum(_) => Err(format!("`{name}` can't grow: {ENUM}")),
        NamedTypeKind::Opaque => Err(format!(
            "`{name}` needs no `grows`: it is reached through pointers only"
        )),
        NamedTypeKind::Alias(_) => Err(format!("`{name}` is not a struct, and only structs grow")),
    }
}

const ENUM: &str = "an enum may have more constants in the object without `grows`";

/// Whether the type can be longer.
fn composite(btf: &Btf<'_>, id: TypeId) -> Result<(), &'static str> {
    match btf.ty(btf.resolve(id)) {
        Type::Struct(Composite { size: 0, .. }) => Err("it has no members"),
        Type::Struct(composite) => {
            let last = composite.members.last();
            let last = last.map(|last| btf.ty(btf.resolve(last.ty)));
            match last {
                Some(Type::Array { len: 0, .. }) => {
                    Err("it ends with a flexible array, which nothing can follow")
                }
                _ => Ok(()),
            }
        }
        Type::Union(_) => {
            Err("it is a union, whose new members would share bytes with those known here")
        }
        Type::Enum { .. } => Err(ENUM),
        _ => Err("it is not a struct"),
    }
}

/// How many arrays are around what `id` is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum InArray {
    No,
    One,
    Several,
}

/// What the type is made of, if it is an array.
fn element(btf: &Btf<'_>, id: TypeId) -> (TypeId, InArray) {
    let mut id = btf.resolve(id);
    let mut arrays = InArray::No;
    while let Type::Array { element, .. } = btf.ty(id) {
        id = btf.resolve(*element);
        arrays = match arrays {
            InArray::No => InArray::One,
            InArray::One | InArray::Several => InArray::Several,
        };
    }
    (id, arrays)
}

/// Whether a variable can be longer by its struct, in arrays or not.
fn in_variable(extent: Extent, arrays: InArray) -> Result<(), &'static str> {
    match (extent, arrays) {
        (_, InArray::Several) => Err("it is an array of arrays"),
        (Extent::Fixed, _) => Ok(()),
        (Extent::Flexible, _) => Err("it ends with a flexible array, which nothing can follow"),
        (Extent::Unknown, _) => Err("the object decides how long the array is"),
        (Extent::Resizable, _) => Err(
            "the array's length can be set before load; select it with its length: `Var<[T; 4]>`",
        ),
    }
}

/// Whether the values of a map can be longer, whatever they are.
fn in_values(definition: &MapDefinition) -> Result<(), &'static str> {
    let Some(map_type) = definition.map_type.and_then(MapType::by_number) else {
        return Ok(());
    };
    match (map_type.name, map_type.parameters) {
        ("BloomFilter", _) => Err("a bloom filter is asked for all of a value"),
        ("DevMap" | "DevMapHash" | "CpuMap", _) => Err("the kernel decides what is in it"),
        (_, Parameters::Value | Parameters::KeyValue) => Ok(()),
        (_, Parameters::Inner | Parameters::KeyInner) => {
            Err("a map that is set there later is compared by its sizes alone")
        }
        (_, Parameters::None | Parameters::Record | Parameters::Key) => {
            Err("the kernel decides what is in it")
        }
    }
}

const ARRAY_OF_VALUES: &str = "it is an array, whose elements would move";

/// Whether the values of this map can be longer.
fn values_of(map: &Map<'_>, btf: &Btf<'_>) -> Result<(), String> {
    let name = map.name;
    let id = match map.definition.value {
        Shape::Type(id) => id,
        Shape::Size(_) | Shape::Unknown => {
            let reason = in_values(&map.definition)
                .err()
                .unwrap_or("BTF does not say what they are");
            return Err(format!("the values of map `{name}` can't grow: {reason}"));
        }
    };
    let whole = match element(btf, id) {
        (_, InArray::No) => composite(btf, id),
        _ => Err(ARRAY_OF_VALUES),
    };
    in_values(&map.definition).and(whole).map_err(|reason| {
        let declaration = declaration(btf, id, "");
        format!("`{declaration}` can't grow in the values of map `{name}`: {reason}")
    })
}

/// Finds structs where they can't be longer.
struct Search<'s, 'a> {
    btf: &'s Btf<'a>,
    layout: &'s Layout,
    growing: &'s Growing,
    /// Structs and unions that were searched, those in an arena and elsewhere apart.
    seen: HashSet<TypeId>,
    misplaced: Vec<(TypeId, String)>,
}

impl<'s, 'a> Search<'s, 'a> {
    fn new(btf: &'s Btf<'a>, layout: &'s Layout, growing: &'s Growing) -> Self {
        Self {
            btf,
            layout,
            growing,
            seen: HashSet::new(),
            misplaced: Vec::new(),
        }
    }

    /// Each struct and where it is, which reads on after "can't grow".
    fn misplaced(
        mut self,
        library: &Library<'_>,
        roots: &Roots<'_, '_>,
        selected: Option<&[Selected<'_, '_, '_>]>,
    ) -> Vec<(TypeId, String)> {
        let in_arena: HashSet<_> = library.arena_variables().map(core::ptr::from_ref).collect();
        for variable in &roots.variables {
            let name = variable.name;
            if in_arena.contains(&core::ptr::from_ref(*variable)) {
                self.nowhere_in(variable.ty, &format!(": `{name}` is in an arena"));
                continue;
            }
            let (id, arrays) = element(self.btf, variable.ty);
            let extent = extent_of(variable, selected);
            if let Err(reason) = in_variable(extent, arrays) {
                let declaration = declaration(self.btf, variable.ty, name);
                let text = format!(" in `{declaration}`: {reason}");
                self.at(id, text);
            }
            self.inside(id);
        }
        for id in self.layout.arena_pointees() {
            self.nowhere_in(id, ": it is in what pointers into an arena lead to");
        }
        for map in &roots.maps {
            self.map(map);
        }
        for record in &roots.records {
            self.inside(self.btf.resolve(record.ty));
        }
        for program in roots.programs {
            if let Some(id) = program.call.context() {
                let text = format!(": it is in the context of program `{}`", program.name);
                self.nowhere_in(id, &text);
            }
        }
        for struct_ops in roots.struct_ops {
            let text = format!(": it is in the `struct_ops` `{}`", struct_ops.name);
            self.nowhere_in(struct_ops.ty, &text);
        }
        self.misplaced
    }

    fn map(&mut self, map: &Map<'_>) {
        let (name, definition) = (map.name, &map.definition);
        if let Shape::Type(id) = definition.key {
            self.nowhere_in(id, &format!(": it is in the keys of map `{name}`"));
        }
        if let Some(inner) = &definition.inner {
            for (part, shape) in [("keys", inner.key), ("values", inner.value)] {
                if let Shape::Type(id) = shape {
                    let text = format!(": it is in the {part} of the maps in `{name}`");
                    self.nowhere_in(id, &text);
                }
            }
        }
        let Shape::Type(id) = definition.value else {
            return;
        };
        let at = format!(" in the values of map `{name}`");
        match (in_values(definition), element(self.btf, id)) {
            (Err(reason), _) => self.nowhere_in(id, &format!("{at}: {reason}")),
            (Ok(()), (id, arrays)) => {
                if arrays != InArray::No {
                    self.at(id, format!("{at}: {ARRAY_OF_VALUES}"));
                }
                self.inside(id);
            }
        }
    }

    /// Notes that the struct can't be there, if it is one that grows.
    fn at(&mut self, id: TypeId, text: String) {
        if self.growing.contains(self.btf, id) {
            self.misplaced.push((self.btf.resolve(id), text));
        }
    }

    /// All that is in `id` can't grow, itself included.
    fn nowhere_in(&mut self, id: TypeId, text: &str) {
        let mut seen = HashSet::new();
        let mut left = vec![element(self.btf, id).0];
        while let Some(id) = left.pop() {
            self.at(id, text.to_owned());
            if seen.insert(id) {
                left.extend(members(self.btf, id).map(|member| element(self.btf, member.ty).0));
            }
        }
    }

    /// What is in a struct can only grow at its end, and with it.
    fn inside(&mut self, id: TypeId) {
        let mut left = vec![id];
        while let Some(id) = left.pop() {
            if !self.seen.insert(id) {
                continue;
            }
            let grows = self.growing.contains(self.btf, id);
            let size = match self.btf.ty(id) {
                Type::Struct(composite) => composite.size,
                // No member of a union is at its end.
                Type::Union(_) => 0,
                _ => continue,
            };
            let name = match self.layout.item_of(id) {
                Some(item) => item.name.clone(),
                None => declaration(self.btf, id, ""),
            };
            let mut members = members(self.btf, id).peekable();
            while let Some(member) = members.next() {
                let (inner, arrays) = element(self.btf, member.ty);
                left.push(inner);
                if !self.growing.contains(self.btf, inner) {
                    continue;
                }
                let inner_size = self.btf.size_of(inner).unwrap_or(0);
                let end = u64::from(member.bit_offset / 8) + inner_size;
                let at = format!(": it is the member `{}` of `{name}`", member.name);
                let text = match (arrays, end == u64::from(size)) {
                    (InArray::One | InArray::Several, _) => {
                        format!("{at}, an array, and would move what is behind it")
                    }
                    (InArray::No, false) if size > 0 && members.peek().is_none() => {
                        format!("{at}, and would grow into the padding behind it")
                    }
                    (InArray::No, false) => format!("{at}, and would move what is behind it"),
                    (InArray::No, true) if !grows => {
                        format!("{at}, which would grow with it: name both")
                    }
                    (InArray::No, true) => continue,
                };
                self.at(inner, text);
            }
        }
    }
}

/// The members of a struct or union.
fn members<'s, 'a>(
    btf: &'s Btf<'a>,
    id: TypeId,
) -> impl Iterator<Item = &'s bpf_subskeleton_object::btf::Member<'a>> {
    let members = match btf.ty(id) {
        Type::Struct(composite) | Type::Union(composite) => composite.members.as_slice(),
        _ => &[],
    };
    members.iter()
}

/// How long the variable is, as its field says if there is one.
fn extent_of(variable: &Variable<'_>, selected: Option<&[Selected<'_, '_, '_>]>) -> Extent {
    let mut choices = selected.into_iter().flatten();
    let extent = choices.find_map(|selected| match selected.choice {
        Choice::Variable(chosen) if core::ptr::eq(chosen.variable, variable) => Some(chosen.extent),
        _ => None,
    });
    extent.unwrap_or(variable.extent)
}

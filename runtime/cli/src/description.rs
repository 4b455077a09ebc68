//! A library described for the runtime: the tables that the attribute generates, made at run time.

use std::alloc::Layout;
use std::collections::HashMap;

use bpf_subskeleton::private::{self as describe, Extent, Type};
use bpf_subskeleton_codegen::internals::layout::{
    Layout as RustTypes, LayoutError, NamedTypeKind, Roots, Rust,
};
use bpf_subskeleton_object::btf::{self, Btf, TypeId};
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::model::{self, Library, MapDefinition, Program, StructOps, Variable};

/// Describes all that a library offers.
///
/// The runtime asks for what lives as long as the process, so nothing of it is ever freed.
pub(crate) fn describe(
    library: &Library<'static>,
) -> Result<&'static describe::Library, LayoutError> {
    let types = RustTypes::new(&library.btf, &Roots::of(library))?;
    let mut describer = Describer {
        library,
        types: &types,
        unfinished: Vec::new(),
        described: HashMap::new(),
    };
    Ok(Box::leak(Box::new(describer.library()?)))
}

/// Beyond so many types one inside the other, pointers into an arena are described by what kind of thing they point to.
const MAX_FOLLOWED: usize = 64;

struct Describer<'l> {
    library: &'l Library<'static>,
    types: &'l RustTypes,
    /// Types whose description is not finished, which hold the one at hand.
    unfinished: Vec<TypeId>,
    /// By type without qualifiers. The runtime compares once what is described once.
    described: HashMap<TypeId, &'static Type>,
}

impl Describer<'_> {
    fn library(&mut self) -> Result<describe::Library, LayoutError> {
        let library = self.library;
        let variables = library.variables();
        let in_arena = library.arena_variables();
        let variables = variables
            .map(|(section, variable)| (section.map_or("extern", |section| section.name), variable))
            .chain(in_arena.map(|variable| (model::ARENA_SECTION, variable)));
        let variables = variables.map(|(section, variable)| self.variable(section, variable));
        let variables = variables.collect::<Result<Vec<_>, _>>()?;
        let maps = library.maps.iter();
        let maps: Vec<_> = maps
            .map(|map| self.map(map.name, &map.definition))
            .collect();
        let programs = library.programs.iter();
        let programs: Vec<_> = programs.map(|program| self.program(program)).collect();
        let struct_ops = library.struct_ops.iter();
        let struct_ops: Vec<_> = struct_ops.filter_map(|ops| self.struct_ops(ops)).collect();
        Ok(describe::Library {
            name: "",
            variables: variables.leak(),
            maps: maps.leak(),
            programs: programs.leak(),
            struct_ops: struct_ops.leak(),
        })
    }

    fn variable(
        &mut self,
        section: &'static str,
        variable: &Variable<'static>,
    ) -> Result<describe::Variable, LayoutError> {
        let btf = &self.library.btf;
        let declaration = declaration(btf, variable.ty, variable.name);
        let rust = self.types.variable(btf, variable);
        let (extent, rust) = match (variable.extent, rust) {
            (model::Extent::Unknown | model::Extent::Resizable, Rust::Array(element, _)) => {
                (Extent::Unsized, *element)
            }
            (model::Extent::Unknown | model::Extent::Resizable, rust) => (Extent::Unsized, rust),
            (model::Extent::Flexible, rust) => (Extent::Flexible, rust),
            (model::Extent::Fixed, rust) => (Extent::Fixed, rust),
        };
        let (size, align) = (self.types.size_of(&rust), self.types.align_of(&rust));
        let layout = Layout::from_size_align(size, align).map_err(|error| LayoutError {
            path: variable.name.to_owned(),
            reason: error.to_string(),
        })?;
        let ty = match (variable.extent, btf.ty(btf.resolve(variable.ty))) {
            (model::Extent::Resizable, btf::Type::Array { element, .. }) => {
                let element = self.ty(*element);
                Box::leak(Box::new(Type::array(element, 0)))
            }
            _ => self.ty(variable.ty),
        };
        Ok(describe::Variable::with_layout(
            variable.name,
            section,
            declaration.leak(),
            ty,
            layout,
            extent,
            !variable.read_only,
        ))
    }

    fn map(&mut self, name: &'static str, definition: &MapDefinition) -> describe::Map {
        let [key, value] = [definition.key, definition.value].map(|shape| match shape {
            model::Shape::Unknown => describe::Shape::Unknown,
            model::Shape::Size(size) => describe::Shape::Size(size),
            model::Shape::Type(id) => describe::Shape::Type(self.ty(id)),
        });
        let map = describe::Map::new(name, definition.map_type, key, value)
            .with_flags(definition.flags.unwrap_or(0));
        match definition.inner.as_deref() {
            Some(inner) => map.with_inner(Box::leak(Box::new(self.map("values", inner)))),
            None => map,
        }
    }

    fn program(&mut self, program: &Program<'static>) -> describe::Program {
        let description = describe::Program::new(program.name, program.section);
        match program.call.context() {
            Some(context) => description.with_context(self.ty(context)),
            None => description,
        }
    }

    /// `None` for a struct that the generator leaves out.
    fn struct_ops(&mut self, ops: &StructOps<'static>) -> Option<describe::StructOps> {
        let item = self.types.struct_ops(&self.library.btf, ops)?;
        let NamedTypeKind::Struct(composite) = &item.kind else {
            return None;
        };
        let align = composite.align as usize;
        let ty = self.ty(composite.ty);
        Some(describe::StructOps::with_align(
            ops.name,
            ops.section,
            ty,
            align,
        ))
    }

    fn ty(&mut self, id: TypeId) -> &'static Type {
        let id = self.library.btf.resolve(id);
        if let Some(ty) = self.described.get(&id) {
            return ty;
        }
        // By value, types nest a few levels deep at most (see `Btf`), through pointers `MAX_FOLLOWED`.
        self.unfinished.push(id);
        let ty = Box::leak(Box::new(self.new_type(id)));
        self.unfinished.pop();
        self.described.insert(id, ty);
        ty
    }

    fn new_type(&mut self, id: TypeId) -> Type {
        let btf = &self.library.btf;
        match btf.ty(id) {
            btf::Type::Int {
                boolean: true,
                size: 1,
                ..
            } => Type::Bool,
            btf::Type::Int { size, signed, .. } => Type::Int {
                size: *size,
                signed: *signed,
            },
            btf::Type::Float { size, .. } => Type::Float { size: *size },
            btf::Type::Pointer { to } => {
                let target = btf.resolve(*to);
                // The description of what holds this pointer compares that.
                let is_new = !self.unfinished.contains(&target);
                let depth = self.unfinished.len();
                if self.types.is_in_arena(target) && is_new && depth < MAX_FOLLOWED {
                    return Type::arena_pointer(self.ty(target));
                }
                Type::Pointer(pointee(btf, *to))
            }
            btf::Type::Array { element, len, .. } => Type::array(self.ty(*element), *len),
            btf::Type::Struct(composite) => Type::Struct(self.composite(composite)),
            btf::Type::Union(composite) => Type::Union(self.composite(composite)),
            btf::Type::Enum { .. } => Type::Enum(self.enumeration(id)),
            // No variable has such a type: the layout refuses it.
            _ => Type::array(&describe::U8, 0),
        }
    }

    fn composite(&mut self, composite: &btf::Composite<'static>) -> describe::Composite {
        let members = composite.members.iter().map(|member| describe::Member {
            name: member.name,
            bit_offset: member.bit_offset,
            bitfield_size: member.bitfield_size,
            ty: self.ty(member.ty),
        });
        let members: Vec<_> = members.collect();
        describe::Composite {
            name: composite.name,
            size: composite.size,
            members: members.leak(),
        }
    }

    /// The constants are those of the layout, which mends what old compilers wrote.
    fn enumeration(&self, id: TypeId) -> describe::Enum {
        let ty = self.library.btf.ty(id);
        let item = self.types.item_of(id).map(|item| &item.kind);
        let values = match item {
            Some(NamedTypeKind::Enum(enumeration)) => enumeration.values.as_slice(),
            _ => &[],
        };
        let values = values.iter().map(|(_, name, value)| {
            let name: &'static str = name.clone().leak();
            (name, *value as u64)
        });
        let values: Vec<_> = values.collect();
        describe::Enum {
            name: ty.name(),
            size: self.library.btf.size_of(id).unwrap_or(0) as u32,
            values: values.leak(),
        }
    }
}

fn pointee(btf: &Btf<'static>, id: TypeId) -> describe::Pointee {
    use describe::Pointee;
    match btf.ty(btf.resolve(id)) {
        btf::Type::Int { boolean: true, .. } => Pointee::Bool,
        btf::Type::Int { size, signed, .. } => Pointee::Int {
            size: *size,
            signed: *signed,
        },
        btf::Type::Float { .. } => Pointee::Float,
        btf::Type::Enum { .. } => Pointee::Enum,
        btf::Type::Struct(btf::Composite { name, .. })
        | btf::Type::Forward { name, union: false } => Pointee::Struct(name),
        btf::Type::Union(btf::Composite { name, .. })
        | btf::Type::Forward { name, union: true } => Pointee::Union(name),
        btf::Type::Array { .. } => Pointee::Array,
        btf::Type::Pointer { .. } => Pointee::Pointer,
        btf::Type::FunctionProto { .. } => Pointee::Function,
        _ => Pointee::Void,
    }
}

#[cfg(test)]
mod tests {
    use bpf_subskeleton_tests::objects::object;
    use bpf_subskeleton_tests::strict;

    use super::*;
    use crate::library::ObjectFile;

    fn described(name: &str) -> &'static describe::Library {
        let file = ObjectFile::read(&object(name)).unwrap();
        describe(&file.library().unwrap()).unwrap()
    }

    /// What the attribute generates is what is described at run time.
    macro_rules! same {
        ($($test:ident: $library:ident = $object:literal;)*) => {$(
            #[test]
            fn $test() {
                let described = described($object);
                let lines = |debug: String| debug.lines().map(str::to_owned).collect::<Vec<_>>();
                let pairs = [
                    (
                        format!("{:#?}", strict::$library::VARIABLES),
                        format!("{:#?}", described.variables),
                    ),
                    (
                        format!("{:#?}", strict::$library::MAPS),
                        format!("{:#?}", described.maps),
                    ),
                    (
                        format!("{:#?}", strict::$library::PROGRAMS),
                        format!("{:#?}", described.programs),
                    ),
                    (
                        format!("{:#?}", strict::$library::STRUCT_OPS),
                        format!("{:#?}", described.struct_ops),
                    ),
                ];
                for (generated, described) in pairs {
                    let (generated, described) = (lines(generated), lines(described));
                    let pairs = generated.iter().zip(&described).enumerate();
                    for (line, (generated, described)) in pairs {
                        assert_eq!(generated, described, "line {line}");
                    }
                    assert_eq!(generated.len(), described.len());
                }
            }
        )*};
    }

    same! {
        types: Types = "types";
        odd_types: OddTypes = "odd_types";
        maps: Maps = "maps";
        struct_ops: StructOps = "struct_ops";
        resizable: Resizable = "resizable";
        calls: Calls = "test_run";
        unresolved: Unresolved = "unresolved";
    }
}

//! Builds the layout: which types there are, their alignment and their names.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::names::Names;
use bpf_subskeleton_object::btf::{Btf, Type, TypeId};
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::model::{Extent, Shape, StructOps, Variable, docs};

use super::{
    Enum, Layout, LayoutError, MAX_NESTING, NamedType, NamedTypeKind, Pointee, Roots, Rust,
    dimensions, error, natural_float_align, pointee, scalar, tag,
};

/// What is wrong with a value of a type that is only declared.
const WITHOUT_SIZE: &str = "has a type without a size";

/// The precedence of a claim to a name: a tag's before a typedef's before one derived from a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    Tag,
    Typedef,
    Alias,
    Path,
}

/// An item's claim to a name.
#[derive(Debug)]
struct Wish {
    claim: Claim,
    name: String,
}

pub(super) struct Builder<'b, 'a> {
    pub(super) btf: &'b Btf<'a>,
    pub(super) layout: Layout,
    aligns: HashMap<TypeId, u32>,
    /// One claim per item.
    wishes: Vec<Wish>,
    aliases: Vec<(TypeId, Rust)>,
    /// Tagged structs and unions reached through pointers: whether a union, tag.
    pointees: BTreeMap<(bool, String), TypeId>,
    /// The ids in `aliases`.
    seen_typedefs: HashSet<TypeId>,
    /// How many more members structs may have, including those of anonymous structs inside.
    pub(super) parts_left: usize,
}

/// A limit in proportion to the table: in real programs nearly every member belongs to one struct.
fn parts_limit(btf: &Btf<'_>) -> usize {
    let parts = btf.iter().map(|(_, ty)| match ty {
        Type::Struct(composite) | Type::Union(composite) => composite.members.len(),
        Type::DeclTag { .. } => 1,
        _ => 0,
    });
    parts.sum::<usize>().saturating_mul(8).saturating_add(1024)
}

impl<'b, 'a> Builder<'b, 'a> {
    pub(super) fn new(btf: &'b Btf<'a>) -> Self {
        Self {
            btf,
            layout: Layout::default(),
            aligns: HashMap::new(),
            wishes: Vec::new(),
            aliases: Vec::new(),
            pointees: BTreeMap::new(),
            seen_typedefs: HashSet::new(),
            parts_left: parts_limit(btf),
        }
    }

    /// Lays out every type that `roots` reach.
    pub(super) fn build(mut self, roots: &Roots<'_, 'a>) -> Result<Layout, LayoutError> {
        // Before any layout, which depends on it for structs that contain a packed one.
        let of_records = roots.records.iter().filter_map(|record| record.variable);
        let of_records = of_records.map(|(_, variable)| variable);
        for variable in roots.variables.iter().copied().chain(of_records) {
            self.note_misplaced(variable);
        }
        self.aligns.retain(|_, align| *align == 1);
        for variable in &roots.variables {
            self.variable(variable)?;
        }
        for map in &roots.maps {
            let definitions = [Some(&map.definition), map.definition.inner.as_deref()];
            for definition in definitions.into_iter().flatten() {
                for (shape, part) in [(definition.key, "key"), (definition.value, "value")] {
                    if let Shape::Type(id) = shape {
                        self.rust(id, &format!("{}_{part}", map.name))?;
                    }
                }
            }
        }
        for program in roots.programs {
            if let Some(context) = program.call.context() {
                self.rust(context, &format!("{}_context", program.name))?;
            }
        }
        for record in &roots.records {
            self.rust(record.ty, self.btf.ty(record.ty).name())?;
        }
        self.follow_arena_pointers(&roots.variables)?;
        let mut names = Names::default();
        for struct_ops in roots.struct_ops {
            self.struct_ops(struct_ops, &mut names)?;
        }
        Ok(self.finish())
    }

    /// A packed struct may look like one that is not. If a variable's address is not aligned for the
    /// struct, the struct is packed.
    fn note_misplaced(&mut self, variable: &Variable<'a>) {
        let Some(align) = variable.align else { return };
        let mut id = self.btf.resolve(variable.ty);
        while let Type::Array { element, .. } = self.btf.ty(id) {
            id = self.btf.resolve(*element);
        }
        let composite = matches!(self.btf.ty(id), Type::Struct(_) | Type::Union(_));
        if composite && align < u64::from(self.align(id)) {
            self.aligns.insert(id, 1);
        }
    }

    fn variable(&mut self, variable: &Variable<'a>) -> Result<(), LayoutError> {
        self.rust(variable.ty, variable.name)?;
        let Some(size) = self.btf.size_of(variable.ty) else {
            return Err(error(variable.name, WITHOUT_SIZE));
        };
        if size == u64::from(variable.size) {
            return Ok(());
        }
        let id = self.btf.resolve(variable.ty);
        let item = match variable.extent {
            Extent::Flexible => self.flexible(id, variable)?,
            Extent::Fixed | Extent::Unknown | Extent::Resizable => None,
        };
        let Some(item) = item else {
            let reason = format!("has {} bytes, its type {size}", variable.size);
            return Err(error(variable.name, &reason));
        };
        let index = self.push(item, Claim::Path, variable.name);
        self.layout
            .by_variable
            .insert(variable.name.to_owned(), index);
        Ok(())
    }

    /// The Rust type of `id`; `path` names it if C does not.
    pub(super) fn rust(&mut self, id: TypeId, path: &str) -> Result<Rust, LayoutError> {
        let mut name = None;
        let mut typedefs = Vec::new();
        let mut target = id;
        while let Type::Typedef { to, .. }
        | Type::Const { to }
        | Type::Volatile { to }
        | Type::Restrict { to }
        | Type::TypeTag { to, .. } = self.btf.ty(target)
        {
            if let Type::Typedef { name: typedef, .. } = self.btf.ty(target) {
                name = Some(*typedef);
                typedefs.push(target);
            }
            target = *to;
        }
        let rust = match self.btf.ty(target) {
            Type::Array { .. } if dimensions(self.btf, target) > MAX_NESTING => {
                let reason = format!("is an array of more than {MAX_NESTING} dimensions");
                return Err(error(path, &reason));
            }
            Type::Array { element, len, .. } => {
                Rust::Array(Box::new(self.rust(*element, name.unwrap_or(path))?), *len)
            }
            Type::Pointer { to } => {
                self.note_pointee(*to);
                Rust::Pointer(pointee(self.btf, *to))
            }
            Type::Enum { size: 0, .. } => return Err(error(path, WITHOUT_SIZE)),
            ty @ (Type::Struct(_) | Type::Union(_) | Type::Enum { .. }) => {
                let (claim, name) = match (ty.name(), name) {
                    ("", Some(typedef)) => (Claim::Typedef, typedef),
                    ("", None) => (Claim::Path, path),
                    (tag, _) => (Claim::Tag, tag),
                };
                let name = name.to_owned();
                Rust::Named(self.named(target, claim, &name)?)
            }
            ty @ (Type::Int { .. } | Type::Float { .. }) => scalar(ty),
            _ => return Err(error(path, WITHOUT_SIZE)),
        };
        for typedef in typedefs {
            if self.seen_typedefs.insert(typedef) {
                self.aliases.push((typedef, rust.clone()));
            }
        }
        Ok(rust)
    }

    /// The item of a struct, union or enum, created on first use.
    fn named(&mut self, id: TypeId, claim: Claim, name: &str) -> Result<usize, LayoutError> {
        if let Some(index) = self.layout.by_type.get(&id) {
            return Ok(*index);
        }
        let kind = match self.btf.ty(id) {
            Type::Enum {
                size,
                signed,
                wide,
                values,
                ..
            } => NamedTypeKind::Enum(enumeration(id, *size, *signed, *wide, values)),
            _ => NamedTypeKind::Struct(self.composite(id, name)?),
        };
        let item = NamedType {
            name: String::new(),
            c_name: declaration(self.btf, id, ""),
            docs: docs(self.btf, id, None)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            kind,
        };
        let index = self.push(item, claim, name);
        self.layout.by_type.insert(id, index);
        Ok(index)
    }

    /// The struct of a `struct_ops`, created on first use. libbpf sets its function pointers to programs
    /// (`bpf_map__init_kern_struct_ops`), but not those of nested structs.
    fn struct_ops(
        &mut self,
        struct_ops: &StructOps<'_>,
        names: &mut Names,
    ) -> Result<(), LayoutError> {
        let id = self.btf.resolve(struct_ops.ty);
        let Type::Struct(composite) = self.btf.ty(id) else {
            return Ok(());
        };
        if self.layout.by_struct_ops.contains_key(&id) {
            return Ok(());
        }
        let name = match composite.name {
            "" => struct_ops.name,
            tag => tag,
        };
        let mut item = self.composite(id, name)?;
        let own: HashSet<_> = composite
            .members
            .iter()
            .filter(|member| !member.name.is_empty())
            .map(|member| member.bit_offset / 8)
            .collect();
        for field in &mut item.fields {
            if field.ty == Rust::Pointer(Pointee::Function) && own.contains(&field.offset) {
                field.ty = Rust::Callback;
            }
        }
        let index = self.layout.struct_ops.len();
        self.layout.struct_ops.push(NamedType {
            name: names.unique(name, &["type"]),
            c_name: declaration(self.btf, id, ""),
            docs: docs(self.btf, id, None)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            kind: NamedTypeKind::Struct(item),
        });
        self.layout.by_struct_ops.insert(id, index);
        Ok(())
    }

    fn push(&mut self, item: NamedType, claim: Claim, name: &str) -> usize {
        self.layout.items.push(item);
        self.wishes.push(Wish {
            claim,
            name: name.to_owned(),
        });
        self.layout.items.len() - 1
    }

    fn note_pointee(&mut self, id: TypeId) {
        let mut id = self.btf.resolve(id);
        while let Type::Pointer { to } | Type::Array { element: to, .. } = self.btf.ty(id) {
            id = self.btf.resolve(*to);
        }
        if let Some(tag) = tag(self.btf, id) {
            self.pointees.entry(tag).or_insert(id);
        }
    }

    /// Adds opaque types and typedefs, and gives every item its name.
    fn finish(mut self) -> Layout {
        // A pointer's struct is identified by its tag; among several with one tag, always the first.
        let mut held: HashMap<(bool, String), usize> = HashMap::new();
        for (id, index) in &self.layout.by_type {
            if let Some(tag) = tag(self.btf, *id) {
                let first = held.entry(tag).or_insert(*index);
                *first = (*first).min(*index);
            }
        }
        for (tag, id) in std::mem::take(&mut self.pointees) {
            let index = match held.get(&tag) {
                Some(index) => *index,
                None => {
                    let item = NamedType {
                        name: String::new(),
                        c_name: declaration(self.btf, id, ""),
                        docs: Vec::new(),
                        kind: NamedTypeKind::Opaque,
                    };
                    self.push(item, Claim::Tag, &tag.1)
                }
            };
            self.layout.opaque.insert(tag, index);
        }
        let mut seen = HashSet::new();
        for (id, rust) in std::mem::take(&mut self.aliases) {
            let name = self.btf.ty(id).name();
            // `typedef struct stats stats` and `typedef struct { … } stats` declare one name.
            let same = matches!(rust, Rust::Named(index)
                if self.wishes.get(index).is_some_and(|wish| wish.name == name));
            if same || !seen.insert((name, rust.clone())) {
                continue;
            }
            let item = NamedType {
                name: String::new(),
                c_name: name.to_owned(),
                docs: docs(self.btf, id, None)
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                kind: NamedTypeKind::Alias(rust),
            };
            self.push(item, Claim::Alias, name);
        }
        let mut order: Vec<usize> = (0..self.wishes.len()).collect();
        order.sort_by_key(|index| (self.wishes.get(*index).map(|wish| wish.claim), *index));
        let mut names = Names::default();
        for index in order {
            let (Some(wish), Some(item)) =
                (self.wishes.get(index), self.layout.items.get_mut(index))
            else {
                continue;
            };
            let suffix = match wish.claim {
                Claim::Tag | Claim::Path => "type",
                Claim::Typedef | Claim::Alias => "typedef",
            };
            item.name = names.unique(&wish.name, &[suffix]);
        }
        self.layout
    }

    /// The alignment that Rust gives the type, 1 for a packed struct.
    pub(super) fn align(&mut self, id: TypeId) -> u32 {
        let id = self.btf.resolve(id);
        if let Some(align) = self.aligns.get(&id) {
            return *align;
        }
        let align = match self.btf.ty(id) {
            Type::Int { size, .. } | Type::Enum { size, .. } => *size,
            Type::Float {
                size: size @ (4 | 8),
                ..
            } => *size,
            Type::Float { size, .. } => natural_float_align(*size),
            Type::Pointer { .. } => 8,
            Type::Array { element, .. } => self.align(*element),
            Type::Struct(composite) | Type::Union(composite) => self.composite_align(composite),
            _ => 1,
        };
        self.aligns.insert(id, align);
        align
    }
}

fn enumeration(
    ty: TypeId,
    size: u32,
    signed: bool,
    wide: bool,
    values: &[bpf_subskeleton_object::btf::Enumerator<'_>],
) -> Enum {
    let mut names = Names::default();
    // Compilers that don't emit 64-bit enums in BTF truncate their values to 32 bits.
    let truncated = size == 8 && !wide;
    Enum {
        ty,
        size,
        signed,
        values: (values.iter().filter(|_| !truncated))
            .map(|value| {
                let name = names.unique(value.name, &[]);
                (name, value.name.to_owned(), wrap(value.value, size, signed))
            })
            .collect(),
    }
}

/// `value` wrapped to `size` bytes. Before version 16, clang loses the sign of an enum: -1 is then
/// 0xffffffff, even in an enum of one byte.
fn wrap(value: i128, size: u32, signed: bool) -> i128 {
    match (size, signed) {
        (1, true) => i128::from(value as i8),
        (1, false) => i128::from(value as u8),
        (2, true) => i128::from(value as i16),
        (2, false) => i128::from(value as u16),
        (4, true) => i128::from(value as i32),
        (4, false) => i128::from(value as u32),
        (_, true) => i128::from(value as i64),
        (_, false) => i128::from(value as u64),
    }
}

//! Structs and unions: fields, padding, and methods for what can't be a field.

use crate::names::Names;
use bpf_subskeleton_object::btf::{Btf, Composite, Member, Type, TypeId};
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::model::{Variable, docs};

use super::build::Builder;
use super::fields::{FieldKind, Fields, Method, MethodKind, PlacedMember, StructField};
use super::{BYTE, LayoutError, NamedType, NamedTypeKind, Rust, error, storage};

/// Longer paths are truncated: a hostile table nests long names.
const MAX_PATH: usize = 256;

/// Whether it is an array of `char`, whose values are texts. `signed char` and `unsigned char` are numbers.
pub(crate) fn is_text(btf: &Btf<'_>, ty: TypeId) -> bool {
    let Type::Array {
        element, len: 1.., ..
    } = btf.ty(btf.resolve(ty))
    else {
        return false;
    };
    let element = btf.ty(btf.resolve(*element));
    matches!(
        element,
        Type::Int {
            name: "char",
            size: 1,
            ..
        }
    )
}

/// A struct or union.
#[derive(Debug)]
pub struct Struct {
    /// Its type.
    pub ty: TypeId,
    /// Whether it is a union.
    pub union: bool,
    /// Size in bytes.
    pub size: u32,
    /// Alignment in bytes.
    pub align: u32,
    /// Whether the fields' own alignment is greater than `align`: `repr(packed)`.
    pub packed: bool,
    /// The fields, without gaps.
    pub fields: Vec<StructField>,
    /// Methods for bitfields and union members.
    pub methods: Vec<Method>,
}

/// A member, with anonymous structs flattened.
enum Part<'a> {
    Field(PlacedMember<'a>),
    Bitfield(PlacedMember<'a>, u32),
    /// An anonymous union, or packed struct: offset, size and alignment in bytes, and its members.
    Union(u32, u32, u32, Vec<Self>),
}

/// Bytes that hold bitfields.
struct Unit<'p, 'a> {
    start: u32,
    end: u32,
    /// The bitfields, with their widths.
    bits: Vec<(&'p PlacedMember<'a>, u32)>,
}

impl<'a> Part<'a> {
    fn bit_offset(&self) -> u32 {
        match self {
            Self::Field(place) | Self::Bitfield(place, _) => place.bit_offset,
            Self::Union(offset, ..) => offset.saturating_mul(8),
        }
    }
}

impl<'b, 'a> Builder<'b, 'a> {
    pub(super) fn composite(&mut self, id: TypeId, path: &str) -> Result<Struct, LayoutError> {
        let (union, composite) = match self.btf.ty(id) {
            Type::Struct(composite) => (false, composite),
            Type::Union(composite) => (true, composite),
            _ => return Err(error(path, "is no struct or union")),
        };
        let align = self.align(id);
        let mut parts = Vec::new();
        self.parts(id, composite, 0, path, &mut parts)?;
        if union {
            parts = vec![Part::Union(0, composite.size, align, parts)];
        }
        self.assemble(id, union, composite.size, align, parts, path)
    }

    /// The struct of a variable that initialises the flexible array at the end of `id`; `None` if there
    /// is no such array, or no length of it gives the variable's size.
    pub(super) fn flexible(
        &mut self,
        id: TypeId,
        variable: &Variable<'a>,
    ) -> Result<Option<NamedType>, LayoutError> {
        let Type::Struct(composite) = self.btf.ty(id) else {
            return Ok(None);
        };
        let Some(last) = composite.members.last() else {
            return Ok(None);
        };
        let Type::Array {
            element, len: 0, ..
        } = *self.btf.ty(self.btf.resolve(last.ty))
        else {
            return Ok(None);
        };
        let start = u64::from(last.bit_offset / 8);
        let element_size = self.btf.size_of(element).unwrap_or(0);
        let bytes = u64::from(variable.size).saturating_sub(start);
        let Some(len) = bytes.checked_div(element_size) else {
            return Ok(None);
        };
        let path = variable.name;
        // The array may end at any byte, but Rust's sizes are multiples of the alignment.
        let align = match variable.size.is_multiple_of(self.align(id)) {
            true => self.align(id),
            false => 1,
        };
        let mut parts = Vec::new();
        self.parts(id, composite, 0, path, &mut parts)?;
        let mut item = self.assemble(id, false, variable.size, align, parts, path)?;
        // The array comes last, or before the padding that fills the variable's size.
        let name = Names::default().unique(last.name, &[]);
        item.fields.retain(|field| u64::from(field.offset) <= start);
        item.fields.retain(|field| {
            !matches!(field.kind, FieldKind::Padding) || u64::from(field.offset) < start
        });
        let Some(array) = item.fields.iter_mut().find(|field| field.name == name) else {
            return Ok(None);
        };
        let Rust::Array(_, length) = &mut array.ty else {
            return Ok(None);
        };
        *length = len as u32;
        let end = start + len * element_size;
        if end < u64::from(variable.size) {
            item.fields.push(StructField {
                name: "_tail".to_owned(),
                ty: Rust::Array(Box::new(BYTE), (u64::from(variable.size) - end) as u32),
                offset: end as u32,
                kind: FieldKind::Padding,
            });
        }
        let c_name = declaration(self.btf, id, "");
        Ok(Some(NamedType {
            name: String::new(),
            docs: vec![format!(
                "{c_name} with the {len} elements that `{path}` has in its flexible array."
            )],
            c_name,
            kind: NamedTypeKind::Struct(item),
        }))
    }

    /// The alignment of a struct or union: 1 if its members' offsets or its size contradict theirs.
    pub(super) fn composite_align(&mut self, composite: &Composite<'a>) -> u32 {
        let mut natural = 1;
        let mut packed = false;
        for member in &composite.members {
            let align = self.align(member.ty);
            // Unless the struct is packed, a bitfield does not cross a unit of its type.
            packed |= match bitfield(self.btf.ty(self.btf.resolve(member.ty)), member) {
                Some((bits, width)) => bits % (align * 8) + width > align * 8,
                None => !(member.bit_offset / 8).is_multiple_of(align),
            };
            natural = natural.max(align);
        }
        match packed || !composite.size.is_multiple_of(natural) {
            true => 1,
            false => natural,
        }
    }

    fn is_packed(&mut self, id: TypeId, composite: &Composite<'a>) -> bool {
        let mut members = composite.members.iter();
        self.align(id) == 1 && members.any(|member| self.align(member.ty) > 1)
    }

    /// Lists the members, including those of anonymous structs.
    fn parts(
        &mut self,
        id: TypeId,
        composite: &'b Composite<'a>,
        base: u32,
        path: &str,
        parts: &mut Vec<Part<'a>>,
    ) -> Result<(), LayoutError> {
        for (index, member) in composite.members.iter().enumerate() {
            let docs = docs(self.btf, id, Some(index as u32));
            // Nested anonymous structs may be shared, so the number of members may explode.
            match self.parts_left.checked_sub(1 + docs.len()) {
                Some(left) => self.parts_left = left,
                None => return Err(error(path, "has too many members in anonymous structs")),
            }
            let target = self.btf.resolve(member.ty);
            let bit_offset = base.saturating_add(member.bit_offset);
            match (member.name, self.btf.ty(target)) {
                ("", Type::Struct(inner)) if !self.is_packed(target, inner) => {
                    self.parts(target, inner, bit_offset, path, parts)?;
                }
                // The members of a packed struct can't be fields of one that is not.
                ("", Type::Struct(inner) | Type::Union(inner)) => {
                    let mut members = Vec::new();
                    self.parts(target, inner, bit_offset, path, &mut members)?;
                    let align = self.align(target);
                    parts.push(Part::Union(bit_offset / 8, inner.size, align, members));
                }
                // An unnamed bitfield, or not valid C.
                ("", _) => {}
                (name, ty) => {
                    let bits = bitfield(ty, member);
                    let place = |bit_offset, declaration| PlacedMember {
                        name,
                        ty: member.ty,
                        bit_offset,
                        declaration,
                        docs: docs.into_iter().map(str::to_owned).collect(),
                        is_text: is_text(self.btf, member.ty),
                    };
                    let declaration = declaration(self.btf, member.ty, name);
                    parts.push(match bits {
                        Some((start, width)) => Part::Bitfield(
                            place(
                                base.saturating_add(start),
                                format!("{declaration} : {width}"),
                            ),
                            width,
                        ),
                        None => Part::Field(place(bit_offset, declaration)),
                    });
                }
            }
        }
        Ok(())
    }

    /// Turns the parts into fields without gaps.
    fn assemble(
        &mut self,
        ty: TypeId,
        union: bool,
        size: u32,
        align: u32,
        mut parts: Vec<Part<'a>>,
        path: &str,
    ) -> Result<Struct, LayoutError> {
        parts.sort_by_key(Part::bit_offset);
        let mut fields = Fields::new(path, size, align);
        // Members' names first, so that storage takes none of them.
        let fields_only = parts.iter().filter_map(|part| match part {
            Part::Field(place) => Some(place.name),
            _ => None,
        });
        let names: Vec<_> = fields_only
            .map(|name| fields.names.unique(name, &[]))
            .collect();
        let mut names = names.into_iter();
        let mut index = 0;
        while let Some(part) = parts.get(index) {
            match part {
                Part::Field(place) => {
                    let rust = self.rust(place.ty, &join(path, place.name))?;
                    let own_align = self.align(place.ty);
                    let size = self.btf.size_of(place.ty).unwrap_or(0);
                    let name = names.next().unwrap_or_default();
                    fields.member(place, name, rust, size, own_align)?;
                    index += 1;
                }
                Part::Union(offset, size, own_align, members) => {
                    let own_align = (*own_align).min(align);
                    let storage = storage(*size, own_align);
                    let name = fields.storage(*offset, *size, own_align, storage, "_union")?;
                    self.methods(&mut fields, &name, *offset, *size, own_align, members)?;
                    index += 1;
                }
                Part::Bitfield(..) => {
                    let rest = parts.get(index..).unwrap_or_default();
                    let run = rest
                        .iter()
                        .take_while(|part| matches!(part, Part::Bitfield(..)))
                        .count();
                    let next = parts
                        .get(index + run)
                        .map_or(size, |part| part.bit_offset() / 8);
                    self.bitfields(&mut fields, rest.get(..run).unwrap_or_default(), next)?;
                    index += run;
                }
            }
        }
        fields.pad(size)?;
        let widest = fields.widest;
        if widest < align {
            fields.aligner();
        }
        Ok(Struct {
            ty,
            union,
            size,
            align,
            packed: align < widest,
            fields: fields.fields,
            methods: fields.methods,
        })
    }

    /// Allocates storage for a run of bitfields: the words they are declared in, as far as these are free.
    fn bitfields(
        &mut self,
        fields: &mut Fields<'_>,
        run: &[Part<'a>],
        next: u32,
    ) -> Result<(), LayoutError> {
        let mut units: Vec<Unit<'_, 'a>> = Vec::new();
        for part in run {
            let Part::Bitfield(place, width) = part else {
                continue;
            };
            let start = place.bit_offset / 8;
            let end = place.bit_offset.saturating_add(*width).div_ceil(8);
            let free = units.last().map_or(fields.end, |unit| unit.start);
            let word = self.align(place.ty).clamp(1, 8);
            let word_start = start / word * word;
            let declared = word_start >= free
                && word_start + word >= end
                && word_start + word <= next.min(fields.size)
                && fields.align >= word;
            let (start, end) = match declared {
                true => (word_start, word_start + word),
                false => (start, end),
            };
            match units.last_mut() {
                Some(unit) if start < unit.end => {
                    unit.start = start.min(unit.start);
                    unit.end = end.max(unit.end);
                    unit.bits.push((place, *width));
                }
                _ => units.push(Unit {
                    start,
                    end,
                    bits: vec![(place, *width)],
                }),
            }
        }
        for Unit { start, end, bits } in units {
            let size = end.saturating_sub(start);
            let word =
                matches!(size, 1 | 2 | 4 | 8) && start.is_multiple_of(size) && fields.align >= size;
            let align = if word { size } else { 1 };
            let name = fields.storage(start, size, align, storage(size, align), "_bits")?;
            for (place, width) in bits {
                let rust = self.rust(place.ty, &format!("{}_{}", fields.path, place.name))?;
                fields.bitfield(place, width, &name, start, rust);
            }
        }
        Ok(())
    }

    /// Methods for the members of a union whose storage begins at `start`.
    fn methods(
        &mut self,
        fields: &mut Fields<'_>,
        storage: &str,
        start: u32,
        size: u32,
        storage_align: u32,
        members: &[Part<'a>],
    ) -> Result<(), LayoutError> {
        for member in members {
            match member {
                Part::Union(_, _, _, inner) => {
                    self.methods(fields, storage, start, size, storage_align, inner)?;
                }
                Part::Bitfield(place, width) => {
                    let inside = place.bit_offset.saturating_add(*width).div_ceil(8);
                    if inside > start.saturating_add(size) {
                        return Err(fields.sticks_out(place.name));
                    }
                    let rust = self.rust(place.ty, &format!("{}_{}", fields.path, place.name))?;
                    fields.bitfield(place, *width, storage, start, rust);
                }
                Part::Field(place) => {
                    let path = join(fields.path, place.name);
                    let rust = self.rust(place.ty, &path)?;
                    let offset = (place.bit_offset / 8).saturating_sub(start);
                    let end = u64::from(offset) + self.btf.size_of(place.ty).unwrap_or(0);
                    if end > u64::from(size) || !place.bit_offset.is_multiple_of(8) {
                        return Err(fields.sticks_out(place.name));
                    }
                    let align = self.align(place.ty);
                    let misaligned = align > storage_align || !offset.is_multiple_of(align.max(1));
                    let kind = MethodKind::Member { offset, misaligned };
                    fields.method(place, storage, rust, kind);
                }
            }
        }
        Ok(())
    }
}

/// Start and width in bits, if the member is a bitfield. Before BTF had bitfield members, the integer
/// type itself recorded how many of its bits are used.
fn bitfield(ty: &Type<'_>, member: &Member<'_>) -> Option<(u32, u32)> {
    match (member.bitfield_size, ty) {
        (
            0,
            Type::Int {
                size,
                bits,
                offset,
                boolean: false,
                ..
            },
        ) if u32::from(*bits) < size * 8 => Some((
            member.bit_offset.saturating_add(u32::from(*offset)),
            u32::from(*bits),
        )),
        (0, _) => None,
        (width, _) => Some((member.bit_offset, u32::from(width))),
    }
}

/// The path of a member, which names its type if C does not.
fn join(path: &str, member: &str) -> String {
    let path: String = path.chars().take(MAX_PATH).collect();
    format!("{path}_{member}")
}

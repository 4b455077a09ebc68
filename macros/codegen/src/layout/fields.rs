//! The fields of a struct in order, without gaps, and methods for members that can't be fields.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::names::Names;
use bpf_subskeleton_object::btf::TypeId;

use super::{BYTE, LayoutError, Rust, error};

/// A field of a struct.
#[derive(Debug)]
pub struct StructField {
    /// The Rust name.
    pub name: String,
    /// The type.
    pub ty: Rust,
    /// Offset in bytes.
    pub offset: u32,
    /// What it is.
    pub kind: FieldKind,
}

/// What a field is.
#[derive(Debug)]
pub enum FieldKind {
    /// A C member.
    Member {
        /// The C declaration.
        declaration: String,
        /// What the C author wrote in `btf_decl_tag("doc: …")`.
        docs: Vec<String>,
        /// Whether it is an array of `char`, which `Debug` shows as text.
        is_text: bool,
        /// Whether its offset is not aligned for its type.
        misaligned: bool,
    },
    /// Bytes that hold nothing.
    Padding,
    /// Bytes that hold bitfields or a union, accessed through methods.
    Storage,
}

/// A method of a struct or union.
#[derive(Debug)]
pub struct Method {
    /// The Rust name of the getter.
    pub getter: String,
    /// The Rust name of the setter.
    pub setter: String,
    /// The storage field.
    pub storage: String,
    /// The type.
    pub ty: Rust,
    /// The C name, for `Debug`.
    pub c_name: String,
    /// Whether it is an array of `char`, which `Debug` shows as text.
    pub is_text: bool,
    /// The C declaration.
    pub declaration: String,
    /// What the C author wrote in `btf_decl_tag("doc: …")`.
    pub docs: Vec<String>,
    /// What it reads and writes.
    pub kind: MethodKind,
}

/// What a method reads and writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodKind {
    /// A bitfield: offset and width in bits, in the storage.
    Bitfield {
        /// Offset in bits.
        offset: u32,
        /// Width in bits.
        width: u32,
    },
    /// A union member: offset in bytes, in the storage.
    Member {
        /// Offset in bytes.
        offset: u32,
        /// Whether its offset is not aligned for its type.
        misaligned: bool,
    },
}

/// A named member's place.
pub(super) struct PlacedMember<'a> {
    pub(super) name: &'a str,
    pub(super) ty: TypeId,
    /// In bits from the start of the outermost struct.
    pub(super) bit_offset: u32,
    pub(super) declaration: String,
    pub(super) docs: Vec<String>,
    /// Whether it is an array of `char`.
    pub(super) is_text: bool,
}

/// Methods that a handle or a value has before it dereferences to the struct's: those of `Var` and `Shared`, and the
/// prelude's, which has `Ord`'s if `derive(Ord)` asks for it. A bitfield or union member of such a name gets a `_`, because
/// its own methods could not be called.
const RESERVED: [&str; 15] = [
    "as_atomic",
    "clamp",
    "clone",
    "clone_into",
    "get",
    "get_boxed",
    "get_into",
    "into",
    "max",
    "min",
    "project",
    "set",
    "set_from",
    "to_owned",
    "try_into",
];

/// Collects the fields of a struct in order.
pub(super) struct Fields<'p> {
    pub(super) path: &'p str,
    pub(super) size: u32,
    pub(super) align: u32,
    pub(super) end: u32,
    pub(super) fields: Vec<StructField>,
    pub(super) methods: Vec<Method>,
    pub(super) names: Names,
    method_names: Names,
    /// The number of fields whose name is this prefix and a number.
    fillers: BTreeMap<&'static str, u32>,
    /// The greatest alignment of a field.
    pub(super) widest: u32,
}

impl<'p> Fields<'p> {
    pub(super) fn new(path: &'p str, size: u32, align: u32) -> Self {
        Self {
            path,
            size,
            align,
            end: 0,
            fields: Vec::new(),
            methods: Vec::new(),
            names: Names::default(),
            method_names: Names::default(),
            fillers: BTreeMap::new(),
            widest: 1,
        }
    }

    pub(super) fn member(
        &mut self,
        place: &PlacedMember<'_>,
        name: String,
        ty: Rust,
        size: u64,
        align: u32,
    ) -> Result<(), LayoutError> {
        let offset = place.bit_offset / 8;
        let end = u64::from(offset) + size;
        if !place.bit_offset.is_multiple_of(8) || end > u64::from(self.size) {
            return Err(self.sticks_out(place.name));
        }
        self.pad(offset)?;
        self.fields.push(StructField {
            name,
            ty,
            offset,
            kind: FieldKind::Member {
                declaration: place.declaration.clone(),
                docs: place.docs.clone(),
                is_text: place.is_text,
                misaligned: align > self.align || !offset.is_multiple_of(align.max(1)),
            },
        });
        self.end = end as u32;
        self.widest = self.widest.max(align);
        Ok(())
    }

    /// Adds storage and returns its name.
    pub(super) fn storage(
        &mut self,
        offset: u32,
        size: u32,
        align: u32,
        ty: Rust,
        prefix: &'static str,
    ) -> Result<String, LayoutError> {
        if offset.checked_add(size).is_none_or(|end| end > self.size) {
            return Err(self.sticks_out(prefix));
        }
        self.pad(offset)?;
        let name = self.filler(prefix);
        self.fields.push(StructField {
            name: name.clone(),
            ty,
            offset,
            kind: FieldKind::Storage,
        });
        self.end = offset + size;
        self.widest = self.widest.max(align);
        Ok(name)
    }

    pub(super) fn pad(&mut self, offset: u32) -> Result<(), LayoutError> {
        let Some(gap) = offset.checked_sub(self.end) else {
            return Err(error(self.path, "has members that overlap"));
        };
        if gap > 0 {
            let name = self.filler("_pad");
            self.fields.push(StructField {
                name,
                ty: Rust::Array(Box::new(BYTE), gap),
                offset: self.end,
                kind: FieldKind::Padding,
            });
            self.end = offset;
        }
        Ok(())
    }

    /// Adds an array of no words: it takes no space, but gives the struct the alignment of its bitfields.
    /// `repr(align)` would do too, but not inside a packed struct.
    pub(super) fn aligner(&mut self) {
        let name = self.names.unique("_align", &[]);
        let word = Rust::Int {
            size: self.align,
            signed: false,
        };
        let field = StructField {
            name,
            ty: Rust::Array(Box::new(word), 0),
            offset: 0,
            kind: FieldKind::Padding,
        };
        self.fields.insert(0, field);
    }

    fn filler(&mut self, prefix: &'static str) -> String {
        let number = self.fillers.entry(prefix).or_insert(0_u32);
        let name = format!("{prefix}{number}");
        *number += 1;
        self.names.unique(&name, &[])
    }

    pub(super) fn bitfield(
        &mut self,
        place: &PlacedMember<'_>,
        width: u32,
        storage: &str,
        start: u32,
        ty: Rust,
    ) {
        let offset = place.bit_offset.saturating_sub(start.saturating_mul(8));
        // The runtime reads up to 128 bits around a bitfield; no C bitfield needs more.
        if offset % 8 + width <= 128 {
            self.method(place, storage, ty, MethodKind::Bitfield { offset, width });
        }
    }

    pub(super) fn method(
        &mut self,
        place: &PlacedMember<'_>,
        storage: &str,
        ty: Rust,
        kind: MethodKind,
    ) {
        let bare = self.method_names.unique(&reachable(place.name), &[]);
        let setter = format!("set_{}", bare.strip_prefix("r#").unwrap_or(&bare));
        let setter = reachable(&setter);
        self.methods.push(Method {
            getter: bare,
            setter: self.method_names.unique(&setter, &[]),
            storage: storage.to_owned(),
            ty,
            c_name: place.name.to_owned(),
            is_text: place.is_text,
            declaration: place.declaration.clone(),
            docs: place.docs.clone(),
            kind,
        });
    }

    pub(super) fn sticks_out(&self, member: &str) -> LayoutError {
        error(
            &format!("{}.{member}", self.path),
            &format!(
                "is not inside the {} bytes of its struct or union",
                self.size
            ),
        )
    }
}

/// A method's name, other than those that are [`RESERVED`].
fn reachable(name: &str) -> Cow<'_, str> {
    match RESERVED.contains(&name) {
        true => Cow::Owned(format!("{name}_")),
        false => Cow::Borrowed(name),
    }
}

//! The BPF Type Format: the types, variables and sections that a `.BTF` section describes.
//!
//! This mirrors the format; the model decides how types are used. It guarantees that the table can be
//! walked without further checks: after [`Btf::parse`] every id refers to a type of a sensible kind,
//! every name is UTF-8, and walks end:
//!
//! - by value (members, elements, typedefs, qualifiers), types nest at most [`MAX_DEPTH`] deep;
//! - so do declarators (pointers, elements, typedefs, qualifiers, parameters, return types).
//!   So a cycle passes through a pointer *and* a struct or union.
//!
//! This file has the types and queries on them; `decode` reads them from bytes, `check` enforces the
//! guarantee, and `edit` changes what libbpf changes in an object's own BTF.

mod check;
mod decode;
mod edit;
pub mod kind;

use std::error::Error;
use std::fmt;

use self::decode::Decoder;
use crate::endian::Endianness;

pub use self::edit::Editor;

/// How deep types nest at most, by value and in declarators.
pub const MAX_DEPTH: u8 = 64;

const MAGIC: u16 = 0xeb9f;
const VERSION: u8 = 1;
const POINTER_SIZE: u32 = 8;

/// Index of a type in its [`Btf`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u32);

impl TypeId {
    /// C's `void`.
    pub const VOID: Self = Self(0);
}

impl fmt::Display for TypeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}]", self.0)
    }
}

/// A type, or another entry that BTF numbers along with types. Sizes are in bytes, and an anonymous
/// type's name is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the format")]
pub enum Type<'a> {
    /// `void`, which has the id 0 and no entry of its own.
    Void,
    /// An integer that uses `bits` bits starting at `offset` (all of them, except in very old objects).
    Int {
        name: &'a str,
        size: u32,
        offset: u8,
        bits: u8,
        signed: bool,
        char: bool,
        boolean: bool,
    },
    /// `float`, `double`…
    Float { name: &'a str, size: u32 },
    /// `to *`
    Pointer { to: TypeId },
    /// `element[len]`; a flexible array has `len` 0.
    Array {
        element: TypeId,
        index: TypeId,
        len: u32,
    },
    /// `struct name { … }`
    Struct(Composite<'a>),
    /// `union name { … }`
    Union(Composite<'a>),
    /// `enum name { … }`; `wide` if the format has 64 bits for each value.
    Enum {
        name: &'a str,
        size: u32,
        signed: bool,
        wide: bool,
        values: Vec<Enumerator<'a>>,
    },
    /// `struct name;` or `union name;`
    Forward { name: &'a str, union: bool },
    /// `typedef to name;`
    Typedef { name: &'a str, to: TypeId },
    /// `volatile to`
    Volatile { to: TypeId },
    /// `const to`
    Const { to: TypeId },
    /// `to restrict`
    Restrict { to: TypeId },
    /// `to __attribute__((btf_type_tag(name)))`
    TypeTag { name: &'a str, to: TypeId },
    /// A function, whose `proto` is a [`Type::FunctionProto`].
    Function {
        name: &'a str,
        proto: TypeId,
        linkage: Linkage,
    },
    /// `ret (params)`; a last parameter without name and of type void stands for `...`.
    FunctionProto { ret: TypeId, params: Vec<Param<'a>> },
    /// A global variable.
    Variable {
        name: &'a str,
        ty: TypeId,
        linkage: Linkage,
    },
    /// A section of variables; `size` is 0 until libbpf or its linker has filled it in.
    DataSection {
        name: &'a str,
        size: u32,
        entries: Vec<SectionEntry>,
    },
    /// `__attribute__((btf_decl_tag(name)))` on `target`, or on its member or parameter
    /// `component`; see [`Btf::decl_tags`].
    DeclTag {
        name: &'a str,
        target: TypeId,
        component: Option<u32>,
    },
}

/// A struct or union.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composite<'a> {
    /// Its tag.
    pub name: &'a str,
    /// Its size in bytes.
    pub size: u32,
    /// Its members in order of declaration.
    pub members: Vec<Member<'a>>,
}

/// A member of a struct or union.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'a> {
    /// Its name; empty for an anonymous struct or union.
    pub name: &'a str,
    /// Its type.
    pub ty: TypeId,
    /// Offset in bits from the start of the composite.
    pub bit_offset: u32,
    /// Width of a bitfield in bits; 0 for an ordinary member.
    pub bitfield_size: u8,
}

/// A constant of an enum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enumerator<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value, negative only in a signed enum.
    pub value: i128,
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param<'a> {
    /// Its name; empty in most prototypes.
    pub name: &'a str,
    /// Its type.
    pub ty: TypeId,
}

/// The place of a variable, or in `.ksyms` also a function, in its section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionEntry {
    /// A [`Type::Variable`] or [`Type::Function`].
    pub ty: TypeId,
    /// Offset in bytes; compilers write 0 unless the variable is static.
    pub offset: u32,
    /// Size in bytes.
    pub size: u32,
}

/// Linkage of a function or variable. BTF does not record weak and hidden; ELF does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    /// Visible only in its own compilation unit.
    Static,
    /// Visible to every unit.
    Global,
    /// Declared only.
    Extern,
}

impl<'a> Type<'a> {
    /// The name; empty if it has none.
    pub fn name(&self) -> &'a str {
        match self {
            Self::Int { name, .. }
            | Self::Float { name, .. }
            | Self::Struct(Composite { name, .. })
            | Self::Union(Composite { name, .. })
            | Self::Enum { name, .. }
            | Self::Forward { name, .. }
            | Self::Typedef { name, .. }
            | Self::TypeTag { name, .. }
            | Self::Function { name, .. }
            | Self::Variable { name, .. }
            | Self::DataSection { name, .. }
            | Self::DeclTag { name, .. } => name,
            _ => "",
        }
    }
}

/// A table of types.
#[derive(Debug, Clone)]
pub struct Btf<'a> {
    types: Vec<Type<'a>>,
    /// Sorted by target and component, for [`Btf::decl_tags`].
    decl_tags: Vec<(TypeId, Option<u32>, &'a str)>,
}

impl<'a> Btf<'a> {
    /// Reads and checks the contents of a `.BTF` section, or of `/sys/kernel/btf/vmlinux`.
    ///
    /// # Errors
    ///
    /// If any part of it is invalid; the first such part is named.
    pub fn parse(bytes: &'a [u8], endian: Endianness) -> Result<Self, BtfError> {
        let btf = Decoder::new(bytes, endian)?.decode()?;
        btf.check()?;
        Ok(btf)
    }

    /// The type with that id; void for an id that does not exist, which can only be another table's.
    pub fn ty(&self, id: TypeId) -> &Type<'a> {
        self.get(id).unwrap_or(&Type::Void)
    }

    fn get(&self, id: TypeId) -> Option<&Type<'a>> {
        self.types.get(id.0 as usize)
    }

    /// All types in order of their ids, void included.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (TypeId, &Type<'a>)> {
        self.types
            .iter()
            .enumerate()
            .map(|(id, ty)| (TypeId(id as u32), ty))
    }

    /// Number of types, including void: ids are smaller than this.
    #[expect(clippy::len_without_is_empty, reason = "there is always void")]
    pub fn len(&self) -> usize {
        self.types.len()
    }

    /// Strips typedefs, qualifiers and type tags.
    pub fn resolve(&self, mut id: TypeId) -> TypeId {
        while let Type::Typedef { to, .. }
        | Type::Volatile { to }
        | Type::Const { to }
        | Type::Restrict { to }
        | Type::TypeTag { to, .. } = self.ty(id)
        {
            id = *to;
        }
        id
    }

    /// Size of a value in bytes; `None` for what has no values: void, a function, a forward
    /// declaration, a variable…
    pub fn size_of(&self, id: TypeId) -> Option<u64> {
        let (mut id, mut count) = (id, 1_u64);
        let size = loop {
            id = self.resolve(id);
            match self.ty(id) {
                Type::Enum { size: 0, .. } => return None,
                Type::Int { size, .. } | Type::Float { size, .. } | Type::Enum { size, .. } => {
                    break *size;
                }
                Type::Struct(composite) | Type::Union(composite) => break composite.size,
                Type::Pointer { .. } => break POINTER_SIZE,
                Type::Array { element, len, .. } => {
                    count = count.checked_mul(u64::from(*len))?;
                    id = *element;
                }
                _ => return None,
            }
        };
        count.checked_mul(u64::from(size))
    }

    /// The `btf_decl_tag`s of a type, function or variable itself (`component` is `None`), or of
    /// its member or parameter of that index; in file order.
    pub fn decl_tags(
        &self,
        id: TypeId,
        component: Option<u32>,
    ) -> impl Iterator<Item = &'a str> + use<'_, 'a> {
        let key = (id, component);
        let first = self
            .decl_tags
            .partition_point(|&(id, component, _)| (id, component) < key);
        let tags = self.decl_tags.iter().skip(first);
        tags.take_while(move |&&(id, component, _)| (id, component) == key)
            .map(|&(.., tag)| tag)
    }
}

/// Why BTF cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum BtfError {
    /// It does not begin with BTF's magic number.
    NotBtf {
        /// The number found instead of it.
        magic: u16,
    },
    /// Its byte order is not that of the ELF file.
    WrongEndian,
    /// A version of the format other than 1.
    Version(u8),
    /// It ends too early.
    Truncated {
        /// The part in which it ends.
        what: String,
    },
    /// Its header or string section is damaged.
    Malformed(String),
    /// Something is wrong with a type.
    Type {
        /// The type.
        id: TypeId,
        /// The type's name, empty if it has none or it cannot be read.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl BtfError {
    fn ty(id: TypeId, name: &str, reason: String) -> Self {
        Self::Type {
            id,
            name: name.to_owned(),
            reason,
        }
    }
}

impl fmt::Display for BtfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBtf { magic } => {
                write!(
                    f,
                    "not BTF: it begins with {magic:#06x}, not with {MAGIC:#06x}"
                )
            }
            Self::WrongEndian => {
                f.write_str("the byte order of the BTF is not that of the ELF file around it")
            }
            Self::Version(version) => {
                write!(
                    f,
                    "BTF of version {version}, only version {VERSION} is known"
                )
            }
            Self::Truncated { what } => write!(f, "truncated BTF: it ends within {what}"),
            Self::Malformed(what) => write!(f, "damaged BTF: {what}"),
            Self::Type { id, name, reason } if name.is_empty() => {
                write!(f, "BTF type {id}: {reason}")
            }
            Self::Type { id, name, reason } => write!(f, "BTF type {id} `{name}`: {reason}"),
        }
    }
}

impl Error for BtfError {}

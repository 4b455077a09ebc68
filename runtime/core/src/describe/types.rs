//! C types as they were laid out, and as C writes them.

use core::fmt;

/// A C type as the compiler laid it out, read from the library's BTF.
///
/// Names are for messages, except those of members and enumerators: these are compared, with types
/// and offsets.
#[derive(Debug)]
#[non_exhaustive]
pub enum Type {
    /// An integer, a `char` included.
    Int {
        /// Size in bytes.
        size: u32,
        /// Whether it is signed.
        signed: bool,
    },
    /// A `_Bool`.
    Bool,
    /// A floating-point number.
    Float {
        /// Size in bytes.
        size: u32,
    },
    /// An enum.
    Enum(Enum),
    /// A struct.
    Struct(Composite),
    /// A union.
    Union(Composite),
    /// An array; one of length 0 is a flexible array or an `extern` one of unknown length.
    Array {
        /// The type of the elements.
        element: &'static Self,
        /// How many elements.
        len: u32,
    },
    /// A struct that may be longer in the object, where it has members that the library was built without.
    Growing(&'static Self),
    /// A pointer, always 8 bytes.
    Pointer(Pointee),
    /// A pointer into an arena, always 8 bytes: user space follows it, so what it points to is compared too.
    ArenaPointer(ArenaPointee),
}

/// What a pointer into an arena points to.
#[derive(Clone, Copy)]
pub struct ArenaPointee(&'static Type);

/// An enum: its size and its constants.
#[derive(Debug)]
pub struct Enum {
    /// The tag; empty where there is none.
    pub name: &'static str,
    /// Size in bytes.
    pub size: u32,
    /// Names, and values truncated to `size` bytes.
    pub values: &'static [(&'static str, u64)],
}

/// A struct or union.
#[derive(Debug)]
pub struct Composite {
    /// The tag; empty where there is none.
    pub name: &'static str,
    /// Size in bytes.
    pub size: u32,
    /// The members, in order.
    pub members: &'static [Member],
}

/// A member of a struct or union.
#[derive(Debug)]
pub struct Member {
    /// The name; empty for an anonymous struct or union.
    pub name: &'static str,
    /// Offset in bits.
    pub bit_offset: u32,
    /// Width in bits of a bitfield, 0 for an ordinary member.
    pub bitfield_size: u8,
    /// The type.
    pub ty: &'static Type,
}

impl Member {
    /// An ordinary member at `offset` bytes.
    pub const fn new(name: &'static str, offset: u32, ty: &'static Type) -> Self {
        Self {
            name,
            bit_offset: offset * 8,
            bitfield_size: 0,
            ty,
        }
    }

    /// A bitfield of `width` bits at `bit_offset` bits.
    pub const fn bits(name: &'static str, bit_offset: u32, width: u8, ty: &'static Type) -> Self {
        Self {
            name,
            bit_offset,
            bitfield_size: width,
            ty,
        }
    }
}

/// What a pointer points to, one level deep: the kind decides whether two pointers agree, the tag of a
/// struct or union is for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pointee {
    /// `void *`.
    Void,
    /// A pointer to an integer of this size and sign.
    Int {
        /// Size in bytes.
        size: u32,
        /// Whether it is signed.
        signed: bool,
    },
    /// A pointer to a `_Bool`.
    Bool,
    /// A pointer to a floating-point number.
    Float,
    /// A pointer to an enum.
    Enum,
    /// A pointer to a struct, defined or only declared.
    Struct(&'static str),
    /// A pointer to a union, defined or only declared.
    Union(&'static str),
    /// A pointer to an array.
    Array,
    /// A pointer to a pointer.
    Pointer,
    /// A function pointer.
    Function,
}

impl Type {
    /// Size in bytes.
    pub const fn size(&self) -> u32 {
        match self {
            Self::Int { size, .. } | Self::Float { size } => *size,
            Self::Bool => 1,
            Self::Enum(Enum { size, .. }) => *size,
            Self::Struct(composite) | Self::Union(composite) => composite.size,
            Self::Array { element, len } => element.size() * *len,
            Self::Growing(ty) => ty.size(),
            Self::Pointer(_) | Self::ArenaPointer(_) => 8,
        }
    }

    /// A pointer into an arena, to a struct, union or enum, or to arrays of or pointers to these.
    pub const fn arena_pointer(to: &'static Self) -> Self {
        Self::ArenaPointer(ArenaPointee(to))
    }

    /// How many structs it is that may be longer in the object, if it is nothing else: one, or an array of them.
    pub(crate) const fn growing(&self) -> Option<u32> {
        match self {
            Self::Growing(_) => Some(1),
            Self::Array {
                element: Self::Growing(_),
                len,
            } => Some(*len),
            _ => None,
        }
    }

    /// An array of `len` elements.
    pub const fn array(element: &'static Self, len: u32) -> Self {
        Self::Array { element, len }
    }
}

impl ArenaPointee {
    /// The type.
    pub const fn ty(self) -> &'static Type {
        self.0
    }

    /// What may be known of what a pointer points to that nobody follows.
    pub(crate) const fn pointee(self) -> Pointee {
        match self.0 {
            Type::Int { size, signed } => Pointee::Int {
                size: *size,
                signed: *signed,
            },
            Type::Bool => Pointee::Bool,
            Type::Float { .. } => Pointee::Float,
            Type::Enum(_) => Pointee::Enum,
            Type::Struct(composite) => Pointee::Struct(composite.name),
            Type::Union(composite) => Pointee::Union(composite.name),
            Type::Array { .. } => Pointee::Array,
            Type::Growing(ty) => ArenaPointee(ty).pointee(),
            Type::Pointer(_) | Type::ArenaPointer(_) => Pointee::Pointer,
        }
    }
}

/// One level deep: a list's nodes point to nodes.
impl fmt::Debug for ArenaPointee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.pointee(), f)
    }
}

/// Writes a type as C does, with the kernel's names for integers: `u32[4]`, `struct stats *`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int { size, signed } => write_int(f, *size, *signed),
            Self::Bool => f.write_str("_Bool"),
            Self::Float { size } => write_float(f, *size),
            Self::Enum(Enum { name, .. }) => write_tag(f, "enum", name),
            Self::Struct(Composite { name, .. }) => write_tag(f, "struct", name),
            Self::Union(Composite { name, .. }) => write_tag(f, "union", name),
            Self::Array { .. } => {
                let mut element = self;
                let mut lengths = String::new();
                while let Self::Array {
                    element: inner,
                    len,
                } = element
                {
                    write_len(&mut lengths, *len);
                    element = inner;
                }
                write!(f, "{element}{lengths}")
            }
            Self::Growing(ty) => ty.fmt(f),
            Self::Pointer(pointee) => pointee.fmt(f),
            Self::ArenaPointer(target) => fmt::Display::fmt(&target.pointee(), f),
        }
    }
}

/// Writes the pointer, not the pointee: `struct stats *`.
impl fmt::Display for Pointee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Void => f.write_str("void *"),
            Self::Int { size, signed } => {
                write_int(f, *size, *signed)?;
                f.write_str(" *")
            }
            Self::Bool => f.write_str("_Bool *"),
            Self::Float => f.write_str("pointer to a floating-point number"),
            Self::Enum => f.write_str("pointer to an enum"),
            Self::Struct(name) => {
                write_tag(f, "struct", name)?;
                f.write_str(" *")
            }
            Self::Union(name) => {
                write_tag(f, "union", name)?;
                f.write_str(" *")
            }
            Self::Array => f.write_str("pointer to an array"),
            Self::Pointer => f.write_str("pointer to a pointer"),
            Self::Function => f.write_str("function pointer"),
        }
    }
}

pub(crate) fn write_int(f: &mut impl fmt::Write, size: u32, signed: bool) -> fmt::Result {
    write!(f, "{}{}", if signed { 's' } else { 'u' }, size * 8)
}

pub(crate) fn write_float(f: &mut impl fmt::Write, size: u32) -> fmt::Result {
    match size {
        4 => f.write_str("float"),
        8 => f.write_str("double"),
        _ => write!(f, "{size}-byte floating-point number"),
    }
}

pub(crate) fn write_tag(f: &mut impl fmt::Write, keyword: &str, name: &str) -> fmt::Result {
    match name {
        "" => write!(f, "anonymous {keyword}"),
        name => write!(f, "{keyword} {name}"),
    }
}

pub(crate) fn write_len(lengths: &mut String, len: u32) {
    use core::fmt::Write;
    // Writing to a `String` can't fail.
    let _ = match len {
        0 => lengths.write_str("[]"),
        len => write!(lengths, "[{len}]"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_in_c() {
        static ELEMENT: Type = Type::Struct(Composite {
            name: "stats",
            size: 16,
            members: &[],
        });
        static ROW: Type = Type::array(&ELEMENT, 4);
        let cases = [
            (
                Type::Int {
                    size: 8,
                    signed: false,
                },
                "u64",
            ),
            (
                Type::Int {
                    size: 16,
                    signed: true,
                },
                "s128",
            ),
            (Type::array(&ROW, 2), "struct stats[2][4]"),
            (Type::array(&ROW, 0), "struct stats[][4]"),
            (Type::Pointer(Pointee::Struct("sock")), "struct sock *"),
        ];
        for (ty, text) in cases {
            assert_eq!(ty.to_string(), text);
        }
        assert_eq!(Type::array(&ROW, 2).size(), 128);
    }
}

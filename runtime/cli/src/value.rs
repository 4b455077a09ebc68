//! Values of C types: read from bytes, as BTF lays them out.

mod json;
mod parse;
mod print;

use bpf_subskeleton_object::btf::{Btf, Composite, Type, TypeId};
use bpf_subskeleton_object::elf::Endianness;

pub(crate) use self::parse::{Scalar, parse};

/// A value of a C type.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    /// An integer; `u64::MAX` and `i64::MIN` fit, and so does `__int128`, but not the upper half of `unsigned __int128`.
    Int(i128),
    /// The upper half of `unsigned __int128`.
    Wide(u128),
    /// A `_Bool`; any byte but 0 is true.
    Bool(bool),
    /// A floating-point number.
    Float(f64),
    /// A constant of an enum, with its name if it has one.
    Enum(Option<&'a str>, i128),
    /// The characters of a `char[]` before its first NUL.
    Text(Vec<u8>),
    /// The elements of an array.
    Array(Vec<Self>),
    /// The members of a struct or union; those of anonymous members stand among them, as C names them.
    Members(Vec<(&'a str, Self)>),
    /// An address, and the kernel's symbol there, if it is known.
    Pointer(u64, Option<String>),
    /// Bytes of no type that is known here, such as a 16-byte `long double`.
    Bytes(Vec<u8>),
    /// Left out: a damaged object has more values than bytes.
    Omitted,
}

impl<'a> Value<'a> {
    /// Reads a value of the type `ty` from `bytes`; those that are missing read as zero. What is more than the type's size
    /// belongs to a flexible array at its end.
    pub(crate) fn read(btf: &Btf<'a>, ty: TypeId, endian: Endianness, bytes: &[u8]) -> Self {
        Reader::new(btf, endian, bytes).value(ty, bytes)
    }

    /// A bitfield of the type `ty`, `width` bits wide.
    pub(crate) fn read_bitfield(
        btf: &Btf<'a>,
        ty: TypeId,
        endian: Endianness,
        bytes: &[u8],
        bits: (u32, u32),
    ) -> Self {
        Reader::new(btf, endian, bytes).bitfield(ty, bytes, bits)
    }

    /// A scalar of the type `ty` whose bits are `value`.
    fn of_bits(btf: &Btf<'a>, ty: TypeId, value: i128) -> Self {
        match btf.ty(btf.resolve(ty)) {
            Type::Int { boolean: true, .. } => Self::Bool(value != 0),
            Type::Enum { values, .. } => {
                let mut values = values.iter();
                let constant = values.find(|constant| constant.value == value);
                Self::Enum(constant.map(|constant| constant.name), value)
            }
            Type::Pointer { .. } => Self::Pointer(value as u64, None),
            _ => Self::Int(value),
        }
    }

    /// Names the symbols that pointers point to.
    pub(crate) fn name_pointers(&mut self, symbol: &mut dyn FnMut(u64) -> Option<String>) {
        match self {
            Self::Pointer(address, name) if *address != 0 => *name = symbol(*address),
            Self::Array(values) => {
                for value in values {
                    value.name_pointers(symbol);
                }
            }
            Self::Members(members) => {
                for (_, value) in members {
                    value.name_pointers(symbol);
                }
            }
            _ => {}
        }
    }
}

/// Reads values. Types nest [`MAX_DEPTH`](bpf_subskeleton_object::btf::MAX_DEPTH) deep at most.
struct Reader<'b, 'a> {
    btf: &'b Btf<'a>,
    endian: Endianness,
    /// How many values are still read: unions within unions can have two to the power of their depth.
    left: usize,
}

impl<'b, 'a> Reader<'b, 'a> {
    fn new(btf: &'b Btf<'a>, endian: Endianness, bytes: &[u8]) -> Self {
        let left = bytes.len().saturating_mul(64).saturating_add(1000);
        Self { btf, endian, left }
    }

    fn value(&mut self, ty: TypeId, bytes: &[u8]) -> Value<'a> {
        let Some(left) = self.left.checked_sub(1) else {
            return Value::Omitted;
        };
        self.left = left;
        let size = self.size_of(ty);
        match self.btf.ty(self.btf.resolve(ty)) {
            Type::Array { element, len, .. } => self.array(*element, *len as usize, bytes),
            Type::Struct(composite) | Type::Union(composite) => {
                let mut members = Vec::new();
                self.members(composite, bytes, &mut members);
                Value::Members(members)
            }
            // Very old objects say so of bitfields.
            Type::Int {
                offset, bits, size, ..
            } if u32::from(*bits) != size * 8 => {
                self.bitfield(ty, bytes, (u32::from(*offset), u32::from(*bits)))
            }
            Type::Float { size: 4, .. } => {
                Value::Float(f32::from_bits(read_word(bytes, 4, self.endian) as u32).into())
            }
            Type::Float { size: 8, .. } => {
                Value::Float(f64::from_bits(read_word(bytes, 8, self.endian) as u64))
            }
            scalar @ (Type::Int { .. } | Type::Enum { .. } | Type::Pointer { .. })
                if size <= 16 =>
            {
                let word = read_word(bytes, size, self.endian);
                match (is_signed(scalar), i128::try_from(word)) {
                    (false, Err(_)) => Value::Wide(word),
                    (signed, _) => {
                        Value::of_bits(self.btf, ty, extend(word, size as u32 * 8, signed))
                    }
                }
            }
            _ => Value::Bytes(bytes.get(..size).unwrap_or(bytes).to_vec()),
        }
    }

    fn bitfield(&self, ty: TypeId, bytes: &[u8], (offset, width): (u32, u32)) -> Value<'a> {
        let (word, width) = read_bits(bytes, offset, width, self.endian);
        let signed = is_signed(self.btf.ty(self.btf.resolve(ty)));
        Value::of_bits(self.btf, ty, extend(word, width, signed))
    }

    fn array(&mut self, element: TypeId, len: usize, bytes: &[u8]) -> Value<'a> {
        if is_char(self.btf, element) {
            let text = match len {
                0 => bytes,
                len => bytes.get(..len).unwrap_or(bytes),
            };
            let text = text.split(|byte| *byte == 0).next();
            return Value::Text(text.unwrap_or_default().to_vec());
        }
        // An array that is longer than its bytes must not take more memory than these.
        let (len, size) = match (len, self.size_of(element)) {
            (_, 0) => return Value::Array(Vec::new()),
            (0, size) => (bytes.len() / size, size),
            (len, size) => (len.min(bytes.len().div_ceil(size)), size),
        };
        let elements = bytes.chunks(size).take(len);
        Value::Array(elements.map(|bytes| self.value(element, bytes)).collect())
    }

    /// Reads members, those of anonymous structs and unions in their place.
    fn members(
        &mut self,
        composite: &Composite<'a>,
        bytes: &[u8],
        members: &mut Vec<(&'a str, Value<'a>)>,
    ) {
        let last = composite.members.len().saturating_sub(1);
        for (index, member) in composite.members.iter().enumerate() {
            let rest = bytes
                .get(member.bit_offset as usize / 8..)
                .unwrap_or_default();
            // The last member may be, or end with, a flexible array, which the rest belongs to.
            let at = match index == last && bytes.len() > composite.size as usize {
                true => rest,
                false => rest.get(..self.size_of(member.ty)).unwrap_or(rest),
            };
            let inner = self.btf.ty(self.btf.resolve(member.ty));
            let value = match inner {
                Type::Struct(inner) | Type::Union(inner) if member.name.is_empty() => {
                    if self.left > 0 {
                        self.left -= 1;
                        self.members(inner, at, members);
                    }
                    continue;
                }
                // Unnamed bitfields are padding.
                _ if member.name.is_empty() => continue,
                _ if member.bitfield_size != 0 => {
                    let bits = (member.bit_offset, u32::from(member.bitfield_size));
                    self.bitfield(member.ty, bytes, bits)
                }
                _ => self.value(member.ty, at),
            };
            members.push((member.name, value));
        }
    }

    fn size_of(&self, ty: TypeId) -> usize {
        let size = self.btf.size_of(ty).unwrap_or(0);
        usize::try_from(size).unwrap_or(usize::MAX)
    }
}

/// Whether it is `char`, whose arrays are text. `unsigned char` and `u8` are numbers.
pub(crate) fn is_char(btf: &Btf<'_>, ty: TypeId) -> bool {
    let ty = btf.ty(btf.resolve(ty));
    matches!(
        ty,
        Type::Int {
            name: "char",
            size: 1,
            ..
        }
    )
}

fn is_signed(ty: &Type<'_>) -> bool {
    match ty {
        Type::Int { signed, .. } | Type::Enum { signed, .. } => *signed,
        _ => false,
    }
}

/// The number in the first `size` bytes, 16 at most.
fn read_word(bytes: &[u8], size: usize, endian: Endianness) -> u128 {
    let byte = |index: usize| u128::from(bytes.get(index).copied().unwrap_or(0));
    (0..size.min(16)).fold(0, |word, index| match endian {
        Endianness::Little => word | byte(index) << (8 * index),
        Endianness::Big => word << 8 | byte(index),
    })
}

/// The number in `width` bits at `offset` bits, and the width. Big-endian machines count bits from the highest.
fn read_bits(bytes: &[u8], offset: u32, width: u32, endian: Endianness) -> (u128, u32) {
    let width = width.min(64);
    let first = (offset / 8) as usize;
    let within = offset % 8;
    let size = (within + width).div_ceil(8);
    let word = read_word(
        bytes.get(first..).unwrap_or_default(),
        size as usize,
        endian,
    );
    let shift = match endian {
        Endianness::Little => within,
        Endianness::Big => size * 8 - within - width,
    };
    (word >> shift & ((1 << width) - 1), width)
}

/// A number of `width` bits, with its sign if it has one.
fn extend(word: u128, width: u32, signed: bool) -> i128 {
    let unused = 128 - width.clamp(1, 128);
    match signed {
        true => (word << unused) as i128 >> unused,
        false => word as i128,
    }
}

#[cfg(test)]
mod tests;

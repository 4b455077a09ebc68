//! Compile-time checks of types that users wrote and a macro can't resolve: aliases, imported types, types of
//! their own.
//!
//! They run in constants, so a difference is a compile error with the message that the macro prepared.

use core::marker::PhantomData;

use bytemuck::Pod;

use crate::describe::primitives;
use crate::describe::{Composite, Enum, Pointee, Type};
use crate::value::{Bool, BpfPtr};

/// A Rust type that stands for a C type: the primitives, [`Bool`], [`BpfPtr`], arrays, and every type
/// that `#[subskeleton]` generates.
pub trait BtfType {
    /// The C type.
    const BTF: &'static Type;
}

macro_rules! primitives {
    ($($rust:ty => $btf:ident),* $(,)?) => {$(
        impl BtfType for $rust {
            const BTF: &'static Type = &primitives::$btf;
        }
    )*};
}

primitives! {
    u8 => U8, u16 => U16, u32 => U32, u64 => U64, u128 => U128,
    i8 => I8, i16 => I16, i32 => I32, i64 => I64, i128 => I128,
    f32 => F32, f64 => F64, Bool => BOOL,
}

impl<T: BtfType, const N: usize> BtfType for [T; N] {
    const BTF: &'static Type = &Type::array(T::BTF, N as u32);
}

/// What it points to is not part of its layout.
impl<T: ?Sized> BtfType for BpfPtr<T> {
    const BTF: &'static Type = &Type::Pointer(Pointee::Void);
}

/// Asks whether `T` is a [`BtfType`]: `Probe::<T>::BTF` is the constant below if it is, and that of
/// [`Unknown`] if not, because inherent constants go first.
pub struct Probe<T: ?Sized>(PhantomData<T>);

impl<T: BtfType + ?Sized> Probe<T> {
    /// The C type.
    pub const BTF: Option<&'static Type> = Some(T::BTF);
}

/// See [`Probe`].
pub trait Unknown {
    /// No C type is known.
    const BTF: Option<&'static Type> = None;
}

impl<T: ?Sized> Unknown for Probe<T> {}

/// What is wrong with `T` where the C type is `expected`; a type of the user's own (`found` is `None`)
/// needs the size and alignment of the generated type `Own`.
pub const fn wrong_type<T, Own>(
    found: Option<&'static Type>,
    expected: &'static Type,
    message: &'static str,
) -> Option<Text> {
    match found {
        // A description counts elements in 32 bits.
        Some(found) if same(found, expected) && size_of::<T>() == size_of::<Own>() => None,
        Some(_) => Some(Text::new(message)),
        None => wrong_layout::<T>(size_of::<Own>(), align_of::<Own>(), message),
    }
}

/// What is wrong with `T` where there are `size` bytes.
pub const fn wrong_size<T>(size: usize, message: &'static str) -> Option<Text> {
    match size_of::<T>() == size {
        true => None,
        false => Some(Text::new(message)),
    }
}

/// What is wrong with `T` where there are `size` bytes of alignment `align`.
pub const fn wrong_layout<T>(size: usize, align: usize, what: &'static str) -> Option<Text> {
    if size_of::<T>() != size {
        let text = Text::new(what).and(": it has ").number(size_of::<T>());
        return Some(text.and(" bytes, in C ").number(size));
    }
    if align_of::<T>() != align {
        let text = Text::new(what)
            .and(": it is aligned to ")
            .number(align_of::<T>());
        return Some(text.and(" bytes, in C to ").number(align));
    }
    None
}

/// What is wrong with a field at `found` that C has at `expected`.
pub const fn wrong_offset(found: usize, expected: usize, what: &'static str) -> Option<Text> {
    if found == expected {
        return None;
    }
    let text = Text::new(what).and(" is at offset ").number(found);
    Some(text.and(" in Rust, at ").number(expected).and(" in C"))
}

/// [`Pod`], with a message for users' types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not plain old data, so it can't stand for a C type",
    label = "`bytemuck::Pod` is not implemented for it",
    note = "add `#[derive(Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]` and `#[repr(C)]` to it"
)]
pub trait Plain: Pod {}

#[diagnostic::do_not_recommend]
impl<T: Pod> Plain for T {}

/// Requires that every bit pattern is a `T`.
pub const fn expect_pod<T: Plain>() {}

/// Whether two types are laid out alike, member for member; pointers may point to different things.
const fn same(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (Type::Int { size: a, signed: c }, Type::Int { size: b, signed: d }) => {
            *a == *b && *c == *d
        }
        (Type::Bool, Type::Bool)
        | (Type::Pointer(_) | Type::ArenaPointer(_), Type::Pointer(_) | Type::ArenaPointer(_)) => {
            true
        }
        (Type::Growing(a), b) | (b, Type::Growing(a)) => same(a, b),
        (Type::Float { size: a }, Type::Float { size: b }) => *a == *b,
        (Type::Enum(a), Type::Enum(b)) => same_enums(a, b),
        (Type::Struct(a), Type::Struct(b)) | (Type::Union(a), Type::Union(b)) => {
            same_composites(a, b)
        }
        (Type::Array { element: a, len: c }, Type::Array { element: b, len: d }) => {
            *c == *d && same(a, b)
        }
        _ => false,
    }
}

const fn same_enums(a: &Enum, b: &Enum) -> bool {
    if a.size != b.size || a.values.len() != b.values.len() {
        return false;
    }
    let mut i = 0;
    while i < a.values.len() {
        if a.values[i].1 != b.values[i].1 || !same_names(a.values[i].0, b.values[i].0) {
            return false;
        }
        i += 1;
    }
    true
}

const fn same_composites(a: &Composite, b: &Composite) -> bool {
    if a.size != b.size || a.members.len() != b.members.len() {
        return false;
    }
    let mut i = 0;
    while i < a.members.len() {
        let (left, right) = (&a.members[i], &b.members[i]);
        if left.bit_offset != right.bit_offset
            || left.bitfield_size != right.bitfield_size
            || !same_names(left.name, right.name)
            || !same(left.ty, right.ty)
        {
            return false;
        }
        i += 1;
    }
    true
}

const fn same_names(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// A message with numbers, which constants can't format otherwise. What does not fit is cut off.
pub struct Text {
    bytes: [u8; 512],
    len: usize,
}

impl Text {
    const fn new(text: &str) -> Self {
        Self {
            bytes: [0; 512],
            len: 0,
        }
        .and(text)
    }

    const fn and(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut i = 0;
        while i < text.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = text[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    const fn number(self, number: usize) -> Self {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        let mut rest = number;
        while start == digits.len() || rest > 0 {
            start -= 1;
            digits[start] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        match core::str::from_utf8(digits.split_at(start).1) {
            Ok(text) => self.and(text),
            Err(_) => self,
        }
    }

    /// The text.
    pub const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "the types differ",
        }
    }
}

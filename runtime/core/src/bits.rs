//! Bitfields and union members: parts of a value that are not fields in Rust.
//!
//! Generated types keep them in storage fields and give them methods; the methods call this file.

use core::ops::{BitAnd, BitOr, Not};
use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

use bytemuck::Pod;

use crate::shared::{Access, Packed, Shared, Writable, Write};
use crate::value::Bool;

/// A type that a bitfield may have.
pub trait Bits: Copy {
    /// The value whose lowest `width` bits are given, sign-extended where the type is signed.
    fn from_bits(bits: u128, width: u32) -> Self;

    /// The value's bits, at least the lowest.
    fn to_bits(self) -> u128;
}

macro_rules! bits {
    ($($integer:ty)*) => {$(
        impl Bits for $integer {
            #[inline]
            fn from_bits(bits: u128, width: u32) -> Self {
                // Shifting up and down again copies the sign bit of a signed type.
                let unused = Self::BITS.saturating_sub(width);
                ((bits as Self) << unused) >> unused
            }

            #[inline]
            fn to_bits(self) -> u128 {
                self as u128
            }
        }
    )*};
}

bits!(u8 u16 u32 u64 u128 i8 i16 i32 i64 i128);

impl Bits for Bool {
    #[inline]
    fn from_bits(bits: u128, _width: u32) -> Self {
        Self::from(bits != 0)
    }

    #[inline]
    fn to_bits(self) -> u128 {
        self.as_bool().into()
    }
}

/// The bytes that `width` bits at `offset` touch, and how far the lowest of the bits is from the lowest
/// bit of these bytes read as an integer.
///
/// BTF counts bits as the compiler fills them: from the least significant end on a little-endian
/// machine, from the most significant one on a big-endian machine.
#[inline]
const fn window(offset: u32, width: u32) -> (usize, usize, u32) {
    let (first, end) = (offset / 8, (offset + width).div_ceil(8));
    let shift = match cfg!(target_endian = "little") {
        true => offset % 8,
        false => end * 8 - offset - width,
    };
    (first as usize, (end - first) as usize, shift)
}

const fn mask(width: u32) -> u128 {
    match width {
        128.. => u128::MAX,
        width => (1 << width) - 1,
    }
}

/// Reads the bitfield of `width` bits at `offset` of `storage`; at most 120 bits.
#[inline]
pub fn bitfield<S: Pod, T: Bits>(storage: &S, offset: u32, width: u32) -> T {
    let (first, len, shift) = window(offset, width);
    let bytes = bytemuck::bytes_of(storage).iter().skip(first).take(len);
    let fold = |word: u128, byte: &u8| word << 8 | u128::from(*byte);
    let word = match cfg!(target_endian = "little") {
        true => bytes.rev().fold(0, fold),
        false => bytes.fold(0, fold),
    };
    T::from_bits((word >> shift) & mask(width), width)
}

/// Writes the bitfield of `width` bits at `offset` of `storage`; at most 120 bits. Higher bits of `value` are
/// cut off.
#[inline]
pub fn set_bitfield<S: Pod, T: Bits>(storage: &mut S, offset: u32, width: u32, value: T) {
    let (first, len, shift) = window(offset, width);
    let bytes = bytemuck::bytes_of_mut(storage)
        .iter_mut()
        .skip(first)
        .take(len);
    let mut keep = !(mask(width) << shift);
    let mut bits = (value.to_bits() & mask(width)) << shift;
    let mut put = |byte: &mut u8| {
        *byte = (*byte & keep as u8) | bits as u8;
        keep = keep >> 8 | 0xff << 120;
        bits >>= 8;
    };
    match cfg!(target_endian = "little") {
        true => bytes.for_each(&mut put),
        false => bytes.rev().for_each(&mut put),
    }
}

/// Storage of bitfields that can be changed while others write its other bits.
pub trait Storage: Pod {
    /// Sets the bits of `mask` to those of `bits`, atomically as far as they are in one word.
    fn merge(cell: &Shared<Self, Write>, mask: Self, bits: Self);
}

macro_rules! storage {
    ($($word:ty => $atomic:ty),*) => {$(
        impl Storage for $word {
            #[inline]
            fn merge(cell: &Shared<Self, Write>, mask: Self, bits: Self) {
                let atomic: &$atomic = cell.as_atomic();
                let update = |word| Some(merged(word, mask, bits));
                // The closure never declines, so neither does the update.
                let _ = atomic.fetch_update(Ordering::Relaxed, Ordering::Relaxed, update);
            }
        }
    )*};
}

storage!(u8 => AtomicU8, u16 => AtomicU16, u32 => AtomicU32, u64 => AtomicU64);

/// The storage of a union that aligns to 16 bytes.
impl Storage for u128 {
    #[inline]
    fn merge(cell: &Shared<Self, Write>, mask: Self, bits: Self) {
        let halves: &Shared<[u64; 2], Write> = self::cell(cell, 0);
        Storage::merge(halves, bytemuck::cast(mask), bytemuck::cast(bits));
    }
}

/// Bytes of a packed struct, words of a union.
impl<W: Storage + PartialEq, const N: usize> Storage for [W; N] {
    #[inline]
    fn merge(cell: &Shared<Self, Write>, mask: Self, bits: Self) {
        // A word without a bit to change is not touched: others may write it.
        for (word, (mask, bits)) in cell.iter().zip(mask.into_iter().zip(bits)) {
            if mask != W::zeroed() {
                W::merge(word, mask, bits);
            }
        }
    }
}

fn merged<W>(word: W, mask: W, bits: W) -> W
where
    W: Copy + BitAnd<Output = W> + BitOr<Output = W> + Not<Output = W>,
{
    (word & !mask) | bits
}

/// Writes a bitfield in shared memory without losing what other threads write to its neighbours.
#[inline]
pub fn store_bitfield<S: Storage, A: Writable, T: Bits>(
    cell: &Shared<S, A>,
    offset: u32,
    width: u32,
    value: T,
) {
    let (mut mask, mut bits) = (S::zeroed(), S::zeroed());
    set_bitfield(&mut mask, offset, width, u128::MAX);
    set_bitfield(&mut bits, offset, width, value);
    S::merge(cell.writable(), mask, bits);
}

/// Reads a union member.
///
/// # Panics
///
/// If the storage is too small: generated code passes offsets from BTF, checked there.
#[inline]
pub fn member<S: Pod, T: Pod>(storage: &S, offset: usize) -> T {
    bytemuck::pod_read_unaligned(&bytemuck::bytes_of(storage)[offset..offset + size_of::<T>()])
}

/// Writes a union member; the other bytes stay.
///
/// # Panics
///
/// As [`member`].
#[inline]
pub fn set_member<S: Pod, T: Pod>(storage: &mut S, offset: usize, value: T) {
    bytemuck::bytes_of_mut(storage)[offset..offset + size_of::<T>()]
        .copy_from_slice(bytemuck::bytes_of(&value));
}

/// Whether a `T` at `offset` is a part of an `S`, for any offset: a sum that wraps around would pass for
/// a small one.
#[inline]
const fn is_inside<S, T>(offset: usize) -> bool {
    match offset.checked_add(size_of::<T>()) {
        Some(end) => end <= size_of::<S>(),
        None => false,
    }
}

/// A union member in shared memory.
///
/// # Panics
///
/// As [`member`]; and if the storage is not aligned for the member.
#[inline]
pub fn cell<S: Pod, T: Pod, A: Access>(storage: &Shared<S, A>, offset: usize) -> &Shared<T, A> {
    assert!(
        is_inside::<S, T>(offset)
            && align_of::<T>() <= align_of::<S>()
            && offset.is_multiple_of(align_of::<T>())
    );
    let first = core::ptr::from_ref(storage)
        .cast::<u8>()
        .wrapping_add(offset);
    // SAFETY: the bytes are a part of `storage` and aligned, as just checked, and accessed in the same
    // way as the whole.
    unsafe { &*first.cast() }
}

/// A union member in shared memory, in a place that need not be aligned for it.
///
/// # Panics
///
/// As [`member`].
#[inline]
pub fn packed_cell<S: Pod, T: Pod, A: Access>(
    storage: &Shared<S, A>,
    offset: usize,
) -> &Packed<T, A> {
    assert!(is_inside::<S, T>(offset));
    let first = core::ptr::from_ref(storage)
        .cast::<u8>()
        .wrapping_add(offset);
    // SAFETY: as in `cell`, and `Packed` needs no alignment.
    unsafe { &*first.cast() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_endian = "little")]
    fn bitfields_are_where_the_compiler_puts_them() {
        let mut word = 0u32;
        set_bitfield(&mut word, 3, 5, 0b10101u32);
        assert_eq!(word, 0b10101 << 3);
        set_bitfield(&mut word, 8, 12, -2i32);
        assert_eq!(word, 0b10101 << 3 | 0xffe << 8);
        assert_eq!(bitfield::<_, i32>(&word, 8, 12), -2);
        assert_eq!(bitfield::<_, u32>(&word, 8, 12), 0xffe);
        assert!(bitfield::<_, Bool>(&word, 3, 1).as_bool());
    }

    #[test]
    fn bitfields_may_cross_bytes_of_long_storage() {
        let mut bytes = [0u8; 24];
        for (offset, width, value) in [(0, 64, u64::MAX), (61, 7, 5), (100, 64, u64::MAX / 3)] {
            set_bitfield(&mut bytes, offset, width, value);
            assert_eq!(bitfield::<_, u64>(&bytes, offset, width), value);
        }
        set_bitfield(&mut bytes, 0, 192 - 128, 0u64);
        assert_eq!(bitfield::<_, u64>(&bytes, 100, 64), u64::MAX / 3);
    }

    #[test]
    fn union_members_keep_the_other_bytes() {
        let mut storage = [u64::MAX; 2];
        set_member(&mut storage, 4, 0u16);
        assert_eq!(member::<_, u16>(&storage, 4), 0);
        assert_eq!(member::<_, u32>(&storage, 8), u32::MAX);
    }

    #[test]
    fn union_members_are_inside() {
        assert!(is_inside::<u64, u32>(0));
        assert!(is_inside::<u64, u32>(4));
        assert!(is_inside::<u64, ()>(8));
        for outside in [5, 8, usize::MAX - 7, usize::MAX - 3, usize::MAX] {
            assert!(!is_inside::<u64, u32>(outside), "{outside}");
        }
    }
}

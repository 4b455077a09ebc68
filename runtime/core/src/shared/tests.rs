//! The cells in plain memory, where AddressSanitizer, valgrind and Miri see each access.

use core::cell::UnsafeCell;
use core::fmt::Debug;
use core::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;
use crate::value::Bool;

/// Bytes at the alignment of the widest value, as a section's are at that of a page. On the heap, where
/// valgrind knows their end.
#[repr(C, align(16))]
struct Bytes<const N: usize>(UnsafeCell<[u8; N]>);

impl<const N: usize> Bytes<N> {
    fn new(byte: u8) -> Box<Self> {
        Box::new(Self(UnsafeCell::new([byte; N])))
    }

    fn at(&self, offset: usize, size: usize, align: usize) -> *const u8 {
        assert!(offset.is_multiple_of(align) && offset + size <= N);
        // SAFETY: inside the array, as just checked.
        unsafe { self.0.get().cast::<u8>().add(offset) }
    }

    fn cell<T: Pod, A>(&self, offset: usize) -> &Shared<T, A> {
        let first = self.at(offset, size_of::<T>(), align_of::<T>());
        // SAFETY: inside and aligned, and all access while the cell lives is through cells.
        unsafe { &*first.cast() }
    }

    fn packed<T: Pod>(&self, offset: usize) -> &Packed<T> {
        // SAFETY: as above; `Packed` needs no alignment.
        unsafe { &*self.at(offset, size_of::<T>(), 1).cast() }
    }

    fn slice<T: Pod>(&self, len: usize) -> &Shared<[T]> {
        let first = self.at(0, len * size_of::<T>(), align_of::<T>());
        let slice = core::ptr::slice_from_raw_parts(first.cast::<T>(), len);
        // SAFETY: as above.
        unsafe { &*(slice as *const Shared<[T]>) }
    }

    fn into_bytes(self) -> [u8; N] {
        self.0.into_inner()
    }
}

/// Sets a value of each type at each aligned place of the bytes, and looks for what changed.
fn set_everywhere<T: Pod + PartialEq + Debug>(value: T) {
    for offset in (0..=48 - size_of::<T>()).step_by(align_of::<T>()) {
        let bytes = Bytes::<48>::new(0xa5);
        let cell = bytes.cell::<T, Write>(offset);
        assert_eq!(bytemuck::bytes_of(&cell.get()), &vec![0xa5; size_of::<T>()]);
        cell.set(value);
        assert_eq!(cell.get(), value);
        assert_eq!(bytes.cell::<T, Read>(offset).get(), value);
        around(offset, value, bytes);
    }
    for offset in 0..=48 - size_of::<T>() {
        let bytes = Bytes::<48>::new(0xa5);
        let cell = bytes.packed::<T>(offset);
        cell.set(value);
        assert_eq!(cell.get(), value);
        around(offset, value, bytes);
    }
}

/// The value stands at its place, and nothing else changed.
#[expect(clippy::boxed_local, reason = "the bytes stay where the cells point")]
fn around<T: Pod>(offset: usize, value: T, bytes: Box<Bytes<48>>) {
    let mut expected = [0xa5; 48];
    expected[offset..offset + size_of::<T>()].copy_from_slice(bytemuck::bytes_of(&value));
    assert_eq!(bytes.into_bytes(), expected);
}

#[test]
fn every_width_and_alignment() {
    set_everywhere(0x01u8);
    set_everywhere(0x0102u16);
    set_everywhere(0x0102_0304u32);
    set_everywhere(0x0102_0304_0506_0708u64);
    set_everywhere(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10_u128);
    set_everywhere(-2i8);
    set_everywhere(-2i16);
    set_everywhere(-2i32);
    set_everywhere(-2i64);
    set_everywhere(-2i128);
    set_everywhere(1.5f32);
    set_everywhere(1.5f64);
    // Wider than a word, in words of each alignment.
    set_everywhere([1u8, 2, 3, 4, 5, 6, 7]);
    set_everywhere([1u16, 2, 3]);
    set_everywhere([1u32, 2, 3]);
    set_everywhere([1u64, 2, 3]);
    set_everywhere([1u128, 2]);
    set_everywhere([0u64; 0]);
}

/// Sets and reads an array in the middle of other bytes.
fn set_long<T: Pod + PartialEq + Debug, const N: usize>(value: impl Fn(usize) -> T) {
    let bytes = Bytes::<4160>::new(0xa5);
    let (value, size) = (core::array::from_fn::<T, N, _>(value), size_of::<[T; N]>());
    let cell = bytes.cell::<[T; N], Write>(16);
    cell.set(value);
    assert_eq!(cell.get(), value);
    cell.set([T::zeroed(); N]);
    cell.set_from(&value);
    let mut read = [T::zeroed(); N];
    cell.get_into(&mut read);
    assert_eq!(read, value);
    let bytes = bytes.into_bytes();
    assert!(bytes[..16].iter().all(|byte| *byte == 0xa5));
    assert_eq!(&bytes[16..16 + size], bytemuck::bytes_of(&value));
    assert!(bytes[16 + size..].iter().all(|byte| *byte == 0xa5));
}

/// Those with many words are copied another way than those with few.
#[test]
fn long_values_of_each_alignment() {
    macro_rules! set_each {
        ($($len:literal)*) => {$(
            set_long::<u8, $len>(|i| i as u8);
            set_long::<u16, $len>(|i| 7 * i as u16);
            set_long::<u32, $len>(|i| i as u32 * 0x0010_0001);
            set_long::<u64, $len>(|i| i as u64 * 0x0010_0000_0000_0001);
            set_long::<i128, { $len / 2 }>(|i| -(i as i128));
        )*};
    }
    set_each!(126 127 128 129 300 512);
    let bytes = Bytes::<600>::new(0xa5);
    let packed = bytes.packed::<[u64; 70]>(3);
    packed.set([!1; 70]);
    assert_eq!(packed.get(), [!1; 70]);
    let bytes = bytes.into_bytes();
    assert_eq!(
        (bytes[..3].to_vec(), bytes[563..].to_vec()),
        (vec![0xa5; 3], vec![0xa5; 37])
    );
}

#[test]
fn a_byte_that_is_neither_true_nor_false() {
    for byte in 0..=u8::MAX {
        let bytes = Bytes::<1>::new(byte);
        let cell = bytes.cell::<Bool, Read>(0);
        assert_eq!(cell.get().as_bool(), byte != 0);
    }
}

#[test]
fn arrays_and_slices_open_up() {
    let bytes = Bytes::<24>::new(0);
    let rows = bytes.cell::<[[u16; 4]; 3], Write>(0);
    for (i, row) in rows.iter().enumerate() {
        for (j, cell) in row.iter().enumerate() {
            cell.set((10 * i + j) as u16);
        }
    }
    assert_eq!(
        rows.get(),
        [[0, 1, 2, 3], [10, 11, 12, 13], [20, 21, 22, 23]]
    );
    assert_eq!(rows[2][3].get(), 23);

    let slice = bytes.slice::<u64>(3);
    assert_eq!(slice.len(), 3);
    slice[1].set(0);
    assert_eq!(rows[1].get(), [0; 4]);
    assert!(slice.get(3).is_none());
    assert_eq!(bytes.slice::<u32>(0).len(), 0);
}

#[test]
fn text_of_a_cell_is_that_of_its_value() {
    let bytes = Bytes::<24>::new(1);
    assert_eq!(
        format!("{:?}", bytes.cell::<[u64; 3], Read>(0)),
        format!("{:?}", [u64::MAX / 255; 3])
    );
    assert_eq!(format!("{:?}", bytes.slice::<u8>(2)), "[1, 1]");
    assert_eq!(format!("{:?}", bytes.packed::<u16>(3)), "257");
}

#[test]
fn threads_lose_no_count() {
    const ROUNDS: u32 = if cfg!(miri) { 50 } else { 20_000 };
    fn count<T: Integer + Into<u64> + Send>(add: impl Fn(&T::Atomic) + Sync) -> u64 {
        let bytes = Bytes::<16>::new(0);
        let cell = bytes.cell::<T, Write>(8);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..ROUNDS).for_each(|_| add(cell.as_atomic())));
            }
        });
        assert_eq!(bytes.cell::<u64, Write>(0).get(), 0);
        cell.get().into()
    }
    let relaxed = Ordering::Relaxed;
    let all = u64::from(4 * ROUNDS);
    assert_eq!(count::<u8>(|a| _ = a.fetch_add(1, relaxed)), all % (1 << 8));
    assert_eq!(
        count::<u16>(|a| _ = a.fetch_add(1, relaxed)),
        all % (1 << 16)
    );
    assert_eq!(count::<u32>(|a| _ = a.fetch_add(1, relaxed)), all);
    assert_eq!(count::<u64>(|a| _ = a.fetch_add(1, relaxed)), all);
}

/// One thread writes two patterns by turns, another finds `is_whole` of each value it reads.
fn while_written<T: Pod + Send>(is_whole: impl Fn(&[u8]) -> bool + Sync) {
    const ROUNDS: u32 = if cfg!(miri) { 50 } else { 50_000 };
    let bytes = Bytes::<4096>::new(0);
    let cell = bytes.cell::<T, Write>(0);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..ROUNDS {
                let mut value = T::zeroed();
                bytemuck::bytes_of_mut(&mut value).fill(if round % 2 == 0 { 0xff } else { 0 });
                cell.set(value);
            }
            done.store(true, Ordering::Relaxed);
        });
        while !done.load(Ordering::Relaxed) {
            let value = cell.get();
            let bytes = bytemuck::bytes_of(&value);
            assert!(is_whole(bytes), "{bytes:x?}");
        }
    });
}

fn same(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .all(|byte| [0, 0xff].contains(byte) && *byte == bytes[0])
}

#[test]
fn aligned_words_never_tear() {
    while_written::<u8>(same);
    while_written::<u16>(same);
    while_written::<u32>(same);
    while_written::<u64>(same);
    while_written::<f64>(same);
    while_written::<[u64; 1]>(same);
}

/// Wider values may tear, but no word of their alignment does.
#[test]
fn words_of_wide_values_never_tear() {
    while_written::<[u64; 5]>(|bytes| bytes.chunks(8).all(same));
    while_written::<u128>(|bytes| bytes.chunks(8).all(same));
    while_written::<[u32; 5]>(|bytes| bytes.chunks(4).all(same));
    while_written::<[u16; 5]>(|bytes| bytes.chunks(2).all(same));
    while_written::<[u64; 500]>(|bytes| bytes.chunks(8).all(same));
    while_written::<[u32; 500]>(|bytes| bytes.chunks(4).all(same));
    while_written::<[u16; 500]>(|bytes| bytes.chunks(2).all(same));
}

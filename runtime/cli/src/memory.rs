//! Writes to a section's memory, in words that BPF programs and other threads see whole.

use core::sync::atomic::Ordering::Relaxed;

use bpf_subskeleton::{RunningSection, Write};

/// A place in a section, to write to. Its methods return the bytes that were there before; `None` if the bytes are not
/// inside the section, or it is read-only.
pub(crate) struct Memory<'s> {
    section: &'s RunningSection,
    offset: usize,
}

/// `exchange_word`, for each size of a word.
macro_rules! exchange_word {
    ($self:ident, $offset:ident, $bits:ident, $mask:ident, $word:ty) => {{
        let word = $self.section.variable::<$word, Write>($offset)?;
        let (bits, mask) = ($bits as $word, $mask as $word);
        let before = match mask {
            <$word>::MAX => word.as_atomic().swap(bits, Relaxed),
            mask => {
                let change = |old: $word| Some(old & !mask | bits & mask);
                word.as_atomic()
                    .fetch_update(Relaxed, Relaxed, change)
                    .ok()?
            }
        };
        before.to_ne_bytes().to_vec()
    }};
}

impl<'s> Memory<'s> {
    pub(crate) fn new(section: &'s RunningSection, offset: usize) -> Self {
        Self { section, offset }
    }

    /// Writes a number of `size` bytes, at one go if that is a word and aligned.
    pub(crate) fn exchange(&self, size: usize, bits: u128) -> Option<Vec<u8>> {
        let is_word = matches!(size, 1 | 2 | 4 | 8);
        if is_word && self.offset.is_multiple_of(size) {
            return self.exchange_word(self.offset, size, bits as u64, u64::MAX);
        }
        // In a packed struct, or wider than the machine's words.
        let bytes = bits.to_ne_bytes();
        match cfg!(target_endian = "little") {
            true => self.exchange_bytes(bytes.get(..size)?),
            false => self.exchange_bytes(bytes.get(bytes.len().checked_sub(size)?..)?),
        }
    }

    /// Writes byte by byte, so that no other byte is touched.
    pub(crate) fn exchange_bytes(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let before = self.section.read(self.offset, bytes.len())?;
        let places = self.offset..self.offset + bytes.len();
        let places = places.map(|offset| self.section.variable::<u8, Write>(offset));
        let places = places.collect::<Option<Vec<_>>>()?;
        for (place, byte) in places.iter().zip(bytes) {
            place.set(*byte);
        }
        Some(before)
    }

    /// Writes `width` bits, the first of them among the first eight, and leaves their neighbours alone, whoever writes
    /// to these at the same time. A bitfield that is in no aligned word, as in a packed struct, is `None`.
    pub(crate) fn exchange_bits(&self, (first, width): (u32, u32), bits: u128) -> Option<Vec<u8>> {
        let last = self.offset + (first + width).checked_sub(1)? as usize / 8;
        // The smallest word, because there may be nothing beside it.
        let size = [1, 2, 4, 8]
            .into_iter()
            .find(|size| self.offset / size == last / size)?;
        let start = self.offset / size * size;
        let within = first + (self.offset - start) as u32 * 8;
        let shift = match cfg!(target_endian = "little") {
            true => within,
            // Big-endian machines count bits from the highest.
            false => size as u32 * 8 - within - width,
        };
        let mask = (u64::MAX >> (64 - width)) << shift;
        let before = self.exchange_word(start, size, (bits as u64) << shift, mask)?;
        Some(before.get(self.offset - start..)?.to_vec())
    }

    /// Writes those bits of an aligned word that are in `mask`.
    fn exchange_word(&self, offset: usize, size: usize, bits: u64, mask: u64) -> Option<Vec<u8>> {
        Some(match size {
            1 => exchange_word!(self, offset, bits, mask, u8),
            2 => exchange_word!(self, offset, bits, mask, u16),
            4 => exchange_word!(self, offset, bits, mask, u32),
            _ => exchange_word!(self, offset, bits, mask, u64),
        })
    }
}

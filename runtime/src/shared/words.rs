//! Copies into and out of shared memory, word by word.

use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

/// From how many words on x86-64 copies them by a string instruction. A loop of atomic accesses takes a cycle or more
/// for each word, because compilers never merge them. The instruction takes 10 ns to begin with (on a Zen of AMD), and
/// then moves as much at a time as `memcpy`.
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
const MANY: usize = 128;

/// A machine word and its relaxed atomic accesses.
pub(super) trait Word: Sized {
    type Value: Copy;

    fn load(&self) -> Self::Value;
    fn store(&self, value: Self::Value);

    /// Copies many words, each by an access of its own, in no particular order.
    ///
    /// # Safety
    ///
    /// `from` is readable and `to` writable for that many words; both are aligned for the word.
    #[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
    unsafe fn copy_many(from: *const Self, to: *mut Self, words: usize);
}

macro_rules! words {
    ($($atomic:ty => $value:ty, $string_move:literal;)*) => {$(
        impl Word for $atomic {
            type Value = $value;

            #[inline(always)]
            fn load(&self) -> $value {
                self.load(Ordering::Relaxed)
            }

            #[inline(always)]
            fn store(&self, value: $value) {
                self.store(value, Ordering::Relaxed);
            }

            #[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
            #[inline(always)]
            unsafe fn copy_many(from: *const Self, to: *mut Self, words: usize) {
                // SAFETY: it reads and writes what the caller vouches for, and with `rcx`, `rsi` and `rdi` changes
                // nothing else; the direction flag is clear, as everywhere in Rust. Its operations are loads and
                // stores of words, which x86 does in one piece if they are aligned: relaxed atomic accesses. (Go's
                // runtime copies pointers by it for that reason, beside threads that read them.)
                unsafe {
                    core::arch::asm!(
                        $string_move,
                        inout("rcx") words => _,
                        inout("rsi") from => _,
                        inout("rdi") to => _,
                        options(nostack, preserves_flags),
                    );
                }
            }
        }
    )*};
}

words! {
    AtomicU8 => u8, "rep movsb";
    AtomicU16 => u16, "rep movsw";
    AtomicU32 => u32, "rep movsd";
    AtomicU64 => u64, "rep movsq";
}

/// # Safety
///
/// `from` is readable and `to` writable for `size` bytes, a multiple of the word's size; both are
/// aligned for the word; `from` is only accessed atomically and `to` by nobody else.
#[inline(always)]
pub(super) unsafe fn load_words<W: Word>(from: *const u8, to: *mut u8, size: usize) {
    let words = size / size_of::<W>();
    #[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
    if words >= MANY {
        // SAFETY: the caller's promise.
        return unsafe { W::copy_many(from.cast(), to.cast(), words) };
    }
    let (from, to) = (from.cast::<W>(), to.cast::<W::Value>());
    for i in 0..words {
        // SAFETY: `i` is inside both by the loop's bound; the rest is the caller's promise.
        unsafe { to.add(i).write((*from.add(i)).load()) };
    }
}

/// # Safety
///
/// As for [`load_words`], with the roles of `from` and `to` exchanged.
#[inline(always)]
pub(super) unsafe fn store_words<W: Word>(to: *mut u8, from: *const u8, size: usize) {
    let words = size / size_of::<W>();
    #[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
    if words >= MANY {
        // SAFETY: the caller's promise.
        return unsafe { W::copy_many(from.cast(), to.cast(), words) };
    }
    let (to, from) = (to.cast::<W>(), from.cast::<W::Value>());
    for i in 0..words {
        // SAFETY: `i` is inside both by the loop's bound; the rest is the caller's promise.
        unsafe { (*to.add(i)).store(from.add(i).read()) };
    }
}

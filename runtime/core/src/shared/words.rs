//! Copies into and out of shared memory, word by word.

use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering};

/// A machine word and its relaxed atomic accesses.
pub(super) trait Word: Sized {
    type Value: Copy;

    fn load(&self) -> Self::Value;
    fn store(&self, value: Self::Value);
}

macro_rules! words {
    ($($atomic:ty => $value:ty),*) => {$(
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
        }
    )*};
}

words!(AtomicU8 => u8, AtomicU16 => u16, AtomicU32 => u32, AtomicU64 => u64);

/// Copies many words, each by an access of its own, in no particular order. Few are left to a loop, as are all where
/// there is no such instruction: then it does nothing and returns `false`.
///
/// # Safety
///
/// `from` is readable and `to` writable for that many words; both are aligned for the word.
#[inline(always)]
#[cfg_attr(
    not(all(target_arch = "x86_64", target_pointer_width = "64", not(miri))),
    expect(unused_variables, reason = "they are for the instruction")
)]
unsafe fn copy_many<W: Word>(from: *const u8, to: *mut u8, words: usize) -> bool {
    #[cfg(all(target_arch = "x86_64", target_pointer_width = "64", not(miri)))]
    {
        /// A loop of atomic accesses takes a cycle or more for each word, because compilers never merge them. The
        /// instruction takes 10 ns to begin with (on a Zen of AMD), and then moves as much at a time as `memcpy`.
        const MANY: usize = 128;

        macro_rules! string_move {
            ($instruction:literal) => {
                // SAFETY: it reads and writes what the caller vouches for, and with `rcx`, `rsi` and `rdi` changes
                // nothing else; the direction flag is clear, as everywhere in Rust. Its operations are loads and
                // stores of words, which x86 does in one piece if they are aligned: relaxed atomic accesses. (Go's
                // runtime copies pointers by it for that reason, beside threads that read them.)
                unsafe {
                    core::arch::asm!(
                        $instruction,
                        inout("rcx") words => _,
                        inout("rsi") from => _,
                        inout("rdi") to => _,
                        options(nostack, preserves_flags),
                    );
                }
            };
        }

        if words >= MANY {
            match size_of::<W>() {
                1 => string_move!("rep movsb"),
                2 => string_move!("rep movsw"),
                4 => string_move!("rep movsd"),
                8 => string_move!("rep movsq"),
                _ => return false,
            }
            return true;
        }
    }
    false
}

/// # Safety
///
/// `from` is readable and `to` writable for `size` bytes, a multiple of the word's size; both are
/// aligned for the word; `from` is only accessed atomically and `to` by nobody else.
#[inline(always)]
pub(super) unsafe fn load_words<W: Word>(from: *const u8, to: *mut u8, size: usize) {
    let words = size / size_of::<W>();
    // SAFETY: the caller's promise.
    if unsafe { copy_many::<W>(from, to, words) } {
        return;
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
    // SAFETY: the caller's promise.
    if unsafe { copy_many::<W>(from, to, words) } {
        return;
    }
    let (to, from) = (to.cast::<W>(), from.cast::<W::Value>());
    for i in 0..words {
        // SAFETY: `i` is inside both by the loop's bound; the rest is the caller's promise.
        unsafe { (*to.add(i)).store(from.add(i).read()) };
    }
}

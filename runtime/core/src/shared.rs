//! [`Shared`] and [`ReadOnly`]: memory that BPF programs read and write at the same time.
//!
//! This file, `shared/words.rs`, `bind/sections.rs` and `bind/detached.rs` are where the crate's memory accesses are;
//! nothing else dereferences a pointer into a map or a detached variable.

use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::Deref;
use core::sync::atomic::{AtomicI8, AtomicI16, AtomicI32, AtomicI64};
use core::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64};

use bytemuck::Pod;

use self::words::{load_words, store_words};

mod words;

/// Marks memory that may be read and written: `.bss`, `.data` and custom data sections.
#[derive(Debug, Clone, Copy)]
pub enum Write {}

/// Marks memory that may only be read: `.rodata` and `.kconfig`, once the object is loaded.
#[derive(Debug, Clone, Copy)]
pub enum Read {}

/// How memory may be accessed: [`Read`] or [`Write`].
pub trait Access: sealed::Sealed + 'static {
    /// Whether memory with this access may be written.
    const WRITABLE: bool;
}

impl Access for Read {
    const WRITABLE: bool = false;
}

impl Access for Write {
    const WRITABLE: bool = true;
}

/// The access that [`Shared::set`] and [`Shared::as_atomic`] require.
#[diagnostic::on_unimplemented(
    message = "this variable is read-only once the object is loaded",
    label = "`.rodata` and `.kconfig` can't be written after load",
    note = "a variable in `.rodata` can be set before load: `configure` returns it as a plain `&mut`"
)]
pub trait Writable: Access {}

#[diagnostic::do_not_recommend]
impl Writable for Write {}

/// A value of type `T` in memory that is shared with BPF programs.
///
/// It is used by reference, like a [`Cell`](core::cell::Cell): [`get`](Self::get) copies the value
/// out, [`set`](Self::set) copies one in, and neither ever makes a `&T` or `&mut T`, because a BPF
/// program may write the memory at any moment. Structs and arrays open up by plain field access and
/// indexing:
///
/// ```
/// # use bpf_subskeleton::{Shared, Read};
/// fn busiest(slots: &Shared<[u64; 64]>) -> Option<u64> {
///     slots.iter().map(|slot| slot.get()).max()
/// }
/// ```
///
/// # Ordering and tearing
///
/// An access to a value of 1, 2, 4 or 8 bytes that is aligned to its size is one relaxed atomic load
/// or store. A wider value is copied word by word, in words as large as its alignment allows: while a
/// BPF program writes it, the copy may mix words from before and after. It is still a valid value of
/// `T`, because every bit pattern is ([`Pod`]).
///
/// Threads that access the same memory in words of different sizes, one a whole struct and another one of its
/// small fields, rely on the machine: Rust's memory model does not cover such a mix, just as it does not cover
/// BPF programs. On the machines that run BPF, each byte is the old or the new one.
#[repr(transparent)]
pub struct Shared<T: ?Sized, A = Write> {
    access: PhantomData<fn() -> A>,
    memory: UnsafeCell<T>,
}

/// A value of type `T` that BPF programs may change but that this process may only read.
pub type ReadOnly<T> = Shared<T, Read>;

// SAFETY: the memory is only accessed with atomic operations, from any thread, and a `Pod` value has
// no owner: nothing in it is tied to a thread.
unsafe impl<T: ?Sized + Send, A> Send for Shared<T, A> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Send, A> Sync for Shared<T, A> {}

impl<T: Pod, A> Shared<T, A> {
    /// Copies the value out.
    ///
    /// One load for an aligned value of 1, 2, 4 or 8 bytes; wider values may tear, see
    /// [the type](Self#ordering-and-tearing).
    #[inline]
    pub fn get(&self) -> T {
        // SAFETY: a `&Shared<T, A>` is readable and aligned for `T` (`Var` upholds it where the
        // first one is made, projection keeps it), and every access to it is atomic.
        unsafe { load(self.memory.get()) }
    }

    /// Copies the value to where it is wanted, as [`get`](Self::get), and writes all of that.
    pub(crate) fn copy_to(&self, value: &mut MaybeUninit<T>) {
        // SAFETY: as in `get`; the place is as large and as aligned as a `T`.
        unsafe { load_to(self.memory.get(), value.as_mut_ptr()) };
    }

    /// Copies the value into a `Box`, so that one of hundreds of kilobytes never is on the stack.
    ///
    /// It may tear as one that [`get`](Self::get) returns.
    pub fn get_boxed(&self) -> Box<T> {
        let mut value = Box::<T>::new_uninit();
        // SAFETY: as in `get`; the box is as large as a `T`, and as aligned.
        unsafe { load_to(self.memory.get(), value.as_mut_ptr()) };
        // SAFETY: every byte was written, and every bit pattern is a `T` (`Pod`).
        unsafe { value.assume_init() }
    }

    /// Copies the value over an existing one.
    ///
    /// ```
    /// # use bpf_subskeleton::Shared;
    /// fn sum(counts: &Shared<[u64; 65536]>, copy: &mut [u64; 65536]) -> u64 {
    ///     counts.get_into(copy);
    ///     copy.iter().sum()
    /// }
    /// ```
    pub fn get_into(&self, value: &mut T) {
        // SAFETY: as in `get`; a reference is valid for all bytes of a `T`.
        unsafe { load_to(self.memory.get(), value) };
    }
}

impl<T: Pod, A: Access> Shared<T, A> {
    /// Copies `value` in.
    ///
    /// One store for an aligned value of 1, 2, 4 or 8 bytes; wider values may tear, see
    /// [the type](Self#ordering-and-tearing). Read-only memory has no `set`: the call doesn't compile.
    #[inline]
    pub fn set(&self, value: T)
    where
        A: Writable,
    {
        // SAFETY: as in `get`; `A: Writable` says the memory is mapped for writing too.
        unsafe { store(self.memory.get(), &raw const value) }
    }

    /// Copies the value at a reference in, so that a large one never is on the stack.
    ///
    /// ```
    /// # use bpf_subskeleton::Shared;
    /// fn halve(counts: &Shared<[u64; 65536]>) {
    ///     let mut all = counts.get_boxed();
    ///     all.iter_mut().for_each(|count| *count /= 2);
    ///     counts.set_from(&all);
    /// }
    /// ```
    ///
    /// It may tear, and doesn't compile for read-only memory, as [`set`](Self::set).
    pub fn set_from(&self, value: &T)
    where
        A: Writable,
    {
        // SAFETY: as in `set`; a reference is valid for all bytes of a `T`.
        unsafe { store(self.memory.get(), value) }
    }
}

impl<T: ?Sized, A> Shared<T, A> {
    /// The memory, which is accessed with atomic operations only.
    pub(crate) fn as_ptr(&self) -> *mut T {
        self.memory.get()
    }
}

impl<T: Pod, A: Writable> Shared<T, A> {
    /// The same memory, with its access spelled out.
    pub(crate) fn writable(&self) -> &Shared<T, Write> {
        // SAFETY: `Write` is the only `Writable` access (the trait is sealed), so the types are one.
        unsafe { &*core::ptr::from_ref(self).cast() }
    }
}

impl<T: Integer, A: Access> Shared<T, A> {
    /// The variable as an atomic, for read-modify-write operations that lose no `__sync_fetch_and_add` of a
    /// BPF program.
    ///
    /// ```
    /// # use bpf_subskeleton::Shared;
    /// # use std::sync::atomic::Ordering;
    /// fn count(events: &Shared<u64>) {
    ///     events.as_atomic().fetch_add(1, Ordering::Relaxed);
    /// }
    /// ```
    #[inline]
    pub fn as_atomic(&self) -> &T::Atomic
    where
        A: Writable,
    {
        // SAFETY: `T::Atomic` has the size of `T`, and the memory is aligned for it: `Integer` is
        // implemented only where the atomic's alignment is the integer's. It is writable
        // (`A: Writable`), all other accesses are atomic, and the borrow of `self` bounds the reference.
        unsafe { &*self.memory.get().cast::<T::Atomic>() }
    }
}

impl<T: ?Sized + Fields<A>, A> Deref for Shared<T, A> {
    type Target = T::Fields;

    #[inline]
    fn deref(&self) -> &T::Fields {
        // SAFETY: `Fields` promises that `T::Fields` lies over `T` with the same size and at most
        // its alignment, made of `Shared` cells and padding only.
        unsafe { &*T::fields(self.memory.get()) }
    }
}

impl<T: Pod + fmt::Debug, A> fmt::Debug for Shared<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A function of its own, because unoptimised code has room for what is in either branch.
        #[inline(never)]
        fn fmt_small<T: Pod + fmt::Debug, A>(
            shared: &Shared<T, A>,
            f: &mut fmt::Formatter<'_>,
        ) -> fmt::Result {
            shared.get().fmt(f)
        }
        match size_of::<T>() > LARGE {
            true => self.get_boxed().fmt(f),
            false => fmt_small(self, f),
        }
    }
}

/// `Debug` puts a value with more bytes than these on the heap, not on the stack.
const LARGE: usize = 4096;

impl<T: Pod + fmt::Display, A> fmt::Display for Shared<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl<T: Pod + fmt::Debug, A> fmt::Debug for Shared<[T], A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// A type whose parts can be reached in place: a C struct's fields, an array's elements.
///
/// Generated for every C struct and union; [`Shared`] dereferences to [`Fields::Fields`].
///
/// # Safety
///
/// `fields` returns its argument, cast. `Self::Fields` has the size of `Self`, no greater alignment,
/// and consists of [`Shared<_, A>`](Shared), [`Packed<_, A>`](Packed) and arrays of these only.
pub unsafe trait Fields<A> {
    /// The mirror: the same layout, each field a [`Shared`].
    type Fields: ?Sized;

    /// Casts a pointer to a value to a pointer to its mirror.
    fn fields(value: *const Self) -> *const Self::Fields;
}

// SAFETY: an array of `Shared<T, A>` has the layout of an array of `T`, since `Shared` is transparent.
unsafe impl<T, A, const N: usize> Fields<A> for [T; N] {
    type Fields = [Shared<T, A>; N];

    #[inline]
    fn fields(value: *const Self) -> *const Self::Fields {
        value.cast()
    }
}

// SAFETY: as for arrays; the cast keeps the length.
unsafe impl<T, A> Fields<A> for [T] {
    type Fields = [Shared<T, A>];

    #[inline]
    fn fields(value: *const Self) -> *const Self::Fields {
        value as *const Self::Fields
    }
}

/// A field of a packed struct, at an address that need not be aligned for `T`.
///
/// Reads and writes are byte by byte, so every value wider than a byte may tear.
#[repr(C, packed)]
pub struct Packed<T, A = Write> {
    access: PhantomData<fn() -> A>,
    memory: UnsafeCell<T>,
}

// SAFETY: as for `Shared`.
unsafe impl<T: Send, A> Send for Packed<T, A> {}
// SAFETY: as for `Shared`.
unsafe impl<T: Send, A> Sync for Packed<T, A> {}

impl<T: Pod, A: Access> Packed<T, A> {
    fn bytes(&self) -> *mut u8 {
        core::ptr::from_ref(self).cast_mut().cast()
    }

    /// Copies the value out, byte by byte.
    #[inline]
    pub fn get(&self) -> T {
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: both are valid for `size_of::<T>()` bytes: `Packed` is as large as `T`, whatever
        // its alignment, and bytes need none.
        unsafe { load_words::<AtomicU8>(self.bytes(), value.as_mut_ptr().cast(), size_of::<T>()) };
        // SAFETY: every byte was written, and every bit pattern is a `T` (`Pod`).
        unsafe { value.assume_init() }
    }

    /// Copies `value` in, byte by byte.
    #[inline]
    pub fn set(&self, value: T)
    where
        A: Writable,
    {
        // SAFETY: as in `get`; `A: Writable` says that the memory is mapped for writing.
        unsafe {
            store_words::<AtomicU8>(self.bytes(), (&raw const value).cast(), size_of::<T>());
        }
    }
}

impl<T: Pod + fmt::Debug, A: Access> fmt::Debug for Packed<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl<T: Pod + fmt::Display, A: Access> fmt::Display for Packed<T, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

/// An integer that the machine updates atomically: 1, 2, 4 or 8 bytes, signed or not.
pub trait Integer: Pod + sealed::Sealed {
    /// The atomic of the same size, from [`core::sync::atomic`].
    type Atomic;
}

macro_rules! integers {
    ($($integer:ty => $atomic:ty),* $(,)?) => {$(
        const _: () = assert!(align_of::<$integer>() == align_of::<$atomic>());
        impl Integer for $integer {
            type Atomic = $atomic;
        }
        impl sealed::Sealed for $integer {}
    )*};
}

integers! {
    u8 => AtomicU8, u16 => AtomicU16, u32 => AtomicU32, u64 => AtomicU64,
    i8 => AtomicI8, i16 => AtomicI16, i32 => AtomicI32, i64 => AtomicI64,
}

/// Copies a value out of shared memory, in words of its alignment.
///
/// # Safety
///
/// `memory` is readable, aligned for `T`, and only accessed atomically.
#[inline(always)]
unsafe fn load<T: Pod>(memory: *const T) -> T {
    let mut value = MaybeUninit::<T>::uninit();
    // SAFETY: the caller vouches for `memory`; `value` is as large and as aligned.
    unsafe { load_to(memory, value.as_mut_ptr()) };
    // SAFETY: every byte was written, and every bit pattern is a `T` (`Pod`).
    unsafe { value.assume_init() }
}

/// Copies a value out of shared memory to `value`, all bytes of it.
///
/// # Safety
///
/// As for [`load`], and `value` is writable, aligned, and accessed by nobody else.
#[inline(always)]
unsafe fn load_to<T: Pod>(memory: *const T, value: *mut T) {
    let (from, to, size) = (memory.cast(), value.cast(), size_of::<T>());
    // SAFETY: the caller vouches for both.
    unsafe {
        match align_of::<T>() {
            1 => load_words::<AtomicU8>(from, to, size),
            2 => load_words::<AtomicU16>(from, to, size),
            4 => load_words::<AtomicU32>(from, to, size),
            _ => load_words::<AtomicU64>(from, to, size),
        }
    }
}

/// Copies a value into shared memory, in words of its alignment.
///
/// # Safety
///
/// As for [`load`], and `memory` is writable; `value` is readable, aligned, and written by nobody.
#[inline(always)]
unsafe fn store<T: Pod>(memory: *mut T, value: *const T) {
    let (to, from, size) = (memory.cast(), value.cast(), size_of::<T>());
    // SAFETY: the caller vouches for both.
    unsafe {
        match align_of::<T>() {
            1 => store_words::<AtomicU8>(to, from, size),
            2 => store_words::<AtomicU16>(to, from, size),
            4 => store_words::<AtomicU32>(to, from, size),
            _ => store_words::<AtomicU64>(to, from, size),
        }
    }
}

mod sealed {
    pub trait Sealed {}

    impl Sealed for super::Read {}
    impl Sealed for super::Write {}
}

#[cfg(test)]
mod tests;

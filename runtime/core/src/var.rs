//! [`Var`] and [`Const`]: owned handles to variables.

use core::fmt;
use core::ops::Deref;
use core::ptr::NonNull;
use std::sync::Arc;

use crate::bind::sections::Mapping;
use crate::shared::{Read, Shared, Write};

/// A variable of a BPF library in a loaded object: `.bss`, `.data` or a custom data section.
///
/// It shares ownership of the section's mapping, so it has no lifetime, can be cloned and sent to any thread,
/// and stays valid after the [`Object`](libbpf_rs::Object) is dropped: the kernel keeps the map as long as it
/// is mapped. It dereferences to the memory, [`Shared`]:
///
/// ```
/// # use bpf_subskeleton::Var;
/// fn reset(packets: &Var<u64>) -> u64 {
///     let before = packets.get();
///     packets.set(0);
///     before
/// }
/// ```
pub struct Var<T: ?Sized, A = Write> {
    memory: NonNull<Shared<T, A>>,
    mapping: Arc<Mapping>,
}

/// A variable that can't be written once the object is loaded: `.rodata` and `.kconfig`.
///
/// Set `.rodata` before load, through the generated `configure`.
pub type Const<T> = Var<T, Read>;

// SAFETY: a `Var` is a reference to a `Shared`, which is `Sync`, and an `Arc` of a `Mapping`, which is
// `Send + Sync`; the pointer stays valid on every thread, as long as the mapping lives.
unsafe impl<T: ?Sized, A> Send for Var<T, A>
where
    Shared<T, A>: Sync,
    Mapping: Send + Sync,
{
}
// SAFETY: as above.
unsafe impl<T: ?Sized, A> Sync for Var<T, A>
where
    Shared<T, A>: Sync,
    Mapping: Send + Sync,
{
}

impl<T: ?Sized, A> Var<T, A> {
    /// A handle to the memory at `memory`.
    ///
    /// # Safety
    ///
    /// `memory` points into `mapping`, with all its bytes, and is aligned. Where `A` is [`Write`],
    /// the mapping is writable. The bytes are only accessed through [`Shared`] and by BPF programs.
    pub(crate) unsafe fn new(memory: NonNull<Shared<T, A>>, mapping: Arc<Mapping>) -> Self {
        Self { memory, mapping }
    }
}

impl<T: ?Sized> Var<T> {
    /// The same handle, without the right to write.
    pub(crate) fn read_only(self) -> Const<T> {
        let memory = self.memory.as_ptr() as *mut Shared<T, Read>;
        // SAFETY: `Shared` has the same layout for either access, and less is allowed than before: the rest is what
        // the caller of `new` promised for `self`.
        unsafe { Var::new(NonNull::new_unchecked(memory), self.mapping) }
    }
}

impl<T: ?Sized, A> Var<T, A> {
    /// A handle to a part of the variable: a member or an element.
    ///
    /// It owns its share of the mapping, as any handle: a counter can be given to a thread without its struct.
    ///
    /// ```
    /// # use bpf_subskeleton::{Const, Var};
    /// fn of_cpu(by_cpu: &Var<[u64; 8]>, cpu: usize) -> Var<u64> {
    ///     by_cpu.project(|by_cpu| &by_cpu[cpu])
    /// }
    ///
    /// fn limit(limits: &Const<[u32; 2]>) -> Const<u32> {
    ///     limits.project(|limits| &limits[1])
    /// }
    /// ```
    ///
    /// A member of a struct is `stats.project(|stats| &stats.packets)`. Bitfields, members of unions, and members of packed
    /// structs have no memory of their own that could be referred to.
    ///
    /// # Panics
    ///
    /// If `part` does, as by an index out of bounds.
    pub fn project<U: ?Sized>(
        &self,
        part: impl for<'v> FnOnce(&'v Shared<T, A>) -> &'v Shared<U, A>,
    ) -> Var<U, A> {
        // SAFETY: `part` must return a reference of any lifetime that it is given one of. So it is either one into the
        // memory that it got, which is aligned, as writable as `A` says, and lives as long as the mapping; or one to
        // memory that lives for ever.
        unsafe { Var::new(NonNull::from(part(self)), Arc::clone(&self.mapping)) }
    }
}

impl<T: ?Sized, A> Deref for Var<T, A> {
    type Target = Shared<T, A>;

    #[inline]
    fn deref(&self) -> &Shared<T, A> {
        // SAFETY: `new`'s caller promised that the memory lies in the mapping, which `self` owns a
        // share of for as long as the reference lives.
        unsafe { self.memory.as_ref() }
    }
}

impl<T: ?Sized, A> Clone for Var<T, A> {
    fn clone(&self) -> Self {
        Self {
            memory: self.memory,
            mapping: Arc::clone(&self.mapping),
        }
    }
}

impl<T: ?Sized, A> fmt::Debug for Var<T, A>
where
    Shared<T, A>: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

/// Writes the value of a scalar, an enum or a [`Bool`](crate::Bool): `println!("{}", stats.packets)`.
impl<T: ?Sized, A> fmt::Display for Var<T, A>
where
    Shared<T, A>: fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

//! What generated constructors take handles from, one after the other in the order of [`Library`].
//!
//! [`Library`]: crate::describe::Library

use core::ptr::{NonNull, slice_from_raw_parts_mut};
use std::sync::Arc;
use std::vec;

use bytemuck::Pod;
use libbpf_rs::{OpenMapMut, OpenProgramMut, libbpf_sys};

use super::addresses::{Address, OUT_OF_STEP};
use super::arena::ArenaData;
use super::sections::{Image, Mapping};
use super::struct_ops::InitialValue;
use crate::arena::Arena;
use crate::maps::{KeyOrValue, Length, Open, Presence, TypedMap, map_type};
use crate::origin::Origin;
use crate::program::Program;
use crate::resizable::Resizable;
use crate::shared::{Access, Shared};
use crate::strided::{Elements, Strided};
use crate::struct_ops::{OpenStructOps, StructOps};
use crate::test_run::{PacketProgram, RawTracepointProgram, SkLookupProgram, SyscallProgram};
use crate::user_types::Plain;
use crate::var::Var;
use crate::variables::{self, Group, Variables};

/// A user's struct, which takes its fields from what was bound, in their order.
#[doc(hidden)]
pub trait FromLibrary {
    /// The struct.
    fn from_library(library: &mut Bound) -> Self;
}

/// Stands for a field that the macro could not find, in code that doesn't compile for that reason.
pub fn missing<T>() -> T {
    panic!("{OUT_OF_STEP}")
}

/// The variables and maps of a library in a loaded object.
pub struct Bound {
    variables: vec::IntoIter<Option<Address<Arc<Mapping>>>>,
    maps: vec::IntoIter<Option<Presence>>,
}

impl Bound {
    pub(super) fn new(
        variables: Vec<Option<Address<Arc<Mapping>>>>,
        maps: impl IntoIterator<Item = Option<Presence>>,
    ) -> Self {
        let maps: Vec<_> = maps.into_iter().collect();
        Self {
            variables: variables.into_iter(),
            maps: maps.into_iter(),
        }
    }

    /// The next variables, as many as `S` has.
    pub fn variables<S: Group<Library = Self>>(&mut self) -> Variables<S> {
        Variables::new(self)
    }

    /// The next variable.
    pub fn variable<T, A: Access>(&mut self) -> Var<T, A> {
        self.optional_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, which may be missing.
    pub fn optional_variable<T, A: Access>(&mut self) -> Option<Var<T, A>> {
        let address = self.variables.next().expect(OUT_OF_STEP)?;
        address.expect::<T>(size_of::<T>(), A::WRITABLE);
        let memory = address.first.cast::<Shared<T, A>>();
        // SAFETY: `addresses::resolve` checked that the bytes are inside the mapping, aligned and, where
        // needed, writable, and the line above that `T` and `A` ask for no more.
        Some(unsafe { Var::new(memory, address.memory) })
    }

    /// The next variable, an array whose length the object decides.
    pub fn unsized_variable<T, A: Access>(&mut self) -> Var<[T], A> {
        self.optional_unsized_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, an array whose length the object decides, which may be missing.
    pub fn optional_unsized_variable<T, A: Access>(&mut self) -> Option<Var<[T], A>> {
        let address = self.variables.next().expect(OUT_OF_STEP)?;
        let len = address.len_of::<T>();
        address.expect::<T>(len * size_of::<T>(), A::WRITABLE);
        let memory = slice_from_raw_parts_mut(address.first.as_ptr().cast::<T>(), len);
        let memory = NonNull::new(memory as *mut Shared<[T], A>).expect(OUT_OF_STEP);
        // SAFETY: as above, for `len` elements.
        Some(unsafe { Var::new(memory, address.memory) })
    }

    /// The next variable, a struct that may be longer in the object.
    pub fn growing_variable<T, A: Access>(&mut self) -> Var<T, A> {
        self.optional_growing_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, a struct that may be longer in the object, which may be missing.
    pub fn optional_growing_variable<T, A: Access>(&mut self) -> Option<Var<T, A>> {
        let address = self.variables.next().expect(OUT_OF_STEP)?;
        address.expect_longer::<T>(A::WRITABLE);
        let memory = address.first.cast::<Shared<T, A>>();
        // SAFETY: as in `optional_variable`; what comes after the bytes of `T` is not referred to.
        Some(unsafe { Var::new(memory, address.memory) })
    }

    /// The next variable, an array of structs that may be longer in the object.
    pub fn strided_variable<E: Elements, A: Access>(&mut self) -> Var<Strided<E>, A> {
        self.optional_strided_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, an array of structs that may be longer in the object, which may be missing.
    pub fn optional_strided_variable<E: Elements, A: Access>(
        &mut self,
    ) -> Option<Var<Strided<E>, A>> {
        let address = self.variables.next().expect(OUT_OF_STEP)?;
        let memory = address.expect_strided::<E>(A::WRITABLE) as *mut Shared<Strided<E>, A>;
        let memory = NonNull::new(memory).expect(OUT_OF_STEP);
        // SAFETY: as in `optional_variable`, for an array of the variable's size, whose elements the line above has
        // checked.
        Some(unsafe { Var::new(memory, address.memory) })
    }

    /// The next map.
    pub fn map<M: map_type::BpfMapType, K: KeyOrValue + ?Sized, V: KeyOrValue + ?Sized>(
        &mut self,
    ) -> TypedMap<M, K, V> {
        self.optional_map().expect(OUT_OF_STEP)
    }

    /// The next map, which may be missing.
    pub fn optional_map<M: map_type::BpfMapType, K: KeyOrValue + ?Sized, V: KeyOrValue + ?Sized>(
        &mut self,
    ) -> Option<TypedMap<M, K, V>> {
        self.optional_map_of(Length::Equal)
    }

    /// The next map, whose values may be longer in the object.
    pub fn growing_map<M: map_type::BpfMapType, K: KeyOrValue + ?Sized, V: KeyOrValue + ?Sized>(
        &mut self,
    ) -> TypedMap<M, K, V> {
        self.optional_growing_map().expect(OUT_OF_STEP)
    }

    /// The next map, whose values may be longer in the object, which may be missing.
    pub fn optional_growing_map<
        M: map_type::BpfMapType,
        K: KeyOrValue + ?Sized,
        V: KeyOrValue + ?Sized,
    >(
        &mut self,
    ) -> Option<TypedMap<M, K, V>> {
        self.optional_map_of(Length::AtLeast)
    }

    fn optional_map_of<M: map_type::BpfMapType, K: KeyOrValue + ?Sized, V: KeyOrValue + ?Sized>(
        &mut self,
        values: Length,
    ) -> Option<TypedMap<M, K, V>> {
        Some(match self.maps.next().expect(OUT_OF_STEP)? {
            // Map type and sizes decide how much the kernel writes, so they are checked once more.
            Presence::Kernel(handle) => TypedMap::of_handle(handle, values).expect(OUT_OF_STEP),
            Presence::Detached(name) => TypedMap::detached(name),
        })
    }
}

/// The arena of a loaded object, and the variables of a library in it.
pub struct BoundArena<'obj> {
    variables: vec::IntoIter<Option<Address<ArenaData<'obj>>>>,
    memory: &'obj Shared<[u8]>,
}

impl<'obj> BoundArena<'obj> {
    pub(super) fn new(
        variables: Vec<Option<Address<ArenaData<'obj>>>>,
        memory: &'obj Shared<[u8]>,
    ) -> Self {
        Self {
            variables: variables.into_iter(),
            memory,
        }
    }

    /// The next variable.
    pub fn variable<T: Pod>(&mut self) -> &'obj Shared<T> {
        let address = self.variables.next().flatten().expect(OUT_OF_STEP);
        address.expect::<T>(size_of::<T>(), true);
        // SAFETY: `addresses::resolve` checked that the bytes are inside the arena and aligned, and the line above that
        // `T` asks for no more. The arena is mapped for `'obj`, and only accessed through `Shared` and by BPF programs.
        unsafe { address.first.cast::<Shared<T>>().as_ref() }
    }

    /// The next variable, an array whose length the object decides.
    pub fn unsized_variable<T: Pod>(&mut self) -> &'obj Shared<[T]> {
        let address = self.variables.next().flatten().expect(OUT_OF_STEP);
        let len = address.len_of::<T>();
        address.expect::<T>(len * size_of::<T>(), true);
        let values = slice_from_raw_parts_mut(address.first.as_ptr().cast::<T>(), len);
        // SAFETY: as above, for `len` elements.
        unsafe { &*(values as *const Shared<[T]>) }
    }

    /// The next variables, as many as `S` has.
    pub fn variables<S: Group<Library = Self>>(&mut self) -> S {
        variables::filled(self)
    }

    /// The arena itself.
    pub fn arena(&mut self) -> Arena<'obj> {
        Arena::new(self.memory)
    }
}

/// A library in an object that is not yet loaded.
pub struct Configured<'obj> {
    object: NonNull<libbpf_sys::bpf_object>,
    variables: vec::IntoIter<Option<OpenVariable>>,
    maps: vec::IntoIter<Option<OpenMapMut<'obj>>>,
    programs: vec::IntoIter<OpenProgramMut<'obj>>,
    struct_ops: vec::IntoIter<InitialValue>,
}

/// A variable of an object that is not yet loaded.
pub(super) struct OpenVariable {
    pub(super) address: Address<Image>,
    pub(super) name: &'static str,
    /// Whether it is the library's only one in its section.
    pub(super) alone: bool,
}

impl Address<Image> {
    /// The variable as an array.
    ///
    /// # Safety
    ///
    /// As for [`Configured::variable`], and no other reference to it lives as long.
    unsafe fn elements<'obj, T: Pod>(&self) -> &'obj mut [T] {
        let len = self.len_of::<T>();
        self.expect::<T>(len * size_of::<T>(), true);
        // SAFETY: as there, for `len` elements.
        unsafe { core::slice::from_raw_parts_mut(self.first.as_ptr().cast::<T>(), len) }
    }
}

impl<'obj> Configured<'obj> {
    pub(super) fn new(
        object: NonNull<libbpf_sys::bpf_object>,
        variables: Vec<Option<OpenVariable>>,
        maps: Vec<Option<OpenMapMut<'obj>>>,
        programs: Vec<OpenProgramMut<'obj>>,
        struct_ops: Vec<InitialValue>,
    ) -> Self {
        Self {
            object,
            variables: variables.into_iter(),
            maps: maps.into_iter(),
            programs: programs.into_iter(),
            struct_ops: struct_ops.into_iter(),
        }
    }

    /// The next variables, as many as `S` has.
    pub fn variables<S: Group<Library = Self>>(&mut self) -> S {
        variables::filled(self)
    }

    /// The next variable.
    pub fn variable<T: Plain>(&mut self) -> &'obj mut T {
        self.optional_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, which may be missing.
    pub fn optional_variable<T: Plain>(&mut self) -> Option<&'obj mut T> {
        let OpenVariable { address, .. } = self.variables.next().expect(OUT_OF_STEP)?;
        address.expect::<T>(size_of::<T>(), true);
        // SAFETY: `addresses::resolve` checked that the bytes are inside the image and aligned, the line
        // above that `T` has as many, and `variables::locate` that no two variables share one. The open
        // object is mutably borrowed for `'obj`, so nothing else reads, moves or frees the image: the maps
        // handed out beside it are the library's own, never a section's.
        Some(unsafe { address.first.cast::<T>().as_mut() })
    }

    /// The next variable, a struct that may be longer in the object.
    pub fn growing_variable<T: Plain>(&mut self) -> &'obj mut T {
        self.optional_growing_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, a struct that may be longer in the object, which may be missing.
    pub fn optional_growing_variable<T: Plain>(&mut self) -> Option<&'obj mut T> {
        let OpenVariable { address, .. } = self.variables.next().expect(OUT_OF_STEP)?;
        address.expect_longer::<T>(true);
        // SAFETY: as in `optional_variable`; what comes after the bytes of `T` is not referred to.
        Some(unsafe { address.first.cast::<T>().as_mut() })
    }

    /// The next variable, an array of structs that may be longer in the object.
    pub fn strided_variable<E: Elements<Element: Plain>>(&mut self) -> &'obj mut Strided<E> {
        self.optional_strided_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, an array of structs that may be longer in the object, which may be missing.
    pub fn optional_strided_variable<E: Elements<Element: Plain>>(
        &mut self,
    ) -> Option<&'obj mut Strided<E>> {
        let OpenVariable { address, .. } = self.variables.next().expect(OUT_OF_STEP)?;
        let array = address.expect_strided::<E>(true);
        // SAFETY: as in `optional_variable`, for an array of the variable's size, whose elements the line above has
        // checked.
        Some(unsafe { &mut *array })
    }

    /// The next variable, an array whose length the object decides.
    pub fn unsized_variable<T: Pod>(&mut self) -> &'obj mut [T] {
        self.optional_unsized_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, an array whose length the object decides, which may be missing.
    pub fn optional_unsized_variable<T: Pod>(&mut self) -> Option<&'obj mut [T]> {
        let OpenVariable { address, .. } = self.variables.next().expect(OUT_OF_STEP)?;
        // SAFETY: each variable is taken once.
        Some(unsafe { address.elements() })
    }

    /// The next variable, an array whose length can be set.
    pub fn resizable_variable<T: Pod>(&mut self) -> Resizable<'obj, T> {
        self.optional_resizable_variable().expect(OUT_OF_STEP)
    }

    /// The next variable, an array whose length can be set, which may be missing.
    pub fn optional_resizable_variable<T: Pod>(&mut self) -> Option<Resizable<'obj, T>> {
        let variable = self.variables.next().expect(OUT_OF_STEP)?;
        let OpenVariable {
            address,
            name,
            alone,
        } = variable;
        let (image, object) = (address.memory, self.object);
        // SAFETY: each variable is taken once, and `alone` says whether another is in that image.
        Some(unsafe { Resizable::new(address.elements(), image, object, name, alone) })
    }

    /// The next map.
    pub fn map<M>(&mut self) -> Open<'obj, M> {
        self.optional_map().expect(OUT_OF_STEP)
    }

    /// The next map, which may be missing.
    pub fn optional_map<M>(&mut self) -> Option<Open<'obj, M>> {
        self.maps.next().expect(OUT_OF_STEP).map(Open::new)
    }

    /// The next program.
    pub fn program(&mut self) -> OpenProgramMut<'obj> {
        self.programs.next().expect(OUT_OF_STEP)
    }

    /// The next `struct_ops`.
    pub fn struct_ops<T: Pod>(&mut self) -> OpenStructOps<'obj, T> {
        let value = self.struct_ops.next().expect(OUT_OF_STEP);
        // SAFETY: the open object is mutably borrowed for `'obj`, and each value is that of another
        // `struct_ops`, because a library has no two of one name. No map that is handed out beside it is one
        // of these.
        let ops = unsafe { value.into_open() };
        ops.expect(OUT_OF_STEP)
    }
}

/// The programs and `struct_ops` of a library in a loaded object.
pub struct Programs<'obj, O: Origin> {
    programs: vec::IntoIter<Program<'obj, O>>,
    struct_ops: vec::IntoIter<StructOps<'obj, O>>,
}

impl<'obj, O: Origin> Programs<'obj, O> {
    pub(super) fn new(
        programs: Vec<Program<'obj, O>>,
        struct_ops: Vec<StructOps<'obj, O>>,
    ) -> Self {
        Self {
            programs: programs.into_iter(),
            struct_ops: struct_ops.into_iter(),
        }
    }

    /// The next program.
    pub fn program(&mut self) -> Program<'obj, O> {
        self.programs.next().expect(OUT_OF_STEP)
    }

    /// The next `struct_ops`.
    pub fn struct_ops(&mut self) -> StructOps<'obj, O> {
        self.struct_ops.next().expect(OUT_OF_STEP)
    }

    /// The next program, run with a context that it may write.
    pub fn syscall_program<C>(&mut self) -> SyscallProgram<'obj, C, O> {
        SyscallProgram::new(self.program())
    }

    /// The next program, run with the context of a socket lookup.
    pub fn sk_lookup_program<C>(&mut self) -> SkLookupProgram<'obj, C, O> {
        SkLookupProgram::new(self.program())
    }

    /// The next program, run with a packet.
    pub fn packet_program<C>(&mut self) -> PacketProgram<'obj, C, O> {
        PacketProgram::new(self.program())
    }

    /// The next program, run with the arguments of a tracepoint.
    pub fn raw_tracepoint_program(&mut self) -> RawTracepointProgram<'obj, O> {
        RawTracepointProgram::new(self.program())
    }
}

//! Typed map handles: `maps::Hash<K, V>`, `maps::Array<V>`, `maps::PerCpuArray<V>`, …
//!
//! All are one type, [`TypedMap`], which holds a [`MapHandle`] and dereferences to it, so all of libbpf-rs
//! stays available. The map type decides which operations exist: a lookup in a ring buffer does not compile.
//!
//! ```no_run
//! use bpf_subskeleton::{libbpf_rs, maps};
//!
//! fn errors_of(counts: &maps::Hash<u32, u64>, pid: u32) -> libbpf_rs::Result<u64> {
//!     Ok(counts.lookup(&pid)?.unwrap_or(0))
//! }
//! ```

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;
use std::io;
use std::os::fd::AsFd as _;

use libbpf_rs::{MapCore as _, MapHandle, MapInfo, MapType, Result};

use self::map_type::BpfMapType;
use crate::error::invalid;

mod batch;
mod exclusive;
mod file_descriptors;
mod iterate;
mod local_storage;
mod lookup;
mod lookup_and_delete;
pub mod map_type;
mod mmap;
mod open;
mod queue;
mod records;
mod values;

pub use self::batch::BatchError;
pub use self::file_descriptors::Inner;
pub use self::iterate::EntryIter;
pub use self::lookup::{Input, Output};
pub use self::lookup_and_delete::LookupAndDeleteBatches;
pub use self::map_type::handles::*;
pub use self::open::Open;
pub use self::records::UserRingBuffer;
pub use self::values::{PerCpuValues, SingleValue, Values};

/// A map of the map type `M` with keys `K` and values `V`. Use the aliases in this module.
///
/// It owns a file descriptor of the map, so it has no lifetime and works after the
/// [`Object`](libbpf_rs::Object) is dropped.
pub struct TypedMap<M, K: ?Sized, V: ?Sized> {
    presence: Presence,
    map_type: PhantomData<fn() -> M>,
    key: PhantomData<fn(&K)>,
    value: PhantomData<fn(&V)>,
}

/// Whether there is a map.
#[derive(Debug)]
pub(crate) enum Presence {
    /// In the kernel.
    Kernel(MapHandle),
    /// Nowhere: the library is detached. The map's name, for messages.
    Detached(&'static str),
}

impl<M, K: ?Sized, V: ?Sized> TypedMap<M, K, V> {
    fn new(presence: Presence) -> Self {
        Self {
            presence,
            map_type: PhantomData,
            key: PhantomData,
            value: PhantomData,
        }
    }

    /// A map of a detached library: each operation is an error.
    pub(crate) fn detached(name: &'static str) -> Self {
        Self::new(Presence::Detached(name))
    }

    /// The handle, for libbpf-rs' own API.
    ///
    /// # Panics
    ///
    /// If the library is [detached]: there is no map then. Operations on the map return an
    /// error instead.
    ///
    /// [detached]: https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/testing/
    pub fn handle(&self) -> &MapHandle {
        match &self.presence {
            Presence::Kernel(handle) => handle,
            Presence::Detached(name) => panic!("{}", no_map(name)),
        }
    }

    /// The handle, or an error if there is no map.
    fn opened(&self) -> io::Result<&MapHandle> {
        match &self.presence {
            Presence::Kernel(handle) => Ok(handle),
            Presence::Detached(name) => {
                Err(io::Error::new(io::ErrorKind::Unsupported, no_map(name)))
            }
        }
    }
}

fn no_map(name: &str) -> String {
    format!("`{name}` is detached: without a kernel there are variables, but no maps")
}

/// Any typed map handle: what a map of maps holds.
pub trait Handle: Sized {
    /// A typed handle from an untyped one, if the map type and the sizes of keys and values match.
    ///
    /// # Errors
    ///
    /// If they don't match.
    fn from_handle(handle: MapHandle) -> Result<Self>;

    /// The handle, for libbpf-rs' own API.
    ///
    /// # Panics
    ///
    /// As [`TypedMap::handle`].
    fn as_handle(&self) -> &MapHandle;
}

impl<M: BpfMapType, K: KeyOrValue + ?Sized, V: KeyOrValue + ?Sized> Handle for TypedMap<M, K, V> {
    fn from_handle(handle: MapHandle) -> Result<Self> {
        Self::of_handle(handle, Length::Equal)
    }

    fn as_handle(&self) -> &MapHandle {
        self.handle()
    }
}

/// How long the values of a map may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// As long as their type.
    Equal,
    /// Longer as well: they begin with their type, as `bind` has checked.
    AtLeast,
}

impl<M: BpfMapType, K: KeyOrValue + ?Sized, V: KeyOrValue + ?Sized> TypedMap<M, K, V> {
    /// A typed handle, if map type and sizes match. The only way to a map in the kernel.
    pub(crate) fn of_handle(handle: MapHandle, values: Length) -> Result<Self> {
        let map_type = match handle.map_type() {
            // libbpf-rs has no name for some map types.
            MapType::Unknown => MapInfo::new(handle.as_fd())?.info.type_,
            known => known.into(),
        };
        let fits = |size: Option<usize>, found: u32| size.is_none_or(|size| size == found as usize);
        let is_longer = values == Length::AtLeast
            && V::SIZE.is_some_and(|size| size < handle.value_size() as usize);
        if M::NUMBER != map_type::Untyped::NUMBER && map_type != M::NUMBER
            || !fits(K::SIZE, handle.key_size())
            || !(M::RECORDS || fits(V::SIZE, handle.value_size()) || is_longer)
        {
            return Err(invalid(format!(
                "a map of type {:?} with keys of {} and values of {} bytes is not a `{}`",
                handle.map_type(),
                handle.key_size(),
                handle.value_size(),
                core::any::type_name::<Self>()
            )));
        }
        Ok(Self::new(Presence::Kernel(handle)))
    }
}

/// A key or value type: the size that it requires of the map.
pub trait KeyOrValue {
    /// `None` if any size will do.
    const SIZE: Option<usize>;
}

impl<T> KeyOrValue for T {
    const SIZE: Option<usize> = Some(size_of::<T>());
}

impl KeyOrValue for [u8] {
    const SIZE: Option<usize> = None;
}

impl<M, K: ?Sized, V: ?Sized> Deref for TypedMap<M, K, V> {
    type Target = MapHandle;

    fn deref(&self) -> &MapHandle {
        self.handle()
    }
}

impl<M, K: ?Sized, V: ?Sized> fmt::Debug for TypedMap<M, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.presence {
            Presence::Kernel(handle) => handle.fmt(f),
            Presence::Detached(name) => f.debug_tuple("Detached").field(name).finish(),
        }
    }
}

#[cfg(test)]
mod tests;

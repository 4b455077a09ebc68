//! [`Open`]: maps before the object is loaded.

use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use std::os::fd::AsFd as _;

use libbpf_rs::{OpenMapMut, Result};

use super::file_descriptors::Inner;
use super::map_type::MapOfMaps;
use super::{Handle, TypedMap};

/// A map of an object that is not yet loaded. After load it is an `M`, such as `maps::Hash<u32, u64>`.
///
/// It dereferences to [`OpenMapMut`], which sets `max_entries`, the pin path and so on:
///
/// ```no_run
/// use bpf_subskeleton::{libbpf_rs, maps};
///
/// fn shared(
///     counts: &mut maps::Open<'_, maps::Hash<u32, u64>>,
///     running: &maps::Hash<u32, u64>,
/// ) -> libbpf_rs::Result<()> {
///     counts.set_max_entries(10_000)?;
///     counts.reuse(running)
/// }
/// ```
pub struct Open<'obj, M> {
    map: OpenMapMut<'obj>,
    map_type: PhantomData<fn() -> M>,
}

impl<'obj, M> Open<'obj, M> {
    pub(crate) fn new(map: OpenMapMut<'obj>) -> Self {
        Self {
            map,
            map_type: PhantomData,
        }
    }
}

impl<M: Handle> Open<'_, M> {
    /// Makes the object use an existing map of this type, for example another object's, instead of creating
    /// one.
    ///
    /// The object keeps the map open. `max_entries` is that of the existing map.
    ///
    /// # Errors
    ///
    /// Any error from libbpf.
    ///
    /// # Panics
    ///
    /// If `map` is [detached].
    ///
    /// [detached]: https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/testing/
    pub fn reuse(&mut self, map: &M) -> Result<()> {
        self.map.reuse_fd(map.as_handle().as_fd())
    }
}

impl<K: ?Sized, O: MapOfMaps, I: Handle> Open<'_, TypedMap<O, K, Inner<I>>> {
    /// Makes `inner` the prototype of the inner maps, instead of the definition in C: for another
    /// `max_entries`, above all.
    ///
    /// libbpf keeps only the number of `inner`'s file descriptor, so keep `inner` until the object is loaded.
    ///
    /// # Errors
    ///
    /// An error from libbpf, such as that a prototype is already set.
    ///
    /// # Panics
    ///
    /// If `inner` is [detached].
    ///
    /// [detached]: https://docs.rs/bpf-subskeleton/latest/bpf_subskeleton/guide/testing/
    pub fn set_inner_map(&mut self, inner: &I) -> Result<()> {
        self.map.set_inner_map_fd(inner.as_handle().as_fd())
    }
}

impl<'obj, M> Deref for Open<'obj, M> {
    type Target = OpenMapMut<'obj>;

    fn deref(&self) -> &OpenMapMut<'obj> {
        &self.map
    }
}

impl<'obj, M> DerefMut for Open<'obj, M> {
    fn deref_mut(&mut self) -> &mut OpenMapMut<'obj> {
        &mut self.map
    }
}

impl<M> fmt::Debug for Open<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.map.fmt(f)
    }
}

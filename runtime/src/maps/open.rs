//! [`Open`]: maps before the object is loaded.

use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use std::os::fd::AsFd as _;

use libbpf_rs::{OpenMapMut, Result};

use super::file_descriptors::Inner;
use super::map_type::MapOfMaps;
use super::{Handle, TypedMap};

/// A map of an object that is not yet loaded; once that is loaded, it is an `M`: `maps::Hash<u32, u64>`.
///
/// It dereferences to [`OpenMapMut`], which sets the number of entries, the path to pin the map to, and so
/// on:
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
    kind: PhantomData<fn() -> M>,
}

impl<'obj, M> Open<'obj, M> {
    pub(crate) fn new(map: OpenMapMut<'obj>) -> Self {
        Self {
            map,
            kind: PhantomData,
        }
    }
}

impl<M: Handle> Open<'_, M> {
    /// Has the object use an existing map of this type, for instance that of another object, instead of
    /// making one.
    ///
    /// The object keeps the map open. It has the number of entries that the existing map has.
    ///
    /// # Errors
    ///
    /// What libbpf answers.
    pub fn reuse(&mut self, map: &M) -> Result<()> {
        self.map.reuse_fd(map.as_handle().as_fd())
    }
}

impl<K: ?Sized, O: MapOfMaps, I: Handle> Open<'_, TypedMap<O, K, Inner<I>>> {
    /// Has the kernel take `inner` as the pattern of the maps that this one will hold, instead of the
    /// definition in C: their number of entries, above all.
    ///
    /// libbpf keeps the number of `inner`'s descriptor only, so `inner` must be there until the object is
    /// loaded; afterwards it may go.
    ///
    /// # Errors
    ///
    /// What libbpf answers: a pattern was set before.
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

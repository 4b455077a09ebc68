//! Typed map handles: `maps::Hash<K, V>`, `maps::Array<V>`, `maps::PerCpuArray<V>`, …
//!
//! All are one type, [`TypedMap`], which holds a [`MapHandle`] and dereferences to it, so everything
//! of libbpf-rs stays at hand. The kind of the map decides which operations exist: a lookup in a ring
//! buffer does not compile.
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
use std::os::fd::AsFd as _;

use libbpf_rs::{MapCore as _, MapHandle, MapInfo, MapType, Result};

use self::map_type::Kind;
use crate::error::invalid;

mod batch;
mod descriptors;
mod element;
mod entries;
mod lookup_and_delete;
pub mod map_type;
mod mmap;
mod open;
mod queue;
mod records;
mod values;

pub use self::batch::BatchError;
pub use self::descriptors::Inner;
pub use self::element::{Input, Output};
pub use self::entries::EntryIter;
pub use self::lookup_and_delete::TakenBatches;
pub use self::open::Open;
pub use self::records::Producer;
pub use self::values::{PerCpuValues, Shape, SingleValue};

/// A map of kind `M` with keys `K` and values `V`; use the aliases of this module.
///
/// It owns a file descriptor of the map, so it has no lifetime and works when the
/// [`Object`](libbpf_rs::Object) is gone.
pub struct TypedMap<M, K: ?Sized, V: ?Sized> {
    handle: MapHandle,
    kind: PhantomData<fn() -> M>,
    key: PhantomData<fn(&K)>,
    value: PhantomData<fn(&V)>,
}

macro_rules! aliases {
    ($($(#[$doc:meta])* $name:ident<$($param:ident $(= $default:ty)?),*> = ($key:ty, $value:ty);)*) => {$(
        $(#[$doc])*
        pub type $name<$($param $(= $default)?),*> = TypedMap<map_type::$name, $key, $value>;
    )*};
}

aliases! {
    /// `BPF_MAP_TYPE_HASH`.
    Hash<K, V> = (K, V);
    /// `BPF_MAP_TYPE_LRU_HASH`: when full, the least recently used entry goes.
    LruHash<K, V> = (K, V);
    /// `BPF_MAP_TYPE_PERCPU_HASH`: a value for each possible CPU.
    PerCpuHash<K, V> = (K, V);
    /// `BPF_MAP_TYPE_LRU_PERCPU_HASH`.
    LruPerCpuHash<K, V> = (K, V);
    /// `BPF_MAP_TYPE_ARRAY`: keys are indices, and every entry exists from the start.
    Array<V> = (u32, V);
    /// `BPF_MAP_TYPE_PERCPU_ARRAY`: an array with a value for each possible CPU.
    PerCpuArray<V> = (u32, V);
    /// `BPF_MAP_TYPE_LPM_TRIE`: keys are a prefix length in bits and the prefix.
    LpmTrie<K, V> = (K, V);
    /// `BPF_MAP_TYPE_QUEUE`: first in, first out.
    Queue<V> = ((), V);
    /// `BPF_MAP_TYPE_STACK`: last in, first out.
    Stack<V> = ((), V);
    /// `BPF_MAP_TYPE_BLOOM_FILTER`.
    BloomFilter<V> = ((), V);
    /// `BPF_MAP_TYPE_RINGBUF`. The C definition says nothing of the records: `T` is yours to name.
    RingBuf<T = [u8]> = ((), T);
    /// `BPF_MAP_TYPE_USER_RINGBUF`.
    UserRingBuf<T = [u8]> = ((), T);
    /// `BPF_MAP_TYPE_PERF_EVENT_ARRAY`.
    PerfEventArray<T = [u8]> = (u32, T);
    /// `BPF_MAP_TYPE_PROG_ARRAY`: the targets of tail calls.
    ProgArray<> = (u32, u32);
    /// `BPF_MAP_TYPE_ARRAY_OF_MAPS`, of the inner maps `I`.
    ArrayOfMaps<I> = (u32, Inner<I>);
    /// `BPF_MAP_TYPE_HASH_OF_MAPS`, of the inner maps `I`.
    HashOfMaps<K, I> = (K, Inner<I>);
    /// `BPF_MAP_TYPE_TASK_STORAGE`.
    TaskStorage<V> = (i32, V);
    /// `BPF_MAP_TYPE_INODE_STORAGE`.
    InodeStorage<V> = (i32, V);
    /// `BPF_MAP_TYPE_SK_STORAGE`.
    SkStorage<V> = (i32, V);
    /// `BPF_MAP_TYPE_CGRP_STORAGE`.
    CgrpStorage<V> = (i32, V);
    /// `BPF_MAP_TYPE_STACK_TRACE`.
    StackTrace<V> = (u32, V);
    /// `BPF_MAP_TYPE_CGROUP_ARRAY`.
    CgroupArray<> = (u32, u32);
    /// `BPF_MAP_TYPE_SOCKMAP`.
    SockMap<> = (u32, [u8]);
    /// `BPF_MAP_TYPE_SOCKHASH`.
    SockHash<K> = (K, [u8]);
    /// `BPF_MAP_TYPE_DEVMAP`.
    DevMap<V = u32> = (u32, V);
    /// `BPF_MAP_TYPE_DEVMAP_HASH`.
    DevMapHash<K = u32, V = u32> = (K, V);
    /// `BPF_MAP_TYPE_CPUMAP`.
    CpuMap<V = u32> = (u32, V);
    /// `BPF_MAP_TYPE_XSKMAP`.
    XskMap<> = (u32, u32);
    /// `BPF_MAP_TYPE_REUSEPORT_SOCKARRAY`.
    ReuseportSockArray<> = (u32, [u8]);
    /// A map whose definition names no types, or of a kind that this crate has no name for. All of
    /// [`MapHandle`] works on it.
    Untyped<> = ([u8], [u8]);
}

impl<M, K: ?Sized, V: ?Sized> TypedMap<M, K, V> {
    pub(crate) fn new(handle: MapHandle) -> Self {
        Self {
            handle,
            kind: PhantomData,
            key: PhantomData,
            value: PhantomData,
        }
    }

    /// The handle, for libbpf-rs' own API.
    pub fn handle(&self) -> &MapHandle {
        &self.handle
    }
}

/// A handle of some kind of map, whatever its types: what maps of maps hold.
pub trait Handle: Sized {
    /// A handle of a map, if it is of this kind and its keys and values have the sizes of the types.
    ///
    /// # Errors
    ///
    /// If it is not.
    fn from_handle(handle: MapHandle) -> Result<Self>;

    /// The handle, for libbpf-rs' own API.
    fn as_handle(&self) -> &MapHandle;
}

impl<M: Kind, K: Side + ?Sized, V: Side + ?Sized> Handle for TypedMap<M, K, V> {
    fn from_handle(handle: MapHandle) -> Result<Self> {
        let kind = match handle.map_type() {
            // libbpf-rs has no name for some of the kinds.
            MapType::Unknown => MapInfo::new(handle.as_fd())?.info.type_,
            known => known.into(),
        };
        let fits = |size: Option<usize>, found: u32| size.is_none_or(|size| size == found as usize);
        if M::NUMBER != 0 && kind != M::NUMBER
            || !fits(K::SIZE, handle.key_size())
            || !(M::RECORDS || fits(V::SIZE, handle.value_size()))
        {
            return Err(invalid(format!(
                "a map of kind {:?} with keys of {} and values of {} bytes is no `{}`",
                handle.map_type(),
                handle.key_size(),
                handle.value_size(),
                core::any::type_name::<Self>()
            )));
        }
        Ok(Self::new(handle))
    }

    fn as_handle(&self) -> &MapHandle {
        &self.handle
    }
}

/// A key or value: what size the map must have for it.
pub trait Side {
    /// `None` where the type doesn't say.
    const SIZE: Option<usize>;
}

impl<T> Side for T {
    const SIZE: Option<usize> = Some(size_of::<T>());
}

impl Side for [u8] {
    const SIZE: Option<usize> = None;
}

impl<M, K: ?Sized, V: ?Sized> Deref for TypedMap<M, K, V> {
    type Target = MapHandle;

    fn deref(&self) -> &MapHandle {
        &self.handle
    }
}

impl<M, K: ?Sized, V: ?Sized> fmt::Debug for TypedMap<M, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handle.fmt(f)
    }
}

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
use std::io;

use bytemuck::Pod;
use libbpf_rs::{MapCore, MapFlags, MapHandle, Result};

pub mod kind;

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
        pub type $name<$($param $(= $default)?),*> = TypedMap<kind::$name, $key, $value>;
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
    ArrayOfMaps<I> = (u32, I);
    /// `BPF_MAP_TYPE_HASH_OF_MAPS`, of the inner maps `I`.
    HashOfMaps<K, I> = (K, I);
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
    SockMap<V = u32> = (u32, V);
    /// `BPF_MAP_TYPE_SOCKHASH`.
    SockHash<K, V = u32> = (K, V);
    /// `BPF_MAP_TYPE_DEVMAP`.
    DevMap<V = u32> = (u32, V);
    /// `BPF_MAP_TYPE_DEVMAP_HASH`.
    DevMapHash<K = u32, V = u32> = (K, V);
    /// `BPF_MAP_TYPE_CPUMAP`.
    CpuMap<V = u32> = (u32, V);
    /// `BPF_MAP_TYPE_XSKMAP`.
    XskMap<> = (u32, u32);
    /// `BPF_MAP_TYPE_REUSEPORT_SOCKARRAY`.
    ReuseportSockArray<V = u32> = (u32, V);
    /// `BPF_MAP_TYPE_STRUCT_OPS`: a table of programs that the kernel calls.
    StructOps<> = ((), [u8]);
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

impl<M, K: Pod, V: Pod> TypedMap<M, K, V> {
    /// The value of `key`, or `None` where there is none.
    ///
    /// # Errors
    ///
    /// What the kernel answers: a hash map that is being resized, no permission.
    pub fn lookup(&self, key: &K) -> Result<Option<V>>
    where
        M: kind::Lookup,
    {
        let mut value = V::zeroed();
        let found = self.handle.lookup_into(
            bytemuck::bytes_of(key),
            bytemuck::bytes_of_mut(&mut value),
            MapFlags::ANY,
        )?;
        Ok(found.then_some(value))
    }

    /// The values of `key`, one for each possible CPU, or `None` where there are none.
    ///
    /// # Errors
    ///
    /// What the kernel answers.
    pub fn lookup_per_cpu(&self, key: &K) -> Result<Option<Vec<V>>>
    where
        M: kind::PerCpu,
    {
        let values = self
            .handle
            .lookup_percpu(bytemuck::bytes_of(key), MapFlags::ANY)?;
        values
            .map(|values| values.iter().map(|bytes| read(bytes)).collect())
            .transpose()
    }

    /// Sets the value of `key`, whether or not it has one: [`update`](Self::update) with
    /// [`MapFlags::ANY`].
    ///
    /// # Errors
    ///
    /// What the kernel answers: `E2BIG` where the map is full.
    pub fn insert(&self, key: &K, value: &V) -> Result<()>
    where
        M: kind::Update,
    {
        self.update(key, value, MapFlags::ANY)
    }

    /// Sets the value of `key`: with [`MapFlags::NO_EXIST`] only if it has none, with
    /// [`MapFlags::EXIST`] only if it has one.
    ///
    /// # Errors
    ///
    /// What the kernel answers: `E2BIG` where the map is full, `EEXIST` and `ENOENT` as the flags say.
    pub fn update(&self, key: &K, value: &V, flags: MapFlags) -> Result<()>
    where
        M: kind::Update,
    {
        self.handle
            .update(bytemuck::bytes_of(key), bytemuck::bytes_of(value), flags)
    }

    /// Deletes `key`; whether it was there.
    ///
    /// # Errors
    ///
    /// What the kernel answers, but for "no such key".
    pub fn delete(&self, key: &K) -> Result<bool>
    where
        M: kind::Delete,
    {
        match self.handle.delete(bytemuck::bytes_of(key)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == libbpf_rs::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// A value from the bytes the kernel gave.
fn read<T: Pod>(bytes: &[u8]) -> Result<T> {
    bytemuck::try_pod_read_unaligned(bytes.get(..size_of::<T>()).unwrap_or(bytes)).map_err(|_| {
        let text = format!(
            "the map gave {} bytes for a type of {}",
            bytes.len(),
            size_of::<T>()
        );
        io::Error::new(io::ErrorKind::InvalidData, text).into()
    })
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

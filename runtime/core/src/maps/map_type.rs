//! Map types: the one table of their values, names, keys, values and operations.

use libbpf_rs::libbpf_sys;

use super::values::{PerCpuValues, SingleValue, Values};
use super::{Inner, TypedMap};

/// A map type of the kernel's `enum bpf_map_type`, at compile time. It decides how many bytes the kernel
/// copies, so only this crate implements it:
///
/// ```compile_fail,E0277
/// enum Mine {}
/// impl bpf_subskeleton::maps::map_type::BpfMapType for Mine {
///     const NUMBER: u32 = 6;
/// }
/// ```
pub trait BpfMapType: sealed::Sealed + 'static {
    /// Its value in the kernel's `enum bpf_map_type`.
    const NUMBER: u32;

    /// Whether a key has one value or one for each possible CPU.
    type Values: Values;

    /// Whether the value type of the handle is that of the records: ring buffers and perf event arrays, whose
    /// value size says nothing about them.
    #[doc(hidden)]
    const RECORDS: bool;
}

/// Map types whose entries are looked up by key.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` map has no entries to look up or update by key",
    label = "this map type has no such entries",
    note = "ring buffers have `add_to`, queues and stacks `push` and `pop`, maps of file descriptors `set_fd`, \
            maps of maps `lookup_map`, local storage `get_storage`"
)]
pub trait Lookup: BpfMapType {}

/// Map types whose entries can be updated.
#[diagnostic::on_unimplemented(
    message = "entries of a `{Self}` map can't be updated",
    label = "not in a map of this type",
    note = "queues and stacks have `push`, maps of file descriptors `set_fd`, maps of maps `set_map`, local \
            storage `set_storage`; only BPF programs add stack traces"
)]
pub trait Update: Lookup {}

/// Map types whose entries can be deleted.
#[diagnostic::on_unimplemented(
    message = "entries of a `{Self}` map can't be deleted",
    label = "not in a map of this type",
    note = "entries of hashes and tries can; those of an array exist as long as the array"
)]
pub trait Delete: Lookup {}

/// Map types whose entries can be looked up and deleted in one step: in batches since Linux 5.6, by key since
/// 5.14.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` map has no lookup and delete in one step",
    label = "not in a map of this type",
    note = "hashes have it; in tries call `lookup` and `delete`; entries of an array can't be deleted"
)]
pub trait LookupAndDelete: Delete + Iterate {}

/// Map types whose entries can be iterated over.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` map can't be iterated over",
    label = "not a map of this type",
    note = "the kernel iterates over arrays, hashes and tries"
)]
pub trait Iterate: Lookup {
    /// How the next key is found.
    #[doc(hidden)]
    const ORDER: Order;
}

/// How the next key is found.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// In batches, or else by the next index: arrays.
    Index,
    /// In batches, which go by bucket, or else one key after the other: hashes.
    Bucket,
    /// One key after the other.
    NextKey,
}

/// Queues and stacks.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` map has no `push`, `pop` and `peek`",
    label = "this map is neither a queue nor a stack",
    note = "queues and stacks have them; entries with keys are set with `insert`"
)]
pub trait Push: BpfMapType {}

/// Map types whose values are file descriptors: of programs, sockets, control groups or perf events.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` map holds no file descriptors",
    label = "not a map of this type",
    note = "values are set with `insert`, inner maps with `set_map`"
)]
pub trait FileDescriptors: BpfMapType {}

/// Map types that hold sockets and give their cookies; an `XskMap` doesn't.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` map has no socket cookies",
    label = "not a map of this type",
    note = "`SockMap`, `SockHash` and `ReuseportSockArray` have them"
)]
pub trait Sockets: FileDescriptors {}

/// Local storage: each value belongs to a task, inode, socket or control group, named by a file descriptor.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` map is not local storage",
    label = "its values belong to no task, inode, socket or control group",
    note = "values with keys are read with `lookup`"
)]
pub trait LocalStorage: BpfMapType {}

/// Map types whose values are maps.
#[diagnostic::on_unimplemented(message = "a `{Self}` map holds no maps")]
pub trait MapOfMaps: BpfMapType {}

macro_rules! map_types {
    ($(
        $(#[$doc:meta])*
        $name:ident<$($parameter:ident $(= $default:ty)?),*>($key:ty, $value:ty) =
            $number:ident, $values:ident $(of $records:ident)? $(: $($operation:ident)*)?;
    )*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $name {}

            impl sealed::Sealed for $name {}

            impl BpfMapType for $name {
                const NUMBER: u32 = libbpf_sys::$number;
                type Values = $values;
                const RECORDS: bool = map_types!(@records $($records)?);
            }

            $($(map_types!(@ $name $operation);)*)?
        )*

        /// The handles: `maps::Hash<K, V>` and so on.
        pub(super) mod handles {
            use super::{Inner, TypedMap};

            $(
                $(#[$doc])*
                pub type $name<$($parameter $(= $default)?),*> =
                    TypedMap<super::$name, $key, $value>;
            )*
        }

        /// For tests: each map type's value in `enum bpf_map_type`, its name here, and how many type
        /// parameters its handle has.
        #[doc(hidden)]
        pub const TABLE: &[(u32, &str, usize)] = &[$((
            libbpf_sys::$number,
            stringify!($name),
            <[&str]>::len(&[$(stringify!($parameter)),*]),
        )),*];
    };
    (@records) => { false };
    (@records records) => { true };
    (@ $name:ident Index) => { map_types!(@iterate $name Index); };
    (@ $name:ident Bucket) => { map_types!(@iterate $name Bucket); };
    (@ $name:ident NextKey) => { map_types!(@iterate $name NextKey); };
    (@iterate $name:ident $order:ident) => {
        #[diagnostic::do_not_recommend]
        impl Iterate for $name { const ORDER: Order = Order::$order; }
    };
    // The notes of the traits name the map types, in a user's words.
    (@ $name:ident $operation:ident) => {
        #[diagnostic::do_not_recommend]
        impl $operation for $name {}
    };
}

// Name and type parameters; (key, value); `enum bpf_map_type`; values of a key; operations, with how the next
// key is found for those that can be iterated over.
map_types! {
    /// `BPF_MAP_TYPE_HASH`.
    Hash<K, V>(K, V) = BPF_MAP_TYPE_HASH, SingleValue: Lookup Update Delete LookupAndDelete Bucket;
    /// `BPF_MAP_TYPE_ARRAY`: keys are indices, and every element exists from the start.
    Array<V>(u32, V) = BPF_MAP_TYPE_ARRAY, SingleValue: Lookup Update Index;
    /// `BPF_MAP_TYPE_PROG_ARRAY`: the targets of tail calls.
    ProgArray<>(u32, u32) = BPF_MAP_TYPE_PROG_ARRAY, SingleValue: FileDescriptors;
    /// `BPF_MAP_TYPE_PERF_EVENT_ARRAY`.
    PerfEventArray<T = [u8]>(u32, T) = BPF_MAP_TYPE_PERF_EVENT_ARRAY, SingleValue of records: FileDescriptors;
    /// `BPF_MAP_TYPE_PERCPU_HASH`: a hash with a value for each possible CPU.
    PerCpuHash<K, V>(K, V) = BPF_MAP_TYPE_PERCPU_HASH, PerCpuValues: Lookup Update Delete LookupAndDelete Bucket;
    /// `BPF_MAP_TYPE_PERCPU_ARRAY`: an array with a value for each possible CPU.
    PerCpuArray<V>(u32, V) = BPF_MAP_TYPE_PERCPU_ARRAY, PerCpuValues: Lookup Update Index;
    /// `BPF_MAP_TYPE_STACK_TRACE`.
    StackTrace<V>(u32, V) = BPF_MAP_TYPE_STACK_TRACE, SingleValue: Lookup Delete NextKey;
    /// `BPF_MAP_TYPE_CGROUP_ARRAY`.
    CgroupArray<>(u32, u32) = BPF_MAP_TYPE_CGROUP_ARRAY, SingleValue: FileDescriptors;
    /// `BPF_MAP_TYPE_LRU_HASH`: when full, it evicts the least recently used entries.
    LruHash<K, V>(K, V) = BPF_MAP_TYPE_LRU_HASH, SingleValue: Lookup Update Delete LookupAndDelete Bucket;
    /// `BPF_MAP_TYPE_LRU_PERCPU_HASH`: an LRU hash with a value for each possible CPU.
    LruPerCpuHash<K, V>(K, V) = BPF_MAP_TYPE_LRU_PERCPU_HASH, PerCpuValues: Lookup Update Delete LookupAndDelete Bucket;
    /// `BPF_MAP_TYPE_LPM_TRIE`: a key is a prefix length in bits, then the prefix.
    LpmTrie<K, V>(K, V) = BPF_MAP_TYPE_LPM_TRIE, SingleValue: Lookup Update Delete NextKey;
    /// `BPF_MAP_TYPE_ARRAY_OF_MAPS`, with inner maps of type `I`.
    ArrayOfMaps<I>(u32, Inner<I>) = BPF_MAP_TYPE_ARRAY_OF_MAPS, SingleValue: MapOfMaps;
    /// `BPF_MAP_TYPE_HASH_OF_MAPS`, with inner maps of type `I`.
    HashOfMaps<K, I>(K, Inner<I>) = BPF_MAP_TYPE_HASH_OF_MAPS, SingleValue: MapOfMaps;
    /// `BPF_MAP_TYPE_DEVMAP`.
    DevMap<V = u32>(u32, V) = BPF_MAP_TYPE_DEVMAP, SingleValue: Lookup Update Delete Index;
    /// `BPF_MAP_TYPE_SOCKMAP`.
    SockMap<>(u32, [u8]) = BPF_MAP_TYPE_SOCKMAP, SingleValue: FileDescriptors Sockets;
    /// `BPF_MAP_TYPE_CPUMAP`.
    CpuMap<V = u32>(u32, V) = BPF_MAP_TYPE_CPUMAP, SingleValue: Lookup Update Delete Index;
    /// `BPF_MAP_TYPE_XSKMAP`.
    XskMap<>(u32, u32) = BPF_MAP_TYPE_XSKMAP, SingleValue: FileDescriptors;
    /// `BPF_MAP_TYPE_SOCKHASH`.
    SockHash<K>(K, [u8]) = BPF_MAP_TYPE_SOCKHASH, SingleValue: FileDescriptors Sockets;
    /// `BPF_MAP_TYPE_REUSEPORT_SOCKARRAY`.
    ReuseportSockArray<>(u32, [u8]) = BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, SingleValue: FileDescriptors Sockets;
    /// `BPF_MAP_TYPE_QUEUE`: first in, first out.
    Queue<V>((), V) = BPF_MAP_TYPE_QUEUE, SingleValue: Push;
    /// `BPF_MAP_TYPE_STACK`: last in, first out.
    Stack<V>((), V) = BPF_MAP_TYPE_STACK, SingleValue: Push;
    /// `BPF_MAP_TYPE_SK_STORAGE`.
    SkStorage<V>(i32, V) = BPF_MAP_TYPE_SK_STORAGE, SingleValue: LocalStorage;
    /// `BPF_MAP_TYPE_DEVMAP_HASH`.
    DevMapHash<K = u32, V = u32>(K, V) = BPF_MAP_TYPE_DEVMAP_HASH, SingleValue: Lookup Update Delete Bucket;
    /// `BPF_MAP_TYPE_RINGBUF`. Its definition does not give the type of the records: name it as `T`.
    RingBuf<T = [u8]>((), T) = BPF_MAP_TYPE_RINGBUF, SingleValue of records;
    /// `BPF_MAP_TYPE_INODE_STORAGE`.
    InodeStorage<V>(i32, V) = BPF_MAP_TYPE_INODE_STORAGE, SingleValue: LocalStorage;
    /// `BPF_MAP_TYPE_TASK_STORAGE`.
    TaskStorage<V>(i32, V) = BPF_MAP_TYPE_TASK_STORAGE, SingleValue: LocalStorage;
    /// `BPF_MAP_TYPE_BLOOM_FILTER`.
    BloomFilter<V>((), V) = BPF_MAP_TYPE_BLOOM_FILTER, SingleValue;
    /// `BPF_MAP_TYPE_USER_RINGBUF`.
    UserRingBuf<T = [u8]>((), T) = BPF_MAP_TYPE_USER_RINGBUF, SingleValue of records;
    /// `BPF_MAP_TYPE_CGRP_STORAGE`.
    CgrpStorage<V>(i32, V) = BPF_MAP_TYPE_CGRP_STORAGE, SingleValue: LocalStorage;
    /// A map whose definition has no types, or of a map type that this crate has no name for. All of
    /// [`MapHandle`](libbpf_rs::MapHandle) works on it.
    Untyped<>([u8], [u8]) = BPF_MAP_TYPE_UNSPEC, SingleValue;
}

mod sealed {
    pub trait Sealed {}
}

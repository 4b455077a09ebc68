//! The kinds of maps, and which operations each has.

use super::values::{PerCpuValues, Shape, SingleValue};

/// A kind of map. It says how many bytes the kernel copies, so only this crate has kinds:
///
/// ```compile_fail,E0277
/// enum Mine {}
/// impl bpf_subskeleton::maps::map_type::Kind for Mine {
///     const NUMBER: u32 = 6;
/// }
/// ```
pub trait Kind: sealed::Sealed + 'static {
    /// Its number in the kernel's `enum bpf_map_type`.
    const NUMBER: u32;

    /// Whether a key has one value or one for each possible CPU.
    type Shape: Shape;

    /// Whether the value type is that of records, of which the sizes of the map say nothing: ring buffers
    /// and perf event arrays.
    #[doc(hidden)]
    const RECORDS: bool = matches!(Self::NUMBER, 4 | 27 | 31);
}

/// Kinds whose entries have keys and values.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` map has no entries to look up or to set by key",
    label = "this map has no such entries",
    note = "ring buffers have `add_to`, queues and stacks `push` and `pop`, maps of descriptors `set`, \
            maps of maps `lookup_map`, storage `value_of`"
)]
pub trait Entries: Kind {}

/// Kinds whose entries can be set.
#[diagnostic::on_unimplemented(
    message = "entries of a `{Self}` map can't be set",
    label = "not in a map of this kind",
    note = "queues and stacks have `push`, maps of descriptors `set`, maps of maps `set_map`, storage \
            `set_value_of`; stack traces are kept by BPF programs"
)]
pub trait Insert: Entries {}

/// Kinds whose entries can be deleted.
#[diagnostic::on_unimplemented(
    message = "entries of a `{Self}` map can't be deleted",
    label = "not in a map of this kind",
    note = "hashes and tries can do it; every entry of an array exists as long as the array"
)]
pub trait Delete: Entries {}

/// Kinds of which values can be taken: looked up and deleted in one step (all of them since Linux 5.6, that of
/// a key since 5.14).
#[diagnostic::on_unimplemented(
    message = "values can't be taken out of a `{Self}` map",
    label = "not out of a map of this kind",
    note = "hashes can do it; elsewhere `lookup` and `delete` are two steps"
)]
pub trait Take: Delete + List {}

/// Kinds whose entries can be listed.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` map can't be listed",
    label = "not a map of this kind",
    note = "the kernel lists arrays, hashes and tries"
)]
pub trait List: Entries {
    /// How the next key is found.
    #[doc(hidden)]
    const ORDER: Order;
}

/// How the next key is found.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// In batches, or else by the next number: arrays.
    Index,
    /// In batches, which go by bucket, or else one key after the other: hashes.
    Hash,
    /// One key after the other.
    Next,
}

/// Queues and stacks.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` map has no `push`, `pop` and `peek`",
    label = "this map is no queue and no stack",
    note = "queues and stacks have them; entries with keys are set with `insert`"
)]
pub trait Pushable: Kind {}

/// Kinds that hold file descriptors of something: programs, sockets, control groups.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` map holds no file descriptors",
    label = "this map does not",
    note = "values are set with `insert`, inner maps with `set_map`"
)]
pub trait Descriptors: Kind {}

/// Kinds that hold sockets, and tell which: those of XDP do not.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` map tells no cookies of sockets",
    label = "not a map of this kind",
    note = "socket maps, socket hashes and arrays of sockets that share a port do"
)]
pub trait Sockets: Descriptors {}

/// Kinds whose values belong to a task, file, socket or control group, named by a descriptor.
#[diagnostic::on_unimplemented(
    message = "the values of a `{Self}` map belong to no task, file, socket or control group",
    label = "this map is no storage",
    note = "values with keys are read with `lookup`"
)]
pub trait Storage: Kind {}

/// Kinds that hold maps.
#[diagnostic::on_unimplemented(message = "a `{Self}` map holds no maps")]
pub trait Outer: Kind {}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $number:literal $([$shape:ty])? $(: $($operation:ident)*)?;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}

        impl sealed::Sealed for $name {}

        impl Kind for $name {
            const NUMBER: u32 = $number;
            type Shape = kinds!(@shape $($shape)?);
        }

        $($(kinds!(@ $name $operation);)*)?
    )*};
    (@shape) => { SingleValue };
    (@shape $shape:ty) => { $shape };
    (@ $name:ident Index) => {
        #[diagnostic::do_not_recommend]
        impl List for $name { const ORDER: Order = Order::Index; }
    };
    (@ $name:ident Hashed) => {
        #[diagnostic::do_not_recommend]
        impl List for $name { const ORDER: Order = Order::Hash; }
    };
    (@ $name:ident Next) => {
        #[diagnostic::do_not_recommend]
        impl List for $name { const ORDER: Order = Order::Next; }
    };
    // The notes of the traits name the kinds, in a user's words.
    (@ $name:ident $operation:ident) => {
        #[diagnostic::do_not_recommend]
        impl $operation for $name {}
    };
}

kinds! {
    /// `BPF_MAP_TYPE_HASH`.
    Hash = 1: Entries Insert Delete Take Hashed;
    /// `BPF_MAP_TYPE_ARRAY`.
    Array = 2: Entries Insert Index;
    /// `BPF_MAP_TYPE_PROG_ARRAY`.
    ProgArray = 3: Descriptors;
    /// `BPF_MAP_TYPE_PERF_EVENT_ARRAY`.
    PerfEventArray = 4: Descriptors;
    /// `BPF_MAP_TYPE_PERCPU_HASH`.
    PerCpuHash = 5 [PerCpuValues]: Entries Insert Delete Take Hashed;
    /// `BPF_MAP_TYPE_PERCPU_ARRAY`.
    PerCpuArray = 6 [PerCpuValues]: Entries Insert Index;
    /// `BPF_MAP_TYPE_STACK_TRACE`.
    StackTrace = 7: Entries Delete Next;
    /// `BPF_MAP_TYPE_CGROUP_ARRAY`.
    CgroupArray = 8: Descriptors;
    /// `BPF_MAP_TYPE_LRU_HASH`.
    LruHash = 9: Entries Insert Delete Take Hashed;
    /// `BPF_MAP_TYPE_LRU_PERCPU_HASH`.
    LruPerCpuHash = 10 [PerCpuValues]: Entries Insert Delete Take Hashed;
    /// `BPF_MAP_TYPE_LPM_TRIE`.
    LpmTrie = 11: Entries Insert Delete Next;
    /// `BPF_MAP_TYPE_ARRAY_OF_MAPS`.
    ArrayOfMaps = 12: Outer;
    /// `BPF_MAP_TYPE_HASH_OF_MAPS`.
    HashOfMaps = 13: Outer;
    /// `BPF_MAP_TYPE_DEVMAP`.
    DevMap = 14: Entries Insert Delete Index;
    /// `BPF_MAP_TYPE_SOCKMAP`.
    SockMap = 15: Descriptors Sockets;
    /// `BPF_MAP_TYPE_CPUMAP`.
    CpuMap = 16: Entries Insert Delete Index;
    /// `BPF_MAP_TYPE_XSKMAP`.
    XskMap = 17: Descriptors;
    /// `BPF_MAP_TYPE_SOCKHASH`.
    SockHash = 18: Descriptors Sockets;
    /// `BPF_MAP_TYPE_REUSEPORT_SOCKARRAY`.
    ReuseportSockArray = 20: Descriptors Sockets;
    /// `BPF_MAP_TYPE_QUEUE`.
    Queue = 22: Pushable;
    /// `BPF_MAP_TYPE_STACK`.
    Stack = 23: Pushable;
    /// `BPF_MAP_TYPE_SK_STORAGE`.
    SkStorage = 24: Storage;
    /// `BPF_MAP_TYPE_DEVMAP_HASH`.
    DevMapHash = 25: Entries Insert Delete Hashed;
    /// `BPF_MAP_TYPE_RINGBUF`.
    RingBuf = 27;
    /// `BPF_MAP_TYPE_INODE_STORAGE`.
    InodeStorage = 28: Storage;
    /// `BPF_MAP_TYPE_TASK_STORAGE`.
    TaskStorage = 29: Storage;
    /// `BPF_MAP_TYPE_BLOOM_FILTER`.
    BloomFilter = 30;
    /// `BPF_MAP_TYPE_USER_RINGBUF`.
    UserRingBuf = 31;
    /// `BPF_MAP_TYPE_CGRP_STORAGE`.
    CgrpStorage = 32: Storage;
    /// Any kind.
    Untyped = 0;
}

mod sealed {
    pub trait Sealed {}
}

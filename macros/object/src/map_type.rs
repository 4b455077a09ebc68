//! The map types that the runtime has typed handles for: one table.

/// A map type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapType {
    /// Its number in the kernel's `enum bpf_map_type`.
    pub number: u32,
    /// Its name there.
    pub constant: &'static str,
    /// Its name in the runtime's module `maps`.
    pub name: &'static str,
    /// The handle's type parameters.
    pub parameters: Parameters,
}

/// The type parameters of a handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameters {
    /// None.
    None,
    /// The type of the records, which map definitions don't state.
    Record,
    /// The key.
    Key,
    /// The value.
    Value,
    /// Key and value.
    KeyValue,
    /// The inner map.
    Inner,
    /// The key and the inner map.
    KeyInner,
}

impl Parameters {
    /// The number of type parameters.
    pub fn count(self) -> usize {
        match self {
            Self::None => 0,
            Self::Record | Self::Key | Self::Value | Self::Inner => 1,
            Self::KeyValue | Self::KeyInner => 2,
        }
    }
}

/// In the order of the kernel's numbers.
const TABLE: &[MapType] = {
    use Parameters::{Inner, Key, KeyInner, KeyValue, None, Record, Value};
    const fn row(
        number: u32,
        constant: &'static str,
        name: &'static str,
        parameters: Parameters,
    ) -> MapType {
        MapType {
            number,
            constant,
            name,
            parameters,
        }
    }
    &[
        row(1, "BPF_MAP_TYPE_HASH", "Hash", KeyValue),
        row(2, "BPF_MAP_TYPE_ARRAY", "Array", Value),
        row(3, "BPF_MAP_TYPE_PROG_ARRAY", "ProgArray", None),
        row(4, "BPF_MAP_TYPE_PERF_EVENT_ARRAY", "PerfEventArray", Record),
        row(5, "BPF_MAP_TYPE_PERCPU_HASH", "PerCpuHash", KeyValue),
        row(6, "BPF_MAP_TYPE_PERCPU_ARRAY", "PerCpuArray", Value),
        row(7, "BPF_MAP_TYPE_STACK_TRACE", "StackTrace", Value),
        row(8, "BPF_MAP_TYPE_CGROUP_ARRAY", "CgroupArray", None),
        row(9, "BPF_MAP_TYPE_LRU_HASH", "LruHash", KeyValue),
        row(
            10,
            "BPF_MAP_TYPE_LRU_PERCPU_HASH",
            "LruPerCpuHash",
            KeyValue,
        ),
        row(11, "BPF_MAP_TYPE_LPM_TRIE", "LpmTrie", KeyValue),
        row(12, "BPF_MAP_TYPE_ARRAY_OF_MAPS", "ArrayOfMaps", Inner),
        row(13, "BPF_MAP_TYPE_HASH_OF_MAPS", "HashOfMaps", KeyInner),
        row(14, "BPF_MAP_TYPE_DEVMAP", "DevMap", Value),
        row(15, "BPF_MAP_TYPE_SOCKMAP", "SockMap", None),
        row(16, "BPF_MAP_TYPE_CPUMAP", "CpuMap", Value),
        row(17, "BPF_MAP_TYPE_XSKMAP", "XskMap", None),
        row(18, "BPF_MAP_TYPE_SOCKHASH", "SockHash", Key),
        row(
            20,
            "BPF_MAP_TYPE_REUSEPORT_SOCKARRAY",
            "ReuseportSockArray",
            None,
        ),
        row(22, "BPF_MAP_TYPE_QUEUE", "Queue", Value),
        row(23, "BPF_MAP_TYPE_STACK", "Stack", Value),
        row(24, "BPF_MAP_TYPE_SK_STORAGE", "SkStorage", Value),
        row(25, "BPF_MAP_TYPE_DEVMAP_HASH", "DevMapHash", KeyValue),
        row(27, "BPF_MAP_TYPE_RINGBUF", "RingBuf", Record),
        row(28, "BPF_MAP_TYPE_INODE_STORAGE", "InodeStorage", Value),
        row(29, "BPF_MAP_TYPE_TASK_STORAGE", "TaskStorage", Value),
        row(30, "BPF_MAP_TYPE_BLOOM_FILTER", "BloomFilter", Value),
        row(31, "BPF_MAP_TYPE_USER_RINGBUF", "UserRingBuf", Record),
        row(32, "BPF_MAP_TYPE_CGRP_STORAGE", "CgrpStorage", Value),
    ]
};

impl MapType {
    /// All map types.
    pub fn all() -> &'static [Self] {
        TABLE
    }

    /// The map type with that number.
    pub fn by_number(number: u32) -> Option<Self> {
        Self::all().iter().find(|ty| ty.number == number).copied()
    }

    /// The map type with that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().iter().find(|ty| ty.name == name).copied()
    }
}

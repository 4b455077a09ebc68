//! The kinds of maps that the runtime has typed handles for.

/// A kind of map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MapKind {
    /// Its number in the kernel's `enum bpf_map_type`.
    pub number: u32,
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
    /// The type of the records, which no definition tells.
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
    /// How many there are.
    pub fn count(self) -> usize {
        match self {
            Self::None => 0,
            Self::Record | Self::Key | Self::Value | Self::Inner => 1,
            Self::KeyValue | Self::KeyInner => 2,
        }
    }
}

/// In the order of the kernel's numbers.
const KINDS: &[MapKind] = {
    use Parameters::{Inner, Key, KeyInner, KeyValue, None, Record, Value};
    const fn kind(number: u32, name: &'static str, parameters: Parameters) -> MapKind {
        MapKind {
            number,
            name,
            parameters,
        }
    }
    &[
        kind(1, "Hash", KeyValue),
        kind(2, "Array", Value),
        kind(3, "ProgArray", None),
        kind(4, "PerfEventArray", Record),
        kind(5, "PerCpuHash", KeyValue),
        kind(6, "PerCpuArray", Value),
        kind(7, "StackTrace", Value),
        kind(8, "CgroupArray", None),
        kind(9, "LruHash", KeyValue),
        kind(10, "LruPerCpuHash", KeyValue),
        kind(11, "LpmTrie", KeyValue),
        kind(12, "ArrayOfMaps", Inner),
        kind(13, "HashOfMaps", KeyInner),
        kind(14, "DevMap", Value),
        kind(15, "SockMap", None),
        kind(16, "CpuMap", Value),
        kind(17, "XskMap", None),
        kind(18, "SockHash", Key),
        kind(20, "ReuseportSockArray", None),
        kind(22, "Queue", Value),
        kind(23, "Stack", Value),
        kind(24, "SkStorage", Value),
        kind(25, "DevMapHash", KeyValue),
        kind(27, "RingBuf", Record),
        kind(28, "InodeStorage", Value),
        kind(29, "TaskStorage", Value),
        kind(30, "BloomFilter", Value),
        kind(31, "UserRingBuf", Record),
        kind(32, "CgrpStorage", Value),
    ]
};

impl MapKind {
    /// The kind with that number.
    pub fn by_number(number: u32) -> Option<Self> {
        KINDS.iter().find(|kind| kind.number == number).copied()
    }

    /// The kind with that name.
    pub fn by_name(name: &str) -> Option<Self> {
        KINDS.iter().find(|kind| kind.name == name).copied()
    }
}

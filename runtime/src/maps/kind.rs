//! The kinds of maps, and which operations each has.

/// A kind of map.
pub trait Kind: 'static {
    /// Its number in the kernel's `enum bpf_map_type`.
    const NUMBER: u32;
}

/// Kinds whose entries are read one value a key.
#[diagnostic::on_unimplemented(message = "a map of kind `{Self}` has no `lookup`")]
pub trait Lookup: Kind {}

/// Kinds with a value for each possible CPU.
#[diagnostic::on_unimplemented(message = "a map of kind `{Self}` has no value for each CPU")]
pub trait PerCpu: Kind {}

/// Kinds whose entries are written one value a key.
#[diagnostic::on_unimplemented(message = "a map of kind `{Self}` has no `insert` and `update`")]
pub trait Update: Kind {}

/// Kinds whose entries can be deleted.
#[diagnostic::on_unimplemented(message = "a map of kind `{Self}` has no `delete`")]
pub trait Delete: Kind {}

macro_rules! kinds {
    ($($name:ident $number:literal: $($operation:ident)*;)*) => {$(
        #[doc = concat!("Number ", stringify!($number), ".")]
        #[derive(Debug)]
        pub enum $name {}

        impl Kind for $name {
            const NUMBER: u32 = $number;
        }

        $(impl $operation for $name {})*
    )*};
}

kinds! {
    Hash 1: Lookup Update Delete;
    Array 2: Lookup Update;
    ProgArray 3: Lookup Update Delete;
    PerfEventArray 4: ;
    PerCpuHash 5: PerCpu Delete;
    PerCpuArray 6: PerCpu;
    StackTrace 7: Lookup Delete;
    CgroupArray 8: ;
    LruHash 9: Lookup Update Delete;
    LruPerCpuHash 10: PerCpu Delete;
    LpmTrie 11: Lookup Update Delete;
    ArrayOfMaps 12: ;
    HashOfMaps 13: ;
    DevMap 14: Lookup Update Delete;
    SockMap 15: Update Delete;
    CpuMap 16: Lookup Update Delete;
    XskMap 17: Update Delete;
    SockHash 18: Update Delete;
    ReuseportSockArray 20: ;
    Queue 22: ;
    Stack 23: ;
    SkStorage 24: Lookup Update Delete;
    DevMapHash 25: Lookup Update Delete;
    StructOps 26: ;
    RingBuf 27: ;
    InodeStorage 28: Lookup Update Delete;
    TaskStorage 29: Lookup Update Delete;
    BloomFilter 30: ;
    UserRingBuf 31: ;
    CgrpStorage 32: Lookup Update Delete;
    Untyped 0: ;
}

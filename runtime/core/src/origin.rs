//! [`Origin`]: where the programs of a library are.

use std::ffi::OsStr;
use std::os::fd::RawFd;

/// Where a [`Program`](crate::Program) comes from: an [`Object`](libbpf_rs::Object) of this process, or a
/// [`Running`](crate::Running) one.
pub trait Origin: sealed::Sealed + Sized + 'static {
    /// What a [`Program`](crate::Program) holds.
    #[doc(hidden)]
    type Program<'obj>;

    /// What a [`StructOps`](crate::StructOps) holds.
    #[doc(hidden)]
    type StructOps<'obj>;

    #[doc(hidden)]
    fn program_name<'p>(program: &'p Self::Program<'_>) -> &'p OsStr;

    /// Its descriptor; not one of anything if it is not loaded.
    #[doc(hidden)]
    fn raw_fd(program: &Self::Program<'_>) -> RawFd;

    #[doc(hidden)]
    fn struct_ops_name<'p>(struct_ops: &'p Self::StructOps<'_>) -> &'p OsStr;
}

pub(crate) mod sealed {
    /// Implemented by nothing outside.
    pub trait Sealed {}

    impl Sealed for libbpf_rs::Object {}
    impl Sealed for crate::running::Running {}
}

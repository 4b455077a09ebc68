pub struct Counters {
    /// The variables of `.bss`.
    pub bss: counters::Bss,
    /// The variables of `.rodata`, read-only once loaded.
    pub rodata: counters::Rodata,
}
/// The variables, maps, programs and `struct_ops` of [`Counters`](struct@Counters) before the object is loaded.
#[derive(::core::fmt::Debug)]
#[allow(dead_code, non_snake_case)]
pub struct CountersConfig<'obj> {
    /// The variables of `.bss`.
    pub bss: counters::config::Bss<'obj>,
    /// The variables of `.rodata`.
    pub rodata: counters::config::Rodata<'obj>,
}
/// The programs and `struct_ops` of [`Counters`](struct@Counters) in a loaded object: an `Object` of this process, or a `Running` one.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct CountersPrograms<
    'obj,
    Loaded: ::bpf_subskeleton::Origin = ::bpf_subskeleton::libbpf_rs::Object,
> {
    #[doc(hidden)]
    pub _object: ::core::marker::PhantomData<fn(&'obj mut ()) -> Loaded>,
}
impl CountersPrograms<'_> {
    /// Attaches each of the library's programs where its section says, and its `struct_ops`.
    ///
    /// A program gets no link if it is not loaded, if autoattach is off, or if its section
    /// names no target.
    ///
    /// # Errors
    ///
    /// If one can't be attached; those attached before it are detached again.
    pub fn attach(
        &self,
    ) -> ::core::result::Result<CountersLinks, ::bpf_subskeleton::AttachError> {
        ::core::result::Result::Ok(CountersLinks {})
    }
}
/// The links of [`Counters`](struct@Counters)'s programs and `struct_ops`. Dropping a link detaches its program.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct CountersLinks {}
impl Counters {
    /// The variables, as the library was built.
    pub const VARIABLES: &'static [::bpf_subskeleton::describe::Variable] = counters::description::LIBRARY
        .variables;
    /// The maps, as the library was built.
    pub const MAPS: &'static [::bpf_subskeleton::describe::Map] = counters::description::LIBRARY
        .maps;
    /// The programs, as the library was built.
    pub const PROGRAMS: &'static [::bpf_subskeleton::describe::Program] = counters::description::LIBRARY
        .programs;
    /// The `struct_ops`, as the library was built.
    pub const STRUCT_OPS: &'static [::bpf_subskeleton::describe::StructOps] = counters::description::LIBRARY
        .struct_ops;
    /// Finds the library in an object that is not yet loaded, to set initial values.
    ///
    /// # Errors
    ///
    /// The same as those of [`bind`](Self::bind).
    pub fn configure(
        object: &mut ::bpf_subskeleton::libbpf_rs::OpenObject,
    ) -> ::core::result::Result<CountersConfig<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::configure(
            object,
            counters::description::library(),
        )?;
        ::core::result::Result::Ok(CountersConfig {
            bss: counters::config::Bss {
                packets: library.variable(),
                dropped: library.variable(),
            },
            rodata: counters::config::Rodata {
                sample_rate: library.variable(),
            },
        })
    }
    /// Finds the library in a loaded object: an `Object` of this process, or a `Running` one.
    ///
    /// The result owns its mappings and file descriptors: it borrows nothing, can be sent to
    /// any thread, and stays valid after the object is closed.
    ///
    /// # Errors
    ///
    /// All differences between the object and the library that this code was generated
    /// from: what is missing, has another type, or can't be mapped.
    pub fn bind<Loaded: ::bpf_subskeleton::LoadedObject + ?::core::marker::Sized>(
        object: &Loaded,
    ) -> ::core::result::Result<Self, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::bind(
            object,
            counters::description::library(),
        )?;
        ::core::result::Result::Ok(
            <Self as ::bpf_subskeleton::private::FromLibrary>::from_library(&mut library),
        )
    }
    /// The variables in plain memory of this process, with the library's own initial values: for tests
    /// that need neither a kernel nor privilege.
    ///
    /// What the library doesn't know is zero: `.kconfig`, and variables that it only declares. A test
    /// replaces any handle with a `Var::detached` of its own. Maps answer every operation with an
    /// error, and those that may be missing are missing.
    #[must_use]
    pub fn detached() -> Self {
        let mut library = ::bpf_subskeleton::private::detached(
            counters::description::library(),
            counters::description::INITIAL,
        );
        <Self as ::bpf_subskeleton::private::FromLibrary>::from_library(&mut library)
    }
    /// Finds the library's programs and `struct_ops` in a loaded object: an `Object` of this process, or a
    /// `Running` one.
    ///
    /// # Errors
    ///
    /// If programs or `struct_ops` are missing or differ; the error lists all of them.
    pub fn programs<Loaded: ::bpf_subskeleton::LoadedObject + ?::core::marker::Sized>(
        object: &Loaded,
    ) -> ::core::result::Result<
        CountersPrograms<'_, Loaded::Origin>,
        ::bpf_subskeleton::BindError,
    > {
        ::bpf_subskeleton::private::programs(object, counters::description::library())?;
        ::core::result::Result::Ok(CountersPrograms {
            _object: ::core::marker::PhantomData,
        })
    }
}
#[automatically_derived]
impl ::bpf_subskeleton::private::FromLibrary for Counters {
    fn from_library(library: &mut ::bpf_subskeleton::private::Bound) -> Self {
        Self {
            bss: counters::Bss {
                packets: library.variable(),
                dropped: library.variable(),
            },
            rodata: counters::Rodata {
                sample_rate: library.variable(),
            },
        }
    }
}
/// The sections, maps and C types of [`Counters`](struct@Counters).
#[allow(
    dead_code,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
)]
pub mod counters {
    pub use self::types::*;
    /// The variables of `.bss`.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct Bss {
        /// Packets seen, those that were dropped included.
        ///
        /// `__u64 packets`: 8 bytes, in `.bss`.
        pub packets: ::bpf_subskeleton::Var<u64>,
        /// `__u64 dropped`: 8 bytes, in `.bss`.
        pub dropped: ::bpf_subskeleton::Var<u64>,
    }
    /// The variables of `.rodata`, read-only once loaded.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct Rodata {
        /// One of how many packets is looked at.
        ///
        /// `const volatile __u32 sample_rate`: 4 bytes, in `.rodata`.
        pub sample_rate: ::bpf_subskeleton::Const<u32>,
    }
    /// The sections, maps and programs before the object is loaded.
    pub mod config {
        /// The variables of `.bss` before load.
        #[derive(::core::fmt::Debug)]
        pub struct Bss<'obj> {
            /// Packets seen, those that were dropped included.
            ///
            /// `__u64 packets`: 8 bytes, in `.bss`.
            pub packets: &'obj mut u64,
            /// `__u64 dropped`: 8 bytes, in `.bss`.
            pub dropped: &'obj mut u64,
        }
        /// The variables of `.rodata` before load.
        #[derive(::core::fmt::Debug)]
        pub struct Rodata<'obj> {
            /// One of how many packets is looked at.
            ///
            /// `const volatile __u32 sample_rate`: 4 bytes, in `.rodata`.
            pub sample_rate: &'obj mut u32,
        }
    }
    /// The C types as values.
    pub mod types {
        /// `typedef … __u64`.
        pub type __u64 = u64;
        /// `typedef … __u32`.
        pub type __u32 = u32;
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Counters",
            variables: &[
                Variable::new::<
                    u64,
                    Write,
                >("packets", ".bss", "__u64 packets", &runtime::U64),
                Variable::new::<
                    u64,
                    Write,
                >("dropped", ".bss", "__u64 dropped", &runtime::U64),
                Variable::new::<
                    u32,
                    Read,
                >(
                    "sample_rate",
                    ".rodata",
                    "const volatile __u32 sample_rate",
                    &runtime::U32,
                ),
            ],
            maps: &[],
            programs: &[],
            struct_ops: &[],
        };
        /// The table, for code elsewhere. Code that names `LIBRARY` itself is compiled with a copy of it, for
        /// which each text in it gets a symbol.
        #[inline(never)]
        pub fn library() -> &'static Library {
            &LIBRARY
        }
        /// What the variables hold before anyone sets them: sizes, and bytes without the zeroes at their end.
        pub const INITIAL: &[runtime::Initial] = &[(8, b""), (8, b""), (4, b"\x01")];
    }
}
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    "/path/to/crate/counters.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`counters.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

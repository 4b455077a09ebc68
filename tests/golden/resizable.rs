pub struct Cpus {
    /// The variables of `.data.cpu_stats`.
    pub data_cpu_stats: cpus::DataCpuStats,
    /// The variables of `.rodata.weights`, read-only once loaded.
    pub rodata_weights: cpus::RodataWeights,
}
/// The variables, maps, programs and `struct_ops` of [`Cpus`](struct@Cpus) before the object is loaded.
#[derive(::core::fmt::Debug)]
#[allow(dead_code, non_snake_case)]
pub struct CpusConfig<'obj> {
    /// The variables of `.data.cpu_stats`.
    pub data_cpu_stats: cpus::config::DataCpuStats<'obj>,
    /// The variables of `.rodata.weights`.
    pub rodata_weights: cpus::config::RodataWeights<'obj>,
}
/// The programs and `struct_ops` of [`Cpus`](struct@Cpus) in a loaded object: an `Object` of this process, or a `Running` one.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct CpusPrograms<
    'obj,
    Loaded: ::bpf_subskeleton::Origin = ::bpf_subskeleton::libbpf_rs::Object,
> {
    #[doc(hidden)]
    pub _object: ::core::marker::PhantomData<fn(&'obj mut ()) -> Loaded>,
}
impl CpusPrograms<'_> {
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
    ) -> ::core::result::Result<CpusLinks, ::bpf_subskeleton::AttachError> {
        ::core::result::Result::Ok(CpusLinks {})
    }
}
/// The links of [`Cpus`](struct@Cpus)'s programs and `struct_ops`. Dropping a link detaches its program.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct CpusLinks {}
impl Cpus {
    /// The variables, as the library was built.
    pub const VARIABLES: &'static [::bpf_subskeleton::describe::Variable] = cpus::description::LIBRARY
        .variables;
    /// The maps, as the library was built.
    pub const MAPS: &'static [::bpf_subskeleton::describe::Map] = cpus::description::LIBRARY
        .maps;
    /// The programs, as the library was built.
    pub const PROGRAMS: &'static [::bpf_subskeleton::describe::Program] = cpus::description::LIBRARY
        .programs;
    /// The `struct_ops`, as the library was built.
    pub const STRUCT_OPS: &'static [::bpf_subskeleton::describe::StructOps] = cpus::description::LIBRARY
        .struct_ops;
    /// Finds the library in an object that is not yet loaded, to set initial values.
    ///
    /// # Errors
    ///
    /// The same as those of [`bind`](Self::bind).
    pub fn configure(
        object: &mut ::bpf_subskeleton::libbpf_rs::OpenObject,
    ) -> ::core::result::Result<CpusConfig<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::configure(
            object,
            cpus::description::library(),
        )?;
        ::core::result::Result::Ok(CpusConfig {
            data_cpu_stats: cpus::config::DataCpuStats {
                cpu_stats: library.resizable_variable(),
            },
            rodata_weights: cpus::config::RodataWeights {
                weights: library.resizable_variable(),
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
            cpus::description::library(),
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
            cpus::description::library(),
            cpus::description::INITIAL,
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
        CpusPrograms<'_, Loaded::Origin>,
        ::bpf_subskeleton::BindError,
    > {
        ::bpf_subskeleton::private::programs(object, cpus::description::library())?;
        ::core::result::Result::Ok(CpusPrograms {
            _object: ::core::marker::PhantomData,
        })
    }
}
#[automatically_derived]
impl ::bpf_subskeleton::private::FromLibrary for Cpus {
    fn from_library(library: &mut ::bpf_subskeleton::private::Bound) -> Self {
        Self {
            data_cpu_stats: cpus::DataCpuStats {
                cpu_stats: library.unsized_variable(),
            },
            rodata_weights: cpus::RodataWeights {
                weights: library.unsized_variable(),
            },
        }
    }
}
/// The sections, maps and C types of [`Cpus`](struct@Cpus).
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
pub mod cpus {
    pub use self::types::*;
    /// The variables of `.data.cpu_stats`.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct DataCpuStats {
        /// `struct cpu_stats cpu_stats[1]`: 16 bytes, in `.data.cpu_stats`. Its length can be set before load.
        pub cpu_stats: ::bpf_subskeleton::Var<[self::types::cpu_stats]>,
    }
    /// The variables of `.rodata.weights`, read-only once loaded.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct RodataWeights {
        /// `const volatile __u32 weights[1]`: 4 bytes, in `.rodata.weights`. Its length can be set before load.
        pub weights: ::bpf_subskeleton::Const<[u32]>,
    }
    /// The sections, maps and programs before the object is loaded.
    pub mod config {
        /// The variables of `.data.cpu_stats` before load.
        #[derive(::core::fmt::Debug)]
        pub struct DataCpuStats<'obj> {
            /// `struct cpu_stats cpu_stats[1]`: 16 bytes, in `.data.cpu_stats`. Its length can be set before load.
            pub cpu_stats: ::bpf_subskeleton::Resizable<'obj, super::types::cpu_stats>,
        }
        /// The variables of `.rodata.weights` before load.
        #[derive(::core::fmt::Debug)]
        pub struct RodataWeights<'obj> {
            /// `const volatile __u32 weights[1]`: 4 bytes, in `.rodata.weights`. Its length can be set before load.
            pub weights: ::bpf_subskeleton::Resizable<'obj, u32>,
        }
    }
    /// The C types as values.
    pub mod types {
        /// `struct cpu_stats`, 16 bytes.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq)]
        pub struct cpu_stats {
            /// `__u64 runs`, at offset 0.
            pub runs: u64,
            /// `__u64 time`, at offset 8.
            pub time: u64,
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for cpu_stats {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for cpu_stats {}
        #[automatically_derived]
        impl ::core::default::Default for cpu_stats {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for cpu_stats {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("cpu_stats")
                    .field("runs", &self.runs)
                    .field("time", &self.time)
                    .finish()
            }
        }
        /// `typedef … __u64`.
        pub type __u64 = u64;
        /// `typedef … __u32`.
        pub type __u32 = u32;
    }
    /// The C types in shared memory: each field is a `Shared` of its own.
    pub mod fields {
        /// The fields of `struct cpu_stats` in shared memory.
        #[repr(C)]
        pub struct cpu_stats<A> {
            /// `__u64 runs`, at offset 0.
            pub runs: ::bpf_subskeleton::Shared<u64, A>,
            /// `__u64 time`, at offset 8.
            pub time: ::bpf_subskeleton::Shared<u64, A>,
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::cpu_stats {
            type Fields = self::cpu_stats<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
    }
    /// Proof that these types are laid out as C lays them out: size, alignment, offsets.
    mod layout {
        use ::bpf_subskeleton::private::layout_proof;
        layout_proof!(types::cpu_stats, 16, 8, runs : 0, time : 8);
    }
    /// The C types as the library was built with them, for comparison.
    #[doc(hidden)]
    pub mod btf {
        use ::bpf_subskeleton::private::prelude::*;
        pub static cpu_stats: Type = Type::Struct(Composite {
            name: "cpu_stats",
            size: 16,
            members: &[
                Member::new("runs", 0, &runtime::U64),
                Member::new("time", 8, &runtime::U64),
            ],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::cpu_stats {
            const BTF: &'static Type = &self::cpu_stats;
        }
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Cpus",
            variables: &[
                Variable::unsized_array::<
                    super::types::cpu_stats,
                    Write,
                >(
                    "cpu_stats",
                    ".data.cpu_stats",
                    "struct cpu_stats cpu_stats[1]",
                    &Type::array(&super::btf::cpu_stats, 0),
                ),
                Variable::unsized_array::<
                    u32,
                    Read,
                >(
                    "weights",
                    ".rodata.weights",
                    "const volatile __u32 weights[1]",
                    &Type::array(&runtime::U32, 0),
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
        pub const INITIAL: &[runtime::Initial] = &[(16, b""), (4, b"\0\x04")];
    }
}
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    "/path/to/crate/resizable.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`resizable.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

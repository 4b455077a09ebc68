pub struct Flows {
    /// The maps.
    pub maps: flows::Maps,
}
/// The variables, maps, programs and `struct_ops` of [`Flows`](struct@Flows) before the object is loaded.
#[derive(::core::fmt::Debug)]
#[allow(dead_code, non_snake_case)]
pub struct FlowsConfig<'obj> {
    /// The maps.
    pub maps: flows::config::Maps<'obj>,
}
/// The programs and `struct_ops` of [`Flows`](struct@Flows) in a loaded object: an `Object` of this process, or a `Running` one.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct FlowsPrograms<
    'obj,
    Loaded: ::bpf_subskeleton::Origin = ::bpf_subskeleton::libbpf_rs::Object,
> {
    #[doc(hidden)]
    pub _object: ::core::marker::PhantomData<fn(&'obj mut ()) -> Loaded>,
}
impl FlowsPrograms<'_> {
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
    ) -> ::core::result::Result<FlowsLinks, ::bpf_subskeleton::AttachError> {
        ::core::result::Result::Ok(FlowsLinks {})
    }
}
/// The links of [`Flows`](struct@Flows)'s programs and `struct_ops`. Dropping a link detaches its program.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct FlowsLinks {}
impl Flows {
    /// The variables, as the library was built.
    pub const VARIABLES: &'static [::bpf_subskeleton::describe::Variable] = flows::description::LIBRARY
        .variables;
    /// The maps, as the library was built.
    pub const MAPS: &'static [::bpf_subskeleton::describe::Map] = flows::description::LIBRARY
        .maps;
    /// The programs, as the library was built.
    pub const PROGRAMS: &'static [::bpf_subskeleton::describe::Program] = flows::description::LIBRARY
        .programs;
    /// The `struct_ops`, as the library was built.
    pub const STRUCT_OPS: &'static [::bpf_subskeleton::describe::StructOps] = flows::description::LIBRARY
        .struct_ops;
    /// Finds the library in an object that is not yet loaded, to set initial values.
    ///
    /// # Errors
    ///
    /// The same as those of [`bind`](Self::bind).
    pub fn configure(
        object: &mut ::bpf_subskeleton::libbpf_rs::OpenObject,
    ) -> ::core::result::Result<FlowsConfig<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::configure(
            object,
            flows::description::library(),
        )?;
        ::core::result::Result::Ok(FlowsConfig {
            maps: flows::config::Maps {
                bytes: library.map(),
                totals: library.map(),
                events: library.map(),
                untyped: library.map(),
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
            flows::description::library(),
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
            flows::description::library(),
            flows::description::INITIAL,
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
        FlowsPrograms<'_, Loaded::Origin>,
        ::bpf_subskeleton::BindError,
    > {
        ::bpf_subskeleton::private::programs(object, flows::description::library())?;
        ::core::result::Result::Ok(FlowsPrograms {
            _object: ::core::marker::PhantomData,
        })
    }
}
#[automatically_derived]
impl ::bpf_subskeleton::private::FromLibrary for Flows {
    fn from_library(library: &mut ::bpf_subskeleton::private::Bound) -> Self {
        Self {
            maps: flows::Maps {
                bytes: library.map(),
                totals: library.map(),
                events: library.map(),
                untyped: library.map(),
            },
        }
    }
}
/// The sections, maps and C types of [`Flows`](struct@Flows).
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
pub mod flows {
    pub use self::types::*;
    /// The maps.
    #[derive(::core::fmt::Debug)]
    pub struct Maps {
        /// Bytes of each flow.
        ///
        /// Map `bytes`, `LruHash`: `struct flow` to `__u64`, at most 1024 entries.
        pub bytes: ::bpf_subskeleton::maps::LruHash<self::types::flow, u64>,
        /// Map `totals`, `PerCpuArray`: `__u32` to `__u64`, at most 1 entry.
        pub totals: ::bpf_subskeleton::maps::PerCpuArray<u64>,
        /// Map `events`, `RingBuf`, at most 4096 entries.
        pub events: ::bpf_subskeleton::maps::RingBuf,
        /// Map `untyped`, `Hash`: 4 bytes to 12 bytes, at most 8 entries.
        pub untyped: ::bpf_subskeleton::maps::Untyped,
    }
    /// The sections, maps and programs before the object is loaded.
    pub mod config {
        /// The maps before load.
        #[derive(::core::fmt::Debug)]
        pub struct Maps<'obj> {
            /// Bytes of each flow.
            ///
            /// Map `bytes`, `LruHash`: `struct flow` to `__u64`, at most 1024 entries.
            pub bytes: ::bpf_subskeleton::maps::Open<
                'obj,
                ::bpf_subskeleton::maps::LruHash<super::types::flow, u64>,
            >,
            /// Map `totals`, `PerCpuArray`: `__u32` to `__u64`, at most 1 entry.
            pub totals: ::bpf_subskeleton::maps::Open<
                'obj,
                ::bpf_subskeleton::maps::PerCpuArray<u64>,
            >,
            /// Map `events`, `RingBuf`, at most 4096 entries.
            pub events: ::bpf_subskeleton::maps::Open<
                'obj,
                ::bpf_subskeleton::maps::RingBuf,
            >,
            /// Map `untyped`, `Hash`: 4 bytes to 12 bytes, at most 8 entries.
            pub untyped: ::bpf_subskeleton::maps::Open<
                'obj,
                ::bpf_subskeleton::maps::Untyped,
            >,
        }
    }
    /// The C types as values.
    pub mod types {
        /// `struct flow`, 8 bytes.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq)]
        pub struct flow {
            /// `__u32 source`, at offset 0.
            pub source: u32,
            /// `__u32 target`, at offset 4.
            pub target: u32,
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for flow {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for flow {}
        #[automatically_derived]
        impl ::core::default::Default for flow {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for flow {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("flow")
                    .field("source", &self.source)
                    .field("target", &self.target)
                    .finish()
            }
        }
        /// `typedef … __u32`.
        pub type __u32 = u32;
        /// `typedef … __u64`.
        pub type __u64 = u64;
    }
    /// The C types in shared memory: each field is a `Shared` of its own.
    pub mod fields {
        /// The fields of `struct flow` in shared memory.
        #[repr(C)]
        pub struct flow<A> {
            /// `__u32 source`, at offset 0.
            pub source: ::bpf_subskeleton::Shared<u32, A>,
            /// `__u32 target`, at offset 4.
            pub target: ::bpf_subskeleton::Shared<u32, A>,
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::flow {
            type Fields = self::flow<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
    }
    /// Proof that these types are laid out as C lays them out: size, alignment, offsets.
    mod layout {
        use ::bpf_subskeleton::private::layout_proof;
        layout_proof!(types::flow, 8, 4, source : 0, target : 4);
    }
    /// The C types as the library was built with them, for comparison.
    #[doc(hidden)]
    pub mod btf {
        use ::bpf_subskeleton::private::prelude::*;
        pub static flow: Type = Type::Struct(Composite {
            name: "flow",
            size: 8,
            members: &[
                Member::new("source", 0, &runtime::U32),
                Member::new("target", 4, &runtime::U32),
            ],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::flow {
            const BTF: &'static Type = &self::flow;
        }
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Flows",
            variables: &[],
            maps: &[
                Map::new(
                    "bytes",
                    ::core::option::Option::Some(9),
                    Shape::Type(&super::btf::flow),
                    Shape::Type(&runtime::U64),
                ),
                Map::new(
                    "totals",
                    ::core::option::Option::Some(6),
                    Shape::Type(&runtime::U32),
                    Shape::Type(&runtime::U64),
                ),
                Map::new(
                    "events",
                    ::core::option::Option::Some(27),
                    Shape::Unknown,
                    Shape::Unknown,
                ),
                Map::new(
                    "untyped",
                    ::core::option::Option::Some(1),
                    Shape::Size(4),
                    Shape::Size(12),
                ),
            ],
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
        pub const INITIAL: &[runtime::Initial] = &[];
    }
}
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    "/path/to/crate/maps.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`maps.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

pub struct Totals {
    /// The variables of `.bss`.
    pub bss: totals::Bss,
    /// The maps.
    pub maps: totals::Maps,
}
/// The variables, maps, programs and `struct_ops` of [`Totals`](struct@Totals) before the object is loaded.
#[derive(::core::fmt::Debug)]
#[allow(dead_code, non_snake_case)]
pub struct TotalsConfig<'obj> {
    /// The variables of `.bss`.
    pub bss: totals::config::Bss<'obj>,
    /// The maps.
    pub maps: totals::config::Maps<'obj>,
}
/// The programs and `struct_ops` of [`Totals`](struct@Totals) in a loaded object: an `Object` of this process, or a `Running` one.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct TotalsPrograms<
    'obj,
    Loaded: ::bpf_subskeleton::Origin = ::bpf_subskeleton::libbpf_rs::Object,
> {
    #[doc(hidden)]
    pub _object: ::core::marker::PhantomData<fn(&'obj mut ()) -> Loaded>,
}
impl TotalsPrograms<'_> {
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
    ) -> ::core::result::Result<TotalsLinks, ::bpf_subskeleton::AttachError> {
        ::core::result::Result::Ok(TotalsLinks {})
    }
}
/// The links of [`Totals`](struct@Totals)'s programs and `struct_ops`. Dropping a link detaches its program.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct TotalsLinks {}
impl Totals {
    /// The variables, as the library was built.
    pub const VARIABLES: &'static [::bpf_subskeleton::describe::Variable] = totals::description::LIBRARY
        .variables;
    /// The maps, as the library was built.
    pub const MAPS: &'static [::bpf_subskeleton::describe::Map] = totals::description::LIBRARY
        .maps;
    /// The programs, as the library was built.
    pub const PROGRAMS: &'static [::bpf_subskeleton::describe::Program] = totals::description::LIBRARY
        .programs;
    /// The `struct_ops`, as the library was built.
    pub const STRUCT_OPS: &'static [::bpf_subskeleton::describe::StructOps] = totals::description::LIBRARY
        .struct_ops;
    /// Finds the library in an object that is not yet loaded, to set initial values.
    ///
    /// # Errors
    ///
    /// The same as those of [`bind`](Self::bind).
    pub fn configure(
        object: &mut ::bpf_subskeleton::libbpf_rs::OpenObject,
    ) -> ::core::result::Result<TotalsConfig<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::configure(
            object,
            totals::description::library(),
        )?;
        ::core::result::Result::Ok(TotalsConfig {
            bss: totals::config::Bss {
                total: library.growing_variable(),
                by_cpu: library.strided_variable(),
                worker: library.growing_variable(),
                calls: library.variable(),
            },
            maps: totals::config::Maps {
                by_port: library.map(),
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
            totals::description::library(),
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
            totals::description::library(),
            totals::description::INITIAL,
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
        TotalsPrograms<'_, Loaded::Origin>,
        ::bpf_subskeleton::BindError,
    > {
        ::bpf_subskeleton::private::programs(object, totals::description::library())?;
        ::core::result::Result::Ok(TotalsPrograms {
            _object: ::core::marker::PhantomData,
        })
    }
}
#[automatically_derived]
impl ::bpf_subskeleton::private::FromLibrary for Totals {
    fn from_library(library: &mut ::bpf_subskeleton::private::Bound) -> Self {
        Self {
            bss: totals::Bss {
                total: library.growing_variable(),
                by_cpu: library.strided_variable(),
                worker: library.growing_variable(),
                calls: library.variable(),
            },
            maps: totals::Maps {
                by_port: library.growing_map(),
            },
        }
    }
}
/// The sections, maps and C types of [`Totals`](struct@Totals).
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
pub mod totals {
    pub use self::types::*;
    /// The variables of `.bss`.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct Bss {
        /// `struct stats total`: 16 bytes, in `.bss`. It may be longer in the object.
        pub total: ::bpf_subskeleton::Var<self::types::stats>,
        /// `struct stats by_cpu[4]`: 64 bytes, in `.bss`. Its elements may be longer in the object.
        pub by_cpu: ::bpf_subskeleton::Var<
            ::bpf_subskeleton::Strided<[self::types::stats; 4]>,
        >,
        /// `struct worker worker`: 24 bytes, in `.bss`. It may be longer in the object.
        pub worker: ::bpf_subskeleton::Var<self::types::worker>,
        /// `__u64 calls`: 8 bytes, in `.bss`.
        pub calls: ::bpf_subskeleton::Var<u64>,
    }
    /// The maps.
    #[derive(::core::fmt::Debug)]
    pub struct Maps {
        /// Map `by_port`, `Hash`: `__u32` to `struct stats`, at most 1024 entries. Its values may be longer in the object.
        pub by_port: ::bpf_subskeleton::maps::Hash<u32, self::types::stats>,
    }
    /// The sections, maps and programs before the object is loaded.
    pub mod config {
        /// The variables of `.bss` before load.
        #[derive(::core::fmt::Debug)]
        pub struct Bss<'obj> {
            /// `struct stats total`: 16 bytes, in `.bss`. It may be longer in the object.
            pub total: &'obj mut super::types::stats,
            /// `struct stats by_cpu[4]`: 64 bytes, in `.bss`. Its elements may be longer in the object.
            pub by_cpu: &'obj mut ::bpf_subskeleton::Strided<[super::types::stats; 4]>,
            /// `struct worker worker`: 24 bytes, in `.bss`. It may be longer in the object.
            pub worker: &'obj mut super::types::worker,
            /// `__u64 calls`: 8 bytes, in `.bss`.
            pub calls: &'obj mut u64,
        }
        /// The maps before load.
        #[derive(::core::fmt::Debug)]
        pub struct Maps<'obj> {
            /// Map `by_port`, `Hash`: `__u32` to `struct stats`, at most 1024 entries. Its values may be longer in the object.
            pub by_port: ::bpf_subskeleton::maps::Open<
                'obj,
                ::bpf_subskeleton::maps::Hash<u32, super::types::stats>,
            >,
        }
    }
    /// The C types as values.
    pub mod types {
        /// `struct stats`, 16 bytes.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq)]
        pub struct stats {
            /// `__u64 packets`, at offset 0.
            pub packets: u64,
            /// `__u64 bytes`, at offset 8.
            pub bytes: u64,
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for stats {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for stats {}
        #[automatically_derived]
        impl ::core::default::Default for stats {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for stats {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("stats")
                    .field("packets", &self.packets)
                    .field("bytes", &self.bytes)
                    .finish()
            }
        }
        /// `struct worker`, 24 bytes.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq)]
        pub struct worker {
            /// `__u64 id`, at offset 0.
            pub id: u64,
            /// `struct stats stats`, at offset 8.
            pub stats: self::stats,
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for worker {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for worker {}
        #[automatically_derived]
        impl ::core::default::Default for worker {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for worker {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("worker")
                    .field("id", &self.id)
                    .field("stats", &self.stats)
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
        /// The fields of `struct stats` in shared memory.
        #[repr(C)]
        pub struct stats<A> {
            /// `__u64 packets`, at offset 0.
            pub packets: ::bpf_subskeleton::Shared<u64, A>,
            /// `__u64 bytes`, at offset 8.
            pub bytes: ::bpf_subskeleton::Shared<u64, A>,
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::stats {
            type Fields = self::stats<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
        /// The fields of `struct worker` in shared memory.
        #[repr(C)]
        pub struct worker<A> {
            /// `__u64 id`, at offset 0.
            pub id: ::bpf_subskeleton::Shared<u64, A>,
            /// `struct stats stats`, at offset 8.
            pub stats: ::bpf_subskeleton::Shared<super::types::stats, A>,
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::worker {
            type Fields = self::worker<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
    }
    /// Proof that these types are laid out as C lays them out: size, alignment, offsets.
    mod layout {
        use ::bpf_subskeleton::private::layout_proof;
        layout_proof!(types::stats, 16, 8, packets : 0, bytes : 8);
        layout_proof!(types::worker, 24, 8, id : 0, stats : 8);
    }
    /// The C types as the library was built with them, for comparison.
    #[doc(hidden)]
    pub mod btf {
        use ::bpf_subskeleton::private::prelude::*;
        pub static stats: Type = Type::Struct(Composite {
            name: "stats",
            size: 16,
            members: &[
                Member::new("packets", 0, &runtime::U64),
                Member::new("bytes", 8, &runtime::U64),
            ],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::stats {
            const BTF: &'static Type = &self::stats;
        }
        pub static worker: Type = Type::Struct(Composite {
            name: "worker",
            size: 24,
            members: &[
                Member::new("id", 0, &runtime::U64),
                Member::new("stats", 8, &Type::Growing(&self::stats)),
            ],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::worker {
            const BTF: &'static Type = &self::worker;
        }
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Totals",
            variables: &[
                Variable::new::<
                    super::types::stats,
                    Write,
                >(
                    "total",
                    ".bss",
                    "struct stats total",
                    &Type::Growing(&super::btf::stats),
                ),
                Variable::new::<
                    [super::types::stats; 4],
                    Write,
                >(
                    "by_cpu",
                    ".bss",
                    "struct stats by_cpu[4]",
                    &Type::array(&Type::Growing(&super::btf::stats), 4),
                ),
                Variable::new::<
                    super::types::worker,
                    Write,
                >(
                    "worker",
                    ".bss",
                    "struct worker worker",
                    &Type::Growing(&super::btf::worker),
                ),
                Variable::new::<
                    u64,
                    Write,
                >("calls", ".bss", "__u64 calls", &runtime::U64),
            ],
            maps: &[
                Map::new(
                    "by_port",
                    ::core::option::Option::Some(1),
                    Shape::Type(&runtime::U32),
                    Shape::Type(&Type::Growing(&super::btf::stats)),
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
        pub const INITIAL: &[runtime::Initial] = &[
            (16, b""),
            (64, b""),
            (24, b""),
            (8, b""),
        ];
    }
}
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    "/path/to/crate/growing.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`growing.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

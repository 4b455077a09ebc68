pub struct Trace {
    /// The variables of `.bss`.
    pub bss: trace::Bss,
    /// The maps.
    pub maps: trace::Maps,
}
/// The variables, maps, programs and `struct_ops` of [`Trace`](struct@Trace) before the object is loaded.
#[derive(::core::fmt::Debug)]
#[allow(dead_code, non_snake_case)]
pub struct TraceConfig<'obj> {
    /// The variables of `.bss`.
    pub bss: trace::config::Bss<'obj>,
    /// The maps.
    pub maps: trace::config::Maps<'obj>,
    /// The variables in the arena.
    pub arena: trace::config::Arena<'obj>,
}
/// The programs and `struct_ops` of [`Trace`](struct@Trace) in a loaded object: an `Object` of this process, or a `Running` one.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct TracePrograms<
    'obj,
    Loaded: ::bpf_subskeleton::Origin = ::bpf_subskeleton::libbpf_rs::Object,
> {
    #[doc(hidden)]
    pub _object: ::core::marker::PhantomData<fn(&'obj mut ()) -> Loaded>,
}
impl TracePrograms<'_> {
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
    ) -> ::core::result::Result<TraceLinks, ::bpf_subskeleton::AttachError> {
        ::core::result::Result::Ok(TraceLinks {})
    }
}
/// The links of [`Trace`](struct@Trace)'s programs and `struct_ops`. Dropping a link detaches its program.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct TraceLinks {}
/// The variables of [`Trace`](struct@Trace) in the arena of a loaded object. It dereferences to the arena, whose `get` follows pointers.
#[allow(dead_code, non_snake_case)]
pub struct TraceArena<'obj> {
    /// `struct visit first`: 16 bytes, in the arena.
    pub first: &'obj ::bpf_subskeleton::Shared<trace::types::visit>,
    /// `char label[8]`: 8 bytes, in the arena.
    pub label: &'obj ::bpf_subskeleton::Shared<[::core::primitive::i8; 8]>,
    /// `__u64 visits`: 8 bytes, in the arena.
    pub visits: &'obj ::bpf_subskeleton::Shared<::core::primitive::u64>,
    _arena: ::bpf_subskeleton::Arena<'obj>,
}
#[automatically_derived]
impl ::core::fmt::Debug for TraceArena<'_> {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_struct("TraceArena")
            .field("first", &self.first)
            .field("label", &::bpf_subskeleton::private::ShownText(&self.label))
            .field("visits", &self.visits)
            .field("_arena", &self._arena)
            .finish()
    }
}
#[automatically_derived]
impl<'obj> ::core::ops::Deref for TraceArena<'obj> {
    type Target = ::bpf_subskeleton::Arena<'obj>;
    fn deref(&self) -> &Self::Target {
        &self._arena
    }
}
impl Trace {
    /// The variables, as the library was built.
    pub const VARIABLES: &'static [::bpf_subskeleton::describe::Variable] = trace::description::LIBRARY
        .variables;
    /// The maps, as the library was built.
    pub const MAPS: &'static [::bpf_subskeleton::describe::Map] = trace::description::LIBRARY
        .maps;
    /// The programs, as the library was built.
    pub const PROGRAMS: &'static [::bpf_subskeleton::describe::Program] = trace::description::LIBRARY
        .programs;
    /// The `struct_ops`, as the library was built.
    pub const STRUCT_OPS: &'static [::bpf_subskeleton::describe::StructOps] = trace::description::LIBRARY
        .struct_ops;
    /// Finds the library in an object that is not yet loaded, to set initial values.
    ///
    /// # Errors
    ///
    /// The same as those of [`bind`](Self::bind).
    pub fn configure(
        object: &mut ::bpf_subskeleton::libbpf_rs::OpenObject,
    ) -> ::core::result::Result<TraceConfig<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::configure(
            object,
            trace::description::library(),
        )?;
        ::core::result::Result::Ok(TraceConfig {
            bss: trace::config::Bss {
                newest: library.variable(),
            },
            maps: trace::config::Maps {
                arena: library.map(),
            },
            arena: trace::config::Arena {
                first: library.variable(),
                label: library.variable(),
                visits: library.variable(),
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
            trace::description::library(),
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
            trace::description::library(),
            trace::description::INITIAL,
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
        TracePrograms<'_, Loaded::Origin>,
        ::bpf_subskeleton::BindError,
    > {
        ::bpf_subskeleton::private::programs(object, trace::description::library())?;
        ::core::result::Result::Ok(TracePrograms {
            _object: ::core::marker::PhantomData,
        })
    }
    /// Finds the arena of a loaded object, and the library's variables in it.
    ///
    /// It borrows the object, which owns the only mapping of the arena that this process can have.
    ///
    /// # Errors
    ///
    /// If the object has no arena, or one that is not mapped into this process, as that of a `Running`
    /// object; and all differences of the variables in it.
    pub fn arena<Loaded: ::bpf_subskeleton::LoadedObject + ?::core::marker::Sized>(
        object: &Loaded,
    ) -> ::core::result::Result<TraceArena<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::arena(
            object,
            trace::description::library(),
        )?;
        ::core::result::Result::Ok(TraceArena {
            first: library.variable(),
            label: library.variable(),
            visits: library.variable(),
            _arena: library.arena(),
        })
    }
}
#[automatically_derived]
impl ::bpf_subskeleton::private::FromLibrary for Trace {
    fn from_library(library: &mut ::bpf_subskeleton::private::Bound) -> Self {
        Self {
            bss: trace::Bss {
                newest: library.variable(),
            },
            maps: trace::Maps {
                arena: library.map(),
            },
        }
    }
}
/// The sections, maps and C types of [`Trace`](struct@Trace).
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
pub mod trace {
    pub use self::types::*;
    /// The variables of `.bss`.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct Bss {
        /// `struct visit *newest`: 8 bytes, in `.bss`.
        pub newest: ::bpf_subskeleton::Var<
            ::bpf_subskeleton::BpfPtr<self::types::visit>,
        >,
    }
    /// The maps.
    #[derive(::core::fmt::Debug)]
    pub struct Maps {
        /// Map `arena`, of map type 33, at most 64 entries.
        pub arena: ::bpf_subskeleton::maps::Untyped,
    }
    /// The sections, maps and programs before the object is loaded.
    pub mod config {
        /// The variables of `.bss` before load.
        #[derive(::core::fmt::Debug)]
        pub struct Bss<'obj> {
            /// `struct visit *newest`: 8 bytes, in `.bss`.
            pub newest: &'obj mut ::bpf_subskeleton::BpfPtr<super::types::visit>,
        }
        /// The maps before load.
        #[derive(::core::fmt::Debug)]
        pub struct Maps<'obj> {
            /// Map `arena`, of map type 33, at most 64 entries.
            pub arena: ::bpf_subskeleton::maps::Open<
                'obj,
                ::bpf_subskeleton::maps::Untyped,
            >,
        }
        /// The variables in the arena before load.
        pub struct Arena<'obj> {
            /// `struct visit first`: 16 bytes, in the arena.
            pub first: &'obj mut super::types::visit,
            /// `char label[8]`: 8 bytes, in the arena.
            pub label: &'obj mut [i8; 8],
            /// `__u64 visits`: 8 bytes, in the arena.
            pub visits: &'obj mut u64,
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for Arena<'_> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("Arena")
                    .field("first", &self.first)
                    .field("label", &::bpf_subskeleton::private::ShownText(&self.label))
                    .field("visits", &self.visits)
                    .finish()
            }
        }
    }
    /// The C types as values.
    pub mod types {
        /// `struct visit`, 16 bytes.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq)]
        pub struct visit {
            /// `__u64 address`, at offset 0.
            pub address: u64,
            /// `struct visit *next`, at offset 8.
            pub next: ::bpf_subskeleton::BpfPtr<self::visit>,
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for visit {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for visit {}
        #[automatically_derived]
        impl ::core::default::Default for visit {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for visit {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("visit")
                    .field("address", &self.address)
                    .field("next", &self.next)
                    .finish()
            }
        }
        /// `typedef … __u64`.
        pub type __u64 = u64;
    }
    /// The C types in shared memory: each field is a `Shared` of its own.
    pub mod fields {
        /// The fields of `struct visit` in shared memory.
        #[repr(C)]
        pub struct visit<A> {
            /// `__u64 address`, at offset 0.
            pub address: ::bpf_subskeleton::Shared<u64, A>,
            /// `struct visit *next`, at offset 8.
            pub next: ::bpf_subskeleton::Shared<
                ::bpf_subskeleton::BpfPtr<super::types::visit>,
                A,
            >,
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::visit {
            type Fields = self::visit<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
    }
    /// Proof that these types are laid out as C lays them out: size, alignment, offsets.
    mod layout {
        use ::bpf_subskeleton::private::layout_proof;
        layout_proof!(types::visit, 16, 8, address : 0, next : 8);
    }
    /// The C types as the library was built with them, for comparison.
    #[doc(hidden)]
    pub mod btf {
        use ::bpf_subskeleton::private::prelude::*;
        pub static visit: Type = Type::Struct(Composite {
            name: "visit",
            size: 16,
            members: &[
                Member::new("address", 0, &runtime::U64),
                Member::new("next", 8, &Type::arena_pointer(&self::visit)),
            ],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::visit {
            const BTF: &'static Type = &self::visit;
        }
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Trace",
            variables: &[
                Variable::new::<
                    ::bpf_subskeleton::BpfPtr<super::types::visit>,
                    Write,
                >(
                    "newest",
                    ".bss",
                    "struct visit *newest",
                    &Type::arena_pointer(&super::btf::visit),
                ),
                Variable::new::<
                    super::types::visit,
                    Write,
                >("first", ".addr_space.1", "struct visit first", &super::btf::visit),
                Variable::new::<
                    [i8; 8],
                    Write,
                >(
                    "label",
                    ".addr_space.1",
                    "char label[8]",
                    &Type::array(&runtime::I8, 8),
                ),
                Variable::new::<
                    u64,
                    Write,
                >("visits", ".addr_space.1", "__u64 visits", &runtime::U64),
            ],
            maps: &[
                Map::new(
                        "arena",
                        ::core::option::Option::Some(33),
                        Shape::Unknown,
                        Shape::Unknown,
                    )
                    .with_flags(1024),
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
            (8, b""),
            (16, b"\x01"),
            (8, b"visits"),
            (8, b""),
        ];
    }
}
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    "/path/to/crate/arena.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`arena.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

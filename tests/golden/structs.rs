#[allow(non_snake_case)]
pub struct Workers {
    /// The variables of `.bss`.
    pub bss: workers::Bss,
    /// The variables of `.data.Jobs`.
    pub data_Jobs: workers::DataJobs,
}
/// The variables, maps, programs and `struct_ops` of [`Workers`](struct@Workers) before the object is loaded.
#[derive(::core::fmt::Debug)]
#[allow(dead_code, non_snake_case)]
pub struct WorkersConfig<'obj> {
    /// The variables of `.bss`.
    pub bss: workers::config::Bss<'obj>,
    /// The variables of `.data.Jobs`.
    pub data_Jobs: workers::config::DataJobs<'obj>,
}
/// The programs and `struct_ops` of [`Workers`](struct@Workers) in a loaded object: an `Object` of this process, or a `Running` one.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct WorkersPrograms<
    'obj,
    Loaded: ::bpf_subskeleton::Origin = ::bpf_subskeleton::libbpf_rs::Object,
> {
    #[doc(hidden)]
    pub _object: ::core::marker::PhantomData<fn(&'obj mut ()) -> Loaded>,
}
impl WorkersPrograms<'_> {
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
    ) -> ::core::result::Result<WorkersLinks, ::bpf_subskeleton::AttachError> {
        ::core::result::Result::Ok(WorkersLinks {})
    }
}
/// The links of [`Workers`](struct@Workers)'s programs and `struct_ops`. Dropping a link detaches its program.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct WorkersLinks {}
impl Workers {
    /// The variables, as the library was built.
    pub const VARIABLES: &'static [::bpf_subskeleton::describe::Variable] = workers::description::LIBRARY
        .variables;
    /// The maps, as the library was built.
    pub const MAPS: &'static [::bpf_subskeleton::describe::Map] = workers::description::LIBRARY
        .maps;
    /// The programs, as the library was built.
    pub const PROGRAMS: &'static [::bpf_subskeleton::describe::Program] = workers::description::LIBRARY
        .programs;
    /// The `struct_ops`, as the library was built.
    pub const STRUCT_OPS: &'static [::bpf_subskeleton::describe::StructOps] = workers::description::LIBRARY
        .struct_ops;
    /// Finds the library in an object that is not yet loaded, to set initial values.
    ///
    /// # Errors
    ///
    /// The same as those of [`bind`](Self::bind).
    pub fn configure(
        object: &mut ::bpf_subskeleton::libbpf_rs::OpenObject,
    ) -> ::core::result::Result<WorkersConfig<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::configure(
            object,
            workers::description::library(),
        )?;
        ::core::result::Result::Ok(WorkersConfig {
            bss: workers::config::Bss {
                workers: library.variable(),
                header: library.variable(),
            },
            data_Jobs: workers::config::DataJobs {
                jobs: library.variable(),
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
            workers::description::library(),
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
            workers::description::library(),
            workers::description::INITIAL,
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
        WorkersPrograms<'_, Loaded::Origin>,
        ::bpf_subskeleton::BindError,
    > {
        ::bpf_subskeleton::private::programs(object, workers::description::library())?;
        ::core::result::Result::Ok(WorkersPrograms {
            _object: ::core::marker::PhantomData,
        })
    }
}
#[automatically_derived]
impl ::bpf_subskeleton::private::FromLibrary for Workers {
    fn from_library(library: &mut ::bpf_subskeleton::private::Bound) -> Self {
        Self {
            bss: workers::Bss {
                workers: library.variable(),
                header: library.variable(),
            },
            data_Jobs: workers::DataJobs {
                jobs: library.variable(),
            },
        }
    }
}
/// The sections, maps and C types of [`Workers`](struct@Workers).
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
pub mod workers {
    pub use self::constants::*;
    pub use self::types::*;
    /// The variables of `.bss`.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct Bss {
        /// All of them.
        ///
        /// `struct worker workers[4]`: 192 bytes, in `.bss`.
        pub workers: ::bpf_subskeleton::Var<[self::types::worker; 4]>,
        /// `struct packed_header header`: 5 bytes, in `.bss`.
        pub header: ::bpf_subskeleton::Var<self::types::packed_header>,
    }
    /// The variables of `.data.Jobs`.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct DataJobs {
        /// `int jobs`: 4 bytes, in `.data.Jobs`.
        pub jobs: ::bpf_subskeleton::Var<i32>,
    }
    /// The sections, maps and programs before the object is loaded.
    pub mod config {
        /// The variables of `.bss` before load.
        #[derive(::core::fmt::Debug)]
        pub struct Bss<'obj> {
            /// All of them.
            ///
            /// `struct worker workers[4]`: 192 bytes, in `.bss`.
            pub workers: &'obj mut [super::types::worker; 4],
            /// `struct packed_header header`: 5 bytes, in `.bss`.
            pub header: &'obj mut super::types::packed_header,
        }
        /// The variables of `.data.Jobs` before load.
        #[derive(::core::fmt::Debug)]
        pub struct DataJobs<'obj> {
            /// `int jobs`: 4 bytes, in `.data.Jobs`.
            pub jobs: &'obj mut i32,
        }
    }
    /// The C types as values.
    pub mod types {
        /// `enum state`, 4 bytes. Any value can be in it, not only the constants.
        #[repr(transparent)]
        #[derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::default::Default,
            ::core::cmp::PartialEq,
            ::core::cmp::Eq,
            ::core::cmp::PartialOrd,
            ::core::cmp::Ord,
            ::core::hash::Hash,
        )]
        pub struct state(pub u32);
        impl state {
            /// `STATE_IDLE`
            pub const STATE_IDLE: Self = Self(0);
            /// `STATE_BUSY`
            pub const STATE_BUSY: Self = Self(5);
        }
        /// SAFETY: a transparent integer.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for state {}
        /// SAFETY: a transparent integer.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for state {}
        #[automatically_derived]
        impl ::bpf_subskeleton::Enumeration for state {
            type Int = u32;
            const CONSTANTS: &'static [(&'static ::core::primitive::str, Self)] = &[
                ("STATE_IDLE", Self::STATE_IDLE),
                ("STATE_BUSY", Self::STATE_BUSY),
            ];
            fn to_int(self) -> u32 {
                self.0
            }
        }
        #[automatically_derived]
        impl ::core::convert::TryFrom<u32> for state {
            type Error = ::bpf_subskeleton::NoConstant<u32>;
            fn try_from(
                value: u32,
            ) -> ::core::result::Result<Self, ::bpf_subskeleton::NoConstant<u32>> {
                ::bpf_subskeleton::private::constant(Self(value), "enum state")
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for state {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::bpf_subskeleton::private::debug_constant(*self, "state", f)
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for state {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::bpf_subskeleton::private::display_constant(*self, f)
            }
        }
        /// A thread that does work.
        ///
        /// `struct worker`, 48 bytes.
        ///
        /// It has no `PartialEq`, since it contains an anonymous union.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        pub struct worker {
            /// The thread.
            ///
            /// `__u32 pid`, at offset 0.
            pub pid: u32,
            /// `enum state state`, at offset 4.
            pub state: self::state,
            #[doc(hidden)]
            pub _bits0: u8,
            /// `char name[16]`, at offset 9.
            pub name: [i8; 16],
            #[doc(hidden)]
            pub _pad0: [u8; 3],
            #[doc(hidden)]
            pub _union0: u32,
            /// `nanoseconds busy`, at offset 32.
            pub busy: u64,
            /// `struct worker *next`, at offset 40.
            pub next: ::bpf_subskeleton::BpfPtr<self::worker>,
        }
        impl worker {
            /// `_Bool urgent : 1`
            pub fn urgent(&self) -> ::bpf_subskeleton::Bool {
                let storage = self._bits0;
                ::bpf_subskeleton::private::bitfield::<
                    _,
                    ::bpf_subskeleton::Bool,
                >(&storage, 0, 1)
            }
            /// Sets `_Bool urgent : 1`.
            pub fn set_urgent(&mut self, value: ::bpf_subskeleton::Bool) {
                let mut storage = self._bits0;
                ::bpf_subskeleton::private::set_bitfield(&mut storage, 0, 1, value);
                self._bits0 = storage;
            }
            /// `__u32 priority : 7`
            pub fn priority(&self) -> u32 {
                let storage = self._bits0;
                ::bpf_subskeleton::private::bitfield::<_, u32>(&storage, 1, 7)
            }
            /// Sets `__u32 priority : 7`. Higher bits of the value are cut off.
            pub fn set_priority(&mut self, value: u32) {
                let mut storage = self._bits0;
                ::bpf_subskeleton::private::set_bitfield(&mut storage, 1, 7, value);
                self._bits0 = storage;
            }
            /// `__u32 cpu`
            pub fn cpu(&self) -> u32 {
                let storage = self._union0;
                ::bpf_subskeleton::private::member(&storage, 0)
            }
            /// Sets `__u32 cpu`.
            pub fn set_cpu(&mut self, value: u32) {
                let mut storage = self._union0;
                ::bpf_subskeleton::private::set_member(&mut storage, 0, value);
                self._union0 = storage;
            }
            /// `__u8 node`
            pub fn node(&self) -> u8 {
                let storage = self._union0;
                ::bpf_subskeleton::private::member(&storage, 0)
            }
            /// Sets `__u8 node`.
            pub fn set_node(&mut self, value: u8) {
                let mut storage = self._union0;
                ::bpf_subskeleton::private::set_member(&mut storage, 0, value);
                self._union0 = storage;
            }
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
                    .field("pid", &self.pid)
                    .field("state", &self.state)
                    .field("name", &::bpf_subskeleton::private::ShownText(&self.name))
                    .field("busy", &self.busy)
                    .field("next", &self.next)
                    .field("urgent", &self.urgent())
                    .field("priority", &self.priority())
                    .field("cpu", &self.cpu())
                    .field("node", &self.node())
                    .finish()
            }
        }
        /// `struct packed_header`, 5 bytes.
        #[repr(C, packed)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq)]
        pub struct packed_header {
            /// `__u8 kind`, at offset 0.
            pub kind: u8,
            /// `__u32 length`, at offset 1.
            pub length: u32,
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for packed_header {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for packed_header {}
        #[automatically_derived]
        impl ::core::default::Default for packed_header {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for packed_header {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("packed_header")
                    .field("kind", &{ self.kind })
                    .field("length", &{ self.length })
                    .finish()
            }
        }
        /// `typedef … __u32`.
        pub type __u32 = u32;
        /// `typedef … __u8`.
        pub type __u8 = u8;
        /// A duration.
        ///
        /// `typedef … nanoseconds`.
        pub type nanoseconds = u64;
        /// `typedef … __u64`.
        pub type __u64 = u64;
    }
    /// The C types in shared memory: each field is a `Shared` of its own.
    pub mod fields {
        /// The fields of `struct worker` in shared memory.
        #[repr(C)]
        pub struct worker<A> {
            /// The thread.
            ///
            /// `__u32 pid`, at offset 0.
            pub pid: ::bpf_subskeleton::Shared<u32, A>,
            /// `enum state state`, at offset 4.
            pub state: ::bpf_subskeleton::Shared<super::types::state, A>,
            #[doc(hidden)]
            pub _bits0: ::bpf_subskeleton::Shared<u8, A>,
            /// `char name[16]`, at offset 9.
            pub name: ::bpf_subskeleton::Shared<[i8; 16], A>,
            #[doc(hidden)]
            pub _pad0: ::bpf_subskeleton::Shared<[u8; 3], A>,
            #[doc(hidden)]
            pub _union0: ::bpf_subskeleton::Shared<u32, A>,
            /// `nanoseconds busy`, at offset 32.
            pub busy: ::bpf_subskeleton::Shared<u64, A>,
            /// `struct worker *next`, at offset 40.
            pub next: ::bpf_subskeleton::Shared<
                ::bpf_subskeleton::BpfPtr<super::types::worker>,
                A,
            >,
        }
        impl<A: ::bpf_subskeleton::Access> self::worker<A> {
            /// `_Bool urgent : 1`
            pub fn urgent(&self) -> ::bpf_subskeleton::Bool {
                ::bpf_subskeleton::private::bitfield::<
                    _,
                    ::bpf_subskeleton::Bool,
                >(&self._bits0.get(), 0, 1)
            }
            /// Sets `_Bool urgent : 1`.
            pub fn set_urgent(&self, value: ::bpf_subskeleton::Bool)
            where
                A: ::bpf_subskeleton::Writable,
            {
                ::bpf_subskeleton::private::store_bitfield(&self._bits0, 0, 1, value)
            }
            /// `__u32 priority : 7`
            pub fn priority(&self) -> u32 {
                ::bpf_subskeleton::private::bitfield::<_, u32>(&self._bits0.get(), 1, 7)
            }
            /// Sets `__u32 priority : 7`. Higher bits of the value are cut off.
            pub fn set_priority(&self, value: u32)
            where
                A: ::bpf_subskeleton::Writable,
            {
                ::bpf_subskeleton::private::store_bitfield(&self._bits0, 1, 7, value)
            }
            /// `__u32 cpu`
            pub fn cpu(&self) -> u32 {
                ::bpf_subskeleton::private::cell::<_, u32, A>(&self._union0, 0).get()
            }
            /// Sets `__u32 cpu`.
            pub fn set_cpu(&self, value: u32)
            where
                A: ::bpf_subskeleton::Writable,
            {
                ::bpf_subskeleton::private::cell::<_, u32, A>(&self._union0, 0)
                    .set(value)
            }
            /// `__u8 node`
            pub fn node(&self) -> u8 {
                ::bpf_subskeleton::private::cell::<_, u8, A>(&self._union0, 0).get()
            }
            /// Sets `__u8 node`.
            pub fn set_node(&self, value: u8)
            where
                A: ::bpf_subskeleton::Writable,
            {
                ::bpf_subskeleton::private::cell::<_, u8, A>(&self._union0, 0).set(value)
            }
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
        /// The fields of `struct packed_header` in shared memory.
        #[repr(C)]
        pub struct packed_header<A> {
            /// `__u8 kind`, at offset 0.
            pub kind: ::bpf_subskeleton::Shared<u8, A>,
            /// `__u32 length`, at offset 1.
            pub length: ::bpf_subskeleton::Packed<u32, A>,
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::packed_header {
            type Fields = self::packed_header<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
    }
    /// The constants of the C enums as integers.
    pub mod constants {
        /// `STATE_IDLE` of `enum state`
        pub const STATE_IDLE: u32 = 0;
        /// `STATE_BUSY` of `enum state`
        pub const STATE_BUSY: u32 = 5;
    }
    /// Proof that these types are laid out as C lays them out: size, alignment, offsets.
    mod layout {
        use ::bpf_subskeleton::private::layout_proof;
        layout_proof!(
            types::worker, 48, 8, pid : 0, state : 4, _bits0 : 8, name : 9, _pad0 : 25,
            _union0 : 28, busy : 32, next : 40
        );
        layout_proof!(types::packed_header, 5, 1, kind : 0, length : 1);
    }
    /// The C types as the library was built with them, for comparison.
    #[doc(hidden)]
    pub mod btf {
        use ::bpf_subskeleton::private::prelude::*;
        pub static state: Type = Type::Enum(Enum {
            name: "state",
            size: 4,
            values: &[("STATE_IDLE", 0), ("STATE_BUSY", 5)],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::state {
            const BTF: &'static Type = &self::state;
        }
        pub static worker: Type = Type::Struct(Composite {
            name: "worker",
            size: 48,
            members: &[
                Member::new("pid", 0, &runtime::U32),
                Member::new("state", 4, &self::state),
                Member::bits("urgent", 64, 1, &runtime::BOOL),
                Member::bits("priority", 65, 7, &runtime::U32),
                Member::new("name", 9, &Type::array(&runtime::I8, 16)),
                Member::new(
                    "",
                    28,
                    &Type::Union(Composite {
                        name: "",
                        size: 4,
                        members: &[
                            Member::new("cpu", 0, &runtime::U32),
                            Member::new("node", 0, &runtime::U8),
                        ],
                    }),
                ),
                Member::new("busy", 32, &runtime::U64),
                Member::new("next", 40, &Type::Pointer(Pointee::Struct("worker"))),
            ],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::worker {
            const BTF: &'static Type = &self::worker;
        }
        pub static packed_header: Type = Type::Struct(Composite {
            name: "packed_header",
            size: 5,
            members: &[
                Member::new("kind", 0, &runtime::U8),
                Member::new("length", 1, &runtime::U32),
            ],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::packed_header {
            const BTF: &'static Type = &self::packed_header;
        }
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Workers",
            variables: &[
                Variable::new::<
                    [super::types::worker; 4],
                    Write,
                >(
                    "workers",
                    ".bss",
                    "struct worker workers[4]",
                    &Type::array(&super::btf::worker, 4),
                ),
                Variable::new::<
                    super::types::packed_header,
                    Write,
                >(
                    "header",
                    ".bss",
                    "struct packed_header header",
                    &super::btf::packed_header,
                ),
                Variable::new::<
                    i32,
                    Write,
                >("jobs", ".data.Jobs", "int jobs", &runtime::I32),
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
        pub const INITIAL: &[runtime::Initial] = &[(192, b""), (5, b""), (4, b"\x03")];
    }
}
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    "/path/to/crate/structs.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`structs.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

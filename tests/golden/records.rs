pub struct Records {
    /// Map `events`, `RingBuf`, at most 4096 entries.
    pub events: ::bpf_subskeleton::maps::RingBuf<records::event>,
    /// Map `urgent`, `RingBuf`, at most 4096 entries.
    pub urgent: ::bpf_subskeleton::maps::RingBuf<records::event_t>,
    /// Map `samples`, `PerfEventArray`: 4 bytes to 4 bytes.
    pub samples: ::bpf_subskeleton::maps::PerfEventArray<records::sample>,
    /// `struct task *owner`: 8 bytes, in `.bss`.
    pub owner: ::core::option::Option<
        ::bpf_subskeleton::Var<::bpf_subskeleton::BpfPtr<records::types::task>>,
    >,
}
/// The variables, maps, programs and `struct_ops` of [`Records`](struct@Records) before the object is loaded.
#[allow(dead_code, non_snake_case)]
pub struct RecordsConfig<'obj> {
    /// Map `events`, `RingBuf`, at most 4096 entries.
    pub events: ::bpf_subskeleton::maps::Open<
        'obj,
        ::bpf_subskeleton::maps::RingBuf<records::event>,
    >,
    /// Map `urgent`, `RingBuf`, at most 4096 entries.
    pub urgent: ::bpf_subskeleton::maps::Open<
        'obj,
        ::bpf_subskeleton::maps::RingBuf<records::event_t>,
    >,
    /// Map `samples`, `PerfEventArray`: 4 bytes to 4 bytes.
    pub samples: ::bpf_subskeleton::maps::Open<
        'obj,
        ::bpf_subskeleton::maps::PerfEventArray<records::sample>,
    >,
    /// `struct task *owner`: 8 bytes, in `.bss`.
    pub owner: ::core::option::Option<
        &'obj mut ::bpf_subskeleton::BpfPtr<records::types::task>,
    >,
}
/// The programs and `struct_ops` of [`Records`](struct@Records) in a loaded object: an `Object` of this process, or a `Running` one.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct RecordsPrograms<
    'obj,
    Loaded: ::bpf_subskeleton::Origin = ::bpf_subskeleton::libbpf_rs::Object,
> {
    #[doc(hidden)]
    pub _object: ::core::marker::PhantomData<fn(&'obj mut ()) -> Loaded>,
}
impl RecordsPrograms<'_> {
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
    ) -> ::core::result::Result<RecordsLinks, ::bpf_subskeleton::AttachError> {
        ::core::result::Result::Ok(RecordsLinks {})
    }
}
/// The links of [`Records`](struct@Records)'s programs and `struct_ops`. Dropping a link detaches its program.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct RecordsLinks {}
impl Records {
    /// The variables, as the library was built.
    pub const VARIABLES: &'static [::bpf_subskeleton::describe::Variable] = records::description::LIBRARY
        .variables;
    /// The maps, as the library was built.
    pub const MAPS: &'static [::bpf_subskeleton::describe::Map] = records::description::LIBRARY
        .maps;
    /// The programs, as the library was built.
    pub const PROGRAMS: &'static [::bpf_subskeleton::describe::Program] = records::description::LIBRARY
        .programs;
    /// The `struct_ops`, as the library was built.
    pub const STRUCT_OPS: &'static [::bpf_subskeleton::describe::StructOps] = records::description::LIBRARY
        .struct_ops;
    /// Finds the library in an object that is not yet loaded, to set initial values.
    ///
    /// # Errors
    ///
    /// The same as those of [`bind`](Self::bind).
    pub fn configure(
        object: &mut ::bpf_subskeleton::libbpf_rs::OpenObject,
    ) -> ::core::result::Result<RecordsConfig<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::configure(
            object,
            records::description::library(),
        )?;
        ::core::result::Result::Ok(RecordsConfig {
            events: library.map(),
            urgent: library.map(),
            samples: library.map(),
            owner: library.optional_variable(),
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
            records::description::library(),
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
            records::description::library(),
            records::description::INITIAL,
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
        RecordsPrograms<'_, Loaded::Origin>,
        ::bpf_subskeleton::BindError,
    > {
        ::bpf_subskeleton::private::programs(object, records::description::library())?;
        ::core::result::Result::Ok(RecordsPrograms {
            _object: ::core::marker::PhantomData,
        })
    }
}
#[automatically_derived]
impl ::bpf_subskeleton::private::FromLibrary for Records {
    fn from_library(library: &mut ::bpf_subskeleton::private::Bound) -> Self {
        Self {
            events: library.map(),
            urgent: library.map(),
            samples: library.map(),
            owner: library.optional_variable(),
        }
    }
}
/// The sections, maps and C types of [`Records`](struct@Records).
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
pub mod records {
    pub use self::types::*;
    /// The C types as values.
    pub mod types {
        /// `struct event`, 16 bytes.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        pub struct event {
            /// `__u64 time`, at offset 0.
            pub time: u64,
            /// `__u32 pid`, at offset 8.
            pub pid: u32,
            #[doc(hidden)]
            pub _pad0: [u8; 4],
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for event {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for event {}
        #[automatically_derived]
        impl ::core::default::Default for event {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for event {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("event")
                    .field("time", &self.time)
                    .field("pid", &self.pid)
                    .finish()
            }
        }
        #[automatically_derived]
        impl ::core::cmp::PartialEq for event {
            #[inline]
            fn eq(&self, other: &Self) -> ::core::primitive::bool {
                ::core::cmp::PartialEq::eq(&self.time, &other.time)
                    && ::core::cmp::PartialEq::eq(&self.pid, &other.pid)
            }
        }
        /// `struct sample`, 8 bytes.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq)]
        pub struct sample {
            /// `__u64 address`, at offset 0.
            pub address: u64,
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for sample {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for sample {}
        #[automatically_derived]
        impl ::core::default::Default for sample {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for sample {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("sample").field("address", &self.address).finish()
            }
        }
        /// `struct task`, reached through pointers only. Its members are here if the library has a global variable of the type itself: `struct task record;`.
        #[derive(::core::fmt::Debug)]
        pub enum task {}
        /// `typedef … __u64`.
        pub type __u64 = u64;
        /// `typedef … __u32`.
        pub type __u32 = u32;
        /// `typedef … event_t`.
        pub type event_t = self::event;
    }
    /// The C types in shared memory: each field is a `Shared` of its own.
    pub mod fields {
        /// The fields of `struct event` in shared memory.
        #[repr(C)]
        pub struct event<A> {
            /// `__u64 time`, at offset 0.
            pub time: ::bpf_subskeleton::Shared<u64, A>,
            /// `__u32 pid`, at offset 8.
            pub pid: ::bpf_subskeleton::Shared<u32, A>,
            #[doc(hidden)]
            pub _pad0: ::bpf_subskeleton::Shared<[u8; 4], A>,
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::event {
            type Fields = self::event<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
        /// The fields of `struct sample` in shared memory.
        #[repr(C)]
        pub struct sample<A> {
            /// `__u64 address`, at offset 0.
            pub address: ::bpf_subskeleton::Shared<u64, A>,
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::sample {
            type Fields = self::sample<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
    }
    /// Proof that these types are laid out as C lays them out: size, alignment, offsets.
    mod layout {
        use ::bpf_subskeleton::private::layout_proof;
        layout_proof!(types::event, 16, 8, time : 0, pid : 8, _pad0 : 12);
        layout_proof!(types::sample, 8, 8, address : 0);
    }
    /// The C types as the library was built with them, for comparison.
    #[doc(hidden)]
    pub mod btf {
        use ::bpf_subskeleton::private::prelude::*;
        pub static event: Type = Type::Struct(Composite {
            name: "event",
            size: 16,
            members: &[
                Member::new("time", 0, &runtime::U64),
                Member::new("pid", 8, &runtime::U32),
            ],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::event {
            const BTF: &'static Type = &self::event;
        }
        pub static sample: Type = Type::Struct(Composite {
            name: "sample",
            size: 8,
            members: &[Member::new("address", 0, &runtime::U64)],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::sample {
            const BTF: &'static Type = &self::sample;
        }
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Records",
            variables: &[
                Variable::new::<
                    ::bpf_subskeleton::BpfPtr<super::types::task>,
                    Write,
                >(
                        "owner",
                        ".bss",
                        "struct task *owner",
                        &Type::Pointer(Pointee::Struct("task")),
                    )
                    .optional(),
                Variable::new::<
                    super::types::event,
                    Write,
                >("events_record", ".bss", "event_t events_record", &super::btf::event)
                    .optional(),
            ],
            maps: &[
                Map::new(
                    "events",
                    ::core::option::Option::Some(27),
                    Shape::Unknown,
                    Shape::Unknown,
                ),
                Map::new(
                    "urgent",
                    ::core::option::Option::Some(27),
                    Shape::Unknown,
                    Shape::Unknown,
                ),
                Map::new(
                    "samples",
                    ::core::option::Option::Some(4),
                    Shape::Size(4),
                    Shape::Size(4),
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
        pub const INITIAL: &[runtime::Initial] = &[(8, b""), (16, b"")];
    }
}
const _: () = {
    const WRONG: ::core::option::Option<::bpf_subskeleton::private::Text> = ::core::option::Option::None;
    if let ::core::option::Option::Some(text) = &WRONG {
        ::core::panic!("{}", text.as_str());
    }
    ::bpf_subskeleton::private::expect_pod::<records::event>();
};
const _: () = {
    const WRONG: ::core::option::Option<::bpf_subskeleton::private::Text> = ::core::option::Option::None;
    if let ::core::option::Option::Some(text) = &WRONG {
        ::core::panic!("{}", text.as_str());
    }
    ::bpf_subskeleton::private::expect_pod::<records::event_t>();
};
const _: () = {
    const WRONG: ::core::option::Option<::bpf_subskeleton::private::Text> = ::core::option::Option::None;
    if let ::core::option::Option::Some(text) = &WRONG {
        ::core::panic!("{}", text.as_str());
    }
    ::bpf_subskeleton::private::expect_pod::<records::sample>();
};
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    "/path/to/crate/records.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`records.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

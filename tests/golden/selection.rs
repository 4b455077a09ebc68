/// What the sampler found.
#[derive(Debug)]
pub struct Sampling {
    /// How many there were.
    ///
    /// `__u64 samples`: 8 bytes, in `.bss`.
    pub samples: ::bpf_subskeleton::Var<u64>,
    /// `__u64 last_sample`: 8 bytes, in `.bss`.
    pub(crate) last: ::bpf_subskeleton::Var<::core::primitive::u64>,
    /// `__u32 drops`: 4 bytes, in `.bss`.
    drops: ::core::option::Option<::bpf_subskeleton::Var<Drops>>,
    /// `struct slot slots[8]`: 128 bytes, in `.bss`.
    slots: ::bpf_subskeleton::Var<[my::Slot; 8]>,
    /// `const volatile __u32 sample_rate`: 4 bytes, in `.rodata`.
    pub sample_rate: ::bpf_subskeleton::Const<u32>,
    /// Map `by_pid`, `Hash`: `__u32` to `struct slot`, at most 1024 entries.
    pub by_pid: ::bpf_subskeleton::maps::Hash<u32, sampling::types::slot>,
}
/// The variables, maps, programs and `struct_ops` of [`Sampling`](struct@Sampling) before the object is loaded.
#[allow(dead_code, non_snake_case)]
pub struct SamplingConfig<'obj> {
    /// How many there were.
    ///
    /// `__u64 samples`: 8 bytes, in `.bss`.
    pub samples: &'obj mut u64,
    /// `__u64 last_sample`: 8 bytes, in `.bss`.
    pub(crate) last: &'obj mut ::core::primitive::u64,
    /// `__u32 drops`: 4 bytes, in `.bss`.
    drops: ::core::option::Option<&'obj mut Drops>,
    /// `struct slot slots[8]`: 128 bytes, in `.bss`.
    slots: &'obj mut [my::Slot; 8],
    /// `const volatile __u32 sample_rate`: 4 bytes, in `.rodata`.
    pub sample_rate: &'obj mut u32,
    /// Map `by_pid`, `Hash`: `__u32` to `struct slot`, at most 1024 entries.
    pub by_pid: ::bpf_subskeleton::maps::Open<
        'obj,
        ::bpf_subskeleton::maps::Hash<u32, sampling::types::slot>,
    >,
}
/// The programs and `struct_ops` of [`Sampling`](struct@Sampling) in a loaded object: an `Object` of this process, or a `Running` one.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct SamplingPrograms<
    'obj,
    Loaded: ::bpf_subskeleton::Origin = ::bpf_subskeleton::libbpf_rs::Object,
> {
    #[doc(hidden)]
    pub _object: ::core::marker::PhantomData<fn(&'obj mut ()) -> Loaded>,
}
impl SamplingPrograms<'_> {
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
    ) -> ::core::result::Result<SamplingLinks, ::bpf_subskeleton::AttachError> {
        ::core::result::Result::Ok(SamplingLinks {})
    }
}
/// The links of [`Sampling`](struct@Sampling)'s programs and `struct_ops`. Dropping a link detaches its program.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct SamplingLinks {}
impl Sampling {
    /// The variables, as the library was built.
    pub const VARIABLES: &'static [::bpf_subskeleton::describe::Variable] = sampling::description::LIBRARY
        .variables;
    /// The maps, as the library was built.
    pub const MAPS: &'static [::bpf_subskeleton::describe::Map] = sampling::description::LIBRARY
        .maps;
    /// The programs, as the library was built.
    pub const PROGRAMS: &'static [::bpf_subskeleton::describe::Program] = sampling::description::LIBRARY
        .programs;
    /// The `struct_ops`, as the library was built.
    pub const STRUCT_OPS: &'static [::bpf_subskeleton::describe::StructOps] = sampling::description::LIBRARY
        .struct_ops;
    /// Finds the library in an object that is not yet loaded, to set initial values.
    ///
    /// # Errors
    ///
    /// The same as those of [`bind`](Self::bind).
    pub fn configure(
        object: &mut ::bpf_subskeleton::libbpf_rs::OpenObject,
    ) -> ::core::result::Result<SamplingConfig<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::configure(
            object,
            sampling::description::library(),
        )?;
        ::core::result::Result::Ok(SamplingConfig {
            samples: library.variable::<::core::primitive::u64>(),
            last: library.variable(),
            drops: library.optional_variable::<Drops>(),
            slots: library.variable::<[my::Slot; 8]>(),
            sample_rate: library.variable::<::core::primitive::u32>(),
            by_pid: library.map(),
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
            sampling::description::library(),
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
            sampling::description::library(),
            sampling::description::INITIAL,
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
        SamplingPrograms<'_, Loaded::Origin>,
        ::bpf_subskeleton::BindError,
    > {
        ::bpf_subskeleton::private::programs(object, sampling::description::library())?;
        ::core::result::Result::Ok(SamplingPrograms {
            _object: ::core::marker::PhantomData,
        })
    }
}
#[automatically_derived]
impl ::bpf_subskeleton::private::FromLibrary for Sampling {
    fn from_library(library: &mut ::bpf_subskeleton::private::Bound) -> Self {
        Self {
            samples: library.variable(),
            last: library.variable(),
            drops: library.optional_variable(),
            slots: library.variable(),
            sample_rate: library.variable(),
            by_pid: library.map(),
        }
    }
}
/// The sections, maps and C types of [`Sampling`](struct@Sampling).
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
pub mod sampling {
    pub use self::constants::*;
    pub use self::types::*;
    /// The C types as values.
    pub mod types {
        /// `struct slot`, 16 bytes.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq)]
        pub struct slot {
            /// `__u64 count`, at offset 0.
            pub count: u64,
            /// `__u64 sum`, at offset 8.
            pub sum: u64,
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for slot {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for slot {}
        #[automatically_derived]
        impl ::core::default::Default for slot {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for slot {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("slot")
                    .field("count", &self.count)
                    .field("sum", &self.sum)
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
        /// The fields of `struct slot` in shared memory.
        #[repr(C)]
        pub struct slot<A> {
            /// `__u64 count`, at offset 0.
            pub count: ::bpf_subskeleton::Shared<u64, A>,
            /// `__u64 sum`, at offset 8.
            pub sum: ::bpf_subskeleton::Shared<u64, A>,
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::slot {
            type Fields = self::slot<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
    }
    /// The constants of the C enums as integers.
    pub mod constants {
        /// `SLOT_COUNT`
        pub const SLOT_COUNT: i32 = 8;
        /// `NO_LIMIT`
        pub const NO_LIMIT: i32 = -1;
    }
    /// Proof that these types are laid out as C lays them out: size, alignment, offsets.
    mod layout {
        use ::bpf_subskeleton::private::layout_proof;
        layout_proof!(types::slot, 16, 8, count : 0, sum : 8);
    }
    /// The C types as the library was built with them, for comparison.
    #[doc(hidden)]
    pub mod btf {
        use ::bpf_subskeleton::private::prelude::*;
        pub static slot: Type = Type::Struct(Composite {
            name: "slot",
            size: 16,
            members: &[
                Member::new("count", 0, &runtime::U64),
                Member::new("sum", 8, &runtime::U64),
            ],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::slot {
            const BTF: &'static Type = &self::slot;
        }
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Sampling",
            variables: &[
                Variable::new::<
                    u64,
                    Write,
                >("samples", ".bss", "__u64 samples", &runtime::U64),
                Variable::new::<
                    u64,
                    Write,
                >("last_sample", ".bss", "__u64 last_sample", &runtime::U64),
                Variable::new::<
                    u32,
                    Write,
                >("drops", ".bss", "__u32 drops", &runtime::U32)
                    .optional(),
                Variable::new::<
                    [super::types::slot; 8],
                    Write,
                >(
                    "slots",
                    ".bss",
                    "struct slot slots[8]",
                    &Type::array(&super::btf::slot, 8),
                ),
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
            maps: &[
                Map::new(
                    "by_pid",
                    ::core::option::Option::Some(1),
                    Shape::Type(&runtime::U32),
                    Shape::Type(&super::btf::slot),
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
            (8, b""),
            (8, b""),
            (4, b""),
            (128, b""),
            (4, b"\n"),
        ];
    }
}
const _: () = {
    #[allow(unused_imports)]
    use ::bpf_subskeleton::private::Unknown as _;
    const EXPECTED: &::bpf_subskeleton::describe::Type = &::bpf_subskeleton::private::U32;
    const WRONG: ::core::option::Option<::bpf_subskeleton::private::Text> = ::bpf_subskeleton::private::wrong_type::<
        Drops,
        ::core::primitive::u32,
    >(
        ::bpf_subskeleton::private::Probe::<Drops>::BTF,
        EXPECTED,
        "`__u32 drops` is a `Var<u32>`, not `Drops`",
    );
    if let ::core::option::Option::Some(text) = &WRONG {
        ::core::panic!("{}", text.as_str());
    }
};
const _: () = {
    #[allow(unused_imports)]
    use ::bpf_subskeleton::private::Unknown as _;
    const EXPECTED: &::bpf_subskeleton::describe::Type = &::bpf_subskeleton::describe::Type::array(
        &sampling::btf::slot,
        8,
    );
    const WRONG: ::core::option::Option<::bpf_subskeleton::private::Text> = ::bpf_subskeleton::private::wrong_type::<
        [my::Slot; 8],
        [sampling::types::slot; 8],
    >(
        ::bpf_subskeleton::private::Probe::<[my::Slot; 8]>::BTF,
        EXPECTED,
        "`struct slot slots[8]` is a `Var<[sampling::slot; 8]>`, not `[my::Slot; 8]`",
    );
    if let ::core::option::Option::Some(text) = &WRONG {
        ::core::panic!("{}", text.as_str());
    }
};
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    "/path/to/crate/selection.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`selection.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

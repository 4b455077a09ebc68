pub struct Flows {
    /// The variables of `.bss`.
    pub bss: flows::Bss,
    /// The variables of `.data`.
    pub data: flows::Data,
    /// The variables of `.rodata`, read-only once loaded.
    pub rodata: flows::Rodata,
    /// The variables that the library declares `extern`, in whatever section another object defines them.
    pub externs: flows::Externs,
}
/// The variables, maps, programs and `struct_ops` of [`Flows`](struct@Flows) before the object is loaded.
#[derive(::core::fmt::Debug)]
#[allow(dead_code, non_snake_case)]
pub struct FlowsConfig<'obj> {
    /// The variables of `.bss`.
    pub bss: flows::config::Bss<'obj>,
    /// The variables of `.data`.
    pub data: flows::config::Data<'obj>,
    /// The variables of `.rodata`.
    pub rodata: flows::config::Rodata<'obj>,
    /// The variables that the library declares `extern`, in whatever section another object defines them.
    pub externs: flows::config::Externs<'obj>,
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
            bss: flows::config::Bss {
                samples: library.variable(),
                totals: library.variable(),
                per_cpu: library.variable(),
                history: library.variable(),
            },
            data: flows::config::Data {
                unit: library.variable(),
            },
            rodata: flows::config::Rodata {
                rate: library.variable(),
            },
            externs: flows::config::Externs {
                level: library.variable(),
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
            bss: flows::Bss {
                samples: library.variable(),
                totals: library.variable(),
                per_cpu: library.variable(),
                history: library.variable(),
            },
            data: flows::Data {
                unit: library.variable(),
            },
            rodata: flows::Rodata {
                rate: library.variable(),
            },
            externs: flows::Externs {
                level: library.variable(),
            },
        }
    }
}
/// The values of the variables of [`Flows`](struct@Flows).
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
#[allow(dead_code, non_snake_case)]
pub struct FlowsSnapshot {
    /// The variables of `.bss`.
    pub bss: flows::snapshot::Bss,
    /// The variables of `.data`.
    pub data: flows::snapshot::Data,
    /// The variables of `.rodata`, read-only once loaded.
    pub rodata: flows::snapshot::Rodata,
    /// The variables that the library declares `extern`, in whatever section another object defines them.
    pub externs: flows::snapshot::Externs,
}
impl Flows {
    /// Reads all variables.
    ///
    /// BPF programs go on writing while it is read: an aligned value of 1, 2, 4 or 8 bytes is never torn, a wider one may be, and two values may be of different moments.
    #[must_use]
    pub fn snapshot(&self) -> FlowsSnapshot {
        FlowsSnapshot {
            bss: self.bss.snapshot(),
            data: self.data.snapshot(),
            rodata: self.rodata.snapshot(),
            externs: self.externs.snapshot(),
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
    /// The variables of `.bss`.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct Bss {
        /// `u64 samples`: 8 bytes, in `.bss`.
        pub samples: ::bpf_subskeleton::Var<::core::primitive::u64>,
        /// `struct totals totals`: 16 bytes, in `.bss`.
        pub totals: ::bpf_subskeleton::Var<self::types::totals>,
        /// `struct totals per_cpu[8]`: 128 bytes, in `.bss`.
        pub per_cpu: ::bpf_subskeleton::Var<[self::types::totals; 8]>,
        /// `struct history history`: 57600 bytes, in `.bss`.
        pub history: ::bpf_subskeleton::Var<self::types::history>,
    }
    /// The variables of `.data`.
    #[derive(::core::clone::Clone)]
    pub struct Data {
        /// `char unit[16]`: 16 bytes, in `.data`.
        pub unit: ::bpf_subskeleton::Var<[i8; 16]>,
    }
    #[automatically_derived]
    impl ::core::fmt::Debug for Data {
        fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            f.debug_struct("Data")
                .field("unit", &::bpf_subskeleton::private::ShownText(&self.unit))
                .finish()
        }
    }
    /// The variables of `.rodata`, read-only once loaded.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct Rodata {
        /// `const volatile u32 rate`: 4 bytes, in `.rodata`.
        pub rate: ::bpf_subskeleton::Const<::core::primitive::u32>,
    }
    /// The variables that the library declares `extern`, in whatever section another object defines them.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct Externs {
        /// `extern int level`.
        pub level: ::bpf_subskeleton::Var<i32>,
    }
    /// The sections, maps and programs before the object is loaded.
    pub mod config {
        /// The variables of `.bss` before load.
        #[derive(::core::fmt::Debug)]
        pub struct Bss<'obj> {
            /// `u64 samples`: 8 bytes, in `.bss`.
            pub samples: &'obj mut u64,
            /// `struct totals totals`: 16 bytes, in `.bss`.
            pub totals: &'obj mut super::types::totals,
            /// `struct totals per_cpu[8]`: 128 bytes, in `.bss`.
            pub per_cpu: &'obj mut [super::types::totals; 8],
            /// `struct history history`: 57600 bytes, in `.bss`.
            pub history: &'obj mut super::types::history,
        }
        /// The variables of `.data` before load.
        pub struct Data<'obj> {
            /// `char unit[16]`: 16 bytes, in `.data`.
            pub unit: &'obj mut [i8; 16],
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for Data<'_> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("Data")
                    .field("unit", &::bpf_subskeleton::private::ShownText(&self.unit))
                    .finish()
            }
        }
        /// The variables of `.rodata` before load.
        #[derive(::core::fmt::Debug)]
        pub struct Rodata<'obj> {
            /// `const volatile u32 rate`: 4 bytes, in `.rodata`.
            pub rate: &'obj mut u32,
        }
        /// The `extern` variables before load.
        #[derive(::core::fmt::Debug)]
        pub struct Externs<'obj> {
            /// `extern int level`.
            pub level: &'obj mut i32,
        }
    }
    impl Bss {
        /// Reads all variables.
        ///
        /// BPF programs go on writing while it is read: an aligned value of 1, 2, 4 or 8 bytes is never torn, a wider one may be, and two values may be of different moments.
        #[must_use]
        pub fn snapshot(&self) -> self::snapshot::Bss {
            self::snapshot::Bss {
                samples: self.samples.get(),
                totals: self.totals.get(),
                per_cpu: ::bpf_subskeleton::private::elements(self.per_cpu.iter()),
                history: self.history.get_boxed(),
            }
        }
    }
    impl Data {
        /// Reads all variables.
        ///
        /// BPF programs go on writing while it is read: an aligned value of 1, 2, 4 or 8 bytes is never torn, a wider one may be, and two values may be of different moments.
        #[must_use]
        pub fn snapshot(&self) -> self::snapshot::Data {
            self::snapshot::Data {
                unit: ::bpf_subskeleton::private::elements(self.unit.iter()),
            }
        }
    }
    impl Rodata {
        /// Reads all variables.
        ///
        /// BPF programs go on writing while it is read: an aligned value of 1, 2, 4 or 8 bytes is never torn, a wider one may be, and two values may be of different moments.
        #[must_use]
        pub fn snapshot(&self) -> self::snapshot::Rodata {
            self::snapshot::Rodata {
                rate: self.rate.get(),
            }
        }
    }
    impl Externs {
        /// Reads all variables.
        ///
        /// BPF programs go on writing while it is read: an aligned value of 1, 2, 4 or 8 bytes is never torn, a wider one may be, and two values may be of different moments.
        #[must_use]
        pub fn snapshot(&self) -> self::snapshot::Externs {
            self::snapshot::Externs {
                level: self.level.get(),
            }
        }
    }
    /// The variables' values.
    pub mod snapshot {
        /// The values of the variables of `.bss`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
        pub struct Bss {
            /// `u64 samples`: 8 bytes, in `.bss`.
            pub samples: u64,
            /// `struct totals totals`: 16 bytes, in `.bss`.
            pub totals: super::types::totals,
            /// `struct totals per_cpu[8]`: 128 bytes, in `.bss`.
            pub per_cpu: ::std::vec::Vec<super::types::totals>,
            /// `struct history history`: 57600 bytes, in `.bss`.
            pub history: ::std::boxed::Box<super::types::history>,
        }
        /// The values of the variables of `.data`.
        #[derive(::core::clone::Clone, ::core::cmp::PartialEq)]
        pub struct Data {
            /// `char unit[16]`: 16 bytes, in `.data`.
            pub unit: ::std::vec::Vec<i8>,
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for Data {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("Data")
                    .field("unit", &::bpf_subskeleton::private::ShownText(&self.unit))
                    .finish()
            }
        }
        /// The values of the variables of `.rodata`.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
        pub struct Rodata {
            /// `const volatile u32 rate`: 4 bytes, in `.rodata`.
            pub rate: u32,
        }
        /// The values of the `extern` variables.
        #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::cmp::PartialEq)]
        pub struct Externs {
            /// `extern int level`.
            pub level: i32,
        }
    }
    /// The C types as values.
    pub mod types {
        /// `struct totals`, 16 bytes.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq)]
        pub struct totals {
            /// `u64 packets`, at offset 0.
            pub packets: ::core::primitive::u64,
            /// `u64 bytes`, at offset 8.
            pub bytes: ::core::primitive::u64,
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for totals {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for totals {}
        #[automatically_derived]
        impl ::core::default::Default for totals {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for totals {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("totals")
                    .field("packets", &self.packets)
                    .field("bytes", &self.bytes)
                    .finish()
            }
        }
        /// `struct history`, 57600 bytes.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq)]
        pub struct history {
            /// `struct totals seconds[3600]`, at offset 0.
            pub seconds: [self::totals; 3600],
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for history {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for history {}
        #[automatically_derived]
        impl ::core::default::Default for history {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for history {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("history").field("seconds", &self.seconds).finish()
            }
        }
        /// `typedef … u64`.
        pub type u64 = ::core::primitive::u64;
        /// `typedef … u32`.
        pub type u32 = ::core::primitive::u32;
    }
    /// The C types in shared memory: each field is a `Shared` of its own.
    pub mod fields {
        /// The fields of `struct totals` in shared memory.
        #[repr(C)]
        pub struct totals<A> {
            /// `u64 packets`, at offset 0.
            pub packets: ::bpf_subskeleton::Shared<::core::primitive::u64, A>,
            /// `u64 bytes`, at offset 8.
            pub bytes: ::bpf_subskeleton::Shared<::core::primitive::u64, A>,
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::totals {
            type Fields = self::totals<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
        /// The fields of `struct history` in shared memory.
        #[repr(C)]
        pub struct history<A> {
            /// `struct totals seconds[3600]`, at offset 0.
            pub seconds: ::bpf_subskeleton::Shared<[super::types::totals; 3600], A>,
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::history {
            type Fields = self::history<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
    }
    /// Proof that these types are laid out as C lays them out: size, alignment, offsets.
    mod layout {
        use ::bpf_subskeleton::private::layout_proof;
        layout_proof!(types::totals, 16, 8, packets : 0, bytes : 8);
        layout_proof!(types::history, 57600, 8, seconds : 0);
    }
    /// The C types as the library was built with them, for comparison.
    #[doc(hidden)]
    pub mod btf {
        use ::bpf_subskeleton::private::prelude::*;
        pub static totals: Type = Type::Struct(Composite {
            name: "totals",
            size: 16,
            members: &[
                Member::new("packets", 0, &runtime::U64),
                Member::new("bytes", 8, &runtime::U64),
            ],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::totals {
            const BTF: &'static Type = &self::totals;
        }
        pub static history: Type = Type::Struct(Composite {
            name: "history",
            size: 57600,
            members: &[Member::new("seconds", 0, &Type::array(&self::totals, 3600))],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::history {
            const BTF: &'static Type = &self::history;
        }
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Flows",
            variables: &[
                Variable::new::<
                    u64,
                    Write,
                >("samples", ".bss", "u64 samples", &runtime::U64),
                Variable::new::<
                    super::types::totals,
                    Write,
                >("totals", ".bss", "struct totals totals", &super::btf::totals),
                Variable::new::<
                    [super::types::totals; 8],
                    Write,
                >(
                    "per_cpu",
                    ".bss",
                    "struct totals per_cpu[8]",
                    &Type::array(&super::btf::totals, 8),
                ),
                Variable::new::<
                    super::types::history,
                    Write,
                >("history", ".bss", "struct history history", &super::btf::history),
                Variable::new::<
                    [i8; 16],
                    Write,
                >("unit", ".data", "char unit[16]", &Type::array(&runtime::I8, 16)),
                Variable::new::<
                    u32,
                    Read,
                >("rate", ".rodata", "const volatile u32 rate", &runtime::U32),
                Variable::new::<
                    i32,
                    Write,
                >("level", "extern", "int level", &runtime::I32),
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
        pub const INITIAL: &[runtime::Initial] = &[
            (8, b""),
            (16, b""),
            (128, b""),
            (57600, b""),
            (16, b"packets"),
            (4, b"\n"),
            (4, b""),
        ];
    }
}
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    "/path/to/crate/snapshot.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`snapshot.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

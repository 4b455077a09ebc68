pub struct Quiet {}
/// The variables, maps, programs and `struct_ops` of [`Quiet`](struct@Quiet) before the object is loaded.
#[derive(::core::fmt::Debug)]
#[allow(dead_code, non_snake_case)]
pub struct QuietConfig<'obj> {
    /// The `struct_ops`.
    pub struct_ops: quiet::config::StructOps<'obj>,
    /// The programs.
    pub programs: quiet::config::Programs<'obj>,
}
/// The programs and `struct_ops` of [`Quiet`](struct@Quiet) in a loaded object: an `Object` of this process, or a `Running` one.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct QuietPrograms<
    'obj,
    Loaded: ::bpf_subskeleton::Origin = ::bpf_subskeleton::libbpf_rs::Object,
> {
    /// Program `quiet_init`, `SEC("struct_ops")`.
    pub quiet_init: ::bpf_subskeleton::Program<'obj, Loaded>,
    /// Gives way to all others.
    ///
    /// `struct tcp_congestion_ops quiet`, in `SEC(".struct_ops.link")`.
    pub quiet: ::bpf_subskeleton::StructOps<'obj, Loaded>,
}
impl QuietPrograms<'_> {
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
    ) -> ::core::result::Result<QuietLinks, ::bpf_subskeleton::AttachError> {
        ::core::result::Result::Ok(QuietLinks {
            quiet_init: self.quiet_init.attach()?,
            quiet: self.quiet.attach()?,
        })
    }
}
/// The links of [`Quiet`](struct@Quiet)'s programs and `struct_ops`. Dropping a link detaches its program.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct QuietLinks {
    /// The link of `quiet_init`, if it was attached.
    pub quiet_init: ::core::option::Option<::bpf_subskeleton::libbpf_rs::Link>,
    /// The link of `quiet`, if it was attached.
    pub quiet: ::core::option::Option<::bpf_subskeleton::StructOpsLink>,
}
impl Quiet {
    /// The variables, as the library was built.
    pub const VARIABLES: &'static [::bpf_subskeleton::describe::Variable] = quiet::description::LIBRARY
        .variables;
    /// The maps, as the library was built.
    pub const MAPS: &'static [::bpf_subskeleton::describe::Map] = quiet::description::LIBRARY
        .maps;
    /// The programs, as the library was built.
    pub const PROGRAMS: &'static [::bpf_subskeleton::describe::Program] = quiet::description::LIBRARY
        .programs;
    /// The `struct_ops`, as the library was built.
    pub const STRUCT_OPS: &'static [::bpf_subskeleton::describe::StructOps] = quiet::description::LIBRARY
        .struct_ops;
    /// Finds the library in an object that is not yet loaded, to set initial values.
    ///
    /// # Errors
    ///
    /// The same as those of [`bind`](Self::bind).
    pub fn configure(
        object: &mut ::bpf_subskeleton::libbpf_rs::OpenObject,
    ) -> ::core::result::Result<QuietConfig<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::configure(
            object,
            quiet::description::library(),
        )?;
        ::core::result::Result::Ok(QuietConfig {
            struct_ops: quiet::config::StructOps {
                quiet: library.struct_ops(),
            },
            programs: quiet::config::Programs {
                quiet_init: library.program(),
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
            quiet::description::library(),
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
            quiet::description::library(),
            quiet::description::INITIAL,
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
        QuietPrograms<'_, Loaded::Origin>,
        ::bpf_subskeleton::BindError,
    > {
        let mut library = ::bpf_subskeleton::private::programs(
            object,
            quiet::description::library(),
        )?;
        ::core::result::Result::Ok(QuietPrograms {
            quiet_init: library.program(),
            quiet: library.struct_ops(),
        })
    }
}
#[automatically_derived]
impl ::bpf_subskeleton::private::FromLibrary for Quiet {
    fn from_library(_: &mut ::bpf_subskeleton::private::Bound) -> Self {
        Self {}
    }
}
/// The sections, maps and C types of [`Quiet`](struct@Quiet).
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
pub mod quiet {
    pub use self::types::*;
    /// The sections, maps and programs before the object is loaded.
    pub mod config {
        /// The programs before load.
        #[derive(::core::fmt::Debug)]
        pub struct Programs<'obj> {
            /// Program `quiet_init`, `SEC("struct_ops")`.
            pub quiet_init: ::bpf_subskeleton::libbpf_rs::OpenProgramMut<'obj>,
        }
        /// The `struct_ops` before load.
        #[derive(::core::fmt::Debug)]
        pub struct StructOps<'obj> {
            /// Gives way to all others.
            ///
            /// `struct tcp_congestion_ops quiet`, in `SEC(".struct_ops.link")`.
            pub quiet: ::bpf_subskeleton::OpenStructOps<
                'obj,
                super::struct_ops::tcp_congestion_ops,
            >,
        }
    }
    /// The C types as values.
    pub mod types {
        /// `typedef … __u32`.
        pub type __u32 = u32;
    }
    /// The `struct_ops` structs before load, with programs as function pointers.
    pub mod struct_ops {
        /// `struct tcp_congestion_ops`, 32 bytes.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        pub struct tcp_congestion_ops {
            /// `void (*init)(struct sock *)`, at offset 0.
            pub init: ::bpf_subskeleton::Callback,
            /// `__u32 flags`, at offset 8.
            pub flags: u32,
            /// `char name[16]`, at offset 12.
            pub name: [i8; 16],
            #[doc(hidden)]
            pub _pad0: [u8; 4],
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for tcp_congestion_ops {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for tcp_congestion_ops {}
        #[automatically_derived]
        impl ::core::default::Default for tcp_congestion_ops {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for tcp_congestion_ops {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("tcp_congestion_ops")
                    .field("init", &self.init)
                    .field("flags", &self.flags)
                    .field("name", &::bpf_subskeleton::private::ShownText(&self.name))
                    .finish()
            }
        }
    }
    /// Proof that these types are laid out as C lays them out: size, alignment, offsets.
    mod layout {
        use ::bpf_subskeleton::private::layout_proof;
        layout_proof!(
            struct_ops::tcp_congestion_ops, 32, 8, init : 0, flags : 8, name : 12, _pad0
            : 28
        );
    }
    /// The C types as the library was built with them, for comparison.
    #[doc(hidden)]
    pub mod btf {
        use ::bpf_subskeleton::private::prelude::*;
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::struct_ops::tcp_congestion_ops {
            const BTF: &'static Type = {
                static TYPE: Type = Type::Struct(Composite {
                    name: "tcp_congestion_ops",
                    size: 32,
                    members: &[
                        Member::new("init", 0, &Type::Pointer(Pointee::Function)),
                        Member::new("flags", 8, &runtime::U32),
                        Member::new("name", 12, &Type::array(&runtime::I8, 16)),
                    ],
                });
                &TYPE
            };
        }
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Quiet",
            variables: &[],
            maps: &[],
            programs: &[Program::new("quiet_init", "struct_ops")],
            struct_ops: &[
                StructOps::new::<
                    super::struct_ops::tcp_congestion_ops,
                >(
                    "quiet",
                    ".struct_ops.link",
                    <super::struct_ops::tcp_congestion_ops as ::bpf_subskeleton::BtfType>::BTF,
                ),
            ],
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
    "/path/to/crate/struct_ops.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`struct_ops.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

pub struct Calls {
    /// The variables of `.data.counters`.
    pub data_counters: calls::DataCounters,
}
/// The variables, maps, programs and `struct_ops` of [`Calls`](struct@Calls) before the object is loaded.
#[derive(::core::fmt::Debug)]
#[allow(dead_code, non_snake_case)]
pub struct CallsConfig<'obj> {
    /// The variables of `.data.counters`.
    pub data_counters: calls::config::DataCounters<'obj>,
    /// The programs.
    pub programs: calls::config::Programs<'obj>,
}
/// The programs and `struct_ops` of [`Calls`](struct@Calls) in a loaded object: an `Object` of this process, or a `Running` one.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct CallsPrograms<
    'obj,
    Loaded: ::bpf_subskeleton::Origin = ::bpf_subskeleton::libbpf_rs::Object,
> {
    /// Counts the entries into system calls.
    ///
    /// Program `on_enter`, `SEC("raw_tp/sys_enter")`.
    pub on_enter: ::bpf_subskeleton::RawTracepointProgram<'obj, Loaded>,
    /// Program `on_exit`, `SEC("?raw_tp/sys_exit")`.
    pub on_exit: ::bpf_subskeleton::RawTracepointProgram<'obj, Loaded>,
}
impl CallsPrograms<'_> {
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
    ) -> ::core::result::Result<CallsLinks, ::bpf_subskeleton::AttachError> {
        ::core::result::Result::Ok(CallsLinks {
            on_enter: self.on_enter.attach()?,
            on_exit: self.on_exit.attach()?,
        })
    }
}
/// The links of [`Calls`](struct@Calls)'s programs and `struct_ops`. Dropping a link detaches its program.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct CallsLinks {
    /// The link of `on_enter`, if it was attached.
    pub on_enter: ::core::option::Option<::bpf_subskeleton::libbpf_rs::Link>,
    /// The link of `on_exit`, if it was attached.
    pub on_exit: ::core::option::Option<::bpf_subskeleton::libbpf_rs::Link>,
}
impl Calls {
    /// The variables, as the library was built.
    pub const VARIABLES: &'static [::bpf_subskeleton::describe::Variable] = calls::description::LIBRARY
        .variables;
    /// The maps, as the library was built.
    pub const MAPS: &'static [::bpf_subskeleton::describe::Map] = calls::description::LIBRARY
        .maps;
    /// The programs, as the library was built.
    pub const PROGRAMS: &'static [::bpf_subskeleton::describe::Program] = calls::description::LIBRARY
        .programs;
    /// The `struct_ops`, as the library was built.
    pub const STRUCT_OPS: &'static [::bpf_subskeleton::describe::StructOps] = calls::description::LIBRARY
        .struct_ops;
    /// Finds the library in an object that is not yet loaded, to set initial values.
    ///
    /// # Errors
    ///
    /// The same as those of [`bind`](Self::bind).
    pub fn configure(
        object: &mut ::bpf_subskeleton::libbpf_rs::OpenObject,
    ) -> ::core::result::Result<CallsConfig<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::configure(
            object,
            calls::description::library(),
        )?;
        ::core::result::Result::Ok(CallsConfig {
            data_counters: calls::config::DataCounters {
                entered: library.variable(),
            },
            programs: calls::config::Programs {
                on_enter: library.program(),
                on_exit: library.program(),
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
            calls::description::library(),
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
            calls::description::library(),
            calls::description::INITIAL,
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
        CallsPrograms<'_, Loaded::Origin>,
        ::bpf_subskeleton::BindError,
    > {
        let mut library = ::bpf_subskeleton::private::programs(
            object,
            calls::description::library(),
        )?;
        ::core::result::Result::Ok(CallsPrograms {
            on_enter: library.raw_tracepoint_program(),
            on_exit: library.raw_tracepoint_program(),
        })
    }
}
#[automatically_derived]
impl ::bpf_subskeleton::private::FromLibrary for Calls {
    fn from_library(library: &mut ::bpf_subskeleton::private::Bound) -> Self {
        Self {
            data_counters: calls::DataCounters {
                entered: library.variable(),
            },
        }
    }
}
/// The sections, maps and C types of [`Calls`](struct@Calls).
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
pub mod calls {
    pub use self::types::*;
    /// The variables of `.data.counters`.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct DataCounters {
        /// `__u64 entered`: 8 bytes, in `.data.counters`.
        pub entered: ::bpf_subskeleton::Var<u64>,
    }
    /// The sections, maps and programs before the object is loaded.
    pub mod config {
        /// The variables of `.data.counters` before load.
        #[derive(::core::fmt::Debug)]
        pub struct DataCounters<'obj> {
            /// `__u64 entered`: 8 bytes, in `.data.counters`.
            pub entered: &'obj mut u64,
        }
        /// The programs before load.
        #[derive(::core::fmt::Debug)]
        pub struct Programs<'obj> {
            /// Counts the entries into system calls.
            ///
            /// Program `on_enter`, `SEC("raw_tp/sys_enter")`.
            pub on_enter: ::bpf_subskeleton::libbpf_rs::OpenProgramMut<'obj>,
            /// Program `on_exit`, `SEC("?raw_tp/sys_exit")`.
            pub on_exit: ::bpf_subskeleton::libbpf_rs::OpenProgramMut<'obj>,
        }
    }
    /// The C types as values.
    pub mod types {
        /// `typedef … __u64`.
        pub type __u64 = u64;
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Calls",
            variables: &[
                Variable::new::<
                    u64,
                    Write,
                >("entered", ".data.counters", "__u64 entered", &runtime::U64),
            ],
            maps: &[],
            programs: &[
                Program::new("on_enter", "raw_tp/sys_enter"),
                Program::new("on_exit", "?raw_tp/sys_exit"),
            ],
            struct_ops: &[],
        };
        /// The table, for code elsewhere. Code that names `LIBRARY` itself is compiled with a copy of it, for
        /// which each text in it gets a symbol.
        #[inline(never)]
        pub fn library() -> &'static Library {
            &LIBRARY
        }
        /// What the variables hold before anyone sets them: sizes, and bytes without the zeroes at their end.
        pub const INITIAL: &[runtime::Initial] = &[(8, b"")];
    }
}
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    "/path/to/crate/programs.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`programs.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

pub struct Ticks {
    /// The variables of `.kconfig`, read-only once loaded.
    pub kconfig: ticks::Kconfig,
    /// The variables that the library declares `extern`, in whatever section another object defines them.
    pub externs: ticks::Externs,
}
/// The variables, maps, programs and `struct_ops` of [`Ticks`](struct@Ticks) before the object is loaded.
#[derive(::core::fmt::Debug)]
#[allow(dead_code, non_snake_case)]
pub struct TicksConfig<'obj> {
    /// The variables that the library declares `extern`, in whatever section another object defines them.
    pub externs: ticks::config::Externs<'obj>,
}
/// The programs and `struct_ops` of [`Ticks`](struct@Ticks) in a loaded object: an `Object` of this process, or a `Running` one.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct TicksPrograms<
    'obj,
    Loaded: ::bpf_subskeleton::Origin = ::bpf_subskeleton::libbpf_rs::Object,
> {
    #[doc(hidden)]
    pub _object: ::core::marker::PhantomData<fn(&'obj mut ()) -> Loaded>,
}
impl TicksPrograms<'_> {
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
    ) -> ::core::result::Result<TicksLinks, ::bpf_subskeleton::AttachError> {
        ::core::result::Result::Ok(TicksLinks {})
    }
}
/// The links of [`Ticks`](struct@Ticks)'s programs and `struct_ops`. Dropping a link detaches its program.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct TicksLinks {}
impl Ticks {
    /// The variables, as the library was built.
    pub const VARIABLES: &'static [::bpf_subskeleton::describe::Variable] = ticks::description::LIBRARY
        .variables;
    /// The maps, as the library was built.
    pub const MAPS: &'static [::bpf_subskeleton::describe::Map] = ticks::description::LIBRARY
        .maps;
    /// The programs, as the library was built.
    pub const PROGRAMS: &'static [::bpf_subskeleton::describe::Program] = ticks::description::LIBRARY
        .programs;
    /// The `struct_ops`, as the library was built.
    pub const STRUCT_OPS: &'static [::bpf_subskeleton::describe::StructOps] = ticks::description::LIBRARY
        .struct_ops;
    /// Finds the library in an object that is not yet loaded, to set initial values.
    ///
    /// # Errors
    ///
    /// The same as those of [`bind`](Self::bind).
    pub fn configure(
        object: &mut ::bpf_subskeleton::libbpf_rs::OpenObject,
    ) -> ::core::result::Result<TicksConfig<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::configure(
            object,
            ticks::description::library(),
        )?;
        ::core::result::Result::Ok(TicksConfig {
            externs: ticks::config::Externs {
                limits: library.unsized_variable(),
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
            ticks::description::library(),
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
            ticks::description::library(),
            ticks::description::INITIAL,
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
        TicksPrograms<'_, Loaded::Origin>,
        ::bpf_subskeleton::BindError,
    > {
        ::bpf_subskeleton::private::programs(object, ticks::description::library())?;
        ::core::result::Result::Ok(TicksPrograms {
            _object: ::core::marker::PhantomData,
        })
    }
}
#[automatically_derived]
impl ::bpf_subskeleton::private::FromLibrary for Ticks {
    fn from_library(library: &mut ::bpf_subskeleton::private::Bound) -> Self {
        Self {
            kconfig: ticks::Kconfig {
                CONFIG_HZ: library.variable(),
            },
            externs: ticks::Externs {
                limits: library.unsized_variable(),
                level: library.variable(),
            },
        }
    }
}
/// The sections, maps and C types of [`Ticks`](struct@Ticks).
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
pub mod ticks {
    pub use self::types::*;
    /// The variables of `.kconfig`, read-only once loaded.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct Kconfig {
        /// `int CONFIG_HZ`: 4 bytes, weak, in `.kconfig`.
        pub CONFIG_HZ: ::bpf_subskeleton::Const<i32>,
    }
    /// The variables that the library declares `extern`, in whatever section another object defines them.
    #[derive(::core::clone::Clone, ::core::fmt::Debug)]
    pub struct Externs {
        /// `extern __u32 limits[]`.
        pub limits: ::bpf_subskeleton::Var<[u32]>,
        /// `extern const __u32 level`.
        pub level: ::bpf_subskeleton::Const<u32>,
    }
    /// The sections, maps and programs before the object is loaded.
    pub mod config {
        /// The `extern` variables before load.
        #[derive(::core::fmt::Debug)]
        pub struct Externs<'obj> {
            /// `extern __u32 limits[]`.
            pub limits: &'obj mut [u32],
            /// `extern const __u32 level`.
            pub level: &'obj mut u32,
        }
    }
    /// The C types as values.
    pub mod types {
        /// `typedef … __u32`.
        pub type __u32 = u32;
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Ticks",
            variables: &[
                Variable::new::<
                    i32,
                    Read,
                >("CONFIG_HZ", ".kconfig", "int CONFIG_HZ", &runtime::I32),
                Variable::unsized_array::<
                    u32,
                    Write,
                >("limits", "extern", "__u32 limits[]", &Type::array(&runtime::U32, 0)),
                Variable::new::<
                    u32,
                    Read,
                >("level", "extern", "const __u32 level", &runtime::U32),
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
        pub const INITIAL: &[runtime::Initial] = &[(4, b""), (0, b""), (4, b"")];
    }
}
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    "/path/to/crate/externs.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`externs.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

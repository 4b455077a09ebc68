pub struct Traits {
    /// `struct plain plain`: 16 bytes, in `.bss`.
    plain: ::bpf_subskeleton::Var<traits::types::plain>,
    /// `struct odd odd`: 24 bytes, in `.bss`.
    odd: ::bpf_subskeleton::Var<traits::types::odd>,
}
/// The variables, maps, programs and `struct_ops` of [`Traits`](struct@Traits) before the object is loaded.
#[allow(dead_code, non_snake_case)]
pub struct TraitsConfig<'obj> {
    /// `struct plain plain`: 16 bytes, in `.bss`.
    plain: &'obj mut traits::types::plain,
    /// `struct odd odd`: 24 bytes, in `.bss`.
    odd: &'obj mut traits::types::odd,
}
/// The programs and `struct_ops` of [`Traits`](struct@Traits) in a loaded object: an `Object` of this process, or a `Running` one.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct TraitsPrograms<
    'obj,
    Loaded: ::bpf_subskeleton::Origin = ::bpf_subskeleton::libbpf_rs::Object,
> {
    #[doc(hidden)]
    pub _object: ::core::marker::PhantomData<fn(&'obj mut ()) -> Loaded>,
}
impl TraitsPrograms<'_> {
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
    ) -> ::core::result::Result<TraitsLinks, ::bpf_subskeleton::AttachError> {
        ::core::result::Result::Ok(TraitsLinks {})
    }
}
/// The links of [`Traits`](struct@Traits)'s programs and `struct_ops`. Dropping a link detaches its program.
#[derive(::core::fmt::Debug)]
#[allow(non_snake_case)]
pub struct TraitsLinks {}
impl Traits {
    /// The variables, as the library was built.
    pub const VARIABLES: &'static [::bpf_subskeleton::describe::Variable] = traits::description::LIBRARY
        .variables;
    /// The maps, as the library was built.
    pub const MAPS: &'static [::bpf_subskeleton::describe::Map] = traits::description::LIBRARY
        .maps;
    /// The programs, as the library was built.
    pub const PROGRAMS: &'static [::bpf_subskeleton::describe::Program] = traits::description::LIBRARY
        .programs;
    /// The `struct_ops`, as the library was built.
    pub const STRUCT_OPS: &'static [::bpf_subskeleton::describe::StructOps] = traits::description::LIBRARY
        .struct_ops;
    /// Finds the library in an object that is not yet loaded, to set initial values.
    ///
    /// # Errors
    ///
    /// The same as those of [`bind`](Self::bind).
    pub fn configure(
        object: &mut ::bpf_subskeleton::libbpf_rs::OpenObject,
    ) -> ::core::result::Result<TraitsConfig<'_>, ::bpf_subskeleton::BindError> {
        let mut library = ::bpf_subskeleton::private::configure(
            object,
            traits::description::library(),
        )?;
        ::core::result::Result::Ok(TraitsConfig {
            plain: library.variable(),
            odd: library.variable(),
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
            traits::description::library(),
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
            traits::description::library(),
            traits::description::INITIAL,
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
        TraitsPrograms<'_, Loaded::Origin>,
        ::bpf_subskeleton::BindError,
    > {
        ::bpf_subskeleton::private::programs(object, traits::description::library())?;
        ::core::result::Result::Ok(TraitsPrograms {
            _object: ::core::marker::PhantomData,
        })
    }
}
#[automatically_derived]
impl ::bpf_subskeleton::private::FromLibrary for Traits {
    fn from_library(library: &mut ::bpf_subskeleton::private::Bound) -> Self {
        Self {
            plain: library.variable(),
            odd: library.variable(),
        }
    }
}
/// The values of the variables of [`Traits`](struct@Traits).
#[derive(
    ::core::fmt::Debug,
    ::core::clone::Clone,
    ::core::cmp::PartialEq,
    ::core::cmp::PartialOrd
)]
#[allow(dead_code, non_snake_case)]
pub struct TraitsSnapshot {
    /// `struct plain plain`: 16 bytes, in `.bss`.
    plain: traits::types::plain,
    /// `struct odd odd`: 24 bytes, in `.bss`.
    odd: traits::types::odd,
}
#[automatically_derived]
impl ::serde::Serialize for TraitsSnapshot {
    fn serialize<S: ::serde::Serializer>(
        &self,
        serializer: S,
    ) -> ::core::result::Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("TraitsSnapshot", 2usize)?;
        ::serde::ser::SerializeStruct::serialize_field(
            &mut fields,
            "plain",
            &self.plain,
        )?;
        ::serde::ser::SerializeStruct::serialize_field(&mut fields, "odd", &self.odd)?;
        ::serde::ser::SerializeStruct::end(fields)
    }
}
impl Traits {
    /// Reads all variables.
    ///
    /// BPF programs go on writing while it is read: an aligned value of 1, 2, 4 or 8 bytes is never torn, a wider one may be, and two values may be of different moments.
    #[must_use]
    pub fn snapshot(&self) -> TraitsSnapshot {
        TraitsSnapshot {
            plain: self.plain.get(),
            odd: self.odd.get(),
        }
    }
}
/// The sections, maps and C types of [`Traits`](struct@Traits).
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
pub mod traits {
    pub use self::constants::*;
    pub use self::types::*;
    /// The C types as values.
    pub mod types {
        /// `enum level`, 4 bytes. Any value can be in it, not only the constants.
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
            ::my::Other,
        )]
        pub struct level(pub u32);
        impl level {
            /// `LEVEL_LOW`
            pub const LEVEL_LOW: Self = Self(0);
            /// `LEVEL_HIGH`
            pub const LEVEL_HIGH: Self = Self(1);
        }
        /// SAFETY: a transparent integer.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for level {}
        /// SAFETY: a transparent integer.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for level {}
        #[automatically_derived]
        impl ::bpf_subskeleton::Enumeration for level {
            type Int = u32;
            const CONSTANTS: &'static [(&'static ::core::primitive::str, Self)] = &[
                ("LEVEL_LOW", Self::LEVEL_LOW),
                ("LEVEL_HIGH", Self::LEVEL_HIGH),
            ];
            fn to_int(self) -> u32 {
                self.0
            }
        }
        #[automatically_derived]
        impl ::core::convert::TryFrom<u32> for level {
            type Error = ::bpf_subskeleton::NoConstant<u32>;
            fn try_from(
                value: u32,
            ) -> ::core::result::Result<Self, ::bpf_subskeleton::NoConstant<u32>> {
                ::bpf_subskeleton::private::constant(Self(value), "enum level")
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for level {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::bpf_subskeleton::private::debug_constant(*self, "level", f)
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Display for level {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::bpf_subskeleton::private::display_constant(*self, f)
            }
        }
        #[automatically_derived]
        impl ::serde::Serialize for level {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                match ::bpf_subskeleton::Enumeration::name(*self) {
                    ::core::option::Option::Some(constant) => {
                        serializer.serialize_str(constant)
                    }
                    ::core::option::Option::None => {
                        ::serde::Serialize::serialize(&self.0, serializer)
                    }
                }
            }
        }
        /// `struct plain`, 16 bytes.
        #[repr(C)]
        #[derive(
            ::core::clone::Clone,
            ::core::marker::Copy,
            ::core::cmp::PartialEq,
            ::core::cmp::PartialOrd,
            ::core::cmp::Eq,
            ::core::hash::Hash,
            ::core::cmp::Ord,
            ::my::Other
        )]
        pub struct plain {
            /// `unsigned long long count`, at offset 0.
            pub count: u64,
            /// `enum level levels[2]`, at offset 8.
            pub levels: [self::level; 2],
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for plain {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for plain {}
        #[automatically_derived]
        impl ::core::default::Default for plain {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for plain {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("plain")
                    .field("count", &self.count)
                    .field("levels", &self.levels)
                    .finish()
            }
        }
        #[automatically_derived]
        impl ::serde::Serialize for plain {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                let mut fields = serializer.serialize_struct("plain", 2usize)?;
                ::serde::ser::SerializeStruct::serialize_field(
                    &mut fields,
                    "count",
                    &self.count,
                )?;
                ::serde::ser::SerializeStruct::serialize_field(
                    &mut fields,
                    "levels",
                    &super::serialize::sequence(&self.levels, |element| element),
                )?;
                ::serde::ser::SerializeStruct::end(fields)
            }
        }
        /// `struct odd`, 24 bytes.
        #[repr(C)]
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        pub struct odd {
            /// `char name[6]`, at offset 0.
            pub name: [i8; 6],
            #[doc(hidden)]
            pub _bits0: u8,
            /// `_Bool seen`, at offset 7.
            pub seen: ::bpf_subskeleton::Bool,
            /// `double mean`, at offset 8.
            pub mean: f64,
            /// `struct odd *next`, at offset 16.
            pub next: ::bpf_subskeleton::BpfPtr<self::odd>,
        }
        impl odd {
            /// `unsigned int low : 3`
            pub fn low(&self) -> u32 {
                let storage = self._bits0;
                ::bpf_subskeleton::private::bitfield::<_, u32>(&storage, 0, 3)
            }
            /// Sets `unsigned int low : 3`. Higher bits of the value are cut off.
            pub fn set_low(&mut self, value: u32) {
                let mut storage = self._bits0;
                ::bpf_subskeleton::private::set_bitfield(&mut storage, 0, 3, value);
                self._bits0 = storage;
            }
        }
        /// SAFETY: all fields are `Zeroable`.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Zeroable for odd {}
        /// SAFETY: all fields are `Pod`, and padding is a field: the module `layout` proves that there is
        /// no other.
        #[automatically_derived]
        unsafe impl ::bpf_subskeleton::bytemuck::Pod for odd {}
        #[automatically_derived]
        impl ::core::default::Default for odd {
            fn default() -> Self {
                ::bpf_subskeleton::bytemuck::Zeroable::zeroed()
            }
        }
        #[automatically_derived]
        impl ::core::fmt::Debug for odd {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct("odd")
                    .field("name", &::bpf_subskeleton::private::ShownText(&self.name))
                    .field("seen", &self.seen)
                    .field("mean", &self.mean)
                    .field("next", &self.next)
                    .field("low", &self.low())
                    .finish()
            }
        }
        #[automatically_derived]
        impl ::core::cmp::PartialEq for odd {
            #[inline]
            fn eq(&self, other: &Self) -> ::core::primitive::bool {
                ::core::cmp::PartialEq::eq(&self.name, &other.name)
                    && ::core::cmp::PartialEq::eq(&self.low(), &other.low())
                    && ::core::cmp::PartialEq::eq(&self.seen, &other.seen)
                    && ::core::cmp::PartialEq::eq(&self.mean, &other.mean)
                    && ::core::cmp::PartialEq::eq(&self.next, &other.next)
            }
        }
        #[automatically_derived]
        impl ::core::cmp::PartialOrd for odd {
            #[inline]
            fn partial_cmp(
                &self,
                other: &Self,
            ) -> ::core::option::Option<::core::cmp::Ordering> {
                match ::core::cmp::PartialOrd::partial_cmp(&self.name, &other.name) {
                    ::core::option::Option::Some(::core::cmp::Ordering::Equal) => {}
                    unequal => return unequal,
                }
                match ::core::cmp::PartialOrd::partial_cmp(&self.low(), &other.low()) {
                    ::core::option::Option::Some(::core::cmp::Ordering::Equal) => {}
                    unequal => return unequal,
                }
                match ::core::cmp::PartialOrd::partial_cmp(&self.seen, &other.seen) {
                    ::core::option::Option::Some(::core::cmp::Ordering::Equal) => {}
                    unequal => return unequal,
                }
                match ::core::cmp::PartialOrd::partial_cmp(&self.mean, &other.mean) {
                    ::core::option::Option::Some(::core::cmp::Ordering::Equal) => {}
                    unequal => return unequal,
                }
                match ::core::cmp::PartialOrd::partial_cmp(&self.next, &other.next) {
                    ::core::option::Option::Some(::core::cmp::Ordering::Equal) => {}
                    unequal => return unequal,
                }
                ::core::option::Option::Some(::core::cmp::Ordering::Equal)
            }
        }
        #[automatically_derived]
        impl ::serde::Serialize for odd {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                let mut fields = serializer.serialize_struct("odd", 5usize)?;
                ::serde::ser::SerializeStruct::serialize_field(
                    &mut fields,
                    "name",
                    &*::bpf_subskeleton::Text::text(&self.name[..]),
                )?;
                ::serde::ser::SerializeStruct::serialize_field(
                    &mut fields,
                    "low",
                    &self.low(),
                )?;
                ::serde::ser::SerializeStruct::serialize_field(
                    &mut fields,
                    "seen",
                    &::bpf_subskeleton::Bool::as_bool(self.seen),
                )?;
                ::serde::ser::SerializeStruct::serialize_field(
                    &mut fields,
                    "mean",
                    &self.mean,
                )?;
                ::serde::ser::SerializeStruct::serialize_field(
                    &mut fields,
                    "next",
                    &(!::bpf_subskeleton::BpfPtr::is_null(self.next))
                        .then(|| ::std::format!("{:?}", self.next)),
                )?;
                ::serde::ser::SerializeStruct::end(fields)
            }
        }
    }
    /// The C types in shared memory: each field is a `Shared` of its own.
    pub mod fields {
        /// The fields of `struct plain` in shared memory.
        #[repr(C)]
        pub struct plain<A> {
            /// `unsigned long long count`, at offset 0.
            pub count: ::bpf_subskeleton::Shared<u64, A>,
            /// `enum level levels[2]`, at offset 8.
            pub levels: ::bpf_subskeleton::Shared<[super::types::level; 2], A>,
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::plain {
            type Fields = self::plain<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
        /// The fields of `struct odd` in shared memory.
        #[repr(C)]
        pub struct odd<A> {
            /// `char name[6]`, at offset 0.
            pub name: ::bpf_subskeleton::Shared<[i8; 6], A>,
            #[doc(hidden)]
            pub _bits0: ::bpf_subskeleton::Shared<u8, A>,
            /// `_Bool seen`, at offset 7.
            pub seen: ::bpf_subskeleton::Shared<::bpf_subskeleton::Bool, A>,
            /// `double mean`, at offset 8.
            pub mean: ::bpf_subskeleton::Shared<f64, A>,
            /// `struct odd *next`, at offset 16.
            pub next: ::bpf_subskeleton::Shared<
                ::bpf_subskeleton::BpfPtr<super::types::odd>,
                A,
            >,
        }
        impl<A: ::bpf_subskeleton::Access> self::odd<A> {
            /// `unsigned int low : 3`
            pub fn low(&self) -> u32 {
                ::bpf_subskeleton::private::bitfield::<_, u32>(&self._bits0.get(), 0, 3)
            }
            /// Sets `unsigned int low : 3`. Higher bits of the value are cut off.
            pub fn set_low(&self, value: u32)
            where
                A: ::bpf_subskeleton::Writable,
            {
                ::bpf_subskeleton::private::store_bitfield(&self._bits0, 0, 3, value)
            }
        }
        /// SAFETY: the fields are the same, in the same order, each in a transparent cell; the module
        /// `layout` compares size and offsets.
        #[automatically_derived]
        unsafe impl<A> ::bpf_subskeleton::Fields<A> for super::types::odd {
            type Fields = self::odd<A>;
            fn fields(value: *const Self) -> *const Self::Fields {
                value.cast()
            }
        }
    }
    /// Arrays of any length, serialised.
    #[doc(hidden)]
    pub mod serialize {
        #[allow(missing_debug_implementations)]
        pub struct Sequence<'a, T, F>(&'a [T], F);
        pub fn sequence<'a, T, R, F: ::core::ops::Fn(&'a T) -> R>(
            elements: &'a [T],
            shown: F,
        ) -> Sequence<'a, T, F> {
            Sequence(elements, shown)
        }
        #[automatically_derived]
        impl<'a, T, R, F> ::serde::Serialize for Sequence<'a, T, F>
        where
            R: ::serde::Serialize,
            F: ::core::ops::Fn(&'a T) -> R,
        {
            fn serialize<S: ::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer
                    .collect_seq(::core::iter::Iterator::map(self.0.iter(), &self.1))
            }
        }
    }
    /// The constants of the C enums as integers.
    pub mod constants {
        /// `LEVEL_LOW` of `enum level`
        pub const LEVEL_LOW: u32 = 0;
        /// `LEVEL_HIGH` of `enum level`
        pub const LEVEL_HIGH: u32 = 1;
    }
    /// Proof that these types are laid out as C lays them out: size, alignment, offsets.
    mod layout {
        use ::bpf_subskeleton::private::layout_proof;
        layout_proof!(types::plain, 16, 8, count : 0, levels : 8);
        layout_proof!(
            types::odd, 24, 8, name : 0, _bits0 : 6, seen : 7, mean : 8, next : 16
        );
    }
    /// The C types as the library was built with them, for comparison.
    #[doc(hidden)]
    pub mod btf {
        use ::bpf_subskeleton::private::prelude::*;
        pub static level: Type = Type::Enum(Enum {
            name: "level",
            size: 4,
            values: &[("LEVEL_LOW", 0), ("LEVEL_HIGH", 1)],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::level {
            const BTF: &'static Type = &self::level;
        }
        pub static plain: Type = Type::Struct(Composite {
            name: "plain",
            size: 16,
            members: &[
                Member::new("count", 0, &runtime::U64),
                Member::new("levels", 8, &Type::array(&self::level, 2)),
            ],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::plain {
            const BTF: &'static Type = &self::plain;
        }
        pub static odd: Type = Type::Struct(Composite {
            name: "odd",
            size: 24,
            members: &[
                Member::new("name", 0, &Type::array(&runtime::I8, 6)),
                Member::bits("low", 48, 3, &runtime::U32),
                Member::new("seen", 7, &runtime::BOOL),
                Member::new("mean", 8, &Type::Float { size: 8 }),
                Member::new("next", 16, &Type::Pointer(Pointee::Struct("odd"))),
            ],
        });
        #[automatically_derived]
        impl ::bpf_subskeleton::BtfType for super::types::odd {
            const BTF: &'static Type = &self::odd;
        }
    }
    /// The library as it was built, to compare objects with.
    #[doc(hidden)]
    pub mod description {
        use ::bpf_subskeleton::private::prelude::*;
        pub static LIBRARY: Library = Library {
            name: "Traits",
            variables: &[
                Variable::new::<
                    super::types::plain,
                    Write,
                >("plain", ".bss", "struct plain plain", &super::btf::plain),
                Variable::new::<
                    super::types::odd,
                    Write,
                >("odd", ".bss", "struct odd odd", &super::btf::odd),
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
        pub const INITIAL: &[runtime::Initial] = &[(16, b""), (24, b"")];
    }
}
const _: &[::core::primitive::u8] = ::core::include_bytes!(
    "/path/to/crate/traits.bpf.o"
);
#[cfg(not(target_endian = "little"))]
::core::compile_error!(
    "`traits.bpf.o`: a little-endian object, but the crate is compiled for a big-endian machine: compile the object with `--target=bpfeb`"
);

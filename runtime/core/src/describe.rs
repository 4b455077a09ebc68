//! A library as it was built: constant descriptions of its variables, maps, programs, `struct_ops` and types.
//!
//! The macro writes them, [`bind`](crate::private::bind) compares them with the object, and tools can
//! read them from `Hist::VARIABLES`, `Hist::MAPS`, `Hist::PROGRAMS` and `Hist::STRUCT_OPS`.

#[doc(hidden)]
pub mod primitives;
mod types;

use core::alloc::Layout;
use core::fmt;

use bytemuck::Pod;

pub use self::types::{ArenaPointee, Composite, Enum, Member, Pointee, Type};
pub(crate) use self::types::{write_float, write_int, write_len, write_tag};
use crate::shared::Access;
use crate::type_names;

/// The section of variables in an arena.
pub(crate) const ARENA_SECTION: &str = ".addr_space.1";

/// The section of what libbpf reads from the kernel's configuration.
pub(crate) const KCONFIG_SECTION: &str = ".kconfig";

/// A variable of a library, as the library was built.
#[derive(Debug)]
pub struct Variable {
    name: &'static str,
    section: &'static str,
    declaration: &'static str,
    ty: &'static Type,
    // A program has one of these for each variable of each library, so they are kept small.
    size: u32,
    align_log2: u8,
    extent: Extent,
    writable: bool,
    optional: bool,
}

/// How many bytes a variable has in the object.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// As many as its type.
    Fixed,
    /// More than its type: it initialises a flexible array, whose length is its own.
    Flexible,
    /// An array whose length the object decides: a multiple of its element's.
    Unsized,
}

impl Variable {
    /// The variable `name` of `section`, of the Rust type `T` and the C type `ty`.
    ///
    /// In a constant, a `T` of another size than `ty` doesn't compile.
    pub const fn new<T: Pod, A: Access>(
        name: &'static str,
        section: &'static str,
        declaration: &'static str,
        ty: &'static Type,
    ) -> Self {
        assert!(
            size_of::<T>() == ty.size() as usize,
            "the Rust type and the C type differ in size"
        );
        Self::with_extent::<T, A>(name, section, declaration, ty, Extent::Fixed)
    }

    /// A variable that initialises the flexible array at the end of `ty`, which `T` includes.
    pub const fn flexible<T: Pod, A: Access>(
        name: &'static str,
        section: &'static str,
        declaration: &'static str,
        ty: &'static Type,
    ) -> Self {
        Self::with_extent::<T, A>(name, section, declaration, ty, Extent::Flexible)
    }

    /// An array of `T` whose length the object decides: an `extern` one, or one that is resizable.
    pub const fn unsized_array<T: Pod, A: Access>(
        name: &'static str,
        section: &'static str,
        declaration: &'static str,
        ty: &'static Type,
    ) -> Self {
        Self::with_extent::<T, A>(name, section, declaration, ty, Extent::Unsized)
    }

    const fn with_extent<T: Pod, A: Access>(
        name: &'static str,
        section: &'static str,
        declaration: &'static str,
        ty: &'static Type,
        extent: Extent,
    ) -> Self {
        Self::with_layout(
            name,
            section,
            declaration,
            ty,
            Layout::new::<T>(),
            extent,
            A::WRITABLE,
        )
    }

    /// A variable of a library that is read at run time, where there is no Rust type: `layout` is that of the type,
    /// or of an element if the object decides how many there are.
    #[doc(hidden)]
    pub const fn with_layout(
        name: &'static str,
        section: &'static str,
        declaration: &'static str,
        ty: &'static Type,
        layout: Layout,
        extent: Extent,
        writable: bool,
    ) -> Self {
        Self {
            name,
            section,
            declaration,
            ty,
            // Of what BTF describes, no size is larger.
            size: if layout.size() < u32::MAX as usize {
                layout.size() as u32
            } else {
                u32::MAX
            },
            align_log2: layout.align().trailing_zeros() as u8,
            extent,
            writable,
            optional: false,
        }
    }

    /// The same variable, which may be missing from the final object.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The C name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The section of the library's object, `extern` for a variable that another object defines.
    pub const fn section(&self) -> &'static str {
        self.section
    }

    /// The C declaration: `struct stats stats[4]`.
    pub const fn declaration(&self) -> &'static str {
        self.declaration
    }

    /// The C type, as laid out.
    pub const fn ty(&self) -> &'static Type {
        self.ty
    }

    /// Size in bytes; of one element for an array whose length the object decides.
    pub const fn size(&self) -> usize {
        self.size as usize
    }

    /// Whether it is a `Var`: `false` for a `Const`.
    pub const fn is_writable(&self) -> bool {
        self.writable
    }

    /// Whether it may be missing from the final object.
    pub const fn is_optional(&self) -> bool {
        self.optional
    }

    /// Whether libbpf fills it itself, at load.
    pub(crate) fn is_in_kconfig(&self) -> bool {
        self.section == KCONFIG_SECTION
    }

    /// Whether the library only declares it, and another object defines it.
    pub(crate) fn is_extern(&self) -> bool {
        self.section == "extern"
    }

    /// Whether it is in an arena: `arena` has it, not `bind`.
    pub fn is_in_arena(&self) -> bool {
        self.section == ARENA_SECTION
    }

    pub(crate) const fn align(&self) -> usize {
        1 << self.align_log2
    }

    pub(crate) const fn extent(&self) -> Extent {
        self.extent
    }
}

/// A map of a library, as the library was built.
#[derive(Debug)]
pub struct Map {
    name: &'static str,
    map_type: Option<u32>,
    key: Shape,
    value: Shape,
    flags: u32,
    inner: Option<&'static Self>,
    optional: bool,
}

/// What a map definition says of its keys or values.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Shape {
    /// Nothing.
    Unknown,
    /// `__uint(key_size, …)`: so many bytes.
    Size(u32),
    /// `__type(key, …)`: this type.
    Type(&'static Type),
}

impl Map {
    /// The map `name`, of this type in the kernel's `enum bpf_map_type`.
    pub const fn new(name: &'static str, map_type: Option<u32>, key: Shape, value: Shape) -> Self {
        Self {
            name,
            map_type,
            key,
            value,
            flags: 0,
            inner: None,
            optional: false,
        }
    }

    /// The same map with `__uint(map_flags, …)`.
    #[must_use]
    pub const fn with_flags(mut self, flags: u32) -> Self {
        self.flags = flags;
        self
    }

    /// The same map with inner maps as `inner` describes them; the name of `inner` is `values`.
    #[must_use]
    pub const fn with_inner(mut self, inner: &'static Self) -> Self {
        self.inner = Some(inner);
        self
    }

    /// The same map, which may be missing from the final object.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// The C name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The map type, a value of the kernel's `enum bpf_map_type`; `None` if the library declares the map
    /// without a type.
    pub const fn map_type(&self) -> Option<u32> {
        self.map_type
    }

    /// The name of the map type as bpftool writes it: `lru_hash`; `None` also for one that libbpf doesn't
    /// know.
    pub fn map_type_name(&self) -> Option<&'static str> {
        type_names::map_type(self.map_type?)
    }

    /// What the definition says of the keys.
    pub const fn key(&self) -> Shape {
        self.key
    }

    /// What the definition says of the values.
    pub const fn value(&self) -> Shape {
        self.value
    }

    /// `__uint(map_flags, …)`: the kernel's `BPF_F_…`.
    pub const fn flags(&self) -> u32 {
        self.flags
    }

    /// The definition of the maps that an array or hash of maps holds.
    pub const fn inner(&self) -> Option<&'static Self> {
        self.inner
    }

    /// Whether it may be missing from the final object.
    pub const fn is_optional(&self) -> bool {
        self.optional
    }
}

impl Shape {
    /// Size in bytes, where known.
    pub const fn size(&self) -> Option<u32> {
        match self {
            Self::Unknown => None,
            Self::Size(size) => Some(*size),
            Self::Type(ty) => Some(ty.size()),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("nothing"),
            Self::Size(size) => write!(f, "{size} bytes"),
            Self::Type(ty) => ty.fmt(f),
        }
    }
}

/// A program of a library, as the library was built.
#[derive(Debug)]
pub struct Program {
    name: &'static str,
    section: &'static str,
    context: Option<&'static Type>,
}

impl Program {
    /// The program `name` in the ELF section `section`.
    pub const fn new(name: &'static str, section: &'static str) -> Self {
        Self {
            name,
            section,
            context: None,
        }
    }

    /// The same program, which user space runs with a context of this type: `SEC("syscall")`.
    #[must_use]
    pub const fn with_context(mut self, context: &'static Type) -> Self {
        self.context = Some(context);
        self
    }

    /// The type of the context that user space runs the program with, if it has one.
    pub const fn context(&self) -> Option<&'static Type> {
        self.context
    }

    /// The C name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The ELF section, which says what it attaches to: `raw_tp/sys_enter`.
    pub const fn section(&self) -> &'static str {
        self.section
    }
}

/// A `struct_ops` of a library, as the library was built: a kernel struct whose function pointers are
/// programs.
#[derive(Debug)]
pub struct StructOps {
    name: &'static str,
    section: &'static str,
    ty: &'static Type,
    align: usize,
}

impl StructOps {
    /// The variable `name` in the ELF section `section`, of the Rust type `T` and the C type `ty`.
    ///
    /// In a constant, a `T` of another size than `ty` doesn't compile.
    pub const fn new<T: Pod>(name: &'static str, section: &'static str, ty: &'static Type) -> Self {
        assert!(
            size_of::<T>() == ty.size() as usize,
            "the Rust type and the C type differ in size"
        );
        Self::with_align(name, section, ty, align_of::<T>())
    }

    /// One of a library that is read at run time, where there is no Rust type.
    #[doc(hidden)]
    pub const fn with_align(
        name: &'static str,
        section: &'static str,
        ty: &'static Type,
        align: usize,
    ) -> Self {
        Self {
            name,
            section,
            ty,
            align,
        }
    }

    /// The C name.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The ELF section: `.struct_ops.link`.
    pub const fn section(&self) -> &'static str {
        self.section
    }

    /// The struct.
    pub const fn ty(&self) -> &'static Type {
        self.ty
    }

    pub(crate) const fn align(&self) -> usize {
        self.align
    }
}

/// A library, as it was built: everything that binding it needs.
#[derive(Debug)]
pub struct Library {
    /// The name of the user's struct, for messages.
    pub name: &'static str,
    /// The variables, in the order the generated code takes them: those in an arena are the last.
    pub variables: &'static [Variable],
    /// The maps, in the order the generated code takes them.
    pub maps: &'static [Map],
    /// The programs, in the order the generated code takes them.
    pub programs: &'static [Program],
    /// The `struct_ops`, in the order the generated code takes them.
    pub struct_ops: &'static [StructOps],
}

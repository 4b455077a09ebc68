//! A variable of a library.

use core::alloc::Layout;
use core::fmt;

use bytemuck::Pod;

use super::Type;
use crate::shared::Access;

/// The section of variables in an arena.
pub(crate) const ARENA_SECTION: &str = ".addr_space.1";

/// The section of what a library only declares, and another object defines.
const EXTERN_SECTION: &str = "extern";

/// The section of what libbpf reads from the kernel's configuration.
pub(crate) const KCONFIG_SECTION: &str = ".kconfig";

/// A variable of a library, as the library was built.
// A program has one of these for each variable of each library, so they are kept small. A pointer costs most: where a
// program is loaded at any address, 24 bytes say that it is to be adjusted.
pub struct Variable {
    /// It contains the name.
    declaration: &'static str,
    /// Where it is not one of [`SECTIONS`].
    other_section: Option<&'static str>,
    ty: &'static Type,
    size: u32,
    /// Where the name begins in the declaration.
    name: u32,
    name_len: u32,
    /// Which of [`SECTIONS`].
    section: u8,
    align_log2: u8,
    extent: Extent,
    flags: u8,
}

/// The sections that variables are in, but for those that a library names itself.
const SECTIONS: [&str; 6] = [
    ".bss",
    ".data",
    ".rodata",
    EXTERN_SECTION,
    KCONFIG_SECTION,
    ARENA_SECTION,
];

/// Among the flags of a variable, that it is a `Var`.
const WRITABLE: u8 = 1;

/// Among the flags of a variable, that it may be missing.
const OPTIONAL: u8 = 2;

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
    /// In a constant, a `T` of another size than `ty` doesn't compile, and a declaration without the name.
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
    ///
    /// # Panics
    ///
    /// If the declaration doesn't contain the name.
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
        let Some(name_at) = find(declaration, name) else {
            panic!("the declaration doesn't contain the name");
        };
        let mut known = 0;
        while known < SECTIONS.len() && !equal(SECTIONS[known], section) {
            known += 1;
        }
        Self {
            declaration,
            other_section: if known < SECTIONS.len() {
                None
            } else {
                Some(section)
            },
            ty,
            // Of what BTF describes, no size is larger, and no text.
            size: saturated(layout.size()),
            name: saturated(name_at),
            name_len: saturated(name.len()),
            section: known as u8,
            align_log2: layout.align().trailing_zeros() as u8,
            extent,
            flags: if writable { WRITABLE } else { 0 },
        }
    }

    /// The same variable, which may be missing from the final object.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.flags |= OPTIONAL;
        self
    }

    /// The C name.
    pub const fn name(&self) -> &'static str {
        let (_, name) = self.declaration.split_at(self.name as usize);
        let (name, _) = name.split_at(self.name_len as usize);
        name
    }

    /// The section of the library's object, `extern` for a variable that another object defines.
    pub const fn section(&self) -> &'static str {
        match self.other_section {
            Some(section) => section,
            None => SECTIONS[self.section as usize],
        }
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
        self.flags & WRITABLE != 0
    }

    /// Whether it may be missing from the final object.
    pub const fn is_optional(&self) -> bool {
        self.flags & OPTIONAL != 0
    }

    /// Whether libbpf fills it itself, at load.
    pub(crate) fn is_in_kconfig(&self) -> bool {
        self.section() == KCONFIG_SECTION
    }

    /// Whether the library only declares it, and another object defines it.
    pub(crate) fn is_extern(&self) -> bool {
        self.section() == EXTERN_SECTION
    }

    /// Whether it is in an arena: `arena` has it, not `bind`.
    pub fn is_in_arena(&self) -> bool {
        self.section() == ARENA_SECTION
    }

    /// Whether it is the variable of this name, in fewer steps than taking the name.
    pub(crate) fn is_named(&self, name: &[u8]) -> bool {
        let begin = self.name as usize;
        name.len() == self.name_len as usize
            && self.declaration.as_bytes().get(begin..begin + name.len()) == Some(name)
    }

    pub(crate) const fn align(&self) -> usize {
        1 << self.align_log2
    }

    pub(crate) const fn extent(&self) -> Extent {
        self.extent
    }
}

impl fmt::Debug for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Variable")
            .field("name", &self.name())
            .field("section", &self.section())
            .field("declaration", &self.declaration)
            .field("ty", &self.ty)
            .field("size", &self.size)
            .field("align", &self.align())
            .field("extent", &self.extent)
            .field("writable", &self.is_writable())
            .field("optional", &self.is_optional())
            .finish()
    }
}

const fn saturated(number: usize) -> u32 {
    if number < u32::MAX as usize {
        number as u32
    } else {
        u32::MAX
    }
}

/// Where `part` begins in `text`, first of all.
const fn find(text: &str, part: &str) -> Option<usize> {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let mut at = 0;
    while at + part.len() <= text.len() {
        if begins_with(text, at, part) {
            return Some(at);
        }
        at += 1;
    }
    None
}

const fn equal(text: &str, other: &str) -> bool {
    text.len() == other.len() && begins_with(text.as_bytes(), 0, other.as_bytes())
}

/// Whether `part` comes at `at` in `text`, which is long enough.
const fn begins_with(text: &[u8], at: usize, part: &[u8]) -> bool {
    let mut index = 0;
    while index < part.len() {
        if text[at + index] != part[index] {
            return false;
        }
        index += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::primitives::U64;
    use crate::shared::{Read, Write};

    /// Sections that are known, and one that a library names itself.
    const SECTIONS: [&str; 8] = [
        ".bss",
        ".data",
        ".rodata",
        ".kconfig",
        "extern",
        ".addr_space.1",
        ".data.counters",
        ".rodata.",
    ];

    #[test]
    fn what_was_described_comes_back() {
        for section in SECTIONS {
            let variable = Variable::new::<u64, Write>("at", section, "struct cat at", &U64);
            assert_eq!(variable.name(), "at");
            assert_eq!(variable.section(), section);
            assert_eq!(variable.declaration(), "struct cat at");
            assert_eq!((variable.size(), variable.align()), (8, 8));
            assert_eq!(variable.is_in_kconfig(), section == ".kconfig");
            assert_eq!(variable.is_extern(), section == "extern");
            assert_eq!(variable.is_in_arena(), section == ".addr_space.1");
            assert!(variable.is_writable() && !variable.is_optional());
            let variable = variable.optional();
            assert!(variable.is_writable() && variable.is_optional());
        }
        let read = Variable::new::<u64, Read>("größe", ".rodata", "const u64 größe", &U64);
        assert_eq!(read.name(), "größe");
        assert!(!read.is_writable() && !read.is_optional());
        assert!(read.optional().is_optional());
    }

    #[test]
    fn a_row_of_the_table_is_small() {
        assert_eq!(size_of::<Variable>(), 56);
    }

    #[test]
    #[should_panic(expected = "the declaration doesn't contain the name")]
    fn a_declaration_of_another_variable() {
        let _ = Variable::new::<u64, Write>("packets", ".bss", "u64 packet", &U64);
    }
}

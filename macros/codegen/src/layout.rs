//! C types as Rust types: size, alignment, padding, names.
//!
//! BTF does not record `packed` and `aligned`; they show only in offsets, sizes and addresses. A struct
//! whose members, size or variables don't fit its natural alignment is packed, and gets alignment 1; one
//! that is more aligned than its members gets its members' alignment and padding at the end. So every
//! access to a type is correct wherever the compiler put it.

mod arena;
mod build;
mod composite;
mod fields;

use std::collections::{HashMap, HashSet};
use std::fmt;

use bpf_subskeleton_object::btf::{Btf, Type, TypeId};
use bpf_subskeleton_object::model::{Library, Map, Program, Section, StructOps, Variable};

use self::build::Builder;

pub use composite::Struct;
pub(crate) use composite::is_text;
pub use fields::{FieldKind, Method, MethodKind, StructField};

/// The Rust types of a library.
#[derive(Debug, Default)]
pub struct Layout {
    /// The types that have a name, in the order of the generated code.
    pub items: Vec<NamedType>,
    by_type: HashMap<TypeId, usize>,
    /// Variables that initialise a flexible array have a struct of their own, with the array's length.
    by_variable: HashMap<String, usize>,
    opaque: HashMap<(bool, String), usize>,
    /// The structs of `struct_ops`, whose function pointers are programs, in a scope of their own.
    pub struct_ops: Vec<NamedType>,
    by_struct_ops: HashMap<TypeId, usize>,
    /// What pointers into an arena point to.
    in_arena: HashSet<TypeId>,
}

/// The members whose types are laid out.
#[derive(Debug)]
pub struct Roots<'l, 'a> {
    /// Variables: `extern` ones after those of the library, and last those in an arena.
    pub variables: Vec<&'l Variable<'a>>,
    /// Maps.
    pub maps: Vec<&'l Map<'a>>,
    /// Programs, some of which are called with a context.
    pub programs: &'l [Program<'a>],
    /// Sets of operations.
    pub struct_ops: &'l [StructOps<'a>],
    /// Types that the fields of a selection name for the records of maps.
    pub records: Vec<Record<'l, 'a>>,
}

/// A type of records. The definition of a ring buffer in C doesn't name it.
#[derive(Debug, Clone, Copy)]
pub struct Record<'l, 'a> {
    /// The type, or a typedef of it.
    pub ty: TypeId,
    /// A variable of the type and its section, if nothing else shows what the type is in an object.
    pub variable: Option<(&'l Section<'a>, &'l Variable<'a>)>,
}

impl<'l, 'a> Roots<'l, 'a> {
    /// All members of the library.
    pub fn of(library: &'l Library<'a>) -> Self {
        let variables = library.variables().map(|(_, variable)| variable);
        Self {
            variables: variables.chain(library.arena_variables()).collect(),
            maps: library.maps.iter().collect(),
            programs: &library.programs,
            struct_ops: &library.struct_ops,
            records: Vec::new(),
        }
    }
}

/// A Rust type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Rust {
    /// `u8` to `i128`.
    Int {
        /// Size in bytes.
        size: u32,
        /// Whether it is signed.
        signed: bool,
    },
    /// `Bool`.
    Bool,
    /// `f32` or `f64`.
    Float {
        /// Size in bytes.
        size: u32,
    },
    /// `[element; len]`.
    Array(Box<Self>, u32),
    /// `BpfPtr<…>`.
    Pointer(Pointee),
    /// `Callback`: a function pointer of a `struct_ops`.
    Callback,
    /// One of [`Layout::items`].
    Named(usize),
}

/// What a pointer points to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Pointee {
    /// `void`, or something that has no type in Rust.
    Void,
    /// A function.
    Function,
    /// A scalar.
    Scalar(Box<Rust>),
    /// An enum, of a size and sign.
    Enum(TypeId, u32, bool),
    /// A struct or union, held by value elsewhere or opaque.
    Composite(TypeId),
    /// An array.
    Array(Box<Self>, u32),
    /// Another pointer.
    Pointer(Box<Self>),
}

/// A type with a name.
#[derive(Debug)]
pub struct NamedType {
    /// The Rust name.
    pub name: String,
    /// The C name, keyword included.
    pub c_name: String,
    /// What the C author wrote in `btf_decl_tag("doc: …")`.
    pub docs: Vec<String>,
    /// What it is.
    pub kind: NamedTypeKind,
}

/// What a named type is.
#[derive(Debug)]
pub enum NamedTypeKind {
    /// A struct or union.
    Struct(Struct),
    /// An enum.
    Enum(Enum),
    /// A typedef.
    Alias(Rust),
    /// A struct or union reached only through pointers.
    Opaque,
}

/// An enum.
#[derive(Debug)]
pub struct Enum {
    /// Its type.
    pub ty: TypeId,
    /// Size in bytes.
    pub size: u32,
    /// Whether it is signed.
    pub signed: bool,
    /// Rust names, C names and values of its constants.
    pub values: Vec<(String, String, i128)>,
}

/// A library whose types contradict themselves, or can't be written in Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutError {
    /// The type or variable to blame.
    pub path: String,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.reason)
    }
}

impl std::error::Error for LayoutError {}

impl Layout {
    /// Lays out every type that `roots` reach.
    ///
    /// # Errors
    ///
    /// If a type contradicts itself: members that overlap or extend past its end.
    pub fn new(btf: &Btf<'_>, roots: &Roots<'_, '_>) -> Result<Self, LayoutError> {
        Builder::new(btf).build(roots)
    }

    /// The type of a variable, or of its elements if its length is unknown.
    pub fn variable(&self, btf: &Btf<'_>, variable: &Variable<'_>) -> Rust {
        match self.by_variable.get(variable.name) {
            Some(item) => Rust::Named(*item),
            None => self.rust(btf, variable.ty),
        }
    }

    /// The type of `id`, which the library reaches.
    pub fn rust(&self, btf: &Btf<'_>, id: TypeId) -> Rust {
        let id = btf.resolve(id);
        match btf.ty(id) {
            Type::Array { element, len, .. } => {
                Rust::Array(Box::new(self.rust(btf, *element)), *len)
            }
            Type::Struct(_) | Type::Union(_) | Type::Enum { .. } => match self.by_type.get(&id) {
                Some(item) => Rust::Named(*item),
                None => Rust::Array(Box::new(BYTE), btf.size_of(id).unwrap_or(0) as u32),
            },
            Type::Pointer { to } => Rust::Pointer(pointee(btf, *to)),
            ty => scalar(ty),
        }
    }

    /// The item of a struct or union that a pointer points to.
    pub fn pointee_item(&self, btf: &Btf<'_>, id: TypeId) -> Option<&NamedType> {
        let index = match self.by_type.get(&id) {
            Some(index) => index,
            None => self.opaque.get(&tag(btf, id)?)?,
        };
        self.items.get(*index)
    }

    /// Whether the struct, union or enum `id` is laid out.
    fn has_type(&self, id: TypeId) -> bool {
        self.by_type.contains_key(&id)
    }

    /// Whether pointers to `id`, which has no qualifiers, are followed: it is in an arena.
    pub fn is_in_arena(&self, id: TypeId) -> bool {
        self.in_arena.contains(&id)
    }

    /// What pointers into an arena are followed to, in no order.
    pub fn arena_pointees(&self) -> impl Iterator<Item = TypeId> + '_ {
        self.in_arena.iter().copied()
    }

    /// The named type with that index.
    pub fn item(&self, index: usize) -> Option<&NamedType> {
        self.items.get(index)
    }

    /// The named type of `id`, if it has one.
    pub fn item_of(&self, id: TypeId) -> Option<&NamedType> {
        self.items.get(*self.by_type.get(&id)?)
    }

    /// The size of a type in bytes.
    pub fn size_of(&self, ty: &Rust) -> usize {
        match ty {
            Rust::Int { size, .. } | Rust::Float { size } => *size as usize,
            Rust::Bool => 1,
            Rust::Array(element, len) => self.size_of(element).saturating_mul(*len as usize),
            Rust::Pointer(_) | Rust::Callback => 8,
            Rust::Named(index) => match self.item(*index).map(|item| &item.kind) {
                Some(NamedTypeKind::Struct(composite)) => composite.size as usize,
                Some(NamedTypeKind::Enum(enumeration)) => enumeration.size as usize,
                Some(NamedTypeKind::Alias(ty)) => self.size_of(ty),
                Some(NamedTypeKind::Opaque) | None => 0,
            },
        }
    }

    /// The alignment of a type in bytes, on a 64-bit host.
    pub fn align_of(&self, ty: &Rust) -> usize {
        match ty {
            Rust::Array(element, _) => self.align_of(element),
            Rust::Named(index) => match self.item(*index).map(|item| &item.kind) {
                Some(NamedTypeKind::Struct(composite)) => composite.align as usize,
                Some(NamedTypeKind::Alias(ty)) => self.align_of(ty),
                _ => self.size_of(ty).max(1),
            },
            _ => self.size_of(ty).max(1),
        }
    }

    /// The struct of a `struct_ops`.
    pub fn struct_ops(&self, btf: &Btf<'_>, struct_ops: &StructOps<'_>) -> Option<&NamedType> {
        let index = self.by_struct_ops.get(&btf.resolve(struct_ops.ty))?;
        self.struct_ops.get(*index)
    }
}

const BYTE: Rust = Rust::Int {
    size: 1,
    signed: false,
};

/// Unsigned storage of `size` bytes that aligns to `align`.
fn storage(size: u32, align: u32) -> Rust {
    let word = Rust::Int {
        size: align,
        signed: false,
    };
    match size == align {
        true => word,
        false => Rust::Array(Box::new(word), size / align.max(1)),
    }
}

fn scalar(ty: &Type<'_>) -> Rust {
    match *ty {
        Type::Int {
            boolean: true,
            size: 1,
            ..
        } => Rust::Bool,
        Type::Int { size, signed, .. } => Rust::Int { size, signed },
        Type::Float {
            size: size @ (4 | 8),
            ..
        } => Rust::Float { size },
        // `long double` and half floats, which Rust lacks: their bytes.
        Type::Float { size, .. } => storage(size, natural_float_align(size)),
        _ => Rust::Array(Box::new(BYTE), 0),
    }
}

fn natural_float_align(size: u32) -> u32 {
    match size {
        2 | 16 => size,
        12 => 4,
        10 => 2,
        _ => 1,
    }
}

/// How far pointers to pointers, and dimensions of arrays, are followed. Each level adds tokens wherever
/// the type is used.
const MAX_NESTING: u8 = 16;

/// What a pointer points to; `void` beyond [`MAX_NESTING`].
fn pointee(btf: &Btf<'_>, id: TypeId) -> Pointee {
    nested_pointee(btf, id, MAX_NESTING)
}

fn nested_pointee(btf: &Btf<'_>, id: TypeId, depth: u8) -> Pointee {
    let Some(depth) = depth.checked_sub(1) else {
        return Pointee::Void;
    };
    let id = btf.resolve(id);
    match btf.ty(id) {
        Type::FunctionProto { .. } => Pointee::Function,
        Type::Struct(_) | Type::Union(_) | Type::Forward { .. } => Pointee::Composite(id),
        Type::Array { element, len, .. } => {
            Pointee::Array(Box::new(nested_pointee(btf, *element, depth)), *len)
        }
        Type::Pointer { to } => Pointee::Pointer(Box::new(nested_pointee(btf, *to, depth))),
        // `enum e;`
        Type::Enum { size: 0, .. } => Pointee::Void,
        Type::Enum { size, signed, .. } => Pointee::Enum(id, *size, *signed),
        ty @ (Type::Int { .. } | Type::Float { .. }) => Pointee::Scalar(Box::new(scalar(ty))),
        _ => Pointee::Void,
    }
}

/// The number of dimensions of an array.
fn dimensions(btf: &Btf<'_>, id: TypeId) -> u8 {
    let mut id = btf.resolve(id);
    let mut dimensions = 0_u8;
    while let Type::Array { element, .. } = btf.ty(id) {
        dimensions = dimensions.saturating_add(1);
        id = btf.resolve(*element);
    }
    dimensions
}

/// For a struct or union with a tag: whether it is a union, and the tag.
fn tag(btf: &Btf<'_>, id: TypeId) -> Option<(bool, String)> {
    let (union, name) = match btf.ty(id) {
        Type::Struct(composite) => (false, composite.name),
        Type::Union(composite) => (true, composite.name),
        Type::Forward { name, union } => (*union, *name),
        _ => return None,
    };
    (!name.is_empty()).then(|| (union, name.to_owned()))
}

fn error(path: &str, reason: &str) -> LayoutError {
    LayoutError {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

//! C types as Rust types: size, alignment, padding, names.
//!
//! BTF does not tell `packed` and `aligned`; they show in offsets, sizes and addresses only. A struct
//! whose members, size or variables don't fit its natural alignment is packed, and gets alignment 1; one
//! that is more aligned than its members gets its members' alignment and padding at the end. Every access
//! to a type is then right wherever the compiler may have put it.

mod composite;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

use crate::btf::{Btf, Type, TypeId};
use crate::declaration::declaration;
use crate::model::{Library, Shape, StructOps, Variable, docs};
use crate::names::Names;

pub use composite::{Field, FieldKind, Method, MethodKind, Struct};

/// The Rust types of a library.
#[derive(Debug, Default)]
pub struct Layout {
    /// The types that have a name, in an order that readers may see.
    pub items: Vec<Item>,
    by_type: HashMap<TypeId, usize>,
    /// Variables that initialise a flexible array have a struct of their own, with its length.
    by_variable: HashMap<String, usize>,
    opaque: HashMap<(bool, String), usize>,
    /// The structs of `struct_ops`, whose function pointers are programs, in a scope of their own.
    pub struct_ops: Vec<Item>,
    by_struct_ops: HashMap<TypeId, usize>,
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
    Item(usize),
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
pub struct Item {
    /// The Rust name.
    pub name: String,
    /// The C name, keyword included.
    pub c_name: String,
    /// What the C author wrote in `btf_decl_tag("doc: …")`.
    pub docs: Vec<String>,
    /// What it is.
    pub kind: ItemKind,
}

/// What a named type is.
#[derive(Debug)]
pub enum ItemKind {
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
    /// Lays out every type that the library's variables and maps reach.
    ///
    /// # Errors
    ///
    /// If a type contradicts itself: members that overlap or stick out.
    pub fn new(library: &Library<'_>) -> Result<Self, LayoutError> {
        let mut builder = Builder {
            btf: &library.btf,
            layout: Self::default(),
            aligns: HashMap::new(),
            wishes: Vec::new(),
            aliases: Vec::new(),
            pointees: BTreeMap::new(),
            seen_typedefs: HashSet::new(),
            parts_left: parts_limit(&library.btf),
        };
        // Before any layout: whoever holds such a struct must know.
        for (_, variable) in library.variables() {
            builder.note_misplaced(variable);
        }
        builder.aligns.retain(|_, align| *align == 1);
        for (_, variable) in library.variables() {
            builder.variable(variable)?;
        }
        for map in &library.maps {
            let definitions = [Some(&map.definition), map.definition.inner.as_deref()];
            for definition in definitions.into_iter().flatten() {
                for (shape, part) in [(definition.key, "key"), (definition.value, "value")] {
                    if let Shape::Type(id) = shape {
                        builder.rust(id, &format!("{}_{part}", map.name))?;
                    }
                }
            }
        }
        for program in &library.programs {
            if let Some(context) = program.call.context() {
                builder.rust(context, &format!("{}_context", program.name))?;
            }
        }
        let mut names = Names::default();
        for struct_ops in &library.struct_ops {
            builder.struct_ops(struct_ops, &mut names)?;
        }
        Ok(builder.finish())
    }

    /// The type of a variable; of an element where its length is unknown.
    pub fn variable(&self, btf: &Btf<'_>, variable: &Variable<'_>) -> Rust {
        match self.by_variable.get(variable.name) {
            Some(item) => Rust::Item(*item),
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
                Some(item) => Rust::Item(*item),
                None => Rust::Array(Box::new(BYTE), btf.size_of(id).unwrap_or(0) as u32),
            },
            Type::Pointer { to } => Rust::Pointer(pointee(btf, *to)),
            ty => scalar(ty),
        }
    }

    /// The item of a struct or union that a pointer points to.
    pub fn pointee_item(&self, btf: &Btf<'_>, id: TypeId) -> Option<&Item> {
        let index = match self.by_type.get(&id) {
            Some(index) => index,
            None => self.opaque.get(&tag(btf, id)?)?,
        };
        self.items.get(*index)
    }

    /// The named type with that index.
    pub fn item(&self, index: usize) -> Option<&Item> {
        self.items.get(index)
    }

    /// The named type of `id`, if it has one.
    pub fn item_of(&self, id: TypeId) -> Option<&Item> {
        self.items.get(*self.by_type.get(&id)?)
    }

    /// The struct of a `struct_ops`.
    pub fn struct_ops(&self, btf: &Btf<'_>, struct_ops: &StructOps<'_>) -> Option<&Item> {
        let index = self.by_struct_ops.get(&btf.resolve(struct_ops.ty))?;
        self.struct_ops.get(*index)
    }

    /// Whether `id` is the struct of a variable that initialises a flexible array.
    pub fn is_flexible(&self, variable: &Variable<'_>) -> bool {
        self.by_variable.contains_key(variable.name)
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
        // `long double` and half floats, which Rust has not: their bytes.
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

/// Pointers to pointers, and dimensions of arrays, are followed so far. Each costs tokens in all that is
/// generated for whatever has the type.
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
        Type::Enum { size, signed, .. } => Pointee::Enum(id, *size, *signed),
        ty @ (Type::Int { .. } | Type::Float { .. }) => Pointee::Scalar(Box::new(scalar(ty))),
        _ => Pointee::Void,
    }
}

/// Number of dimensions of an array.
fn dimensions(btf: &Btf<'_>, id: TypeId) -> u8 {
    let mut id = btf.resolve(id);
    let mut dimensions = 0_u8;
    while let Type::Array { element, .. } = btf.ty(id) {
        dimensions = dimensions.saturating_add(1);
        id = btf.resolve(*element);
    }
    dimensions
}

/// Whether it is a union, and the tag, of a struct or union that has one.
fn tag(btf: &Btf<'_>, id: TypeId) -> Option<(bool, String)> {
    let (union, name) = match btf.ty(id) {
        Type::Struct(composite) => (false, composite.name),
        Type::Union(composite) => (true, composite.name),
        Type::Forward { name, union } => (*union, *name),
        _ => return None,
    };
    (!name.is_empty()).then(|| (union, name.to_owned()))
}

/// How good a claim to a name is: a tag's before a typedef's before one made of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Claim {
    Tag,
    Typedef,
    Alias,
    Path,
}

/// An item's wish for a name.
#[derive(Debug)]
struct Wish {
    claim: Claim,
    name: String,
}

struct Builder<'b, 'a> {
    btf: &'b Btf<'a>,
    layout: Layout,
    aligns: HashMap<TypeId, u32>,
    /// One for each item.
    wishes: Vec<Wish>,
    aliases: Vec<(TypeId, Rust)>,
    /// Tagged structs and unions behind pointers: whether a union, tag.
    pointees: BTreeMap<(bool, String), TypeId>,
    /// Those that are in `aliases`.
    seen_typedefs: HashSet<TypeId>,
    /// How many more members structs may have, those of anonymous structs in them included.
    parts_left: usize,
}

/// A limit in proportion to the table. A program has each member in one struct, few in more.
fn parts_limit(btf: &Btf<'_>) -> usize {
    let parts = btf.iter().map(|(_, ty)| match ty {
        Type::Struct(composite) | Type::Union(composite) => composite.members.len(),
        Type::DeclTag { .. } => 1,
        _ => 0,
    });
    parts.sum::<usize>().saturating_mul(8).saturating_add(1024)
}

impl<'b, 'a> Builder<'b, 'a> {
    /// A packed struct may look like one that is not. If the compiler put a variable where the struct
    /// could not be otherwise, it is packed.
    fn note_misplaced(&mut self, variable: &Variable<'a>) {
        let Some(align) = variable.align else { return };
        let mut id = self.btf.resolve(variable.ty);
        while let Type::Array { element, .. } = self.btf.ty(id) {
            id = self.btf.resolve(*element);
        }
        let composite = matches!(self.btf.ty(id), Type::Struct(_) | Type::Union(_));
        if composite && align < u64::from(self.align(id)) {
            self.aligns.insert(id, 1);
        }
    }

    fn variable(&mut self, variable: &Variable<'a>) -> Result<(), LayoutError> {
        self.rust(variable.ty, variable.name)?;
        let Some(size) = self.btf.size_of(variable.ty) else {
            return Err(error(variable.name, "has a type without a size"));
        };
        if size == u64::from(variable.size) {
            return Ok(());
        }
        let id = self.btf.resolve(variable.ty);
        let flexible =
            matches!(self.btf.ty(id), Type::Struct(_)) && u64::from(variable.size) > size;
        let item = match flexible {
            true => self.flexible(id, variable)?,
            false => None,
        };
        let Some(item) = item else {
            let reason = format!("has {} bytes, its type {size}", variable.size);
            return Err(error(variable.name, &reason));
        };
        let index = self.push(item, Claim::Path, variable.name);
        self.layout
            .by_variable
            .insert(variable.name.to_owned(), index);
        Ok(())
    }

    /// The Rust type of `id`; `path` names it where C does not.
    fn rust(&mut self, id: TypeId, path: &str) -> Result<Rust, LayoutError> {
        let mut name = None;
        let mut typedefs = Vec::new();
        let mut target = id;
        while let Type::Typedef { to, .. }
        | Type::Const { to }
        | Type::Volatile { to }
        | Type::Restrict { to }
        | Type::TypeTag { to, .. } = self.btf.ty(target)
        {
            if let Type::Typedef { name: typedef, .. } = self.btf.ty(target) {
                name = Some(*typedef);
                typedefs.push(target);
            }
            target = *to;
        }
        let rust = match self.btf.ty(target) {
            Type::Array { .. } if dimensions(self.btf, target) > MAX_NESTING => {
                let reason = format!("is an array of more than {MAX_NESTING} dimensions");
                return Err(error(path, &reason));
            }
            Type::Array { element, len, .. } => {
                Rust::Array(Box::new(self.rust(*element, name.unwrap_or(path))?), *len)
            }
            Type::Pointer { to } => {
                self.note_pointee(*to);
                Rust::Pointer(pointee(self.btf, *to))
            }
            ty @ (Type::Struct(_) | Type::Union(_) | Type::Enum { .. }) => {
                let (claim, name) = match (ty.name(), name) {
                    ("", Some(typedef)) => (Claim::Typedef, typedef),
                    ("", None) => (Claim::Path, path),
                    (tag, _) => (Claim::Tag, tag),
                };
                let name = name.to_owned();
                Rust::Item(self.named(target, claim, &name)?)
            }
            ty @ (Type::Int { .. } | Type::Float { .. }) => scalar(ty),
            _ => return Err(error(path, "has a type without a size")),
        };
        for typedef in typedefs {
            if self.seen_typedefs.insert(typedef) {
                self.aliases.push((typedef, rust.clone()));
            }
        }
        Ok(rust)
    }

    /// The item of a struct, union or enum, made at the first call.
    fn named(&mut self, id: TypeId, claim: Claim, name: &str) -> Result<usize, LayoutError> {
        if let Some(index) = self.layout.by_type.get(&id) {
            return Ok(*index);
        }
        let kind = match self.btf.ty(id) {
            Type::Enum {
                size,
                signed,
                wide,
                values,
                ..
            } => ItemKind::Enum(enumeration(id, *size, *signed, *wide, values)),
            _ => ItemKind::Struct(self.composite(id, name)?),
        };
        let item = Item {
            name: String::new(),
            c_name: declaration(self.btf, id, ""),
            docs: docs(self.btf, id, None)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            kind,
        };
        let index = self.push(item, claim, name);
        self.layout.by_type.insert(id, index);
        Ok(index)
    }

    /// The struct of a `struct_ops`, made at the first call. libbpf puts programs into its function
    /// pointers (`bpf_map__init_kern_struct_ops`), not into those of structs inside it.
    fn struct_ops(
        &mut self,
        struct_ops: &StructOps<'_>,
        names: &mut Names,
    ) -> Result<(), LayoutError> {
        let id = self.btf.resolve(struct_ops.ty);
        let Type::Struct(composite) = self.btf.ty(id) else {
            return Ok(());
        };
        if self.layout.by_struct_ops.contains_key(&id) {
            return Ok(());
        }
        let name = match composite.name {
            "" => struct_ops.name,
            tag => tag,
        };
        let mut item = self.composite(id, name)?;
        let own: HashSet<_> = composite
            .members
            .iter()
            .filter(|member| !member.name.is_empty())
            .map(|member| member.bit_offset / 8)
            .collect();
        for field in &mut item.fields {
            if field.ty == Rust::Pointer(Pointee::Function) && own.contains(&field.offset) {
                field.ty = Rust::Callback;
            }
        }
        let index = self.layout.struct_ops.len();
        self.layout.struct_ops.push(Item {
            name: names.unique(name, &["type"]),
            c_name: declaration(self.btf, id, ""),
            docs: docs(self.btf, id, None)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            kind: ItemKind::Struct(item),
        });
        self.layout.by_struct_ops.insert(id, index);
        Ok(())
    }

    fn push(&mut self, item: Item, claim: Claim, name: &str) -> usize {
        self.layout.items.push(item);
        self.wishes.push(Wish {
            claim,
            name: name.to_owned(),
        });
        self.layout.items.len() - 1
    }

    fn note_pointee(&mut self, id: TypeId) {
        let mut id = self.btf.resolve(id);
        while let Type::Pointer { to } | Type::Array { element: to, .. } = self.btf.ty(id) {
            id = self.btf.resolve(*to);
        }
        if let Some(tag) = tag(self.btf, id) {
            self.pointees.entry(tag).or_insert(id);
        }
    }

    /// Adds opaque types and typedefs, and gives every item its name.
    fn finish(mut self) -> Layout {
        // A pointer's struct is told by its tag. Of several with one tag it is the first, always.
        let mut held: HashMap<(bool, String), usize> = HashMap::new();
        for (id, index) in &self.layout.by_type {
            if let Some(tag) = tag(self.btf, *id) {
                let first = held.entry(tag).or_insert(*index);
                *first = (*first).min(*index);
            }
        }
        for (tag, id) in std::mem::take(&mut self.pointees) {
            let index = match held.get(&tag) {
                Some(index) => *index,
                None => {
                    let item = Item {
                        name: String::new(),
                        c_name: declaration(self.btf, id, ""),
                        docs: Vec::new(),
                        kind: ItemKind::Opaque,
                    };
                    self.push(item, Claim::Tag, &tag.1)
                }
            };
            self.layout.opaque.insert(tag, index);
        }
        let mut seen = HashSet::new();
        for (id, rust) in std::mem::take(&mut self.aliases) {
            let name = self.btf.ty(id).name();
            // `typedef struct stats stats` and `typedef struct { … } stats` are one name.
            let same = matches!(rust, Rust::Item(index)
                if self.wishes.get(index).is_some_and(|wish| wish.name == name));
            if same || !seen.insert((name, rust.clone())) {
                continue;
            }
            let item = Item {
                name: String::new(),
                c_name: name.to_owned(),
                docs: docs(self.btf, id, None)
                    .into_iter()
                    .map(str::to_owned)
                    .collect(),
                kind: ItemKind::Alias(rust),
            };
            self.push(item, Claim::Alias, name);
        }
        let mut order: Vec<usize> = (0..self.wishes.len()).collect();
        order.sort_by_key(|index| (self.wishes.get(*index).map(|wish| wish.claim), *index));
        let mut names = Names::default();
        for index in order {
            let (Some(wish), Some(item)) =
                (self.wishes.get(index), self.layout.items.get_mut(index))
            else {
                continue;
            };
            let suffix = match wish.claim {
                Claim::Tag | Claim::Path => "type",
                Claim::Typedef | Claim::Alias => "typedef",
            };
            item.name = names.unique(&wish.name, &[suffix]);
        }
        self.layout
    }

    /// The alignment that Rust gives the type, 1 for a packed struct.
    fn align(&mut self, id: TypeId) -> u32 {
        let id = self.btf.resolve(id);
        if let Some(align) = self.aligns.get(&id) {
            return *align;
        }
        let align = match self.btf.ty(id) {
            Type::Int { size, .. } | Type::Enum { size, .. } => *size,
            Type::Float {
                size: size @ (4 | 8),
                ..
            } => *size,
            Type::Float { size, .. } => natural_float_align(*size),
            Type::Pointer { .. } => 8,
            Type::Array { element, .. } => self.align(*element),
            Type::Struct(composite) | Type::Union(composite) => self.composite_align(composite),
            _ => 1,
        };
        self.aligns.insert(id, align);
        align
    }
}

fn enumeration(
    ty: TypeId,
    size: u32,
    signed: bool,
    wide: bool,
    values: &[crate::btf::Enumerator<'_>],
) -> Enum {
    let mut names = Names::default();
    // Compilers without 64-bit enums in BTF cut the values of such an enum to 32 bits.
    let truncated = size == 8 && !wide;
    Enum {
        ty,
        size,
        signed,
        values: (values.iter().filter(|_| !truncated))
            .map(|value| {
                let name = names.unique(value.name, &[]);
                (name, value.name.to_owned(), wrap(value.value, size, signed))
            })
            .collect(),
    }
}

/// The value that `size` bytes of it are. Compilers before clang 16 forget the sign of an enum: -1 is
/// then 0xffffffff, also where the enum has but one byte.
fn wrap(value: i128, size: u32, signed: bool) -> i128 {
    match (size, signed) {
        (1, true) => i128::from(value as i8),
        (1, false) => i128::from(value as u8),
        (2, true) => i128::from(value as i16),
        (2, false) => i128::from(value as u16),
        (4, true) => i128::from(value as i32),
        (4, false) => i128::from(value as u32),
        (_, true) => i128::from(value as i64),
        (_, false) => i128::from(value as u64),
    }
}

fn error(path: &str, reason: &str) -> LayoutError {
    LayoutError {
        path: path.to_owned(),
        reason: reason.to_owned(),
    }
}

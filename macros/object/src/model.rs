//! What a BPF library offers: sections of variables, maps and programs.
//!
//! All policy is here: which variables count, what is read-only, what a map definition says. The
//! result is plain data, so that a test can write one by hand.

mod maps;
mod needs;
mod read;

use std::fmt;

use crate::btf::{Btf, BtfError, Type, TypeId};
use crate::elf::{Elf, ElfError, Endianness};

use self::read::Reader;

pub use self::needs::{Need, NeedKind};
pub(crate) use self::read::is_const;

/// A BPF library, as its object describes it.
#[derive(Debug)]
pub struct Library<'a> {
    /// The byte order of the object, and of every program that can use it.
    pub endian: Endianness,
    /// The types that all ids refer to.
    pub btf: Btf<'a>,
    /// Sections with at least one variable, in order of their names.
    pub sections: Vec<Section<'a>>,
    /// Variables that the library declares `extern` and another object defines.
    pub externs: Vec<Variable<'a>>,
    /// What is in an arena; `None` if the library has nothing to do with one.
    pub arena: Option<Arena<'a>>,
    /// Maps, those that the library declares `extern` included.
    pub maps: Vec<Map<'a>>,
    /// Programs.
    pub programs: Vec<Program<'a>>,
    /// Sets of operations for the kernel to call.
    pub struct_ops: Vec<StructOps<'a>>,
    /// Names that are in the object but out of reach, for messages.
    pub hidden: Vec<Hidden<'a>>,
}

/// A section that libbpf turns into a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section<'a> {
    /// The ELF section's name: `.data.custom`.
    pub name: &'a str,
    /// Whether its variables can't be written once the object is loaded.
    pub read_only: bool,
    /// Whether its variables can be set before load. Not in `.kconfig`, which libbpf fills at load.
    pub configurable: bool,
    /// Its global and weak variables, by offset.
    pub variables: Vec<Variable<'a>>,
}

/// The arena of a library: memory that BPF programs and one process share, pointers included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arena<'a> {
    /// The global and weak variables of [`ARENA_SECTION`], by offset. There may be none: then all of the arena is
    /// allocated.
    pub variables: Vec<Variable<'a>>,
}

/// The section of variables in an arena: `__arena` gives them another address space.
pub const ARENA_SECTION: &str = ".addr_space.1";

/// A global, weak or `extern` variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable<'a> {
    /// The C name.
    pub name: &'a str,
    /// The C type, without outer qualifiers.
    pub ty: TypeId,
    /// Its size in bytes; 0 for an `extern` array of unknown length.
    pub size: u32,
    /// How long it is in the final object.
    pub extent: Extent,
    /// Its guaranteed alignment, wherever the linker puts the section; `None` if another object defines
    /// it.
    pub align: Option<u64>,
    /// Whether it can't be written once the object is loaded.
    pub read_only: bool,
    /// Whether another object may override it.
    pub weak: bool,
    /// Whether pointers in it lead into an arena: it is in one itself, or C says so, see [`leads_to_arena`].
    pub leads_to_arena: bool,
    /// What it holds before anyone sets it.
    pub initial: InitialValue<'a>,
    /// What the C author wrote in `btf_decl_tag("doc: …")`.
    pub docs: Vec<&'a str>,
}

/// What a variable holds before anyone sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitialValue<'a> {
    /// Zeroes, as all of `.bss`.
    Zeroes,
    /// These bytes, in the object's byte order.
    Bytes(&'a [u8]),
    /// The object does not say: libbpf fills `.kconfig`, and another object defines `extern` variables.
    Unknown,
}

/// How long a variable is in the final object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// As long as its type.
    Fixed,
    /// Longer than its type, a struct: it initialises the flexible array at the end.
    Flexible,
    /// An `extern` array of unknown length: the object decides.
    Unknown,
    /// An array that can be resized before load: the object decides.
    Resizable,
}

/// A map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Map<'a> {
    /// The C name.
    pub name: &'a str,
    /// Its definition.
    pub definition: MapDefinition,
    /// Whether the library only declares it, and another object defines it.
    pub external: bool,
    /// What the C author wrote in `btf_decl_tag("doc: …")`.
    pub docs: Vec<&'a str>,
}

/// A map's definition in `SEC(".maps")`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MapDefinition {
    /// `__uint(type, …)`: a number of the kernel's `enum bpf_map_type`.
    pub map_type: Option<u32>,
    /// The keys.
    pub key: Shape,
    /// The values.
    pub value: Shape,
    /// `__uint(max_entries, …)`.
    pub max_entries: Option<u32>,
    /// `__uint(map_flags, …)`.
    pub flags: Option<u32>,
    /// `__array(values, …)` of an array or hash of maps: the inner maps' definition.
    pub inner: Option<Box<Self>>,
}

/// What a map's definition says about its keys or values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    /// Nothing.
    #[default]
    Unknown,
    /// `__uint(key_size, …)`.
    Size(u32),
    /// `__type(key, …)`.
    Type(TypeId),
}

/// A program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program<'a> {
    /// The C name.
    pub name: &'a str,
    /// The ELF section: `raw_tp/sys_enter`.
    pub section: &'a str,
    /// What user space can call it with.
    pub call: Call,
    /// What the C author wrote in `btf_decl_tag("doc: …")`.
    pub docs: Vec<&'a str>,
}

/// What user space can call a program with (`BPF_PROG_TEST_RUN`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Nothing typed.
    None,
    /// A context of this type: `SEC("syscall")`.
    Syscall(TypeId),
    /// A context of this type: `SEC("sk_lookup")`.
    SkLookup(TypeId),
    /// A packet and a context of this type: `SEC("xdp")`, `SEC("tc")`.
    Packet(TypeId),
    /// The arguments of a tracepoint: `SEC("raw_tp/…")`.
    RawTracepoint,
}

impl Call {
    /// The type of the context.
    pub fn context(self) -> Option<TypeId> {
        match self {
            Self::Syscall(context) | Self::SkLookup(context) | Self::Packet(context) => {
                Some(context)
            }
            Self::None | Self::RawTracepoint => None,
        }
    }
}

/// A variable in `SEC(".struct_ops")` or `SEC(".struct_ops.link")`: a kernel struct whose function pointers
/// are programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StructOps<'a> {
    /// The C name.
    pub name: &'a str,
    /// The ELF section: `.struct_ops.link`.
    pub section: &'a str,
    /// The struct.
    pub ty: TypeId,
    /// What the C author wrote in `btf_decl_tag("doc: …")`.
    pub docs: Vec<&'a str>,
}

/// Something in the object that can't be bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hidden<'a> {
    /// The C name.
    pub name: &'a str,
    /// Why it is out of reach.
    pub reason: Reason,
    /// Its variable or function in BTF.
    pub id: TypeId,
    /// Its section according to BTF: `.ksyms` for a kernel function as well, `None` if BTF doesn't say.
    pub section: Option<&'a str>,
    /// Whether it may be missing, if the library only declares it.
    pub weak: bool,
}

/// Why something is out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A `static` variable.
    Static,
    /// A variable of hidden visibility.
    Visibility,
    /// A variable in a section that libbpf does not turn into a map.
    Section,
    /// A variable for the kernel, `SEC(".struct_ops")`.
    StructOps,
    /// A kernel variable, `extern … __ksym`.
    Kernel,
    /// An `extern` variable of an incomplete type.
    Incomplete,
    /// A function that is not a program.
    Function,
    /// A function that the library only declares.
    ExternFunction,
}

/// Why a library can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// The ELF file.
    Elf(ElfError),
    /// The object has no `.BTF` section.
    NoBtf,
    /// The `.BTF` section.
    Btf(BtfError),
}

impl<'a> Library<'a> {
    /// Reads the library from the bytes of its object.
    ///
    /// # Errors
    ///
    /// If the bytes are not a BPF object with BTF, or are damaged.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let elf = Elf::parse(bytes).map_err(ReadError::Elf)?;
        let btf = elf.btf().ok_or(ReadError::NoBtf)?;
        let btf = Btf::parse(btf, elf.endian).map_err(ReadError::Btf)?;
        Ok(Reader::new(&elf, btf).read())
    }

    /// The names of all variables and maps, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        let variables = self.variables().map(|(_, variable)| variable);
        let variables = variables.chain(self.arena_variables());
        let variables = variables.map(|variable| variable.name);
        variables.chain(self.maps.iter().map(|map| map.name))
    }

    /// All variables with their sections, except those in an arena; `extern` ones last, without a section.
    pub fn variables(&self) -> impl Iterator<Item = (Option<&Section<'a>>, &Variable<'a>)> {
        let placed = self.sections.iter().flat_map(|section| {
            let variables = section.variables.iter();
            variables.map(move |variable| (Some(section), variable))
        });
        placed.chain(self.externs.iter().map(|variable| (None, variable)))
    }

    /// The variables in an arena.
    pub fn arena_variables(&self) -> impl Iterator<Item = &Variable<'a>> {
        self.arena.iter().flat_map(|arena| &arena.variables)
    }
}

/// The documentation that a C author attached: `__attribute__((btf_decl_tag("doc: …")))`.
pub fn docs<'a>(btf: &Btf<'a>, id: TypeId, component: Option<u32>) -> Vec<&'a str> {
    btf.decl_tags(id, component)
        .filter_map(|tag| tag.strip_prefix("doc:"))
        .map(str::trim)
        .collect()
}

/// Whether a C author marked a variable or a member as one whose pointers lead into an arena:
/// `__attribute__((btf_decl_tag("arena")))`. Address spaces are not in BTF.
pub fn leads_to_arena(btf: &Btf<'_>, id: TypeId, component: Option<u32>) -> bool {
    btf.decl_tags(id, component).any(|tag| tag == "arena")
}

fn pointee(btf: &Btf<'_>, id: TypeId) -> Option<TypeId> {
    match btf.ty(btf.resolve(id)) {
        Type::Pointer { to } => Some(*to),
        _ => None,
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elf(error) => error.fmt(f),
            Self::NoBtf => f.write_str(
                "the object has no BTF (no `.BTF` section), so its types are unknown: \
                 compile it with `-g`",
            ),
            Self::Btf(error) => write!(f, "{error}; compile the object again"),
        }
    }
}

impl std::error::Error for ReadError {}

//! What a BPF library offers: sections of variables, maps and programs.
//!
//! All policy is here: which variables count, what is read-only, what a map definition says. The
//! result is plain data, so that a test can write one by hand.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::btf::{Btf, BtfError, Linkage, Type, TypeId};
use crate::elf::{Binding, Elf, ElfError, Endianness, SymbolKind, Visibility};

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
    /// Maps, those that the library declares `extern` included.
    pub maps: Vec<Map<'a>>,
    /// Programs.
    pub programs: Vec<Program<'a>>,
    /// Sets of operations for the kernel to call.
    pub struct_ops: Vec<StructOps<'a>>,
    /// Names that are in the object but out of reach, for messages.
    pub hidden: Vec<Hidden<'a>>,
}

/// A section that libbpf makes a map of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section<'a> {
    /// The ELF section's name: `.data.custom`.
    pub name: &'a str,
    /// Whether its variables can't be written once the object is loaded.
    pub read_only: bool,
    /// Its global and weak variables, in order of their place.
    pub variables: Vec<Variable<'a>>,
}

/// A global, weak or `extern` variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable<'a> {
    /// The C name.
    pub name: &'a str,
    /// The C type, behind whatever qualifiers.
    pub ty: TypeId,
    /// Its size in bytes, larger than its type's where it initialises a flexible array; 0 for an
    /// `extern` array of unknown length.
    pub size: u32,
    /// The greatest power of two that its address is a multiple of, wherever the linker puts the
    /// section; `None` if another object places it.
    pub align: Option<u64>,
    /// Whether it can't be written once the object is loaded.
    pub read_only: bool,
    /// Whether it is an array whose length is set before load, and taken from the object.
    pub resizable: bool,
    /// Whether another object may override it.
    pub weak: bool,
    /// What the C author wrote in `btf_decl_tag("doc: …")`.
    pub docs: Vec<&'a str>,
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

/// What a map's definition in `SEC(".maps")` says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MapDefinition {
    /// `__uint(type, …)`: its kind, as in the kernel's `enum bpf_map_type`.
    pub kind: Option<u32>,
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

/// What a map's definition says of its keys or values.
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

/// A variable in `SEC(".struct_ops")` or `SEC(".struct_ops.link")`: a struct of the kernel's whose function
/// pointers are programs.
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

/// Something of the object that no binding reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hidden<'a> {
    /// The C name.
    pub name: &'a str,
    /// Why it is out of reach.
    pub reason: Reason,
}

/// Why something is out of reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// A `static` variable.
    Static,
    /// A variable of hidden visibility.
    Visibility,
    /// A variable in a section that libbpf makes no map of.
    Section,
    /// A variable for the kernel, `SEC(".struct_ops")`.
    StructOps,
    /// A variable of the kernel, `extern … __ksym`.
    Kernel,
    /// An `extern` variable of a type that is only declared.
    Incomplete,
    /// A function that is no program.
    Function,
    /// A function that the library only declares.
    ExternFunction,
}

/// Why bytes are not a library that can be read.
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

    /// Keeps only these variables, by section and name, and maps.
    pub fn retain(
        &mut self,
        variable: impl Fn(Option<&str>, &str) -> bool,
        map: impl Fn(&str) -> bool,
    ) {
        for section in &mut self.sections {
            let name = section.name;
            section
                .variables
                .retain(|kept| variable(Some(name), kept.name));
        }
        self.sections
            .retain(|section| !section.variables.is_empty());
        self.externs.retain(|kept| variable(None, kept.name));
        self.maps.retain(|kept| map(kept.name));
    }

    /// The names of all variables and maps, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + '_ {
        let variables = self.variables().map(|(_, variable)| variable.name);
        variables.chain(self.maps.iter().map(|map| map.name))
    }

    /// All variables with their sections, `extern` ones last and without.
    pub fn variables(&self) -> impl Iterator<Item = (Option<&Section<'a>>, &Variable<'a>)> {
        let placed = self.sections.iter().flat_map(|section| {
            let variables = section.variables.iter();
            variables.map(move |variable| (Some(section), variable))
        });
        placed.chain(self.externs.iter().map(|variable| (None, variable)))
    }
}

/// The kinds of sections by name, as libbpf tells them apart (`bpf_object__elf_collect`).
enum SectionKind {
    Writable,
    ReadOnly,
    Maps,
    StructOps,
    Kernel,
    Other,
}

fn section_kind(name: &str) -> SectionKind {
    let is = |base: &str| {
        let rest = name.strip_prefix(base);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    if is(".data") || is(".bss") {
        SectionKind::Writable
    } else if is(".rodata") || name == ".kconfig" {
        SectionKind::ReadOnly
    } else {
        match name {
            ".maps" => SectionKind::Maps,
            // `?`: not created unless asked for.
            ".struct_ops" | ".struct_ops.link" | "?.struct_ops" | "?.struct_ops.link" => {
                SectionKind::StructOps
            }
            ".ksyms" => SectionKind::Kernel,
            _ => SectionKind::Other,
        }
    }
}

struct Reader<'e, 'a> {
    elf: &'e Elf<'a>,
    btf: Btf<'a>,
    /// Global, weak and undefined symbols: at most one of a name.
    symbols: HashMap<&'a str, usize>,
}

impl<'e, 'a> Reader<'e, 'a> {
    fn new(elf: &'e Elf<'a>, btf: Btf<'a>) -> Self {
        let symbols = elf.symbols.iter().enumerate();
        let symbols = symbols
            .filter(|(_, symbol)| symbol.binding != Binding::Local)
            .map(|(index, symbol)| (symbol.name, index))
            .collect();
        Self { elf, btf, symbols }
    }

    fn read(self) -> Library<'a> {
        let mut sections = Vec::new();
        let mut maps = Vec::new();
        let mut struct_ops = Vec::new();
        let mut hidden = Vec::new();
        let mut definitions = HashMap::new();
        let mut placed = HashSet::new();
        for (_, ty) in self.btf.iter() {
            let Type::DataSection { name, entries, .. } = ty else {
                continue;
            };
            let kind = section_kind(name);
            let mut variables = Vec::new();
            for entry in entries {
                placed.insert(entry.ty);
                let Type::Variable {
                    name: variable,
                    ty,
                    linkage,
                } = *self.btf.ty(entry.ty)
                else {
                    continue;
                };
                let out_of_reach = |reason| Hidden {
                    name: variable,
                    reason,
                };
                let symbol = self.symbol(variable);
                match kind {
                    SectionKind::Maps => maps.push(Map {
                        name: variable,
                        // Many maps may share a type with many members.
                        definition: definitions
                            .entry(self.btf.resolve(ty))
                            .or_insert_with(|| map_definition(&self.btf, ty))
                            .clone(),
                        external: linkage == Linkage::Extern,
                        docs: self.docs(entry.ty),
                    }),
                    SectionKind::Kernel => hidden.push(out_of_reach(Reason::Kernel)),
                    SectionKind::Other => hidden.push(out_of_reach(Reason::Section)),
                    _ if linkage == Linkage::Static => hidden.push(out_of_reach(Reason::Static)),
                    _ if symbol.is_some_and(|symbol| symbol.visibility == Visibility::Hidden) => {
                        hidden.push(out_of_reach(Reason::Visibility));
                    }
                    SectionKind::StructOps => {
                        hidden.push(out_of_reach(Reason::StructOps));
                        // libbpf opens no object that has anything else there.
                        if matches!(self.btf.ty(self.btf.resolve(ty)), Type::Struct(_)) {
                            let ops = StructOps {
                                name: variable,
                                section: name,
                                ty,
                                docs: self.docs(entry.ty),
                            };
                            struct_ops.push((symbol.map(|symbol| symbol.value), ops));
                        }
                    }
                    SectionKind::Writable | SectionKind::ReadOnly => {
                        let variable = Variable {
                            name: variable,
                            ty,
                            size: entry.size,
                            align: symbol.and_then(|symbol| self.align(symbol)),
                            read_only: matches!(kind, SectionKind::ReadOnly),
                            resizable: false,
                            weak: symbol.is_some_and(|symbol| symbol.binding == Binding::Weak),
                            docs: self.docs(entry.ty),
                        };
                        let offset = symbol.map_or(u64::from(entry.offset), |symbol| symbol.value);
                        variables.push((offset, variable));
                    }
                }
            }
            if let [(_, variable)] = variables.as_mut_slice() {
                variable.resizable = entries.len() == 1 && self.is_resizable(name, variable.ty);
            }
            if !variables.is_empty() {
                variables.sort_by_key(|(offset, variable)| (*offset, variable.name));
                sections.push(Section {
                    name,
                    read_only: matches!(kind, SectionKind::ReadOnly),
                    variables: variables
                        .into_iter()
                        .map(|(_, variable)| variable)
                        .collect(),
                });
            }
        }
        sections.sort_by_key(|section| section.name);
        struct_ops.sort_by_key(|(offset, ops)| (ops.section, *offset, ops.name));
        let mut externs = Vec::new();
        for (id, ty) in self.btf.iter() {
            match *ty {
                Type::Variable { name, ty, linkage } if !placed.contains(&id) => match linkage {
                    Linkage::Extern if self.btf.size_of(ty).is_none() => hidden.push(Hidden {
                        name,
                        reason: Reason::Incomplete,
                    }),
                    Linkage::Extern => externs.push(self.external(id, name, ty)),
                    Linkage::Static | Linkage::Global => hidden.push(Hidden {
                        name,
                        reason: Reason::Section,
                    }),
                },
                Type::Function { name, linkage, .. } => hidden.push(Hidden {
                    name,
                    reason: match linkage {
                        Linkage::Extern => Reason::ExternFunction,
                        Linkage::Static | Linkage::Global => Reason::Function,
                    },
                }),
                _ => {}
            }
        }
        let programs = self.programs();
        let reached: HashSet<_> = programs.iter().map(|program| program.name).collect();
        hidden.retain(|hidden| !reached.contains(hidden.name));
        Library {
            endian: self.elf.endian,
            btf: self.btf,
            sections,
            externs,
            maps,
            programs,
            struct_ops: struct_ops.into_iter().map(|(_, ops)| ops).collect(),
            hidden,
        }
    }

    fn symbol(&self, name: &str) -> Option<&'e crate::elf::Symbol<'a>> {
        self.elf.symbols.get(*self.symbols.get(name)?)
    }

    fn align(&self, symbol: &crate::elf::Symbol<'a>) -> Option<u64> {
        let section = self.elf.sections.get(symbol.section?)?;
        // The lowest bit that is set; for 0 the section's alignment is all there is.
        let offset = symbol.value & symbol.value.wrapping_neg();
        let align = section.align.max(1);
        Some(if offset == 0 {
            align
        } else {
            align.min(offset)
        })
    }

    /// Whether the only variable of a section is written as C authors write one to be resized before load:
    /// `struct stats cpu_stats[1] SEC(".data.cpu_stats")`. libbpf can lengthen what comes last in a section.
    fn is_resizable(&self, section: &str, ty: TypeId) -> bool {
        let mut parts = section.split('.');
        let of_its_own = parts.next() == Some("") && parts.nth(1).is_some();
        of_its_own
            && matches!(
                self.btf.ty(self.btf.resolve(ty)),
                Type::Array { len: 1, .. }
            )
    }

    fn external(&self, id: TypeId, name: &'a str, ty: TypeId) -> Variable<'a> {
        let size = self
            .btf
            .size_of(ty)
            .and_then(|size| u32::try_from(size).ok());
        Variable {
            name,
            ty,
            size: size.unwrap_or(0),
            align: None,
            read_only: is_const(&self.btf, ty),
            resizable: false,
            weak: self
                .symbol(name)
                .is_some_and(|symbol| symbol.binding == Binding::Weak),
            docs: self.docs(id),
        }
    }

    /// Global functions in sections other than `.text`, as libbpf finds them
    /// (`bpf_object__add_programs`).
    fn programs(&self) -> Vec<Program<'a>> {
        let mut functions = HashMap::new();
        for (id, ty) in self.btf.iter() {
            if let Type::Function { name, proto, .. } = ty {
                functions.insert(*name, (id, *proto));
            }
        }
        let mut programs = Vec::new();
        for symbol in &self.elf.symbols {
            let section = symbol
                .section
                .and_then(|index| self.elf.sections.get(index));
            let Some(section) = section else { continue };
            if symbol.kind == SymbolKind::Function
                && symbol.binding != Binding::Local
                && !matches!(section.name, ".text" | "")
                && section.kind == crate::elf::SectionKind::ProgBits
            {
                let at = (symbol.section, symbol.value);
                let function = functions.remove(symbol.name);
                let program = Program {
                    name: symbol.name,
                    section: section.name,
                    call: self.call(section.name, function.map(|(_, proto)| proto)),
                    docs: function.map_or_else(Vec::new, |(id, _)| self.docs(id)),
                };
                programs.push((at, program));
            }
        }
        programs.sort_by_key(|(at, program)| (*at, program.name));
        programs.into_iter().map(|(_, program)| program).collect()
    }

    /// What user space can call a program with, by its section (`section_defs` of libbpf) and prototype.
    fn call(&self, section: &str, proto: Option<TypeId>) -> Call {
        let section = section.trim_start_matches('?');
        let kind = match section {
            "cgroup/skb" => "cgroup_skb",
            _ => section.split('/').next().unwrap_or_default(),
        };
        let context = proto.and_then(|proto| self.context(proto));
        match (kind, context) {
            ("raw_tp" | "raw_tracepoint" | "raw_tp.w" | "raw_tracepoint.w", _) => {
                Call::RawTracepoint
            }
            ("syscall", Some(context)) => Call::Syscall(context),
            ("sk_lookup", Some(context)) => Call::SkLookup(context),
            (
                "xdp" | "xdp.frags" | "tc" | "tcx" | "netkit" | "classifier" | "action" | "socket"
                | "cgroup_skb" | "lwt_in" | "lwt_out" | "lwt_xmit" | "lwt_seg6local",
                Some(context),
            ) => Call::Packet(context),
            _ => Call::None,
        }
    }

    /// What the first parameter points to, if that is a struct or an integer.
    fn context(&self, proto: TypeId) -> Option<TypeId> {
        let Type::FunctionProto { params, .. } = self.btf.ty(proto) else {
            return None;
        };
        let to = pointee(&self.btf, params.first()?.ty)?;
        let held = matches!(
            self.btf.ty(self.btf.resolve(to)),
            Type::Struct(_) | Type::Union(_) | Type::Int { .. }
        );
        held.then_some(to)
    }

    fn docs(&self, id: TypeId) -> Vec<&'a str> {
        docs(&self.btf, id, None)
    }
}

/// The documentation that a C author attached: `__attribute__((btf_decl_tag("doc: …")))`.
pub fn docs<'a>(btf: &Btf<'a>, id: TypeId, component: Option<u32>) -> Vec<&'a str> {
    btf.decl_tags(id, component)
        .filter_map(|tag| tag.strip_prefix("doc:"))
        .map(str::trim)
        .collect()
}

/// Whether a variable of this type is const; an array is if its elements are.
fn is_const(btf: &Btf<'_>, mut id: TypeId) -> bool {
    loop {
        id = match btf.ty(id) {
            Type::Const { .. } => return true,
            Type::Typedef { to, .. }
            | Type::Volatile { to }
            | Type::Restrict { to }
            | Type::TypeTag { to, .. } => *to,
            Type::Array { element, .. } => *element,
            _ => return false,
        }
    }
}

/// Reads a map definition as libbpf does (`parse_btf_map_def`): `__uint(name, value)` is a pointer to
/// an array of that length, `__type(name, type)` a pointer to the type, `__array(name, type)` an array
/// of pointers to it.
fn map_definition(btf: &Btf<'_>, id: TypeId) -> MapDefinition {
    let mut definition = MapDefinition::default();
    let Type::Struct(composite) = btf.ty(btf.resolve(id)) else {
        return definition;
    };
    for member in &composite.members {
        let number = || match btf.ty(btf.resolve(pointee(btf, member.ty)?)) {
            Type::Array { len, .. } => Some(*len),
            _ => None,
        };
        match member.name {
            "type" => definition.kind = number(),
            "max_entries" => definition.max_entries = number(),
            "map_flags" => definition.flags = number(),
            "key_size" => definition.key = number().map_or(definition.key, Shape::Size),
            "value_size" => definition.value = number().map_or(definition.value, Shape::Size),
            "key" | "value" => {
                let Some(to) = pointee(btf, member.ty).filter(|to| btf.size_of(*to).is_some())
                else {
                    continue;
                };
                match member.name {
                    "key" => definition.key = Shape::Type(to),
                    _ => definition.value = Shape::Type(to),
                }
            }
            "values" => definition.inner = inner_definition(btf, member.ty).map(Box::new),
            _ => {}
        }
    }
    definition
}

/// The definition behind `__array(values, struct { … })`. Inner maps have no inner maps, as in the
/// kernel, so this goes one level deep.
fn inner_definition(btf: &Btf<'_>, id: TypeId) -> Option<MapDefinition> {
    let Type::Array { element, .. } = btf.ty(btf.resolve(id)) else {
        return None;
    };
    let to = btf.resolve(pointee(btf, *element)?);
    match btf.ty(to) {
        Type::Struct(composite) => {
            let nested = composite
                .members
                .iter()
                .any(|member| member.name == "values");
            (!nested).then(|| map_definition(btf, to))
        }
        _ => None,
    }
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

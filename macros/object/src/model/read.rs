//! Reads a library: which parts of an object's ELF and BTF count.

use std::collections::{HashMap, HashSet};

use crate::btf::{Btf, Linkage, SectionEntry, Type, TypeId};
use crate::elf::{self, Binding, Elf, Symbol, SymbolKind, Visibility};

use super::maps::map_definition;
use super::{
    ARENA_SECTION, Arena, Call, Extent, Hidden, InitialValue, Library, Map, MapDefinition, Program,
    Reason, Section, StructOps, Variable, docs, leads_to_arena, pointee,
};

/// The kinds of sections by name, as libbpf distinguishes them (`bpf_object__elf_collect`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum SectionKind {
    Writable,
    ReadOnly,
    Maps,
    StructOps,
    Arena,
    Kernel,
    Other,
}

/// `BPF_MAP_TYPE_ARENA`
const MAP_TYPE_ARENA: u32 = 33;

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
            // `?`: not created by default.
            ".struct_ops" | ".struct_ops.link" | "?.struct_ops" | "?.struct_ops.link" => {
                SectionKind::StructOps
            }
            ARENA_SECTION => SectionKind::Arena,
            ".ksyms" => SectionKind::Kernel,
            _ => SectionKind::Other,
        }
    }
}

/// Why a variable of a section is out of reach, if it is.
fn out_of_reach(
    kind: SectionKind,
    linkage: Linkage,
    symbol: Option<&Symbol<'_>>,
) -> Option<Reason> {
    let is_hidden = symbol.is_some_and(|symbol| symbol.visibility == Visibility::Hidden);
    match kind {
        SectionKind::Maps => None,
        SectionKind::Kernel => Some(Reason::Kernel),
        SectionKind::Other => Some(Reason::Section),
        _ if linkage == Linkage::Static => Some(Reason::Static),
        _ if is_hidden => Some(Reason::Visibility),
        SectionKind::StructOps
        | SectionKind::Arena
        | SectionKind::Writable
        | SectionKind::ReadOnly => None,
    }
}

/// The library as found so far.
#[derive(Default)]
struct Found<'a> {
    sections: Vec<Section<'a>>,
    externs: Vec<Variable<'a>>,
    arena: Vec<Variable<'a>>,
    maps: Vec<Map<'a>>,
    /// Variables with their offsets.
    struct_ops: Vec<(Option<u64>, StructOps<'a>)>,
    hidden: Vec<Hidden<'a>>,
    /// Map definitions, by type.
    definitions: HashMap<TypeId, MapDefinition>,
    /// The variables and functions that some DATASEC lists, with its name.
    placed: HashMap<TypeId, &'a str>,
}

pub(super) struct Reader<'e, 'a> {
    elf: &'e Elf<'a>,
    btf: Btf<'a>,
    /// Global, weak and undefined symbols: at most one per name.
    symbols: HashMap<&'a str, usize>,
}

impl<'e, 'a> Reader<'e, 'a> {
    pub(super) fn new(elf: &'e Elf<'a>, btf: Btf<'a>) -> Self {
        let symbols = elf.symbols.iter().enumerate();
        let symbols = symbols
            .filter(|(_, symbol)| symbol.binding != Binding::Local)
            .map(|(index, symbol)| (symbol.name, index))
            .collect();
        Self { elf, btf, symbols }
    }

    pub(super) fn read(self) -> Library<'a> {
        let mut found = Found::default();
        for (_, ty) in self.btf.iter() {
            if let Type::DataSection { name, entries, .. } = ty {
                self.section(name, entries, &mut found);
            }
        }
        self.outside_sections(&mut found);
        let programs = self.programs();

        let Found {
            mut sections,
            mut struct_ops,
            mut hidden,
            ..
        } = found;
        sections.sort_by_key(|section| section.name);
        struct_ops.sort_by_key(|(offset, ops)| (ops.section, *offset, ops.name));
        let has_arena = !found.arena.is_empty()
            || (found.maps.iter()).any(|map| map.definition.map_type == Some(MAP_TYPE_ARENA));
        let arena = has_arena.then_some(Arena {
            variables: found.arena,
        });
        let reached: HashSet<_> = programs.iter().map(|program| program.name).collect();
        hidden.retain(|hidden| !reached.contains(hidden.name));
        Library {
            endian: self.elf.endian,
            btf: self.btf,
            sections,
            externs: found.externs,
            arena,
            maps: found.maps,
            programs,
            struct_ops: struct_ops.into_iter().map(|(_, ops)| ops).collect(),
            hidden,
        }
    }

    /// Reads the entries of a DATASEC.
    fn section(&self, name: &'a str, entries: &[SectionEntry], found: &mut Found<'a>) {
        let kind = section_kind(name);
        let mut variables = Vec::new();
        for entry in entries {
            found.placed.insert(entry.ty, name);
            let Type::Variable {
                name: variable,
                ty,
                linkage,
            } = *self.btf.ty(entry.ty)
            else {
                continue;
            };
            let symbol = self.symbol(variable);
            if let Some(reason) = out_of_reach(kind, linkage, symbol) {
                self.hide(variable, entry.ty, reason, found);
                continue;
            }
            match kind {
                SectionKind::Maps => {
                    let map = self.map(variable, ty, linkage, entry.ty, &mut found.definitions);
                    found.maps.push(map);
                }
                SectionKind::StructOps => {
                    self.hide(variable, entry.ty, Reason::StructOps, found);
                    // libbpf refuses objects with anything else there.
                    if matches!(self.btf.ty(self.btf.resolve(ty)), Type::Struct(_)) {
                        let ops = StructOps {
                            name: variable,
                            section: name,
                            ty,
                            docs: self.docs(entry.ty),
                        };
                        let offset = symbol.map(|symbol| symbol.value);
                        found.struct_ops.push((offset, ops));
                    }
                }
                SectionKind::Arena | SectionKind::Writable | SectionKind::ReadOnly => {
                    let offset = symbol.map_or(u64::from(entry.offset), |symbol| symbol.value);
                    let read_only = kind == SectionKind::ReadOnly;
                    let mut variable = self.variable(variable, ty, read_only, entry, symbol);
                    variable.leads_to_arena |= kind == SectionKind::Arena;
                    variables.push((offset, variable));
                }
                SectionKind::Kernel | SectionKind::Other => {}
            }
        }
        if let [(_, variable)] = variables.as_mut_slice()
            && kind != SectionKind::Arena
            && entries.len() == 1
            && self.is_resizable(name, variable.ty)
        {
            variable.extent = Extent::Resizable;
        }
        if !variables.is_empty() {
            variables.sort_by_key(|(offset, variable)| (*offset, variable.name));
            let variables = variables.into_iter().map(|(_, variable)| variable);
            if kind == SectionKind::Arena {
                found.arena.extend(variables);
                return;
            }
            found.sections.push(Section {
                name,
                read_only: kind == SectionKind::ReadOnly,
                configurable: name != ".kconfig",
                variables: variables.collect(),
            });
        }
    }

    /// Reads what no DATASEC lists: `extern` variables, and what is out of reach.
    fn outside_sections(&self, found: &mut Found<'a>) {
        for (id, ty) in self.btf.iter() {
            match *ty {
                Type::Variable { name, ty, linkage } if !found.placed.contains_key(&id) => {
                    match linkage {
                        Linkage::Extern if self.btf.size_of(ty).is_none() => {
                            self.hide(name, id, Reason::Incomplete, found);
                        }
                        Linkage::Extern => found.externs.push(self.external(id, name, ty)),
                        Linkage::Static | Linkage::Global => {
                            self.hide(name, id, Reason::Section, found);
                        }
                    }
                }
                Type::Function { name, linkage, .. } => {
                    let reason = match linkage {
                        Linkage::Extern => Reason::ExternFunction,
                        Linkage::Static | Linkage::Global => Reason::Function,
                    };
                    self.hide(name, id, reason, found);
                }
                _ => {}
            }
        }
    }

    fn hide(&self, name: &'a str, id: TypeId, reason: Reason, found: &mut Found<'a>) {
        found.hidden.push(Hidden {
            name,
            reason,
            id,
            section: found.placed.get(&id).copied(),
            weak: self.is_weak(name),
        });
    }

    fn map(
        &self,
        name: &'a str,
        ty: TypeId,
        linkage: Linkage,
        id: TypeId,
        definitions: &mut HashMap<TypeId, MapDefinition>,
    ) -> Map<'a> {
        Map {
            name,
            // Many maps may share a type with many members.
            definition: definitions
                .entry(self.btf.resolve(ty))
                .or_insert_with(|| map_definition(&self.btf, ty))
                .clone(),
            external: linkage == Linkage::Extern,
            docs: self.docs(id),
        }
    }

    fn variable(
        &self,
        name: &'a str,
        ty: TypeId,
        read_only: bool,
        entry: &SectionEntry,
        symbol: Option<&Symbol<'a>>,
    ) -> Variable<'a> {
        Variable {
            name,
            ty,
            size: entry.size,
            align: symbol.and_then(|symbol| self.align(symbol)),
            read_only,
            extent: self.extent(ty, entry.size),
            weak: self.is_weak(name),
            leads_to_arena: leads_to_arena(&self.btf, entry.ty, None),
            initial: symbol.map_or(InitialValue::Unknown, |symbol| {
                self.initial(symbol, entry.size)
            }),
            docs: self.docs(entry.ty),
        }
    }

    fn symbol(&self, name: &str) -> Option<&'e Symbol<'a>> {
        self.elf.symbols.get(*self.symbols.get(name)?)
    }

    fn is_weak(&self, name: &str) -> bool {
        let symbol = self.symbol(name);
        symbol.is_some_and(|symbol| symbol.binding == Binding::Weak)
    }

    /// The first `size` bytes of a variable, as far as its section has them.
    fn initial(&self, symbol: &Symbol<'a>, size: u32) -> InitialValue<'a> {
        let section = symbol
            .section
            .and_then(|index| self.elf.sections.get(index));
        let Some(section) = section else {
            return InitialValue::Unknown;
        };
        if section.kind == elf::SectionKind::NoBits {
            return InitialValue::Zeroes;
        }
        let start = usize::try_from(symbol.value).ok();
        let bytes = start.and_then(|start| section.data.get(start..)?.get(..size as usize));
        bytes.map_or(InitialValue::Unknown, InitialValue::Bytes)
    }

    fn align(&self, symbol: &Symbol<'a>) -> Option<u64> {
        let section = self.elf.sections.get(symbol.section?)?;
        // The lowest set bit; offset 0 has the section's alignment.
        let offset = symbol.value & symbol.value.wrapping_neg();
        let align = section.align.max(1);
        Some(if offset == 0 {
            align
        } else {
            align.min(offset)
        })
    }

    /// The length of a variable of this type that has `size` bytes in the library's object.
    fn extent(&self, ty: TypeId, size: u32) -> Extent {
        match self.btf.ty(self.btf.resolve(ty)) {
            Type::Array { .. } if size == 0 => Extent::Unknown,
            Type::Struct(composite) if size > composite.size => Extent::Flexible,
            _ => Extent::Fixed,
        }
    }

    /// Whether the only variable of a section follows the convention for arrays to be resized before load:
    /// `struct stats cpu_stats[1] SEC(".data.cpu_stats")`. libbpf can resize the last variable of a section.
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
            .and_then(|size| u32::try_from(size).ok())
            .unwrap_or(0);
        Variable {
            name,
            ty,
            size,
            align: None,
            read_only: is_const(&self.btf, ty),
            extent: self.extent(ty, size),
            weak: self.is_weak(name),
            leads_to_arena: leads_to_arena(&self.btf, id, None),
            initial: InitialValue::Unknown,
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
                && section.kind == elf::SectionKind::ProgBits
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

    /// The type that the first parameter points to, if it is a struct or an integer.
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

/// Whether a variable of this type is const; an array is if its elements are.
pub(crate) fn is_const(btf: &Btf<'_>, mut id: TypeId) -> bool {
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

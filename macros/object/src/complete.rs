//! An object's BTF, as libbpf completes it when it opens the object.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use crate::btf::{Btf, Editor, Linkage, SectionEntry, Type, TypeId};
use crate::elf::{Binding, Elf, Symbol, Visibility};
use crate::model::{ReadError, is_const};

/// An object's BTF with what libbpf adds when it opens the object (`bpf_object__collect_externs` and
/// `btf_fixup_datasec`): the sizes and offsets that a compiler leaves out, the places of `.kconfig`, and that
/// hidden variables are static.
///
/// libbpf refuses an object with `extern` variables that nobody has defined. Here they are defined as they are
/// declared, where they name no section in `.data.extern` or `.rodata.extern`: a library can be looked at before it
/// is linked.
///
/// # Errors
///
/// If the bytes are not a BPF object with BTF, or are damaged.
pub fn complete_btf(bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    let elf = Elf::parse(bytes).map_err(ReadError::Elf)?;
    let raw = elf.btf().ok_or(ReadError::NoBtf)?;
    let btf = Btf::parse(raw, elf.endian).map_err(ReadError::Btf)?;
    let editor = Editor::new(raw, elf.endian).map_err(ReadError::Btf)?;
    let symbols = elf.symbols.iter();
    let symbols = symbols.filter(|symbol| symbol.binding != Binding::Local);
    let mut completion = Completion {
        elf: &elf,
        btf: &btf,
        symbols: symbols.map(|symbol| (symbol.name, symbol)).collect(),
        editor,
    };
    completion.sections();
    completion.externs();
    Ok(completion.editor.finish())
}

struct Completion<'e, 'a> {
    elf: &'e Elf<'a>,
    btf: &'e Btf<'a>,
    /// Global, weak and undefined symbols: at most one per name.
    symbols: HashMap<&'a str, &'e Symbol<'a>>,
    editor: Editor,
}

impl Completion<'_, '_> {
    fn sections(&mut self) {
        for (id, ty) in self.btf.iter() {
            match ty {
                Type::DataSection {
                    name: ".kconfig",
                    entries,
                    ..
                } => self.kconfig(id, entries),
                Type::DataSection { name: ".ksyms", .. } => {}
                Type::DataSection {
                    name,
                    size,
                    entries,
                } => self.section(id, name, *size, entries),
                _ => {}
            }
        }
    }

    /// Places variables in the order of their alignment, then of their size, then of their name, as libbpf does.
    fn kconfig(&mut self, id: TypeId, entries: &[SectionEntry]) {
        let mut order: Vec<_> = entries.iter().enumerate().collect();
        let align = |entry: &SectionEntry| self.align(entry);
        order.sort_by_key(|(_, entry)| {
            let name = self.btf.ty(entry.ty).name();
            (Reverse(align(entry)), entry.size, name)
        });
        let mut end = 0_u32;
        for (index, entry) in order {
            let offset = end
                .checked_next_multiple_of(self.align(entry))
                .unwrap_or(u32::MAX);
            end = offset.saturating_add(entry.size);
            self.editor.set_entry_offset(id, index, offset);
            self.editor.set_linkage(entry.ty, Linkage::Global);
        }
        self.editor.set_section_size(id, end);
    }

    /// The alignment of a number, or of an array of numbers: nothing else is in `.kconfig`.
    fn align(&self, entry: &SectionEntry) -> u32 {
        let Type::Variable { ty, .. } = *self.btf.ty(entry.ty) else {
            return 1;
        };
        let mut ty = self.btf.resolve(ty);
        while let Type::Array { element, .. } = self.btf.ty(ty) {
            ty = self.btf.resolve(*element);
        }
        match self.btf.size_of(ty) {
            Some(8) => 8,
            Some(4) => 4,
            Some(2) => 2,
            _ => 1,
        }
    }

    fn section(&mut self, id: TypeId, name: &str, size: u32, entries: &[SectionEntry]) {
        let is_placed = size != 0;
        let in_file = self.elf.section(name).map_or(0, |section| section.size);
        let mut end = match is_placed {
            true => size,
            false => u32::try_from(in_file).unwrap_or(u32::MAX),
        };
        for (index, entry) in entries.iter().enumerate() {
            let Type::Variable {
                name: variable,
                linkage,
                ..
            } = self.btf.ty(entry.ty)
            else {
                continue;
            };
            let Some(symbol) = self.symbols.get(variable).copied() else {
                continue;
            };
            match linkage {
                Linkage::Global => {
                    if !is_placed {
                        let offset = u32::try_from(symbol.value).unwrap_or(u32::MAX);
                        self.editor.set_entry_offset(id, index, offset);
                    }
                    if symbol.visibility == Visibility::Hidden {
                        self.editor.set_linkage(entry.ty, Linkage::Static);
                    }
                }
                // The runtime tells maps that are only declared from those that are defined.
                Linkage::Extern if symbol.section.is_none() && name != ".maps" => {
                    let offset = next_offset(end);
                    end = offset.saturating_add(entry.size);
                    self.editor.set_entry_offset(id, index, offset);
                    self.editor.set_linkage(entry.ty, Linkage::Global);
                }
                Linkage::Extern | Linkage::Static => {}
            }
        }
        self.editor.set_section_size(id, end);
    }

    /// Defines what the object declares without a section.
    fn externs(&mut self) {
        let mut placed = HashSet::new();
        for (_, ty) in self.btf.iter() {
            if let Type::DataSection { entries, .. } = ty {
                placed.extend(entries.iter().map(|entry| entry.ty));
            }
        }
        let (mut writable, mut read_only) = (Vec::new(), Vec::new());
        for (id, ty) in self.btf.iter() {
            if let Type::Variable {
                name,
                ty,
                linkage: Linkage::Extern,
            } = *ty
                && !placed.contains(&id)
                && self
                    .symbols
                    .get(name)
                    .is_some_and(|symbol| symbol.section.is_none())
                && let Some(size) = self.btf.size_of(ty)
                && let Ok(size) = u32::try_from(size)
            {
                let section = match is_const(self.btf, ty) {
                    true => &mut read_only,
                    false => &mut writable,
                };
                section.push((id, size));
            }
        }
        self.add_section(".data.extern", &writable);
        self.add_section(".rodata.extern", &read_only);
    }

    fn add_section(&mut self, name: &str, variables: &[(TypeId, u32)]) {
        if variables.is_empty() {
            return;
        }
        let mut end = 0_u32;
        let place = |&(ty, size): &(TypeId, u32)| {
            let offset = next_offset(end);
            end = offset.saturating_add(size);
            SectionEntry { ty, offset, size }
        };
        let entries: Vec<_> = variables.iter().map(place).collect();
        for entry in &entries {
            self.editor.set_linkage(entry.ty, Linkage::Global);
        }
        self.editor.add_section(name, end, &entries);
    }
}

/// The first offset after `end` that is aligned for any type.
fn next_offset(end: u32) -> u32 {
    end.checked_next_multiple_of(16).unwrap_or(u32::MAX)
}

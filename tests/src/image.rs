//! The bytes of a variable, as the compiler wrote them and as the kernel has them: a reference
//! that does not use the runtime.

use std::fs;
use std::path::Path;

use bpf_subskeleton_object::elf::{Binding, Elf, SectionKind, SymbolKind};
use libbpf_rs::{MapCore as _, MapFlags, Object};

/// The places and initial bytes of an object's global and weak variables.
#[derive(Debug)]
pub struct Image {
    variables: Vec<Variable>,
}

/// A variable's place in its section, and its initial bytes.
#[derive(Debug)]
pub struct Variable {
    /// The C name.
    pub name: String,
    /// The ELF section.
    pub section: String,
    /// Offset in the section, in bytes.
    pub offset: usize,
    /// The initial bytes.
    pub bytes: Vec<u8>,
}

impl Image {
    /// Reads the symbol table of a compiled or linked object.
    ///
    /// # Panics
    ///
    /// If there is no such object.
    #[must_use]
    pub fn of(object: &Path) -> Self {
        let bytes = fs::read(object).unwrap_or_else(|e| panic!("{}: {e}", object.display()));
        let elf = Elf::parse(&bytes).unwrap_or_else(|e| panic!("{}: {e}", object.display()));
        let symbols = elf
            .symbols
            .iter()
            .filter(|symbol| symbol.kind == SymbolKind::Object && symbol.binding != Binding::Local);
        let variables = symbols.filter_map(|symbol| {
            let section = elf.sections.get(symbol.section?)?;
            let (start, size) = (symbol.value as usize, symbol.size as usize);
            Some(Variable {
                name: symbol.name.to_owned(),
                section: section.name.to_owned(),
                offset: start,
                bytes: match section.kind {
                    SectionKind::NoBits => vec![0; size],
                    _ => section.data[start..start + size].to_vec(),
                },
            })
        });
        Self {
            variables: variables.collect(),
        }
    }

    /// All variables, in the order of the symbol table.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.variables.iter()
    }

    /// The variable of that name.
    ///
    /// # Panics
    ///
    /// If the object has none.
    #[must_use]
    pub fn variable(&self, name: &str) -> &Variable {
        self.variables()
            .find(|variable| variable.name == name)
            .unwrap_or_else(|| panic!("no variable `{name}`"))
    }
}

impl Variable {
    /// The variable's bytes in `object`, which was loaded from the image's file: what a
    /// lookup in the section's map returns.
    ///
    /// # Panics
    ///
    /// If the object has no such section.
    #[must_use]
    pub fn in_kernel(&self, object: &Object) -> Vec<u8> {
        // libbpf prefixes the maps of `.bss`, `.data` and `.rodata` with the object's name.
        let is_of_section = |map: &str| {
            let prefix = map.strip_suffix(&self.section);
            prefix.is_some_and(|prefix| !prefix.contains('.'))
        };
        let map = object
            .maps()
            .find(|map| map.name().to_str().is_some_and(is_of_section))
            .unwrap_or_else(|| panic!("no map of {}", self.section));
        let value = map
            .lookup(&0u32.to_ne_bytes(), MapFlags::ANY)
            .unwrap_or_else(|e| panic!("{}: {e}", self.section))
            .unwrap_or_default();
        value[self.offset..self.offset + self.bytes.len()].to_vec()
    }
}

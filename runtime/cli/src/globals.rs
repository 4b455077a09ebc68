//! The variables of a running object: where they are, and their values.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use bpf_subskeleton::private::kept;
use bpf_subskeleton::{Running, RunningSection};
use bpf_subskeleton_object::btf::{Btf, Linkage, SectionEntry, Type, TypeId};
use bpf_subskeleton_object::elf::Endianness;

use crate::memory::Memory;
use crate::names::suggestion;
use crate::path::{Path, Place};
use crate::value::{Scalar, Value};

/// The byte order of running objects.
pub(crate) const ENDIAN: Endianness = match cfg!(target_endian = "little") {
    true => Endianness::Little,
    false => Endianness::Big,
};

/// The variables of a running object.
pub(crate) struct Globals<'r> {
    running: &'r Running,
    pub(crate) btf: Btf<'r>,
    /// Section by section, in the order of their places.
    pub(crate) variables: Vec<Variable<'r>>,
    /// Of each section, its memory, or why it has none.
    sections: BTreeMap<&'r str, Result<RunningSection, String>>,
}

/// A variable: global or static.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Variable<'r> {
    pub(crate) name: &'r str,
    pub(crate) section: &'r str,
    /// Its own entry in BTF, which decl tags refer to.
    pub(crate) id: TypeId,
    pub(crate) ty: TypeId,
    offset: usize,
    size: usize,
}

/// A place in a variable.
#[derive(Debug, Clone)]
pub(crate) struct Target<'r> {
    /// The path, as the user wrote it.
    pub(crate) path: String,
    pub(crate) variable: Variable<'r>,
    pub(crate) place: Place,
}

impl<'r> Globals<'r> {
    /// # Errors
    ///
    /// If the object's BTF is damaged. A section that can't be read is an error of its variables.
    pub(crate) fn new(running: &'r Running) -> Result<Self> {
        let btf = Btf::parse(running.btf_data(), ENDIAN)
            .with_context(|| format!("BTF {} in the kernel", running.btf_id()))?;
        let mut globals = Self {
            running,
            btf,
            variables: Vec::new(),
            sections: BTreeMap::new(),
        };
        let sections = globals.btf.iter().filter_map(|(_, ty)| match ty {
            Type::DataSection { name, entries, .. } if is_data(name) => Some((*name, entries)),
            _ => None,
        });
        for (name, entries) in sections {
            let memory = running.section(name).map_err(|error| format!("{error:#}"));
            globals.sections.insert(name, memory);
            let variables = entries.iter();
            let variables = variables.filter_map(|entry| variable(&globals.btf, name, entry));
            globals.variables.extend(variables);
        }
        globals
            .variables
            .sort_by_key(|variable| (variable.section, variable.offset));
        Ok(globals)
    }

    /// The place that a path names.
    ///
    /// # Errors
    ///
    /// If the path is not C, or leads nowhere.
    pub(crate) fn target(&self, path: &str) -> Result<Target<'r>> {
        let context = |reason: String| anyhow!("`{path}`: {reason}");
        let parsed = Path::parse(path).map_err(context)?;
        let name = parsed.variable;
        let named = self
            .variables
            .iter()
            .filter(|variable| variable.name == name);
        let variable = match *named.collect::<Vec<_>>() {
            [variable] => variable,
            [] => {
                if let Some(other) = self.no_variable(name) {
                    bail!("`{path}`: `{name}` is a {other}");
                }
                let names = self.variables.iter().map(|variable| variable.name);
                let known = suggestion(name, names);
                bail!("`{path}`: the object has no variable `{name}`{known}");
            }
            [first, second, ..] => bail!(
                "`{path}`: the object has more than one `{name}`, in {} and in {}",
                first.section,
                second.section
            ),
        };
        let place = parsed.resolve(&self.btf, variable.ty, variable.size);
        Ok(Target {
            path: path.to_owned(),
            variable: *variable,
            place: place.map_err(context)?,
        })
    }

    /// The places that paths name, or all variables without paths.
    ///
    /// # Errors
    ///
    /// All paths that lead nowhere.
    pub(crate) fn targets(
        &self,
        paths: &[String],
        or_all: impl Fn(&Variable<'r>) -> bool,
    ) -> Result<Vec<Target<'r>>> {
        if paths.is_empty() {
            let all = self.variables.iter().filter(|variable| or_all(variable));
            return Ok(all.map(|variable| variable.target()).collect());
        }
        all_or_errors(paths.iter().map(|path| self.target(path)))
    }

    /// What else has that name: a program or a map, and how to see what is in it.
    fn no_variable(&self, name: &str) -> Option<String> {
        let mut programs = self.running.programs().iter();
        if programs.any(|program| program.name() == name) {
            return Some("program, not a variable".to_owned());
        }
        // Only if BTF has the whole name, what the kernel keeps of one is enough.
        let listed = match self.defines_map(name) {
            true => kept(name.as_bytes()),
            false => name.as_bytes(),
        };
        let maps = self.running.maps().iter();
        let maps: Vec<_> = maps.filter(|map| map.name().as_bytes() == listed).collect();
        match *maps {
            [map] => Some(format!(
                "map, not a variable: `bpftool map dump id {}` shows it",
                map.id()
            )),
            [] => None,
            [_, _, ..] => Some("map, not a variable".to_owned()),
        }
    }

    /// Whether a map of that name is in the object's BTF.
    fn defines_map(&self, name: &str) -> bool {
        self.btf.iter().any(|(_, ty)| {
            match ty {
            Type::DataSection {
                name: ".maps",
                entries,
                ..
            } => entries.iter().any(|entry| {
                matches!(self.btf.ty(entry.ty), Type::Variable { name: map, .. } if *map == name)
            }),
            _ => false,
        }
        })
    }

    /// The sections that can't be read, and why.
    pub(crate) fn unreadable(&self) -> impl Iterator<Item = &str> {
        let sections = self.sections.values();
        sections.filter_map(|section| section.as_ref().err().map(String::as_str))
    }

    /// Whether the variable can be written.
    pub(crate) fn is_writable(&self, variable: &Variable<'_>) -> bool {
        let section = self.sections.get(variable.section);
        section.is_some_and(|section| section.as_ref().is_ok_and(RunningSection::is_writable))
    }

    /// The value at a place.
    ///
    /// # Errors
    ///
    /// If its section can't be read.
    pub(crate) fn value(&self, target: &Target<'r>) -> Result<Value<'r>> {
        let Target {
            variable, place, ..
        } = target;
        let section = self.section(variable)?;
        let offset = variable.offset + place.offset;
        let size = match place.bits {
            // The bytes that the bits are in.
            Some((bit_offset, width)) => (bit_offset + width).div_ceil(8) as usize,
            None => self.size_of(target),
        };
        let bytes = section.read(offset, size);
        let bytes = bytes.with_context(|| target.outside(section))?;
        Ok(match place.bits {
            Some(bits) => Value::read_bitfield(&self.btf, place.ty, ENDIAN, &bytes, bits),
            None => Value::read(&self.btf, place.ty, ENDIAN, &bytes),
        })
    }

    /// The first `count` elements, each of the type `element`, of the array at a place.
    ///
    /// # Errors
    ///
    /// If its section can't be read.
    pub(crate) fn elements(
        &self,
        target: &Target<'r>,
        element: TypeId,
        count: usize,
    ) -> Result<Vec<Value<'r>>> {
        let section = self.section(&target.variable)?;
        let size = self.btf.size_of(element).unwrap_or(0);
        let size = usize::try_from(size).unwrap_or(usize::MAX).max(1);
        let offset = target.variable.offset + target.place.offset;
        let bytes = section.read(offset, size.saturating_mul(count));
        let bytes = bytes.with_context(|| target.outside(section))?;
        let elements = bytes.chunks(size);
        let values = elements.map(|bytes| Value::read(&self.btf, element, ENDIAN, bytes));
        Ok(values.collect())
    }

    /// Writes a value, and returns what was there before.
    ///
    /// A number that is aligned to its size is exchanged at one go: no write of a BPF program is lost, none seen half.
    ///
    /// # Errors
    ///
    /// If its section can't be written; then nothing is.
    pub(crate) fn write(&self, target: &Target<'r>, value: &Scalar) -> Result<Value<'r>> {
        let Target {
            variable, place, ..
        } = target;
        let section = self.section(variable)?;
        let memory = Memory::new(section, variable.offset + place.offset);
        let before = match (value, place.bits) {
            (Scalar::Bits(bits), Some(field)) => {
                let before = memory.exchange_bits(field, *bits);
                before.map(|bytes| Value::read_bitfield(&self.btf, place.ty, ENDIAN, &bytes, field))
            }
            (Scalar::Bits(bits), None) => {
                let before = memory.exchange(self.size_of(target), *bits);
                before.map(|bytes| Value::read(&self.btf, place.ty, ENDIAN, &bytes))
            }
            (Scalar::Text(text), _) => {
                let before = memory.exchange_bytes(text);
                before.map(|bytes| Value::read(&self.btf, place.ty, ENDIAN, &bytes))
            }
        };
        before.with_context(|| target.outside(section))
    }

    /// # Errors
    ///
    /// If the place can't be written.
    pub(crate) fn expect_writable(&self, target: &Target<'_>) -> Result<()> {
        let Target { path, variable, .. } = target;
        ensure!(
            self.section(variable)?.is_writable(),
            "`{path}`: {} is read-only once the object is loaded",
            variable.section
        );
        Ok(())
    }

    fn section(&self, variable: &Variable<'_>) -> Result<&RunningSection> {
        match self.sections.get(variable.section) {
            Some(Ok(section)) => Ok(section),
            Some(Err(reason)) => Err(anyhow!("`{}`: {reason}", variable.name)),
            None => Err(anyhow!(
                "`{}`: no section {}",
                variable.name,
                variable.section
            )),
        }
    }

    /// How many bytes the value there has. A variable that initialises a flexible array has more than its type.
    fn size_of(&self, target: &Target<'_>) -> usize {
        if target.place.ty == target.variable.ty && target.place.offset == 0 {
            return target.variable.size;
        }
        let size = self.btf.size_of(target.place.ty).unwrap_or(0);
        usize::try_from(size).unwrap_or(usize::MAX)
    }
}

/// Everything, or all errors.
pub(crate) fn all_or_errors<T>(results: impl Iterator<Item = Result<T>>) -> Result<Vec<T>> {
    let (mut all, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(one) => all.push(one),
            Err(error) => errors.push(error),
        }
    }
    match errors.len() {
        0 => Ok(all),
        1 => Err(errors.remove(0)),
        count => {
            let lines: String = errors
                .iter()
                .map(|error| format!("\n  {error:#}"))
                .collect();
            bail!("{count} errors{lines}")
        }
    }
}

impl<'r> Variable<'r> {
    /// How many bytes it has; more than its type if it initialises a flexible array.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// The whole variable.
    pub(crate) fn target(&self) -> Target<'r> {
        Target {
            path: self.name.to_owned(),
            variable: *self,
            place: Place {
                ty: self.ty,
                offset: 0,
                bits: None,
            },
        }
    }
}

impl Target<'_> {
    fn outside(&self, section: &RunningSection) -> String {
        let Self { path, variable, .. } = self;
        format!(
            "`{path}`: not inside the {} bytes of {}, or not aligned",
            section.len(),
            variable.section
        )
    }
}

/// The variable of an entry of a DATASEC; `None` for one that the object only declares, unless libbpf defines it.
fn variable<'r>(btf: &Btf<'r>, section: &'r str, entry: &SectionEntry) -> Option<Variable<'r>> {
    let Type::Variable { name, ty, linkage } = *btf.ty(entry.ty) else {
        return None;
    };
    let is_defined = linkage != Linkage::Extern || section == KCONFIG;
    is_defined.then_some(Variable {
        name,
        section,
        id: entry.ty,
        ty,
        offset: entry.offset as usize,
        size: entry.size as usize,
    })
}

/// The section that libbpf fills with the kernel's configuration.
const KCONFIG: &str = ".kconfig";

/// Whether loaders make a map of the section, whose memory variables are in.
fn is_data(section: &str) -> bool {
    let starts = |prefix| match section.strip_prefix(prefix) {
        Some(rest) => rest.is_empty() || rest.starts_with('.'),
        None => false,
    };
    section == KCONFIG || [".data", ".rodata", ".bss"].into_iter().any(starts)
}

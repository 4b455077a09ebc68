//! Checks a linked object for variables that user space and BPF would see in different places.
//!
//! BPF code finds a variable through the ELF symbol, user space through BTF. libbpf's linker (which
//! bpftool and libbpf-rs use) writes both, and with some orders of its inputs BTF ends up with another
//! variable's offset: user space then writes to the neighbour. At run time only BTF and the instructions of
//! loaded programs are left, which don't always show this. The file still has both.

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::fmt;

use crate::btf::{Btf, Linkage, SectionEntry, Type};
use crate::elf::{Binding, Elf, Symbol, SymbolKind};
use crate::model::ReadError;

/// Compares a linked object's symbols with its BTF.
///
/// For build scripts and tests, on the object that the application loads: the output of
/// `libbpf_rs::Linker` or `bpftool gen object`. A compiler's own output passes as well: its BTF has no
/// offsets yet, and libbpf takes them from the symbols.
///
/// ```no_run
/// // build.rs, after linking
/// use std::{env, fs, path::Path, process::exit};
///
/// let object = Path::new(&env::var("OUT_DIR").unwrap()).join("app.linked.bpf.o");
/// let bytes = fs::read(&object).unwrap();
/// if let Err(error) = bpf_subskeleton_object::verify_linked(&bytes) {
///     for line in error.to_string().lines() {
///         println!("cargo::error={line}");
///     }
///     exit(1);
/// }
/// ```
///
/// # Errors
///
/// [`VerifyError::Misplaced`] with all variables on which symbols and BTF disagree;
/// [`VerifyError::Read`] if the bytes are not a BPF object with BTF, or are damaged.
pub fn verify_linked(bytes: &[u8]) -> Result<(), VerifyError> {
    let read = |error| VerifyError::Read(error);
    let elf = Elf::parse(bytes).map_err(|error| read(ReadError::Elf(error)))?;
    let btf = elf.btf().ok_or(read(ReadError::NoBtf))?;
    let btf = Btf::parse(btf, elf.endian).map_err(|error| read(ReadError::Btf(error)))?;
    let misplaced = Verifier::new(&elf, &btf).verify();
    match misplaced.is_empty() {
        true => Ok(()),
        false => Err(VerifyError::Misplaced(misplaced)),
    }
}

/// Why a linked object can't be trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifyError {
    /// It can't be read.
    Read(ReadError),
    /// Variables or maps on which symbols and BTF disagree.
    Misplaced(Vec<Misplaced>),
}

/// A variable or map that user space and BPF would see in different places.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Misplaced {
    /// Its C name.
    pub name: String,
    /// Its section according to BTF, where user space looks for it.
    pub section: String,
    /// How the symbol and BTF differ.
    pub mismatch: Mismatch,
}

/// How an ELF symbol, which BPF code uses, and BTF, which user space uses, differ.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mismatch {
    /// They have different offsets in the section, in bytes.
    Offset {
        /// Where user space looks.
        btf: u64,
        /// Where BPF code looks.
        symbol: u64,
        /// Whether a static of the same name is where user space looks.
        shadowed: bool,
    },
    /// They have different sizes in bytes.
    Size {
        /// For user space.
        btf: u64,
        /// For BPF code.
        symbol: u64,
    },
    /// The symbol is in another section.
    Section {
        /// Where BPF code looks.
        symbol: String,
    },
    /// There is no global or weak symbol of that name.
    NoSymbol,
    /// There are static symbols of that name, but none of this place and size.
    NoStatic,
    /// It extends past the end of the section.
    Outside {
        /// Size of the section in bytes.
        size: u64,
    },
    /// It overlaps another variable.
    Overlap {
        /// The other one.
        other: String,
    },
}

struct Verifier<'e, 'a> {
    elf: &'e Elf<'a>,
    btf: &'e Btf<'a>,
    /// Defined variables visible to other units: at most one per name.
    globals: HashMap<&'a str, &'e Symbol<'a>>,
    /// Places of static variables, many of which may share a name: section, offset and size.
    statics: HashMap<&'a str, HashSet<(usize, u64, u64)>>,
}

impl<'e, 'a> Verifier<'e, 'a> {
    fn new(elf: &'e Elf<'a>, btf: &'e Btf<'a>) -> Self {
        let mut globals = HashMap::new();
        let mut statics: HashMap<_, HashSet<_>> = HashMap::new();
        for symbol in &elf.symbols {
            let (Some(section), SymbolKind::Object) = (symbol.section, symbol.kind) else {
                continue;
            };
            match symbol.binding {
                Binding::Global | Binding::Weak => {
                    globals.insert(symbol.name, symbol);
                }
                Binding::Local => {
                    let place = (section, symbol.value, symbol.size);
                    statics.entry(symbol.name).or_default().insert(place);
                }
            }
        }
        Self {
            elf,
            btf,
            globals,
            statics,
        }
    }

    fn verify(&self) -> Vec<Misplaced> {
        let mut misplaced = Vec::new();
        for (_, ty) in self.btf.iter() {
            let Type::DataSection {
                name: section,
                size,
                entries,
            } = ty
            else {
                continue;
            };
            // Not filled in yet: libbpf does it from the symbols, or at load.
            if *size == 0 || matches!(*section, ".kconfig" | ".ksyms") {
                continue;
            }
            let Some(index) = self.elf.sections.iter().position(|s| s.name == *section) else {
                continue;
            };
            self.section(section, index, entries, &mut misplaced);
        }
        misplaced
    }

    fn section(
        &self,
        section: &str,
        index: usize,
        entries: &[SectionEntry],
        misplaced: &mut Vec<Misplaced>,
    ) {
        let size = self.elf.sections.get(index).map_or(0, |s| s.size);
        let mut variables: Vec<(&SectionEntry, &str)> = Vec::new();
        for entry in entries {
            let Type::Variable { name, linkage, .. } = *self.btf.ty(entry.ty) else {
                continue;
            };
            let end = u64::from(entry.offset).saturating_add(entry.size.into());
            let mismatch = match linkage {
                Linkage::Extern => continue,
                _ if end > size => Some(Mismatch::Outside { size }),
                Linkage::Global => self.global(name, index, entry),
                Linkage::Static => self.is_static(name, index, entry),
            };
            match mismatch {
                Some(mismatch) => misplaced.push(Misplaced {
                    name: name.to_owned(),
                    section: section.to_owned(),
                    mismatch,
                }),
                None => variables.push((entry, name)),
            }
        }
        // What is left agrees with its symbol, but must not overlap either.
        variables.sort_by_key(|(entry, _)| entry.offset);
        for pair in variables.windows(2) {
            if let [(first, other), (second, name)] = pair
                && second.offset < first.offset.saturating_add(first.size)
            {
                misplaced.push(Misplaced {
                    name: (*name).to_owned(),
                    section: section.to_owned(),
                    mismatch: Mismatch::Overlap {
                        other: (*other).to_owned(),
                    },
                });
            }
        }
    }

    fn global(&self, name: &str, section: usize, entry: &SectionEntry) -> Option<Mismatch> {
        let Some(symbol) = self.globals.get(name) else {
            return Some(Mismatch::NoSymbol);
        };
        if symbol.section != Some(section) {
            let index = symbol.section.unwrap_or(0);
            let symbol = self.elf.sections.get(index).map_or("", |s| s.name);
            return Some(Mismatch::Section {
                symbol: symbol.to_owned(),
            });
        }
        let offset = u64::from(entry.offset);
        if symbol.value != offset {
            let mut statics = self.statics.get(name).into_iter().flatten();
            let is_there = statics.any(|(other, place, _)| *other == section && *place == offset);
            return Some(Mismatch::Offset {
                btf: offset,
                symbol: symbol.value,
                shadowed: is_there,
            });
        }
        let size = u64::from(entry.size);
        (symbol.size != size).then_some(Mismatch::Size {
            btf: size,
            symbol: symbol.size,
        })
    }

    /// Only their places distinguish statics of one name: one must be at this place. A compiler may omit
    /// the symbol, since no other unit needs it.
    fn is_static(&self, name: &str, section: usize, entry: &SectionEntry) -> Option<Mismatch> {
        let place = (section, entry.offset.into(), entry.size.into());
        let places = self.statics.get(name)?;
        (!places.contains(&place)).then_some(Mismatch::NoStatic)
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let misplaced = match self {
            Self::Read(error) => return error.fmt(f),
            Self::Misplaced(misplaced) => misplaced,
        };
        f.write_str("user space would not find what BPF code uses:")?;
        misplaced
            .iter()
            .try_for_each(|misplaced| write!(f, "\n- {misplaced}"))
    }
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` in `{}`: {}",
            self.name, self.section, self.mismatch
        )
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offset {
                btf,
                symbol,
                shadowed,
            } => {
                write!(
                    f,
                    "at offset {btf} for user space (BTF), at {symbol} for BPF (its symbol); "
                )?;
                f.write_str(match shadowed {
                    true => {
                        "a static of that name is there: rename it, or give the linker the object \
                         with the global first"
                    }
                    false => "give the linker's output to the linker once more, by itself",
                })
            }
            Self::Size { btf, symbol } => write!(
                f,
                "{btf} bytes for user space (BTF), {symbol} for BPF (its symbol); compile all \
                 objects that define it with the same definition"
            ),
            Self::Section { symbol } => write!(
                f,
                "there for user space (BTF), in `{symbol}` for BPF (its symbol); a weak definition \
                 must be in the section of the one that replaces it: give both an initial value \
                 other than 0, or neither"
            ),
            Self::NoSymbol => f.write_str(
                "there for user space (BTF), but BPF has no such symbol; was it stripped or \
                 renamed after linking?",
            ),
            Self::NoStatic => f.write_str(
                "a static for user space (BTF), but BPF has none of that name in its place; was \
                 it moved after linking?",
            ),
            Self::Outside { size } => write!(
                f,
                "past the {size} bytes of its section for user space (BTF); give the linker the \
                 objects that the compiler wrote"
            ),
            Self::Overlap { other } => write!(
                f,
                "in the place of `{other}`, for user space (BTF) as for BPF (its symbol); give the \
                 linker the objects that the compiler wrote"
            ),
        }
    }
}

impl Error for VerifyError {}

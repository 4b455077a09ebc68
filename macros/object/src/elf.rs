//! The ELF container of a BPF object: its sections and symbols, as in the file.
//!
//! This mirrors the format. The model decides which sections hold variables, and what a symbol's
//! visibility means for a library.

mod decode;

use std::error::Error;
use std::fmt;

use decode::{FileHeader, SectionHeader, SectionTable, Strings, malformed};

pub use crate::endian::Endianness;

/// A relocatable BPF object.
#[derive(Debug, Clone)]
pub struct Elf<'a> {
    /// Byte order of the file, and of everything in it.
    pub endian: Endianness,
    /// All sections; the position here is the section's index in the file, 0 being the null section.
    pub sections: Vec<Section<'a>>,
    /// All symbols of the symbol table but the null symbol, in file order.
    pub symbols: Vec<Symbol<'a>>,
}

/// A section.
#[derive(Debug, Clone)]
pub struct Section<'a> {
    /// Its name, such as `.bss`.
    pub name: &'a str,
    /// Size in bytes, in the file or (for [`SectionKind::NoBits`]) only in memory.
    pub size: u64,
    /// Alignment in bytes; 0 and 1 both mean none.
    pub align: u64,
    /// Whether it holds data, zeroes, or something else.
    pub kind: SectionKind,
    /// Its bytes; empty for [`SectionKind::NoBits`].
    pub data: &'a [u8],
}

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionKind {
    /// Code or data.
    ProgBits,
    /// Zeroes that take no space in the file: `.bss`.
    NoBits,
    /// A table of the format itself: symbols, strings, relocations…
    Other,
}

/// A symbol.
#[derive(Debug, Clone)]
pub struct Symbol<'a> {
    /// Its name; section symbols have none of their own.
    pub name: &'a str,
    /// Index into [`Elf::sections`]; `None` if undefined, absolute or common.
    pub section: Option<usize>,
    /// Its linkage.
    pub binding: Binding,
    /// Who may refer to it.
    pub visibility: Visibility,
    /// What it names.
    pub kind: SymbolKind,
    /// Offset in its section, in bytes.
    pub value: u64,
    /// Size in bytes.
    pub size: u64,
}

/// The linkage of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// Visible only in its own compilation unit: C's `static`.
    Local,
    /// Visible to every unit.
    Global,
    /// Visible to every unit, and overridden by a global symbol of the same name.
    Weak,
}

/// Who may refer to a symbol once its object has been linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Anyone.
    Default,
    /// Only the units it is linked with (`hidden` and `internal`).
    Hidden,
    /// Anyone, but nobody may preempt it.
    Protected,
}

/// What a symbol names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolKind {
    /// Unspecified, as for undefined symbols.
    NoType,
    /// A variable or map.
    Object,
    /// A function or program.
    Function,
    /// A section.
    Section,
    /// A source file or anything else.
    Other,
}

/// The limit for the length of all names together, in multiples of the file's. Names may share bytes, so
/// without a limit a small file could have any amount of them.
const MAX_NAMES: usize = 16;

impl<'a> Elf<'a> {
    /// Reads the section and symbol tables of a relocatable BPF object of either byte order.
    ///
    /// # Errors
    ///
    /// If `bytes` are anything else, or damaged.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ElfError> {
        check_magic(bytes)?;
        let header = FileHeader::read(bytes)?;
        match header.e_machine {
            decode::EM_BPF => {}
            machine => return Err(ElfError::NotBpf { machine }),
        }
        match header.e_type {
            decode::ET_REL => {}
            kind => return Err(ElfError::NotRelocatable { kind }),
        }

        let mut names = Names::new(bytes);
        let table = SectionTable::read(bytes, &header)?;
        let mut sections = Vec::with_capacity(table.len());
        for (index, header) in table.iter().enumerate() {
            let name = names.read(
                &table.names,
                header.sh_name,
                &format_args!("section {index}"),
            )?;
            sections.push(section(&table, index, &header, name)?);
        }

        let table = table.symbols()?;
        let mut symbols = Vec::with_capacity(table.iter().len().saturating_sub(1));
        for (index, entry) in table.iter().enumerate().skip(1) {
            let name = names.read(&table.names, entry.st_name, &format_args!("symbol {index}"))?;
            let section = table.section(index, &entry, sections.len());
            let section = section
                .map_err(|what| malformed(format_args!("symbol {index} (`{name}`)"), what))?;
            symbols.push(symbol(&entry, name, section));
        }

        Ok(Self {
            endian: header.endian,
            sections,
            symbols,
        })
    }

    /// The first section of that name.
    pub fn section(&self, name: &str) -> Option<&Section<'a>> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// The bytes of the `.BTF` section; `None` if the object was compiled without `-g`.
    pub fn btf(&self) -> Option<&'a [u8]> {
        self.section(".BTF").map(|section| section.data)
    }
}

/// Distinguishes a 64-bit ELF file from what is commonly given instead.
fn check_magic(bytes: &[u8]) -> Result<(), ElfError> {
    let looks_like = match bytes {
        [] => return Err(ElfError::Empty),
        [0x7f, b'E', b'L', b'F', decode::ELFCLASS32, ..] => return Err(ElfError::NotElf64),
        [0x7f, b'E', b'L', b'F', ..] => return Ok(()),
        [b'!', b'<', b'a', b'r', b'c', b'h', b'>', ..] => "an archive (`ar`, a static library)",
        [b'B', b'C', 0xc0, 0xde, ..] => "LLVM bitcode (`-emit-llvm`, `-flto`)",
        _ if bytes
            .iter()
            .take(64)
            .all(|b| b.is_ascii_graphic() || b.is_ascii_whitespace()) =>
        {
            "text"
        }
        _ => "binary data of another format",
    };
    Err(ElfError::NotElf { looks_like })
}

/// The section of the header at `index`.
fn section<'a>(
    table: &SectionTable<'a>,
    index: usize,
    header: &SectionHeader,
    name: &'a str,
) -> Result<Section<'a>, ElfError> {
    let (kind, size) = match header.sh_type {
        // Files with very many sections use the null section's fields for other things.
        decode::SHT_NULL => (SectionKind::Other, 0),
        decode::SHT_PROGBITS => (SectionKind::ProgBits, header.sh_size),
        decode::SHT_NOBITS => (SectionKind::NoBits, header.sh_size),
        _ => (SectionKind::Other, header.sh_size),
    };
    let data = table
        .data(header)
        .map_err(|what| malformed(format_args!("section {index} (`{name}`)"), what))?;
    Ok(Section {
        name,
        size,
        align: header.sh_addralign,
        kind,
        data,
    })
}

fn symbol<'a>(entry: &decode::Symbol, name: &'a str, section: Option<usize>) -> Symbol<'a> {
    Symbol {
        name,
        section,
        binding: match entry.st_bind() {
            decode::STB_LOCAL => Binding::Local,
            decode::STB_WEAK => Binding::Weak,
            _ => Binding::Global,
        },
        visibility: match entry.st_visibility() {
            decode::STV_HIDDEN | decode::STV_INTERNAL => Visibility::Hidden,
            decode::STV_PROTECTED => Visibility::Protected,
            _ => Visibility::Default,
        },
        kind: match entry.st_type() {
            decode::STT_NOTYPE => SymbolKind::NoType,
            decode::STT_OBJECT => SymbolKind::Object,
            decode::STT_FUNC => SymbolKind::Function,
            decode::STT_SECTION => SymbolKind::Section,
            _ => SymbolKind::Other,
        },
        value: entry.st_value,
        size: entry.st_size,
    }
}

/// Reads names, up to the limit.
struct Names {
    /// How many more bytes of names are allowed.
    left: usize,
}

impl Names {
    fn new(bytes: &[u8]) -> Self {
        Self {
            left: bytes.len().saturating_mul(MAX_NAMES),
        }
    }

    /// The name of the item at `place`, which is at `offset` of `strings`.
    fn read<'a>(
        &mut self,
        strings: &Strings<'a>,
        offset: u32,
        place: &fmt::Arguments<'_>,
    ) -> Result<&'a str, ElfError> {
        let name = strings
            .get(offset)
            .map_err(|what| malformed(format_args!("the name of {place}"), what))?;
        self.left = self.left.checked_sub(name.len()).ok_or_else(|| {
            ElfError::Malformed(format!(
                "names up to the name of {place} are far longer than the file"
            ))
        })?;
        str::from_utf8(name).map_err(|_| {
            ElfError::Malformed(format!(
                "the name of {place} is not UTF-8: \"{}\"",
                name.escape_ascii()
            ))
        })
    }
}

/// Why an object can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ElfError {
    /// There are no bytes.
    Empty,
    /// Not an ELF file at all.
    NotElf {
        /// What it begins like, to be read after "it begins like".
        looks_like: &'static str,
    },
    /// A 32-bit ELF file.
    NotElf64,
    /// An ELF file for another machine.
    NotBpf {
        /// Its `e_machine`.
        machine: u16,
    },
    /// A BPF file that is not the output of a compiler or of the BPF linker.
    NotRelocatable {
        /// Its `e_type`.
        kind: u16,
    },
    /// A damaged ELF file: where, and how.
    Malformed(String),
}

const EXPECTED: &str = "expected a BPF object as `clang --target=bpf -g -O2 -c` writes it";

impl fmt::Display for ElfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the file is empty: {EXPECTED}"),
            Self::NotElf { looks_like } => {
                write!(
                    f,
                    "not an ELF file (it begins like {looks_like}): {EXPECTED}"
                )
            }
            Self::NotElf64 => write!(f, "a 32-bit ELF file, BPF is 64-bit: {EXPECTED}"),
            Self::NotBpf { machine } => {
                match machine_name(*machine) {
                    Some(name) => write!(f, "an ELF file for {name}, not for BPF")?,
                    None => write!(f, "an ELF file for machine {machine}, not for BPF (247)")?,
                }
                write!(f, ": {EXPECTED}")
            }
            Self::NotRelocatable { kind } => {
                match *kind {
                    decode::ET_EXEC => f.write_str("an executable"),
                    decode::ET_DYN => f.write_str("a shared library"),
                    decode::ET_CORE => f.write_str("a core dump"),
                    _ => write!(f, "an ELF file of type {kind}"),
                }?;
                write!(f, ", not a relocatable object: {EXPECTED}")
            }
            Self::Malformed(what) => write!(f, "a damaged ELF file: {what}; compile it again"),
        }
    }
}

impl Error for ElfError {}

fn machine_name(machine: u16) -> Option<&'static str> {
    Some(match machine {
        decode::EM_386 => "x86",
        decode::EM_X86_64 => "x86-64",
        decode::EM_ARM => "ARM",
        decode::EM_AARCH64 => "AArch64",
        decode::EM_RISCV => "RISC-V",
        decode::EM_S390 => "s390",
        decode::EM_PPC64 => "PowerPC64",
        decode::EM_MIPS => "MIPS",
        decode::EM_LOONGARCH => "LoongArch",
        _ => return None,
    })
}

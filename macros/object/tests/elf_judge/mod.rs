//! Reads a file with the ELF reader of the `object` crate as well, which was written by others.

use std::error::Error;

use bpf_subskeleton_object::elf::{Binding, Elf, Endianness, SectionKind, SymbolKind, Visibility};
use object::elf::{self, FileHeader64};
use object::read::elf::{FileHeader as _, SectionHeader as _, Sym as _};

/// Everything in [`Elf`].
#[derive(Debug, PartialEq)]
struct Reading<'a> {
    endian: Endianness,
    sections: Vec<Section<'a>>,
    symbols: Vec<Symbol<'a>>,
}

/// Name, size, alignment, kind and bytes.
type Section<'a> = (&'a [u8], u64, u64, SectionKind, &'a [u8]);

/// Name, section, binding, visibility, kind, value and size.
type Symbol<'a> = (
    &'a [u8],
    Option<usize>,
    Binding,
    Visibility,
    SymbolKind,
    u64,
    u64,
);

/// What our reader refuses and the other reads; part of our message:
/// - entries of an unusual size, which the other ignores;
/// - names that are not UTF-8, or share so many bytes that they would take far more memory than the file;
/// - names in the null section, or in a section of its type, which have no bytes of their own.
const STRICTER: [&str; 5] = [
    "(sh_entsize), expected",
    "is not UTF-8",
    "far longer than the file",
    "the null section has none",
    "of 0 bytes of names",
];

/// Asserts that both readers read the same, or both refuse, or ours is stricter. Returns whether both read it.
pub(crate) fn compare(bytes: &[u8]) -> bool {
    match (Elf::parse(bytes), theirs(bytes)) {
        (Ok(elf), Ok(theirs)) => {
            assert_eq!(ours(&elf), theirs);
            true
        }
        (Err(_), Err(_)) => false,
        (Err(error), Ok(_)) => {
            let error = error.to_string();
            assert!(STRICTER.iter().any(|text| error.contains(text)), "{error}");
            false
        }
        (Ok(_), Err(error)) => panic!("only ours reads it: {error}"),
    }
}

fn ours<'a>(elf: &Elf<'a>) -> Reading<'a> {
    let sections = elf.sections.iter().map(|section| {
        (
            section.name.as_bytes(),
            section.size,
            section.align,
            section.kind,
            section.data,
        )
    });
    let symbols = elf.symbols.iter().map(|symbol| {
        (
            symbol.name.as_bytes(),
            symbol.section,
            symbol.binding,
            symbol.visibility,
            symbol.kind,
            symbol.value,
            symbol.size,
        )
    });
    Reading {
        endian: elf.endian,
        sections: sections.collect(),
        symbols: symbols.collect(),
    }
}

fn theirs(bytes: &[u8]) -> Result<Reading<'_>, Box<dyn Error>> {
    let header = FileHeader64::<object::Endianness>::parse(bytes)?;
    let endian = header.endian()?;
    if (header.e_machine(endian), header.e_type(endian)) != (elf::EM_BPF, elf::ET_REL) {
        return Err("no relocatable BPF object".into());
    }
    let table = header.sections(endian, bytes)?;
    let section = |header: &elf::SectionHeader64<_>| {
        let (kind, size, data) = match header.sh_type(endian) {
            elf::SHT_NULL => (SectionKind::Other, 0, &[][..]),
            elf::SHT_NOBITS => (SectionKind::NoBits, header.sh_size(endian), &[][..]),
            elf::SHT_PROGBITS => {
                let data = header.data(endian, bytes)?;
                (SectionKind::ProgBits, header.sh_size(endian), data)
            }
            _ => {
                let data = header.data(endian, bytes)?;
                (SectionKind::Other, header.sh_size(endian), data)
            }
        };
        let name = table.section_name(endian, header)?;
        Ok::<Section<'_>, object::read::Error>((
            name,
            size,
            header.sh_addralign(endian),
            kind,
            data,
        ))
    };
    let symbols = table.symbols(endian, bytes, elf::SHT_SYMTAB)?;
    let symbol = |(index, symbol): (_, &elf::Sym64<_>)| {
        let section = symbols.symbol_section(endian, symbol, index)?;
        if let Some(section) = section {
            table.section(section)?;
        }
        Ok::<Symbol<'_>, object::read::Error>((
            symbols.symbol_name(endian, symbol)?,
            section.map(|section| section.0),
            match symbol.st_bind() {
                elf::STB_LOCAL => Binding::Local,
                elf::STB_WEAK => Binding::Weak,
                _ => Binding::Global,
            },
            match symbol.st_visibility() {
                elf::STV_DEFAULT => Visibility::Default,
                elf::STV_PROTECTED => Visibility::Protected,
                _ => Visibility::Hidden,
            },
            match symbol.st_type() {
                elf::STT_NOTYPE => SymbolKind::NoType,
                elf::STT_OBJECT => SymbolKind::Object,
                elf::STT_FUNC => SymbolKind::Function,
                elf::STT_SECTION => SymbolKind::Section,
                _ => SymbolKind::Other,
            },
            symbol.st_value(endian),
            symbol.st_size(endian),
        ))
    };
    Ok(Reading {
        endian: match endian {
            object::Endianness::Little => Endianness::Little,
            object::Endianness::Big => Endianness::Big,
        },
        sections: table.iter().map(section).collect::<Result<_, _>>()?,
        symbols: symbols
            .enumerate()
            .skip(1)
            .map(symbol)
            .collect::<Result<_, _>>()?,
    })
}

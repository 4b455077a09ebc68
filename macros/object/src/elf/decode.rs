//! Decodes the tables of a 64-bit ELF file: its header, section headers, symbols and strings. Fields and constants
//! have the names of the specification (System V ABI, chapters 4 and 5).
//!
//! A table is looked up in the file's bytes before anything is made of its entries, so nothing is allocated for entries
//! that the file does not have. Tables may begin anywhere: they are read as bytes, which need no alignment.

use std::ffi::CStr;
use std::fmt;

use super::ElfError;
use crate::endian::Endianness;

pub(super) const ELFCLASS32: u8 = 1;
const ELFCLASS64: u8 = 2;

const ELFDATA2LSB: u8 = 1;
const ELFDATA2MSB: u8 = 2;

const EV_CURRENT: u8 = 1;

pub(super) const ET_REL: u16 = 1;
pub(super) const ET_EXEC: u16 = 2;
pub(super) const ET_DYN: u16 = 3;
pub(super) const ET_CORE: u16 = 4;

pub(super) const EM_386: u16 = 3;
pub(super) const EM_MIPS: u16 = 8;
pub(super) const EM_PPC64: u16 = 21;
pub(super) const EM_S390: u16 = 22;
pub(super) const EM_ARM: u16 = 40;
pub(super) const EM_X86_64: u16 = 62;
pub(super) const EM_AARCH64: u16 = 183;
pub(super) const EM_RISCV: u16 = 243;
pub(super) const EM_BPF: u16 = 247;
pub(super) const EM_LOONGARCH: u16 = 258;

/// Where an index of a section is expected: none.
const SHN_UNDEF: u16 = 0;
/// From here on, it is no index, but says something else.
const SHN_LORESERVE: u16 = 0xff00;
/// The index does not fit in 16 bits, and stands elsewhere.
const SHN_XINDEX: u16 = 0xffff;

pub(super) const SHT_NULL: u32 = 0;
pub(super) const SHT_PROGBITS: u32 = 1;
const SHT_SYMTAB: u32 = 2;
const SHT_STRTAB: u32 = 3;
pub(super) const SHT_NOBITS: u32 = 8;
const SHT_SYMTAB_SHNDX: u32 = 18;

pub(super) const STB_LOCAL: u8 = 0;
pub(super) const STB_WEAK: u8 = 2;

pub(super) const STT_NOTYPE: u8 = 0;
pub(super) const STT_OBJECT: u8 = 1;
pub(super) const STT_FUNC: u8 = 2;
pub(super) const STT_SECTION: u8 = 3;

pub(super) const STV_INTERNAL: u8 = 1;
pub(super) const STV_HIDDEN: u8 = 2;
pub(super) const STV_PROTECTED: u8 = 3;

/// `Elf64_Ehdr`, as far as it is used.
pub(super) struct FileHeader {
    pub(super) endian: Endianness,
    pub(super) e_type: u16,
    pub(super) e_machine: u16,
    e_shoff: u64,
    e_shentsize: u16,
    e_shnum: u16,
    e_shstrndx: u16,
}

impl FileHeader {
    const LEN: usize = 64;

    pub(super) fn read(bytes: &[u8]) -> Result<Self, ElfError> {
        let fault = |what| Err(malformed("the header", what));
        let Some(header) = bytes.first_chunk::<{ Self::LEN }>() else {
            return fault(format!(
                "it has {} bytes, the file only {}",
                Self::LEN,
                bytes.len()
            ));
        };
        let &[_, _, _, _, class, data, version, ..] = header;
        if class != ELFCLASS64 {
            return fault(format!(
                "the class (EI_CLASS) is {class}, expected {ELFCLASS64}"
            ));
        }
        let endian = match data {
            ELFDATA2LSB => Endianness::Little,
            ELFDATA2MSB => Endianness::Big,
            _ => {
                return fault(format!(
                    "the byte order (EI_DATA) is {data}, expected {ELFDATA2LSB} or {ELFDATA2MSB}"
                ));
            }
        };
        if version != EV_CURRENT {
            return fault(format!(
                "the version (EI_VERSION) is {version}, expected {EV_CURRENT}"
            ));
        }

        let mut fields = Fields::new(header, endian);
        fields.skip::<16>(); // e_ident
        let (e_type, e_machine) = (fields.u16(), fields.u16());
        fields.skip::<4>(); // e_version
        fields.skip::<8>(); // e_entry
        fields.skip::<8>(); // e_phoff
        let e_shoff = fields.u64();
        fields.skip::<4>(); // e_flags
        fields.skip::<2>(); // e_ehsize
        fields.skip::<2>(); // e_phentsize
        fields.skip::<2>(); // e_phnum
        Ok(Self {
            endian,
            e_type,
            e_machine,
            e_shoff,
            e_shentsize: fields.u16(),
            e_shnum: fields.u16(),
            e_shstrndx: fields.u16(),
        })
    }
}

/// `Elf64_Shdr`, as far as it is used.
pub(super) struct SectionHeader {
    pub(super) sh_name: u32,
    pub(super) sh_type: u32,
    pub(super) sh_offset: u64,
    pub(super) sh_size: u64,
    pub(super) sh_link: u32,
    pub(super) sh_addralign: u64,
    sh_entsize: u64,
}

impl SectionHeader {
    const LEN: usize = 64;

    fn read(header: &[u8; Self::LEN], endian: Endianness) -> Self {
        let mut fields = Fields::new(header, endian);
        let (sh_name, sh_type) = (fields.u32(), fields.u32());
        fields.skip::<8>(); // sh_flags
        fields.skip::<8>(); // sh_addr
        let (sh_offset, sh_size, sh_link) = (fields.u64(), fields.u64(), fields.u32());
        fields.skip::<4>(); // sh_info
        Self {
            sh_name,
            sh_type,
            sh_offset,
            sh_size,
            sh_link,
            sh_addralign: fields.u64(),
            sh_entsize: fields.u64(),
        }
    }
}

/// The section headers, with the names of the sections.
pub(super) struct SectionTable<'a> {
    bytes: &'a [u8],
    endian: Endianness,
    headers: &'a [[u8; SectionHeader::LEN]],
    pub(super) names: Strings<'a>,
}

impl<'a> SectionTable<'a> {
    pub(super) fn read(bytes: &'a [u8], file: &FileHeader) -> Result<Self, ElfError> {
        let mut this = Self {
            bytes,
            endian: file.endian,
            headers: &[],
            names: Strings::default(),
        };
        // Without a section table, a file has no sections.
        if file.e_shoff == 0 {
            return Ok(this);
        }
        let size = file.e_shentsize;
        if usize::from(size) != SectionHeader::LEN {
            let what = format!(
                "its headers have {size} bytes (e_shentsize), expected {}",
                SectionHeader::LEN
            );
            return Err(malformed("the section table", what));
        }
        // A count or an index that does not fit in the file's header is in the null section's.
        let count = match file.e_shnum {
            0 => {
                this.headers = this.table(file.e_shoff, 1, "the null section's header")?;
                this.iter().next().map_or(0, |null| null.sh_size)
            }
            count => u64::from(count),
        };
        this.headers = this.table(
            file.e_shoff,
            count,
            format_args!("the section table (e_shnum is {count})"),
        )?;
        let Some(null) = this.iter().next() else {
            return Ok(this);
        };
        let (index, section) = match file.e_shstrndx {
            SHN_XINDEX => (null.sh_link, this.get(null.sh_link)),
            index @ SHN_LORESERVE.. => {
                let reserved = format!("indices from {SHN_LORESERVE} on are reserved");
                (index.into(), Err(reserved))
            }
            index => (index.into(), this.get(index.into())),
        };
        let data = section
            .and_then(|section| this.data(&section))
            .map_err(|what| {
                let place = format!("the sections' names, in section {index} (e_shstrndx)");
                malformed(place, what)
            })?;
        this.names = Strings { data };
        Ok(this)
    }

    /// The headers of `count` sections.
    fn table(
        &self,
        offset: u64,
        count: u64,
        place: impl fmt::Display,
    ) -> Result<&'a [[u8; SectionHeader::LEN]], ElfError> {
        // A size beyond 64 bits is as far outside of the file as the largest.
        let size = count.saturating_mul(SectionHeader::LEN as u64);
        let table = part(self.bytes, offset, size).map_err(|what| malformed(place, what))?;
        Ok(table.as_chunks().0)
    }

    pub(super) fn len(&self) -> usize {
        self.headers.len()
    }

    /// All, the null section first.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = SectionHeader> + use<'a> {
        let endian = self.endian;
        self.headers
            .iter()
            .map(move |header| SectionHeader::read(header, endian))
    }

    /// A section that another part of the file refers to.
    fn get(&self, index: u32) -> Result<SectionHeader, String> {
        if index == 0 {
            return Err("the null section has none".to_owned());
        }
        let header = self.headers.get(index as usize);
        header
            .map(|header| SectionHeader::read(header, self.endian))
            .ok_or_else(|| format!("the file has {} sections", self.len()))
    }

    /// What the file holds of a section.
    pub(super) fn data(&self, header: &SectionHeader) -> Result<&'a [u8], String> {
        match header.sh_type {
            // The null section's fields may have other meanings, see `read`.
            SHT_NULL | SHT_NOBITS => Ok(&[]),
            _ => part(self.bytes, header.sh_offset, header.sh_size),
        }
    }

    /// The entries of a table, each of `N` bytes.
    fn entries<const N: usize>(&self, header: &SectionHeader) -> Result<&'a [[u8; N]], String> {
        let size = header.sh_entsize;
        if size != N as u64 {
            return Err(format!(
                "its entries have {size} bytes (sh_entsize), expected {N}"
            ));
        }
        match self.data(header)?.as_chunks() {
            (entries, []) => Ok(entries),
            _ => Err(format!(
                "its {} bytes are no multiple of the {N} of an entry",
                header.sh_size
            )),
        }
    }

    /// The symbol table; an empty one if the file has none.
    pub(super) fn symbols(&self) -> Result<SymbolTable<'a>, ElfError> {
        let mut symbols = SymbolTable {
            endian: self.endian,
            entries: &[],
            names: Strings::default(),
            extended: &[],
        };
        let mut headers = self.iter().enumerate();
        let Some((table, header)) = headers.find(|(_, header)| header.sh_type == SHT_SYMTAB) else {
            return Ok(symbols);
        };
        symbols.entries = self
            .entries(&header)
            .map_err(|what| malformed(format_args!("the symbol table, section {table}"), what))?;

        // Without a string table there are no names, which is a mistake only if there are symbols.
        if header.sh_link != 0 {
            let section = self.get(header.sh_link);
            let data = section
                .and_then(|section| match section.sh_type {
                    SHT_STRTAB => self.data(&section),
                    kind => Err(format!(
                        "it is no string table: its type is {kind}, expected {SHT_STRTAB}"
                    )),
                })
                .map_err(|what| {
                    let index = header.sh_link;
                    let place = format!("the symbols' names, in section {index} (sh_link)");
                    malformed(place, what)
                })?;
            symbols.names = Strings { data };
        }

        let extended = self.iter().enumerate().filter(|(_, extended)| {
            extended.sh_type == SHT_SYMTAB_SHNDX && extended.sh_link as usize == table
        });
        if let Some((index, extended)) = extended.last() {
            symbols.extended = self.entries(&extended).map_err(|what| {
                malformed(
                    format_args!("the table of symbols' sections, section {index}"),
                    what,
                )
            })?;
        }
        Ok(symbols)
    }
}

/// `Elf64_Sym`.
pub(super) struct Symbol {
    pub(super) st_name: u32,
    st_info: u8,
    st_other: u8,
    pub(super) st_shndx: u16,
    pub(super) st_value: u64,
    pub(super) st_size: u64,
}

impl Symbol {
    const LEN: usize = 24;

    fn read(symbol: &[u8; Self::LEN], endian: Endianness) -> Self {
        let mut fields = Fields::new(symbol, endian);
        Self {
            st_name: fields.u32(),
            st_info: fields.u8(),
            st_other: fields.u8(),
            st_shndx: fields.u16(),
            st_value: fields.u64(),
            st_size: fields.u64(),
        }
    }

    pub(super) fn st_bind(&self) -> u8 {
        self.st_info >> 4
    }

    pub(super) fn st_type(&self) -> u8 {
        self.st_info & 0xf
    }

    pub(super) fn st_visibility(&self) -> u8 {
        self.st_other & 0x3
    }
}

/// The symbols, with their names.
pub(super) struct SymbolTable<'a> {
    endian: Endianness,
    entries: &'a [[u8; Symbol::LEN]],
    pub(super) names: Strings<'a>,
    /// The indices of symbols' sections, where 16 bits do not suffice (`SHT_SYMTAB_SHNDX`).
    extended: &'a [[u8; 4]],
}

impl<'a> SymbolTable<'a> {
    /// All, the null symbol first.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = Symbol> + use<'a> {
        let endian = self.endian;
        self.entries
            .iter()
            .map(move |symbol| Symbol::read(symbol, endian))
    }

    /// The index of the section that the symbol at `index` is in, which must be below `sections`; `None` if it is
    /// undefined, absolute or common.
    pub(super) fn section(
        &self,
        index: usize,
        symbol: &Symbol,
        sections: usize,
    ) -> Result<Option<usize>, String> {
        let section = match symbol.st_shndx {
            SHN_XINDEX => match self.extended.get(index) {
                Some(section) => self.endian.read_u32(*section),
                None => {
                    let what = "its section's index is in a table of its own (SHN_XINDEX), which \
                                has no entry for it";
                    return Err(what.to_owned());
                }
            },
            SHN_UNDEF | SHN_LORESERVE.. => return Ok(None),
            section => u32::from(section),
        };
        match section as usize {
            0 => Ok(None),
            section if section < sections => Ok(Some(section)),
            section => Err(format!(
                "it is in section {section}, the file has {sections} sections"
            )),
        }
    }
}

/// A string table.
#[derive(Clone, Copy, Default)]
pub(super) struct Strings<'a> {
    data: &'a [u8],
}

impl<'a> Strings<'a> {
    /// The string that begins at that offset.
    pub(super) fn get(&self, offset: u32) -> Result<&'a [u8], String> {
        let len = self.data.len();
        let tail = self.data.get(offset as usize..).unwrap_or_default();
        if tail.is_empty() {
            return Err(format!("it is at byte {offset} of {len} bytes of names"));
        }
        CStr::from_bytes_until_nul(tail)
            .map(CStr::to_bytes)
            .map_err(|_| {
                format!(
                    "it begins at byte {offset} of {len} bytes of names, and does not end there"
                )
            })
    }
}

/// Reads the fields of a struct, from the first to the last.
struct Fields<'a> {
    rest: &'a [u8],
    endian: Endianness,
}

impl<'a> Fields<'a> {
    fn new(fields: &'a [u8], endian: Endianness) -> Self {
        Self {
            rest: fields,
            endian,
        }
    }

    /// Zeroes past the end of the struct, where no caller reads.
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (field, rest) = self.rest.split_first_chunk().unwrap_or((&[0; N], &[]));
        self.rest = rest;
        *field
    }

    fn skip<const N: usize>(&mut self) {
        self.take::<N>();
    }

    fn u8(&mut self) -> u8 {
        let [byte] = self.take();
        byte
    }

    fn u16(&mut self) -> u16 {
        let field = self.take();
        self.endian.read_u16(field)
    }

    fn u32(&mut self) -> u32 {
        let field = self.take();
        self.endian.read_u32(field)
    }

    fn u64(&mut self) -> u64 {
        let field = self.take();
        self.endian.read_u64(field)
    }
}

/// A part of the file. One without bytes is nowhere, so it can't be outside of the file either.
fn part(bytes: &[u8], offset: u64, size: u64) -> Result<&[u8], String> {
    if size == 0 {
        return Ok(&[]);
    }
    let part = usize::try_from(offset)
        .ok()
        .and_then(|offset| bytes.get(offset..))
        .and_then(|tail| tail.get(..usize::try_from(size).ok()?));
    part.ok_or_else(|| {
        format!(
            "its {size} bytes at offset {offset} reach beyond the file's {} bytes",
            bytes.len()
        )
    })
}

/// An error that says where in the file there is what.
pub(super) fn malformed(place: impl fmt::Display, what: String) -> ElfError {
    ElfError::Malformed(format!("{place}: {what}"))
}

//! Edits the tables of an ELF file, and damages them.

use std::ops::Range;

/// Where a field is in its struct, and its size in bytes.
pub(crate) type Field = (usize, usize);

pub(crate) const EI_CLASS: Field = (4, 1);
pub(crate) const EI_DATA: Field = (5, 1);
pub(crate) const EI_VERSION: Field = (6, 1);
pub(crate) const E_TYPE: Field = (16, 2);
pub(crate) const E_MACHINE: Field = (18, 2);
pub(crate) const E_SHOFF: Field = (40, 8);
pub(crate) const E_SHENTSIZE: Field = (58, 2);
pub(crate) const E_SHNUM: Field = (60, 2);
pub(crate) const E_SHSTRNDX: Field = (62, 2);

pub(crate) const SH_NAME: Field = (0, 4);
pub(crate) const SH_TYPE: Field = (4, 4);
pub(crate) const SH_OFFSET: Field = (24, 8);
pub(crate) const SH_SIZE: Field = (32, 8);
pub(crate) const SH_LINK: Field = (40, 4);
pub(crate) const SH_ADDRALIGN: Field = (48, 8);
pub(crate) const SH_ENTSIZE: Field = (56, 8);

pub(crate) const ST_NAME: Field = (0, 4);
pub(crate) const ST_INFO: Field = (4, 1);
pub(crate) const ST_OTHER: Field = (5, 1);
pub(crate) const ST_SHNDX: Field = (6, 2);
pub(crate) const ST_VALUE: Field = (8, 8);
pub(crate) const ST_SIZE: Field = (16, 8);

pub(crate) const SHT_SYMTAB: u64 = 2;
pub(crate) const SHT_STRTAB: u64 = 3;
pub(crate) const SHT_NOBITS: u64 = 8;
pub(crate) const SHT_SYMTAB_SHNDX: u64 = 18;
pub(crate) const SHN_LORESERVE: u64 = 0xff00;
pub(crate) const SHN_XINDEX: u64 = 0xffff;

const SECTION_HEADER: usize = 64;
const SYMBOL: usize = 24;

/// An undamaged 64-bit file, until its fields are set.
#[derive(Clone)]
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    big: bool,
    /// How many sections it had at first.
    sections: usize,
}

impl File {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut this = Self {
            bytes: bytes.to_vec(),
            big: bytes[5] == 2,
            sections: 0,
        };
        this.sections = match this.get(0, E_SHNUM) {
            0 => this.get(this.section(0), SH_SIZE) as usize,
            sections => sections as usize,
        };
        this
    }

    /// The field of the struct that begins at byte `at`; the file's header begins at 0.
    pub(crate) fn get(&self, at: usize, (offset, size): Field) -> u64 {
        let field = self.bytes[at + offset..][..size].iter();
        let add = |value, byte: &u8| value << 8 | u64::from(*byte);
        match self.big {
            true => field.fold(0, add),
            false => field.rev().fold(0, add),
        }
    }

    pub(crate) fn set(&mut self, at: usize, (offset, size): Field, value: u64) {
        let field = &mut self.bytes[at + offset..][..size];
        match self.big {
            true => field.copy_from_slice(&value.to_be_bytes()[8 - size..]),
            false => field.copy_from_slice(&value.to_le_bytes()[..size]),
        }
    }

    /// Where the header of a section begins.
    pub(crate) fn section(&self, index: usize) -> usize {
        self.get(0, E_SHOFF) as usize + index * SECTION_HEADER
    }

    /// The first section of that type, and where its header begins.
    pub(crate) fn section_of(&self, kind: u64) -> (usize, usize) {
        let all = (0..self.sections).map(|index| (index, self.section(index)));
        let mut these = all.filter(|&(_, at)| self.get(at, SH_TYPE) == kind);
        these.next().unwrap()
    }

    /// The bytes of a section whose header begins there.
    pub(crate) fn data(&self, header: usize) -> Range<usize> {
        let start = self.get(header, SH_OFFSET) as usize;
        start..start + self.get(header, SH_SIZE) as usize
    }

    /// Where the symbols begin but the null symbol.
    pub(crate) fn symbols(&self) -> impl Iterator<Item = usize> + use<> {
        let (_, header) = self.section_of(SHT_SYMTAB);
        self.data(header).step_by(SYMBOL).skip(1)
    }

    /// Moves the section table to the end of the file, `after` bytes behind what is there, and returns where the table
    /// ends and more headers can follow.
    pub(crate) fn move_sections(&mut self, after: usize) -> usize {
        let table = self.section(0)..self.section(self.sections);
        self.bytes.resize(self.bytes.len() + after, 0);
        self.set(0, E_SHOFF, self.bytes.len() as u64);
        self.bytes.extend_from_within(table);
        self.bytes.len()
    }

    /// The same file, written as one whose sections' indices do not fit in 16 bits: with their number and the index of
    /// their names in the null section, and a table with the indices of the symbols' sections.
    pub(crate) fn extended(&self) -> Self {
        let mut this = self.clone();
        let (symtab, symbols) = this.section_of(SHT_SYMTAB);
        let symbols = this.data(symbols).step_by(SYMBOL);
        let (start, count) = (this.bytes.len(), symbols.len());
        this.bytes.resize(start + 4 * count, 0);
        for (index, symbol) in symbols.enumerate() {
            let section = this.get(symbol, ST_SHNDX);
            if (1..SHN_LORESERVE).contains(&section) {
                this.set(start + 4 * index, (0, 4), section);
                this.set(symbol, ST_SHNDX, SHN_XINDEX);
            }
        }

        let header = this.move_sections(0);
        this.bytes.resize(header + SECTION_HEADER, 0);
        this.set(header, SH_TYPE, SHT_SYMTAB_SHNDX);
        this.set(header, SH_OFFSET, start as u64);
        this.set(header, SH_SIZE, 4 * count as u64);
        this.set(header, SH_LINK, symtab as u64);
        this.set(header, SH_ADDRALIGN, 4);
        this.set(header, SH_ENTSIZE, 4);
        this.sections += 1;

        let null = this.section(0);
        this.set(null, SH_SIZE, this.sections as u64);
        this.set(null, SH_LINK, this.get(0, E_SHSTRNDX));
        this.set(0, E_SHNUM, 0);
        this.set(0, E_SHSTRNDX, SHN_XINDEX);
        this
    }

    /// The file with one to three fields or bytes changed, or cut short.
    pub(crate) fn damaged(&self, random: &mut Random) -> Vec<u8> {
        let mut this = self.clone();
        for _ in 0..=random.below(3) {
            let section = self.section(random.below(self.sections));
            let (at, field) = match random.below(8) {
                0 => (0, *random.one_of(&FILE_FIELDS)),
                1..4 => (section, *random.one_of(&SECTION_FIELDS)),
                4..7 => {
                    let symbols: Vec<_> = self.symbols().collect();
                    (*random.one_of(&symbols), *random.one_of(&SYMBOL_FIELDS))
                }
                _ if self.get(section, SH_TYPE) == SHT_NOBITS => continue,
                // A byte of names, of extended indices, of anything.
                _ => {
                    let data = self.data(section);
                    (data.start + random.below(data.len()), (0, 1))
                }
            };
            let old = this.get(at, field);
            let value = match random.below(12) {
                0 => 0,
                1 => u64::MAX,
                2 => SHN_LORESERVE + random.below(256) as u64,
                3 => self.sections as u64,
                4 => self.bytes.len() as u64,
                5 => old.wrapping_add(1),
                6 => old.wrapping_sub(1),
                7 => old ^ 1 << random.below(8 * field.1),
                8 => random.below(20) as u64,
                9 => random.below(self.sections) as u64,
                10 => random.below(self.bytes.len()) as u64,
                // A value from elsewhere.
                _ => this.get(self.section(random.below(self.sections)), field),
            };
            this.set(at, field, value);
        }
        if random.below(64) == 0 {
            this.bytes.truncate(random.below(this.bytes.len()));
        }
        this.bytes
    }
}

const FILE_FIELDS: [Field; 7] = [
    EI_CLASS,
    EI_DATA,
    EI_VERSION,
    E_SHOFF,
    E_SHENTSIZE,
    E_SHNUM,
    E_SHSTRNDX,
];

const SECTION_FIELDS: [Field; 7] = [
    SH_NAME,
    SH_TYPE,
    SH_OFFSET,
    SH_SIZE,
    SH_LINK,
    SH_ADDRALIGN,
    SH_ENTSIZE,
];

const SYMBOL_FIELDS: [Field; 6] = [ST_NAME, ST_INFO, ST_OTHER, ST_SHNDX, ST_VALUE, ST_SIZE];

/// The same numbers in each run (xorshift).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `end`; 0 if there is none.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end.max(1)
    }

    fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

//! Damages BPF objects where it hurts: in the words of BTF, symbols and section headers, with the
//! lengths around them set right or left wrong.
//!
//! Deterministic: the same seed makes the same object. It validates its input, since the fuzzer passes it
//! damaged objects to damage further.

use std::ops::Range;

const HEADER: usize = 64;
const BTF_HEADER: usize = 24;
const NOBITS: u32 = 8;

/// Names that are hard to write as Rust.
const WORDS: &[&[u8]] = &[
    b"self",
    b"Self",
    b"_",
    b"type",
    b"crate",
    b"u32",
    b"Option",
    b"core",
    b"fields",
    b"9",
    b"a.b",
    b"r#fn",
    b"\xc3\xa9",
    b"\xff",
    b"\"",
    b"*/",
    b"\n",
    b"Bss",
    b"maps",
    b"key",
    b"value",
    b"values",
    b"type\0",
    b".bss",
    b".data",
    b".maps",
    b".rodata.x",
    b".kconfig",
    b".struct_ops",
    b"",
];

/// An ELF file taken apart, so that a section can change its length.
#[derive(Clone)]
pub(crate) struct Object {
    big: bool,
    header: Vec<u8>,
    sections: Vec<Section>,
}

#[derive(Clone)]
struct Section {
    header: Vec<u8>,
    data: Vec<u8>,
    name: Vec<u8>,
}

impl Object {
    /// `None` if the bytes are too damaged to parse.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let big = *bytes.get(5)? == 2;
        let header = bytes.get(..HEADER)?.to_vec();
        let start = usize::try_from(read64(&header, 40, big)?).ok()?;
        let count = usize::from(read16(&header, 60, big)?);
        let names = usize::from(read16(&header, 62, big)?);
        let mut sections = Vec::new();
        for index in 0..count.min(256) {
            let at = start.checked_add(index * HEADER)?;
            let header = bytes.get(at..at.checked_add(HEADER)?)?.to_vec();
            let offset = usize::try_from(read64(&header, 24, big)?).ok()?;
            let size = usize::try_from(read64(&header, 32, big)?).ok()?;
            let data = match read32(&header, 4, big)? {
                NOBITS => &[],
                _ => bytes.get(offset..offset.checked_add(size)?)?,
            };
            sections.push(Section {
                header,
                data: data.to_vec(),
                name: Vec::new(),
            });
        }
        let strings = sections.get(names)?.data.clone();
        for section in &mut sections {
            let name = strings.get(read32(&section.header, 0, big)? as usize..)?;
            section.name = name.split(|byte| *byte == 0).next()?.to_vec();
        }
        Some(Self {
            big,
            header,
            sections,
        })
    }

    /// Empties sections that the reader ignores: most of a compiler's output is DWARF.
    pub(crate) fn without_debug(mut self) -> Self {
        for section in &mut self.sections {
            let is = |prefix: &[u8]| section.name.starts_with(prefix);
            if is(b".debug") || is(b".rel") || is(b".BTF.ext") || is(b".llvm") {
                section.data.clear();
            }
        }
        self
    }

    /// Reassembles the file. Section headers have the data's offset and, unless it is to be `wrong`, its
    /// length.
    pub(crate) fn write(&self, wrong: bool) -> Vec<u8> {
        let mut bytes = self.header.clone();
        let mut headers = Vec::new();
        for section in &self.sections {
            bytes.resize(bytes.len().next_multiple_of(8), 0);
            let mut header = section.header.clone();
            if read32(&header, 4, self.big) != Some(NOBITS) {
                write64(&mut header, 24, bytes.len() as u64, self.big);
                if !wrong {
                    write64(&mut header, 32, section.data.len() as u64, self.big);
                }
            }
            bytes.extend_from_slice(&section.data);
            headers.extend(header);
        }
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        let start = bytes.len() as u64;
        write64(&mut bytes, 40, start, self.big);
        bytes.extend(headers);
        bytes
    }

    /// Replaces the BTF.
    pub(crate) fn with_btf(mut self, types: Vec<u8>, strings: Vec<u8>) -> Self {
        let big = self.big;
        if let Some(section) = self.section(b".BTF")
            && let Some(btf) = Btf::parse(&section.data, big)
        {
            section.data = Btf {
                types,
                strings,
                ..btf
            }
            .write(false);
        }
        self
    }

    fn section(&mut self, name: &[u8]) -> Option<&mut Section> {
        self.sections
            .iter_mut()
            .find(|section| section.name == name)
    }
}

/// A source of damage.
pub(crate) struct Mutator {
    state: u64,
}

impl Mutator {
    pub(crate) fn new(seed: u64) -> Self {
        // Neighbouring seeds must not start alike (splitmix64).
        let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        Self {
            state: (mixed ^ (mixed >> 27)) | 1,
        }
    }

    /// A random number below `end`; 0 if there is none.
    fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 16) as usize % end.max(1)
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// An object with one to four things changed.
    pub(crate) fn mutate(&mut self, object: &Object) -> Vec<u8> {
        let mut object = object.clone();
        for _ in 0..=self.below(4) {
            match self.below(16) {
                0 => self.symbols(&mut object),
                1 => self.section_header(&mut object),
                2 => self.anywhere(&mut object),
                _ => self.btf(&mut object),
            }
        }
        let wrong = self.one_in(16);
        let mut bytes = object.write(wrong);
        match self.below(64) {
            0 => bytes.truncate(self.below(bytes.len())),
            1 => {
                let at = self.below(HEADER);
                self.byte(&mut bytes, at);
            }
            _ => {}
        }
        bytes
    }

    fn byte(&mut self, bytes: &mut [u8], at: usize) {
        let value = match self.below(4) {
            0 => 0,
            1 => 0xff,
            2 => bytes.get(at).copied().unwrap_or(0) ^ (1 << self.below(8)),
            _ => self.below(256) as u8,
        };
        if let Some(byte) = bytes.get_mut(at) {
            *byte = value;
        }
    }

    fn anywhere(&mut self, object: &mut Object) {
        let index = self.below(object.sections.len());
        if let Some(section) = object.sections.get_mut(index) {
            let at = self.below(section.data.len());
            self.byte(&mut section.data, at);
        }
    }

    fn section_header(&mut self, object: &mut Object) {
        let index = self.below(object.sections.len());
        let big = object.big;
        if let Some(section) = object.sections.get_mut(index) {
            let at = self.below(HEADER / 4) * 4;
            let value = self.word(&section.header.clone(), at, 32, big);
            write32(&mut section.header, at, value, big);
        }
    }

    fn symbols(&mut self, object: &mut Object) {
        let big = object.big;
        if let Some(section) = object.section(b".symtab") {
            let symbol = self.below(section.data.len() / 24) * 24;
            // Binding and visibility, the section's index, or a word of name, value and size.
            match self.below(3) {
                0 => self.byte(&mut section.data, symbol + 4),
                1 => {
                    let at = symbol + 5 + self.below(3);
                    self.byte(&mut section.data, at);
                }
                _ => {
                    let at = symbol + [0, 8, 12, 16, 20][self.below(5)];
                    let value = self.word(&section.data.clone(), at, 64, big);
                    write32(&mut section.data, at, value, big);
                }
            }
        }
    }

    /// A value for the word at `at` that may do harm; `limit` is about the number of types.
    fn word(&mut self, bytes: &[u8], at: usize, limit: usize, big: bool) -> u32 {
        let old = read32(bytes, at, big).unwrap_or(0);
        match self.below(14) {
            0 => 0,
            1 => u32::MAX,
            2 => 1 << 31,
            3 => 0xff_ffff,
            4 => old.wrapping_add(1),
            5 => old.wrapping_sub(1),
            6 => old ^ (1 << self.below(32)),
            7 => old.wrapping_mul(2),
            8 => self.below(limit + 2) as u32,
            9 => self.below(16) as u32,
            10 => self.below(1 << 32) as u32,
            // A value from elsewhere: another entry's type, name or size.
            _ => {
                let other = self.below(bytes.len() / 4) * 4;
                read32(bytes, other, big).unwrap_or(0)
            }
        }
    }

    fn btf(&mut self, object: &mut Object) {
        let big = object.big;
        if let Some(section) = object.section(b".BTF")
            && let Some(mut btf) = Btf::parse(&section.data, big)
        {
            self.types(&mut btf);
            let wrong = self.one_in(32);
            section.data = btf.write(wrong);
            if self.one_in(64) {
                let at = self.below(BTF_HEADER);
                self.byte(&mut section.data, at);
            }
        }
    }

    fn types(&mut self, btf: &mut Btf) {
        let records = btf.records();
        let record = match records.get(self.below(records.len())) {
            Some(record) => record.clone(),
            None => return,
        };
        let other = records[self.below(records.len())].clone();
        let words = record.len() / 4;
        match self.below(12) {
            0 => {
                let kind = self.below(21) as u32;
                btf.map(record.start + 4, |info| (info & !0x7f00_0000) | kind << 24);
            }
            1 => btf.map(record.start + 4, |info| info ^ (1 << 31)),
            2 => {
                let len = self.below(6) as u32;
                btf.map(record.start + 4, |info| (info & !0xff_ffff) | len);
            }
            // One entry more or less, and the length with it.
            3 if words > 6 => {
                let entry = record.end - 12..record.end;
                let copy = btf.types[entry.clone()].to_vec();
                if self.one_in(3) {
                    btf.types.drain(entry);
                    btf.map(record.start + 4, |info| info.wrapping_sub(1));
                } else {
                    btf.types.splice(entry.end..entry.end, copy);
                    btf.map(record.start + 4, |info| info.wrapping_add(1));
                }
            }
            4 => {
                let copy = btf.types[record].to_vec();
                btf.types.extend(copy);
            }
            5 => drop(btf.types.drain(record)),
            6 => {
                let copy = btf.types[other].to_vec();
                btf.types.splice(record, copy);
            }
            // Another's name.
            7 => {
                let name = btf.read(other.start);
                btf.map(record.start, |_| name);
            }
            8 => self.name(btf, record.start),
            _ => {
                let at = record.start + self.below(words) * 4;
                let value = self.word(&btf.types, at, records.len(), btf.big);
                btf.map(at, |_| value);
            }
        }
    }

    /// A new name for the word at `at`, or an old one overwritten.
    fn name(&mut self, btf: &mut Btf, at: usize) {
        let word = WORDS[self.below(WORDS.len())];
        if self.one_in(2) {
            let old = btf.read(at) as usize;
            for (at, byte) in (old..).zip(word) {
                if let Some(old) = btf.strings.get_mut(at) {
                    *old = *byte;
                }
            }
            return;
        }
        let new = btf.strings.len() as u32;
        btf.strings.extend_from_slice(word);
        if self.one_in(8) {
            let len = self.below(5000);
            btf.strings.extend(std::iter::repeat_n(b'n', len));
        }
        btf.strings.push(0);
        btf.map(at, |_| new);
    }
}

/// The contents of a `.BTF` section taken apart.
struct Btf {
    big: bool,
    header: Vec<u8>,
    types: Vec<u8>,
    strings: Vec<u8>,
}

impl Btf {
    fn parse(bytes: &[u8], big: bool) -> Option<Self> {
        let part = |at: usize| {
            let start = BTF_HEADER.checked_add(read32(bytes, at, big)? as usize)?;
            let end = start.checked_add(read32(bytes, at + 4, big)? as usize)?;
            Some(bytes.get(start..end)?.to_vec())
        };
        Some(Self {
            big,
            header: bytes.get(..BTF_HEADER)?.to_vec(),
            types: part(8)?,
            strings: part(16)?,
        })
    }

    fn write(&self, wrong: bool) -> Vec<u8> {
        let mut header = self.header.clone();
        if !wrong {
            let (types, strings) = (self.types.len() as u32, self.strings.len() as u32);
            for (at, value) in [(8, 0), (12, types), (16, types), (20, strings)] {
                write32(&mut header, at, value, self.big);
            }
        }
        [header, self.types.clone(), self.strings.clone()].concat()
    }

    /// The offsets of the types, as far as their lengths make sense.
    fn records(&self) -> Vec<Range<usize>> {
        let mut records = Vec::new();
        let mut start = 0;
        while let Some(info) = read32(&self.types, start + 4, self.big) {
            let len = (info & 0xff_ffff) as usize;
            let words = match info >> 24 & 0x7f {
                1 | 14 | 17 => 1,
                3 => 3,
                4 | 5 | 15 | 19 => len * 3,
                6 | 13 => len * 2,
                _ => 0,
            };
            let end = start + 12 + words * 4;
            if end > self.types.len() {
                break;
            }
            records.push(start..end);
            start = end;
        }
        records
    }

    fn read(&self, at: usize) -> u32 {
        read32(&self.types, at, self.big).unwrap_or(0)
    }

    fn map(&mut self, at: usize, change: impl FnOnce(u32) -> u32) {
        let value = change(self.read(at));
        write32(&mut self.types, at, value, self.big);
    }
}

fn read<const N: usize>(bytes: &[u8], at: usize, big: bool) -> Option<[u8; N]> {
    let mut little: [u8; N] = *bytes.get(at..)?.first_chunk()?;
    if big {
        little.reverse();
    }
    Some(little)
}

fn read16(bytes: &[u8], at: usize, big: bool) -> Option<u16> {
    read(bytes, at, big).map(u16::from_le_bytes)
}

fn read32(bytes: &[u8], at: usize, big: bool) -> Option<u32> {
    read(bytes, at, big).map(u32::from_le_bytes)
}

fn read64(bytes: &[u8], at: usize, big: bool) -> Option<u64> {
    read(bytes, at, big).map(u64::from_le_bytes)
}

fn write<const N: usize>(bytes: &mut [u8], at: usize, mut little: [u8; N], big: bool) {
    if big {
        little.reverse();
    }
    if let Some(place) = bytes.get_mut(at..).and_then(|tail| tail.first_chunk_mut()) {
        *place = little;
    }
}

fn write32(bytes: &mut [u8], at: usize, value: u32, big: bool) {
    write(bytes, at, value.to_le_bytes(), big);
}

fn write64(bytes: &mut [u8], at: usize, value: u64, big: bool) {
    write(bytes, at, value.to_le_bytes(), big);
}

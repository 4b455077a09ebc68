//! Changes that libbpf makes to an object's BTF: variables are placed, sections grow.

use super::decode::Decoder;
use super::{BtfError, Linkage, MAGIC, SectionEntry, TypeId, VERSION, kind};
use crate::endian::Endianness;

const HEADER_LEN: u32 = 24;

/// How many words come before what is special to a kind of type: name, kind and size.
const COMMON: usize = 3;

/// BTF that is being changed. Ids of types that don't exist are ignored.
#[derive(Debug, Clone)]
pub struct Editor {
    words: Vec<[u8; 4]>,
    strings: Vec<u8>,
    /// Where each type begins among the words; nothing is there of void.
    starts: Vec<Option<usize>>,
    endian: Endianness,
}

impl Editor {
    /// Reads the contents of a `.BTF` section.
    ///
    /// # Errors
    ///
    /// If they can't be decoded.
    pub fn new(bytes: &[u8], endian: Endianness) -> Result<Self, BtfError> {
        let mut decoder = Decoder::new(bytes, endian)?;
        let (words, strings) = (decoder.words.to_vec(), decoder.strings.to_vec());
        let mut starts = vec![None];
        while !decoder.words.is_empty() {
            starts.push(Some(words.len() - decoder.words.len()));
            decoder.ty()?;
        }
        Ok(Self {
            words,
            strings,
            starts,
            endian,
        })
    }

    /// Gives a variable another linkage.
    pub fn set_linkage(&mut self, variable: TypeId, linkage: Linkage) {
        let linkage = match linkage {
            Linkage::Static => 0,
            Linkage::Global => 1,
            Linkage::Extern => 2,
        };
        self.set(variable, COMMON, linkage);
    }

    /// Gives a DATASEC another size.
    pub fn set_section_size(&mut self, section: TypeId, size: u32) {
        self.set(section, COMMON - 1, size);
    }

    /// Moves the entry `index` of a DATASEC.
    pub fn set_entry_offset(&mut self, section: TypeId, index: usize, offset: u32) {
        self.set(section, COMMON + 3 * index + 1, offset);
    }

    /// Adds a DATASEC.
    pub fn add_section(&mut self, name: &str, size: u32, entries: &[SectionEntry]) {
        self.starts.push(Some(self.words.len()));
        let name_offset = self.strings.len() as u32;
        self.strings.extend_from_slice(name.as_bytes());
        self.strings.push(0);
        let info = kind::DATASEC << 24 | entries.len() as u32;
        let entries = entries.iter();
        let entries = entries.flat_map(|entry| [entry.ty.0, entry.offset, entry.size]);
        let words = [name_offset, info, size].into_iter().chain(entries);
        let endian = self.endian;
        self.words.extend(words.map(|word| endian.write_u32(word)));
    }

    /// The BTF as it is now.
    pub fn finish(&self) -> Vec<u8> {
        let types = self.words.as_flattened();
        let [types_len, strings_len] = [types.len(), self.strings.len()].map(|len| len as u32);
        let fields = [HEADER_LEN, 0, types_len, types_len, strings_len];
        let fields = fields.map(|field| self.endian.write_u32(field));
        let mut bytes = self.endian.write_u16(MAGIC).to_vec();
        bytes.extend([VERSION, 0]);
        bytes.extend_from_slice(fields.as_flattened());
        bytes.extend_from_slice(types);
        bytes.extend_from_slice(&self.strings);
        bytes
    }

    fn set(&mut self, id: TypeId, index: usize, value: u32) {
        let start = self.starts.get(id.0 as usize).copied().flatten();
        if let Some(word) = start.and_then(|start| self.words.get_mut(start + index)) {
            *word = self.endian.write_u32(value);
        }
    }
}

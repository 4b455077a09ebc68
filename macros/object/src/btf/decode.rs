//! Decodes the bytes of BTF into a table of types, one after the other. Where a type refers to
//! another, the id is not checked here, because that type may come later; `check` does so at the end.

use std::ffi::CStr;

use super::{
    Btf, BtfError, Composite, Enumerator, Linkage, MAGIC, Member, Param, SectionEntry, Type,
    TypeId, VERSION, kind,
};
use crate::endian::Endianness;

/// The longest name in bytes, as in the kernel (`KSYM_NAME_LEN`). Tags are free text.
const MAX_NAME: usize = 511;

/// The limit for the length of all names together, in multiples of the BTF's. Names may share bytes, so
/// without a limit a small table could have any amount of them.
const MAX_NAMES: usize = 16;

/// The oldest header; newer ones are longer, and say so.
const HEADER_LEN: usize = 24;

impl Type<'_> {
    /// Whether this must have a name; other kinds may be anonymous.
    fn must_be_named(&self) -> bool {
        matches!(
            self,
            Self::Typedef { .. }
                | Self::Function { .. }
                | Self::Variable { .. }
                | Self::DataSection { .. }
        )
    }
}

/// Reads one type after the other.
pub(super) struct Decoder<'a> {
    /// What is left of the type section, all of which is 32-bit words.
    pub(super) words: &'a [[u8; 4]],
    pub(super) strings: &'a [u8],
    /// How many more bytes of names are allowed.
    names: usize,
    endian: Endianness,
    /// The type being read.
    id: TypeId,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(bytes: &'a [u8], endian: Endianness) -> Result<Self, BtfError> {
        let truncated = |what: &str| BtfError::Truncated {
            what: what.to_owned(),
        };
        let Some((magic, _)) = bytes.split_first_chunk() else {
            return Err(truncated("its header"));
        };
        match endian.read_u16(*magic) {
            MAGIC => {}
            magic if magic.swap_bytes() == MAGIC => return Err(BtfError::WrongEndian),
            magic => return Err(BtfError::NotBtf { magic }),
        }
        let Some((header, _)) = bytes.split_first_chunk::<HEADER_LEN>() else {
            return Err(truncated("its header"));
        };
        let &[_, _, version, _, ref fields @ ..] = header;
        if version != VERSION {
            return Err(BtfError::Version(version));
        }
        let (fields, _) = fields.as_chunks();
        let mut fields = fields.iter().map(|word| endian.read_u32(*word) as usize);
        let mut field = || fields.next().unwrap_or_default();
        let header_len = field();
        if header_len < HEADER_LEN {
            return Err(BtfError::Malformed(format!(
                "its header has {header_len} bytes"
            )));
        }
        let body = bytes
            .get(header_len..)
            .ok_or_else(|| truncated("its header"))?;
        let mut section = |what| {
            let (offset, len) = (field(), field());
            let end = offset.checked_add(len);
            end.and_then(|end| body.get(offset..end))
                .ok_or_else(|| truncated(what))
        };
        let types = section("its types")?;
        let strings = section("its strings")?;

        let (words, []) = types.as_chunks() else {
            return Err(truncated("its types"));
        };
        if strings.first() != Some(&0) || strings.last() != Some(&0) {
            let what = "its strings do not begin and end with a NUL";
            return Err(BtfError::Malformed(what.to_owned()));
        }
        Ok(Self {
            words,
            strings,
            names: bytes.len().saturating_mul(MAX_NAMES),
            endian,
            id: TypeId::VOID,
        })
    }

    pub(super) fn decode(mut self) -> Result<Btf<'a>, BtfError> {
        let mut types = vec![Type::Void];
        let mut decl_tags = Vec::new();
        while !self.words.is_empty() {
            self.id.0 += 1;
            let ty = self.ty()?;
            if ty.name().is_empty() && ty.must_be_named() {
                return Err(BtfError::ty(self.id, "", "it has no name".to_owned()));
            }
            if let Type::DeclTag {
                name,
                target,
                component,
            } = ty
            {
                decl_tags.push((target, component, name));
            }
            types.push(ty);
        }
        // A stable sort: tags of one target stay in file order.
        decl_tags.sort_by_key(|&(target, component, _)| (target, component));
        Ok(Btf { types, decl_tags })
    }

    pub(super) fn ty(&mut self) -> Result<Type<'a>, BtfError> {
        let [name, info, size] = self.record()?;
        // Older headers have 16 bits of length and 5 of kind, and zeroes between them.
        let (vlen, kind, flag) = (info & 0xff_ffff, info >> 24 & 0x7f, info >> 31 == 1);
        let name = match kind {
            kind::DECL_TAG | kind::TYPE_TAG => self.string(name)?,
            _ => self.name(name)?,
        };
        let to = TypeId(size);
        Ok(match kind {
            kind::INT => self.int(name, size)?,
            kind::FLOAT => Type::Float { name, size },
            kind::PTR => Type::Pointer { to },
            kind::ARRAY => self.array()?,
            kind::STRUCT => Type::Struct(self.composite(name, size, vlen, flag)?),
            kind::UNION => Type::Union(self.composite(name, size, vlen, flag)?),
            kind::ENUM => Type::Enum {
                name,
                size,
                signed: flag,
                wide: false,
                values: self.enumerators(vlen, flag, size)?,
            },
            kind::ENUM64 => Type::Enum {
                name,
                size,
                signed: flag,
                wide: true,
                values: self.wide_enumerators(vlen, flag)?,
            },
            kind::FWD => Type::Forward { name, union: flag },
            kind::TYPEDEF => Type::Typedef { name, to },
            kind::VOLATILE => Type::Volatile { to },
            kind::CONST => Type::Const { to },
            kind::RESTRICT => Type::Restrict { to },
            kind::TYPE_TAG => Type::TypeTag { name, to },
            kind::FUNC => Type::Function {
                name,
                proto: to,
                linkage: self.linkage(name, vlen)?,
            },
            kind::FUNC_PROTO => Type::FunctionProto {
                ret: to,
                params: self.params(vlen)?,
            },
            kind::VAR => {
                let [linkage] = self.record()?;
                Type::Variable {
                    name,
                    ty: to,
                    linkage: self.linkage(name, linkage)?,
                }
            }
            kind::DATASEC => Type::DataSection {
                name,
                size,
                entries: self.section_entries(vlen)?,
            },
            kind::DECL_TAG => {
                let [component] = self.record()?;
                Type::DeclTag {
                    name,
                    target: to,
                    component: (component != u32::MAX).then_some(component),
                }
            }
            // Its length is unknown, so nothing after it can be read either.
            _ => {
                let reason = format!("unknown kind {kind}");
                return Err(BtfError::ty(self.id, name, reason));
            }
        })
    }

    fn int(&mut self, name: &'a str, size: u32) -> Result<Type<'a>, BtfError> {
        let [encoding] = self.record()?;
        let [bits, _, offset, flags] = encoding.to_le_bytes();
        // BTF_INT_SIGNED, BTF_INT_CHAR and BTF_INT_BOOL.
        let [signed, char, boolean] = [1, 2, 4].map(|flag| flags & flag != 0);
        Ok(Type::Int {
            name,
            size,
            offset,
            bits,
            signed,
            char,
            boolean,
        })
    }

    fn array(&mut self) -> Result<Type<'a>, BtfError> {
        let [element, index, len] = self.record()?;
        Ok(Type::Array {
            element: TypeId(element),
            index: TypeId(index),
            len,
        })
    }

    /// A struct or union; with bitfields, members' offsets hold widths as well.
    fn composite(
        &mut self,
        name: &'a str,
        size: u32,
        vlen: u32,
        bitfields: bool,
    ) -> Result<Composite<'a>, BtfError> {
        let members = self.list(vlen, |this, [name, ty, offset]| {
            let (bit_offset, bitfield_size) = match bitfields {
                true => (offset & 0xff_ffff, (offset >> 24) as u8),
                false => (offset, 0),
            };
            Ok(Member {
                name: this.name(name)?,
                ty: TypeId(ty),
                bit_offset,
                bitfield_size,
            })
        })?;
        Ok(Composite {
            name,
            size,
            members,
        })
    }

    /// Values have 32 bits here, also those of an enum of 1 or 2 bytes. Of these, old compilers write the sign to all
    /// 32 bits, but not that there is one.
    fn enumerators(
        &mut self,
        vlen: u32,
        signed: bool,
        size: u32,
    ) -> Result<Vec<Enumerator<'a>>, BtfError> {
        let unused = 32 - 8 * size.clamp(1, 4);
        self.list(vlen, |this, [name, value]| {
            let value = value << unused;
            Ok(Enumerator {
                name: this.name(name)?,
                value: match signed {
                    true => i128::from(value as i32 >> unused),
                    false => i128::from(value >> unused),
                },
            })
        })
    }

    fn wide_enumerators(
        &mut self,
        vlen: u32,
        signed: bool,
    ) -> Result<Vec<Enumerator<'a>>, BtfError> {
        self.list(vlen, |this, [name, low, high]| {
            let value = u64::from(high) << 32 | u64::from(low);
            Ok(Enumerator {
                name: this.name(name)?,
                value: match signed {
                    true => i128::from(value as i64),
                    false => i128::from(value),
                },
            })
        })
    }

    fn params(&mut self, vlen: u32) -> Result<Vec<Param<'a>>, BtfError> {
        self.list(vlen, |this, [name, ty]| {
            Ok(Param {
                name: this.name(name)?,
                ty: TypeId(ty),
            })
        })
    }

    fn section_entries(&mut self, vlen: u32) -> Result<Vec<SectionEntry>, BtfError> {
        self.list(vlen, |_, [ty, offset, size]| {
            Ok(SectionEntry {
                ty: TypeId(ty),
                offset,
                size,
            })
        })
    }

    fn linkage(&self, name: &str, linkage: u32) -> Result<Linkage, BtfError> {
        match linkage {
            0 => Ok(Linkage::Static),
            1 => Ok(Linkage::Global),
            2 => Ok(Linkage::Extern),
            _ => Err(BtfError::ty(
                self.id,
                name,
                format!("it has the unknown linkage {linkage}"),
            )),
        }
    }

    /// Reads `N` words.
    fn record<const N: usize>(&mut self) -> Result<[u32; N], BtfError> {
        let (record, rest) = self
            .words
            .split_first_chunk()
            .ok_or_else(|| self.truncated())?;
        self.words = rest;
        Ok(record.map(|word| self.endian.read_u32(word)))
    }

    /// Reads `len` records of `N` words each.
    fn list<T, const N: usize>(
        &mut self,
        len: u32,
        mut item: impl FnMut(&mut Self, [u32; N]) -> Result<T, BtfError>,
    ) -> Result<Vec<T>, BtfError> {
        // Check that there are enough words before allocating memory for them.
        if (self.words.len() / N) < len as usize {
            return Err(self.truncated());
        }
        let mut items = Vec::with_capacity(len as usize);
        for _ in 0..len {
            let record = self.record()?;
            items.push(item(self, record)?);
        }
        Ok(items)
    }

    /// The name at that offset. Only names that types use are read: compilers also store source lines
    /// there, in whatever encoding the source has.
    fn string(&mut self, offset: u32) -> Result<&'a str, BtfError> {
        let id = self.id;
        let fault = |reason| Err(BtfError::ty(id, "", reason));
        let tail = self.strings.get(offset as usize..).unwrap_or_default();
        let Ok(string) = CStr::from_bytes_until_nul(tail) else {
            let len = self.strings.len();
            return fault(format!("a name at byte {offset} of {len} bytes of strings"));
        };
        match self.names.checked_sub(string.count_bytes()) {
            Some(left) => self.names = left,
            None => return fault("names up to here are far longer than the whole BTF".to_owned()),
        }
        string
            .to_str()
            .or_else(|_| fault(format!("a name is not UTF-8: {string:?}")))
    }

    /// [`Self::string`] for a C name, not free text.
    fn name(&mut self, offset: u32) -> Result<&'a str, BtfError> {
        let name = self.string(offset)?;
        match name.len() {
            0..=MAX_NAME => Ok(name),
            len => Err(BtfError::ty(
                self.id,
                "",
                format!("a name of {len} bytes, the kernel allows {MAX_NAME}"),
            )),
        }
    }

    fn truncated(&self) -> BtfError {
        BtfError::Truncated {
            what: format!("type {}", self.id),
        }
    }
}

//! A view of an object's BTF, as libbpf holds it.
//!
//! Only `btf__type_by_id` and `btf__str_by_offset` are called: they read, so two threads may bind from one
//! object at once. (`btf__raw_data` would not do: it builds a cache inside the `struct btf`.) When it opened
//! the object, libbpf checked ids, names and lengths, and converted every word to the host's byte order.

use core::ffi::CStr;
use core::marker::PhantomData;
use core::ops::Range;
use core::ptr::NonNull;

use libbpf_rs::libbpf_sys;

#[cfg(test)]
pub(super) mod builder;

/// BTF that lives for `'obj`, as long as its object.
#[derive(Clone, Copy)]
pub(crate) struct Btf<'obj> {
    btf: NonNull<libbpf_sys::btf>,
    lifetime: PhantomData<&'obj libbpf_sys::btf>,
}

/// One type: its header, and the words after it.
#[derive(Clone, Copy)]
pub(crate) struct Type<'obj> {
    pub(crate) id: u32,
    pub(crate) kind: Kind<'obj>,
    name_offset: u32,
    btf: Btf<'obj>,
}

/// The kinds of types; `Other` are those that binding never meets.
#[derive(Clone, Copy)]
pub(crate) enum Kind<'obj> {
    Void,
    Int {
        size: u32,
        signed: bool,
        boolean: bool,
    },
    Float {
        size: u32,
    },
    Enum {
        size: u32,
        values: Enumerators<'obj>,
    },
    Struct {
        size: u32,
        members: Members<'obj>,
    },
    Union {
        size: u32,
        members: Members<'obj>,
    },
    Forward {
        union: bool,
    },
    Array {
        element: u32,
        len: u32,
    },
    Pointer {
        to: u32,
    },
    /// A typedef, `const`, `volatile`, `restrict` or type tag.
    Modifier,
    Function {
        proto: u32,
    },
    /// With the type of its first parameter.
    FunctionProto {
        first: Option<u32>,
    },
    Variable {
        ty: u32,
        linkage: u32,
    },
    DataSection(Entries<'obj>),
    Other,
}

/// `BTF_VAR_STATIC`, `BTF_VAR_GLOBAL_ALLOCATED` and `BTF_VAR_GLOBAL_EXTERN` of the kernel's `btf.h`.
pub(crate) const STATIC: u32 = 0;
pub(crate) const GLOBAL: u32 = 1;

/// The members of a struct or union.
#[derive(Clone, Copy)]
pub(crate) struct Members<'obj> {
    words: &'obj [u32],
    bitfields: bool,
    btf: Btf<'obj>,
}

/// A member: name, type, offset in bits, width in bits (0 for an ordinary member).
pub(crate) struct Member<'obj> {
    name_offset: u32,
    btf: Btf<'obj>,
    pub(crate) ty: u32,
    pub(crate) bit_offset: u32,
    pub(crate) bitfield_size: u8,
}

/// The constants of an enum.
#[derive(Clone, Copy)]
pub(crate) struct Enumerators<'obj> {
    words: &'obj [u32],
    wide: bool,
    btf: Btf<'obj>,
}

/// The variables of a DATASEC.
#[derive(Clone, Copy)]
pub(crate) struct Entries<'obj> {
    words: &'obj [u32],
    section_size: u32,
}

/// A variable's place in a DATASEC.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) variable: u32,
    pub(crate) offset: u32,
    pub(crate) size: u32,
}

impl<'obj> Btf<'obj> {
    /// The object's BTF, unless it has none.
    pub(crate) fn of(object: &'obj libbpf_sys::bpf_object) -> Option<Self> {
        // SAFETY: a reference to an object is a valid object, and its BTF lives as long.
        unsafe { NonNull::new(libbpf_sys::bpf_object__btf(object)).map(|btf| Self::from_raw(btf)) }
    }

    /// # Safety
    ///
    /// `btf` is valid, and nobody changes it, for `'obj`.
    pub(crate) unsafe fn from_raw(btf: NonNull<libbpf_sys::btf>) -> Self {
        Self {
            btf,
            lifetime: PhantomData,
        }
    }

    /// All types but void.
    pub(crate) fn types(self) -> impl Iterator<Item = Type<'obj>> {
        self.ids().map(move |id| self.ty(id))
    }

    /// The ids of all types but void.
    fn ids(self) -> Range<u32> {
        // SAFETY: `self.btf` belongs to the object, which lives for `'obj`.
        1..unsafe { libbpf_sys::btf__type_cnt(self.btf.as_ptr()) }
    }

    /// The DATASECs, and their entries.
    pub(crate) fn data_sections(self) -> impl Iterator<Item = (Type<'obj>, Entries<'obj>)> {
        self.ids().filter_map(move |id| {
            // There are many types of other kinds, which need no look at what they are.
            let header = self.header(id)?;
            if kind_of(header) != libbpf_sys::BTF_KIND_DATASEC {
                return None;
            }
            let ty = self.type_of(id, Some(header));
            match ty.kind {
                Kind::DataSection(entries) => Some((ty, entries)),
                _ => None,
            }
        })
    }

    #[inline]
    fn header(self, id: u32) -> Option<&'obj libbpf_sys::btf_type> {
        // SAFETY: as above; ids out of range give NULL. The type lives as long as the BTF.
        unsafe { libbpf_sys::btf__type_by_id(self.btf.as_ptr(), id).as_ref() }
    }

    /// The type `id`; void for one that does not exist, which libbpf doesn't let pass.
    #[inline]
    pub(crate) fn ty(self, id: u32) -> Type<'obj> {
        self.type_of(id, self.header(id))
    }

    #[inline]
    fn type_of(self, id: u32, header: Option<&'obj libbpf_sys::btf_type>) -> Type<'obj> {
        let (name_offset, kind) = match header {
            None => (0, Kind::Void),
            Some(header) => (header.name_off, self.kind(header)),
        };
        Type {
            id,
            kind,
            name_offset,
            btf: self,
        }
    }

    /// The type that `id` stands for, without typedefs and qualifiers.
    pub(crate) fn resolve(self, id: u32) -> Type<'obj> {
        let (id, header) = self.without_modifiers(id);
        let ty = self.type_of(id, header);
        match ty.kind {
            Kind::Modifier => Type {
                kind: Kind::Other,
                ..ty
            },
            _ => ty,
        }
    }

    /// Whether `id` stands for an integer of this size and sign. Most types do, and need no look at anything else.
    pub(crate) fn is_int(self, id: u32, size: u32, signed: bool) -> bool {
        let (_, Some(header)) = self.without_modifiers(id) else {
            return false;
        };
        if kind_of(header) != libbpf_sys::BTF_KIND_INT || size_or_type(header) != size {
            return false;
        }
        // SAFETY: libbpf has checked that each type's words are there.
        let encoding = encoding_of(unsafe { words_after(header, 1) });
        let sign = if signed {
            libbpf_sys::BTF_INT_SIGNED
        } else {
            0
        };
        encoding & (libbpf_sys::BTF_INT_SIGNED | libbpf_sys::BTF_INT_BOOL) == sign
    }

    /// The type itself behind typedefs and qualifiers, or one of these if they are too many.
    #[inline]
    fn without_modifiers(self, mut id: u32) -> (u32, Option<&'obj libbpf_sys::btf_type>) {
        let mut header = self.header(id);
        // As many steps as libbpf itself takes before it calls a chain broken.
        for _ in 0..32 {
            match header {
                // Most variables have a typedef's type, so a chain is followed without a look at what it is not.
                Some(modifier) if is_modifier(kind_of(modifier)) => {
                    id = size_or_type(modifier);
                    header = self.header(id);
                }
                _ => break,
            }
        }
        (id, header)
    }

    /// The size of a type, unless it has none.
    pub(crate) fn size_of(self, id: u32) -> Option<u32> {
        // SAFETY: `self.btf` is valid; an id out of range gives an error.
        let size = unsafe { libbpf_sys::btf__resolve_size(self.btf.as_ptr(), id) };
        u32::try_from(size).ok()
    }

    #[inline]
    fn kind(self, header: &'obj libbpf_sys::btf_type) -> Kind<'obj> {
        // Bits 0 to 15 are the length, 24 to 28 the kind, 31 the flag (include/uapi/linux/btf.h). These are
        // libbpf's masks and must be: it lets any bits between them pass, and has made sure of as many
        // words as it takes for the length.
        let len = (header.info & 0xffff) as usize;
        let flag = header.info >> 31 == 1;
        let size = size_or_type(header);
        let to = size;
        // SAFETY: libbpf has checked that each type's words are there.
        let words = |count| unsafe { words_after(header, count) };
        let members = || Members {
            words: words(3 * len),
            bitfields: flag,
            btf: self,
        };
        let values = |wide| Enumerators {
            words: words(if wide { 3 } else { 2 } * len),
            wide,
            btf: self,
        };
        match kind_of(header) {
            // The one type of this kind is libbpf's own, for id 0.
            libbpf_sys::BTF_KIND_UNKN => Kind::Void,
            libbpf_sys::BTF_KIND_INT => {
                let encoding = encoding_of(words(1));
                Kind::Int {
                    size,
                    signed: encoding & libbpf_sys::BTF_INT_SIGNED != 0,
                    boolean: encoding & libbpf_sys::BTF_INT_BOOL != 0,
                }
            }
            libbpf_sys::BTF_KIND_FLOAT => Kind::Float { size },
            libbpf_sys::BTF_KIND_ENUM => Kind::Enum {
                size,
                values: values(false),
            },
            libbpf_sys::BTF_KIND_ENUM64 => Kind::Enum {
                size,
                values: values(true),
            },
            libbpf_sys::BTF_KIND_STRUCT => Kind::Struct {
                size,
                members: members(),
            },
            libbpf_sys::BTF_KIND_UNION => Kind::Union {
                size,
                members: members(),
            },
            libbpf_sys::BTF_KIND_FWD => Kind::Forward { union: flag },
            libbpf_sys::BTF_KIND_ARRAY => match words(3) {
                [element, _, len] => Kind::Array {
                    element: *element,
                    len: *len,
                },
                _ => Kind::Other,
            },
            libbpf_sys::BTF_KIND_PTR => Kind::Pointer { to },
            kind if is_modifier(kind) => Kind::Modifier,
            libbpf_sys::BTF_KIND_FUNC => Kind::Function { proto: to },
            libbpf_sys::BTF_KIND_FUNC_PROTO => Kind::FunctionProto {
                first: words(2 * len).get(1).copied(),
            },
            libbpf_sys::BTF_KIND_VAR => Kind::Variable {
                ty: to,
                linkage: words(1).first().copied().unwrap_or(0),
            },
            libbpf_sys::BTF_KIND_DATASEC => Kind::DataSection(Entries {
                words: words(3 * len),
                section_size: size,
            }),
            _ => Kind::Other,
        }
    }

    fn string(self, offset: u32) -> &'obj CStr {
        // SAFETY: `self.btf` is valid; an offset out of range gives NULL.
        let string = unsafe { libbpf_sys::btf__str_by_offset(self.btf.as_ptr(), offset) };
        if string.is_null() {
            return c"";
        }
        // SAFETY: libbpf has checked that the string section ends with a NUL; it lives for `'obj`.
        unsafe { CStr::from_ptr(string) }
    }
}

impl<'obj> Type<'obj> {
    /// The name, empty for void. Finding it takes a call and a walk to its end, so it is not kept here:
    /// most types are only looked at.
    pub(crate) fn name(self) -> &'obj CStr {
        self.btf.string(self.name_offset)
    }
}

/// One of `BTF_KIND_*`.
fn kind_of(header: &libbpf_sys::btf_type) -> u32 {
    (header.info >> 24) & 0x1f
}

fn is_modifier(kind: u32) -> bool {
    matches!(
        kind,
        libbpf_sys::BTF_KIND_TYPEDEF
            | libbpf_sys::BTF_KIND_VOLATILE
            | libbpf_sys::BTF_KIND_CONST
            | libbpf_sys::BTF_KIND_RESTRICT
            | libbpf_sys::BTF_KIND_TYPE_TAG
    )
}

/// A type's size, or the type that it refers to, as its kind says.
fn size_or_type(header: &libbpf_sys::btf_type) -> u32 {
    // SAFETY: both members of the union are `__u32`.
    unsafe { header.__bindgen_anon_1.size }
}

/// The flags in the word after the header of an integer.
fn encoding_of(words: &[u32]) -> u32 {
    words.first().map_or(0, |word| (word >> 24) & 0xf)
}

/// The `count` words that follow a type's header.
///
/// # Safety
///
/// The BTF that contains `header` has them.
unsafe fn words_after(header: &libbpf_sys::btf_type, count: usize) -> &[u32] {
    let first = core::ptr::from_ref(header).wrapping_add(1).cast();
    // SAFETY: the caller's promise; headers are 12 bytes, aligned to 4, and so is what follows them.
    unsafe { core::slice::from_raw_parts(first, count) }
}

impl<'obj> Member<'obj> {
    /// The name, empty if the member has none.
    pub(crate) fn name(&self) -> &'obj CStr {
        self.btf.string(self.name_offset)
    }
}

impl<'obj> Members<'obj> {
    pub(crate) fn len(self) -> usize {
        self.words.len() / 3
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Member<'obj>> {
        self.words.chunks_exact(3).map(move |member| {
            let offset = member[2];
            let (bit_offset, bitfield_size) = match self.bitfields {
                true => (offset & 0x00ff_ffff, (offset >> 24) as u8),
                false => (offset, 0),
            };
            Member {
                name_offset: member[0],
                btf: self.btf,
                ty: member[1],
                bit_offset,
                bitfield_size,
            }
        })
    }
}

impl<'obj> Enumerators<'obj> {
    /// How many bits of a value there are. clang before 16 cuts those of 64-bit enums.
    pub(crate) fn bits(self) -> u32 {
        if self.wide { 64 } else { 32 }
    }

    /// Names and values; a 32-bit value is sign-extended or not as the word says, so compare them cut
    /// to the enum's size.
    pub(crate) fn iter(self) -> impl Iterator<Item = (&'obj CStr, u64)> {
        let words = if self.wide { 3 } else { 2 };
        self.words.chunks_exact(words).map(move |value| {
            let high = value.get(2).copied().unwrap_or(0);
            (
                self.btf.string(value[0]),
                u64::from(value[1]) | u64::from(high) << 32,
            )
        })
    }
}

impl<'obj> Entries<'obj> {
    /// The size of the section in bytes.
    pub(crate) fn section_size(self) -> u32 {
        self.section_size
    }

    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = Entry> + use<'obj> {
        self.words.chunks_exact(3).map(|entry| Entry {
            variable: entry[0],
            offset: entry[1],
            size: entry[2],
        })
    }
}

//! Types: comparing those a library was built with against an object's BTF.
//!
//! Layout decides: sizes, offsets, member and enumerator names, signs, array lengths, and what kind of thing a
//! pointer points to. Tags and typedefs do not, so a struct that was only renamed is accepted, and two structs
//! of one name are told apart by their members.

use core::fmt::{self, Write};
use core::hash::BuildHasherDefault;
use std::collections::{HashMap, VecDeque};

use super::btf::{self, Btf, Kind};
use super::hasher::FastHasher;
use crate::describe::{self, Composite, Enum, Pointee, Type};
use crate::error::{self, Problem, Subject};

/// Between a pointer and a member of what it points to.
const ARROW: &str = "->";

/// Compares types and collects the differences.
pub(super) struct Checker<'obj, 'p> {
    btf: Btf<'obj>,
    problems: &'p mut Vec<Problem>,
    subject: Subject,
    compared: Compared,
    /// What pointers into an arena point to, with the paths to it. They may lead through very many types, so these are
    /// not compared one inside the other.
    followed: VecDeque<(String, &'static Type, u32)>,
}

/// Where a type is in a variable, for messages: `v.flags`. Almost always there is nothing to say, so it is a list on the
/// stack, which is written only where something differs.
#[derive(Clone, Copy)]
enum Path<'p> {
    /// Of the variable, or of what a pointer points to.
    Root(&'p str),
    /// A member, whose name is empty if it has none.
    Member(&'p Self, &'p str),
    /// The elements of an array.
    Elements(&'p Self),
}

impl Path<'_> {
    fn ends_with_arrow(&self) -> bool {
        match self {
            Self::Root(name) => name.ends_with(ARROW),
            Self::Member(path, "") => path.ends_with_arrow(),
            Self::Member(..) | Self::Elements(_) => false,
        }
    }

    /// It, or what a pointer at it points to, without the last arrow.
    fn written(&self) -> String {
        let mut path = self.to_string();
        path.truncate(path.trim_end_matches(ARROW).len());
        path
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::Member(path, "") => path.fmt(f),
            Self::Member(path, name) if path.ends_with_arrow() => write!(f, "{path}{name}"),
            Self::Member(path, name) => write!(f, "{path}.{name}"),
            Self::Elements(path) => write!(f, "{path}[]"),
        }
    }
}

impl<'obj, 'p> Checker<'obj, 'p> {
    pub(crate) fn new(btf: Btf<'obj>, subject: Subject, problems: &'p mut Vec<Problem>) -> Self {
        Self {
            btf,
            problems,
            subject,
            compared: Compared::default(),
            followed: VecDeque::new(),
        }
    }

    /// Compares the type of `name`; whether they are equal.
    pub(crate) fn check(&mut self, name: &str, expected: &'static Type, id: u32) -> bool {
        let mut equal = self.check_value(name, expected, id);
        while let Some((path, expected, id)) = self.followed.pop_front() {
            if !self.is_compared(expected, id) {
                equal &= self.compare(expected, id, &Path::Root(&path), None);
            }
        }
        equal
    }

    fn check_value(&mut self, name: &str, expected: &'static Type, id: u32) -> bool {
        if self.is_same_int(expected, id) {
            return true;
        }
        let path = Path::Root(name);
        let found = self.btf.resolve(id);
        match (expected, found.kind) {
            // An `extern` array of unknown length: any length will do. A flexible array is never a variable's
            // own type, and a variable without bytes shows in its size.
            (Type::Array { element, len: 0 }, Kind::Array { element: id, .. }) => {
                self.compare(element, id, &Path::Elements(&path), None)
            }
            _ => self.compare_resolved(expected, id, found, &path, None),
        }
    }

    /// `at` is the offset in bytes of the type in a struct, for messages.
    fn compare(&mut self, ty: &'static Type, id: u32, path: &Path<'_>, at: Option<u32>) -> bool {
        self.is_same_int(ty, id) || self.compare_resolved(ty, id, self.btf.resolve(id), path, at)
    }

    /// As [`compare`](Self::compare), for an `id` that stands for the type `found`.
    fn compare_resolved(
        &mut self,
        ty: &'static Type,
        id: u32,
        found: btf::Type<'obj>,
        path: &Path<'_>,
        at: Option<u32>,
    ) -> bool {
        let (expected, grows) = match ty {
            Type::Growing(ty) => (*ty, true),
            ty => (ty, false),
        };
        match (expected, found.kind) {
            (
                Type::Bool,
                Kind::Int {
                    size: 1,
                    boolean: true,
                    ..
                },
            ) => true,
            (Type::Float { size }, Kind::Float { size: s }) if *size == s => true,
            (Type::Pointer(pointee), Kind::Pointer { to })
                if same_pointee(*pointee, self.btf, to) =>
            {
                true
            }
            (Type::ArenaPointer(target), Kind::Pointer { to })
                if same_pointee(target.pointee(), self.btf, to)
                    && !matches!(self.btf.resolve(to).kind, Kind::Forward { .. }) =>
            {
                self.follow(target.ty(), to, path);
                true
            }
            (Type::Array { element, len }, Kind::Array { element: e, len: l }) if *len == l => {
                self.compare(element, e, &Path::Elements(path), at)
            }
            (Type::Enum(expected), Kind::Enum { size, values }) if expected.size == size => {
                self.compare_enums(expected, values, path)
            }
            (Type::Struct(composite), Kind::Struct { size, members })
            | (Type::Union(composite), Kind::Union { size, members }) => {
                let compared = (core::ptr::from_ref(expected), grows, found.id);
                match self.compared.get(compared) {
                    Some(None) => return true,
                    Some(Some(other)) => {
                        let found = format!("a different one, as in `{other}`");
                        self.differ(path, expected.to_string(), found, at);
                        return false;
                    }
                    None => {}
                }
                let equal = self.compare_members(expected, composite, grows, size, members, path);
                let differs = (!equal).then(|| path.written());
                self.compared.insert(compared, differs);
                equal
            }
            _ => {
                let (mut text, mut other) = (expected.to_string(), written(self.btf, id));
                if let (Type::ArenaPointer(_), Kind::Pointer { to }) = (expected, found.kind)
                    && let Kind::Forward { .. } = self.btf.resolve(to).kind
                {
                    other = format!("only a declaration of {}", written(self.btf, to));
                }
                if let (Type::Enum(expected), Kind::Enum { size, .. }) = (expected, found.kind) {
                    text = format!("{text} of {}", error::bytes(expected.size));
                    other = format!("{other} of {}", error::bytes(size));
                }
                self.differ(path, text, other, at);
                false
            }
        }
    }

    /// Notes what the pointer at the path points to, for comparison.
    fn follow(&mut self, expected: &'static Type, id: u32, path: &Path<'_>) {
        if !self.is_compared(expected, id) {
            let path = match expected {
                Type::Struct(_) | Type::Union(_) => format!("{path}{ARROW}"),
                _ => format!("*{path}"),
            };
            self.followed.push_back((path, expected, id));
        }
    }

    /// Whether it is a struct or union that was compared before: a list's nodes point to nodes.
    fn is_compared(&self, expected: &'static Type, id: u32) -> bool {
        let id = self.btf.resolve(id).id;
        let compared = (core::ptr::from_ref(expected), false, id);
        self.compared.get(compared).is_some()
    }

    fn compare_enums(
        &mut self,
        expected: &Enum,
        values: btf::Enumerators<'obj>,
        path: &Path<'_>,
    ) -> bool {
        let bits = 8 * expected.size.clamp(1, 8);
        let mask = u64::MAX >> (64 - bits);
        let written = |name: &str, value: u64| match value & mask {
            // A value with the highest bit set may be negative: BTF of old compilers doesn't say.
            value if value >> (bits - 1) == 0 => format!("{name} = {value}"),
            value => format!("{name} = {value:#x}"),
        };
        let compared = mask & (u64::MAX >> (64 - values.bits()));
        let found: Vec<_> = values.iter().collect();
        let mut by_name: Option<HashMap<&[u8], u64>> = None;
        let mut equal = true;
        for (i, &(name, value)) in expected.values.iter().enumerate() {
            // The same place first: there is a table by name only for an enum that has changed.
            let other = match found.get(i) {
                Some((other, value)) if other.to_bytes() == name.as_bytes() => Some(*value),
                _ => by_name
                    .get_or_insert_with(|| {
                        let values = found.iter();
                        values
                            .map(|(name, value)| (name.to_bytes(), *value))
                            .collect()
                    })
                    .get(name.as_bytes())
                    .copied(),
            };
            let text = match other {
                Some(other) if other & compared == value & compared => continue,
                Some(other) => written(name, other),
                None => format!("no {name}"),
            };
            equal = false;
            self.differ(path, written(name, value), text, None);
        }
        equal
    }

    fn compare_members(
        &mut self,
        ty: &'static Type,
        expected: &'static Composite,
        grows: bool,
        size: u32,
        members: btf::Members<'obj>,
        path: &Path<'_>,
    ) -> bool {
        let before = self.problems.len();
        if expected.size != size && !(grows && expected.size < size) {
            let least = if grows { "at least " } else { "" };
            let text = format!("{ty} of {least}{}", error::bytes(expected.size));
            self.differ(path, text, error::bytes(size), None);
        }
        let end = u64::from(expected.size) * 8;
        // Unless the struct has drifted, the names are the same and in order: compare pairs.
        let same_names = members.len() == expected.members.len()
            && (members.iter().zip(expected.members))
                .all(|(found, member)| found.name().to_bytes() == member.name.as_bytes());
        if same_names {
            for (member, found) in expected.members.iter().zip(members.iter()) {
                self.compare_member(member, &found, path);
            }
            return self.problems.len() == before;
        }
        // By name, and in order where there are several: anonymous structs and unions.
        let mut unmatched: HashMap<&[u8], VecDeque<btf::Member<'obj>>> = HashMap::new();
        for found in members.iter() {
            let name = found.name().to_bytes();
            unmatched.entry(name).or_default().push_back(found);
        }
        for member in expected.members {
            let found = unmatched.get_mut(member.name.as_bytes());
            match found.and_then(VecDeque::pop_front) {
                Some(found) => self.compare_member(member, &found, path),
                None => {
                    let place = place(member.bit_offset, member.bitfield_size);
                    let expected = format!("{} at {place}", member.ty);
                    let path = Path::Member(path, member.name);
                    self.differ(&path, expected, "no such member".into(), None);
                }
            }
        }
        let mut unmatched: Vec<_> = unmatched.into_values().flatten().collect();
        unmatched.sort_by_key(|found| found.bit_offset);
        for found in unmatched {
            if grows && u64::from(found.bit_offset) >= end {
                continue;
            }
            let place = place(found.bit_offset, found.bitfield_size);
            // Padding is written as a part of the struct, and with it what the object has there.
            let known = match grows {
                true => format!(
                    ", inside the {} that the library was built with",
                    error::bytes(expected.size)
                ),
                false => String::new(),
            };
            let text = format!("{} at {place}{known}", written(self.btf, found.ty));
            let name = found.name().to_string_lossy();
            let path = Path::Member(path, &name);
            self.differ(&path, "no such member".into(), text, None);
        }
        self.problems.len() == before
    }

    fn compare_member(
        &mut self,
        member: &'static describe::Member,
        found: &btf::Member<'obj>,
        path: &Path<'_>,
    ) {
        let path = Path::Member(path, member.name);
        if (member.bit_offset, member.bitfield_size) == (found.bit_offset, found.bitfield_size) {
            let at = Some(member.bit_offset / 8);
            self.compare(member.ty, found.ty, &path, at);
            return;
        }
        let expected = place(member.bit_offset, member.bitfield_size);
        let other = place(found.bit_offset, found.bitfield_size);
        let (ty, other_ty) = (member.ty, written(self.btf, found.ty));
        self.differ(
            &path,
            format!("{ty} at {expected}"),
            format!("{other_ty} at {other}"),
            None,
        );
    }

    fn is_same_int(&self, expected: &Type, id: u32) -> bool {
        match expected {
            Type::Int { size, signed } => self.btf.is_int(id, *size, *signed),
            _ => false,
        }
    }

    #[cold]
    fn differ(
        &mut self,
        path: &Path<'_>,
        mut expected: String,
        mut found: String,
        at: Option<u32>,
    ) {
        if let Some(at) = at {
            for text in [&mut expected, &mut found] {
                // Writing to a `String` can't fail.
                let _ = write!(text, " at offset {at}");
            }
        }
        self.problems.push(Problem::mismatch(
            self.subject,
            path.written(),
            expected,
            found,
        ));
    }
}

/// A struct or union of the library, whether it may be longer, and the id of that of the object.
type Pair = (*const Type, bool, u32);

/// Structs and unions already compared, so that one that a thousand variables share is compared once. For those that
/// differ, the path whose problems say how.
#[derive(Default)]
struct Compared {
    /// The first ones: most libraries have no more, and need no table.
    few: [Option<(Pair, Option<String>)>; 4],
    others: HashMap<Pair, Option<String>, BuildHasherDefault<FastHasher>>,
}

impl Compared {
    fn get(&self, pair: Pair) -> Option<&Option<String>> {
        let mut few = self.few.iter().flatten();
        match few.find(|(compared, _)| *compared == pair) {
            Some((_, differs)) => Some(differs),
            None if self.others.is_empty() => None,
            None => self.others.get(&pair),
        }
    }

    fn insert(&mut self, pair: Pair, differs: Option<String>) {
        match self.few.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some((pair, differs)),
            None => {
                self.others.insert(pair, differs);
            }
        }
    }
}

/// Where a member is in its struct.
fn place(bits: u32, width: u8) -> String {
    match width {
        0 => format!("offset {}", bits / 8),
        width => format!("bits {bits} to {}", u64::from(bits) + u64::from(width) - 1),
    }
}

/// Whether a pointer to type `id` points to the same kind of thing.
fn same_pointee(expected: Pointee, btf: Btf<'_>, id: u32) -> bool {
    match (expected, pointee(btf, id)) {
        (Pointee::Struct(_), Some(Pointee::Struct(_))) => true,
        (Pointee::Union(_), Some(Pointee::Union(_))) => true,
        (expected, found) => Some(expected) == found,
    }
}

/// What a pointer to type `id` points to; tags are left empty.
fn pointee(btf: Btf<'_>, id: u32) -> Option<Pointee> {
    Some(match btf.resolve(id).kind {
        Kind::Void => Pointee::Void,
        Kind::Int { boolean: true, .. } => Pointee::Bool,
        Kind::Int { size, signed, .. } => Pointee::Int { size, signed },
        Kind::Float { .. } => Pointee::Float,
        Kind::Enum { .. } => Pointee::Enum,
        Kind::Struct { .. } | Kind::Forward { union: false } => Pointee::Struct(""),
        Kind::Union { .. } | Kind::Forward { union: true } => Pointee::Union(""),
        Kind::Array { .. } => Pointee::Array,
        Kind::Pointer { .. } => Pointee::Pointer,
        Kind::FunctionProto { .. } => Pointee::Function,
        _ => return None,
    })
}

/// A type of the object as messages write it, in the words of [`Type`]'s `Display`.
#[cold]
pub(super) fn written(btf: Btf<'_>, id: u32) -> String {
    let ty = btf.resolve(id);
    let tagged = |keyword, text: &mut String| {
        describe::write_tag(text, keyword, &ty.name().to_string_lossy())
    };
    let mut text = String::new();
    // Writing to a `String` can't fail.
    let _ = match ty.kind {
        Kind::Int {
            boolean: true,
            size: 1,
            ..
        } => text.write_str("_Bool"),
        Kind::Int { size, signed, .. } => describe::write_int(&mut text, size, signed),
        Kind::Float { size } => describe::write_float(&mut text, size),
        Kind::Enum { .. } => tagged("enum", &mut text),
        Kind::Struct { .. } | Kind::Forward { union: false } => tagged("struct", &mut text),
        Kind::Union { .. } | Kind::Forward { union: true } => tagged("union", &mut text),
        Kind::Pointer { to } => match pointee(btf, to) {
            Some(Pointee::Struct(_) | Pointee::Union(_)) => write!(text, "{} *", written(btf, to)),
            Some(pointee) => write!(text, "{pointee}"),
            None => text.write_str("pointer"),
        },
        Kind::Array { .. } => {
            let mut lengths = String::new();
            let mut element = id;
            // Deeper than any array that C code declares; a cycle ends here as well.
            for _ in 0..32 {
                let Kind::Array {
                    element: inner,
                    len,
                } = btf.resolve(element).kind
                else {
                    break;
                };
                describe::write_len(&mut lengths, len);
                element = inner;
            }
            match btf.resolve(element).kind {
                Kind::Array { .. } => text.write_str("array"),
                _ => write!(text, "{}{lengths}", written(btf, element)),
            }
        }
        Kind::Void => text.write_str("void"),
        _ => text.write_str("something that is not a value"),
    };
    text
}

#[cfg(test)]
mod tests;

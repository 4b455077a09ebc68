//! What is watched: variables broken up into rows, one for each value that changes by itself.

use bpf_subskeleton_object::btf::{Btf, Composite, Type, TypeId};

use crate::globals::Target;
use crate::path::Place;
use crate::value::is_char;

/// Of an array of structs, so many elements are rows of their own; others must be named to be watched.
const ELEMENTS: usize = 256;

/// How many steps into types all variables together may take, and how many elements of arrays are read, so that a look
/// stays cheap whatever the object holds.
const STEPS: usize = 8192;
const NUMBERS: usize = 1 << 18;

/// What each variable may take, however much others take.
const OWN_STEPS: usize = 64;
const OWN_NUMBERS: usize = 1024;

/// One line of what is watched.
#[derive(Debug)]
pub(super) struct Row<'r> {
    /// Its C path. Of static variables that share a name, the place of the variable as well.
    pub(super) label: String,
    pub(super) target: Target<'r>,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// One value; an integer if its width is known.
    Value(Option<Integer>),
    /// An array of values that have no parts, of which the first `read` are read.
    Array {
        element: TypeId,
        integer: Option<Integer>,
        len: usize,
        read: usize,
    },
    /// More than can be watched.
    LeftOut,
}

/// How wide an integer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Integer {
    pub(super) bits: u32,
    pub(super) signed: bool,
}

/// The rows of variables or places in them, each with its label.
pub(super) fn rows<'r>(btf: &Btf<'r>, places: Vec<(String, Target<'r>)>) -> Vec<Row<'r>> {
    let mut walk = Walk {
        btf,
        rows: Vec::new(),
        steps: 0,
        numbers: 0,
    };
    let (mut steps, mut numbers) = (STEPS, NUMBERS);
    let mut later = places.len();
    for (label, target) in places {
        later -= 1;
        walk.steps = steps.saturating_sub(later * OWN_STEPS).max(OWN_STEPS);
        walk.numbers = numbers.saturating_sub(later * OWN_NUMBERS).max(OWN_NUMBERS);
        let before = (walk.steps, walk.numbers);
        walk.visit(label, &target);
        steps = steps.saturating_sub(before.0 - walk.steps);
        numbers = numbers.saturating_sub(before.1 - walk.numbers);
    }
    walk.rows
}

/// A walk through the types of variables.
struct Walk<'w, 'r> {
    btf: &'w Btf<'r>,
    rows: Vec<Row<'r>>,
    /// How many steps the variable may still take.
    steps: usize,
    /// How many elements of it may still be read.
    numbers: usize,
}

impl<'r> Walk<'_, 'r> {
    fn visit(&mut self, label: String, target: &Target<'r>) {
        match self.steps {
            0 => return,
            1 => {
                self.steps = 0;
                return self.push(format!("{label} and what follows"), target, Kind::LeftOut);
            }
            _ => self.steps -= 1,
        }
        let place = target.place;
        match self.btf.ty(self.btf.resolve(place.ty)) {
            Type::Array { element, .. } if is_char(self.btf, *element) => {
                self.push(label, target, Kind::Value(None));
            }
            Type::Array { element, len, .. } => {
                self.visit_array(label, target, *element, *len as usize);
            }
            Type::Struct(composite) | Type::Union(composite) => {
                self.visit_members(&label, target, place.offset, composite);
            }
            _ => {
                let integer = integer(self.btf, place.ty, place.bits.map(|(_, width)| width));
                self.push(label, target, Kind::Value(integer));
            }
        }
    }

    fn visit_array(&mut self, label: String, target: &Target<'r>, element: TypeId, len: usize) {
        let size = self.size_of(element);
        // A flexible array has as many elements as the variable has room for.
        let room = target.variable.size().saturating_sub(target.place.offset);
        let len = match len {
            0 => room.checked_div(size).unwrap_or(0),
            len => len,
        };
        let has_parts = matches!(
            self.btf.ty(self.btf.resolve(element)),
            Type::Array { .. } | Type::Struct(_) | Type::Union(_)
        );
        if !has_parts {
            let read = len.min(self.numbers);
            self.numbers -= read;
            let integer = integer(self.btf, element, None);
            let kind = Kind::Array {
                element,
                integer,
                len,
                read,
            };
            return self.push(label, target, kind);
        }
        for index in 0..len.min(ELEMENTS) {
            let offset = target.place.offset.saturating_add(index * size);
            let step = format!("[{index}]");
            self.visit(
                format!("{label}{step}"),
                &inner(target, &step, element, offset, None),
            );
        }
        if len > ELEMENTS && self.steps > 0 {
            self.push(format!("{label}[{ELEMENTS}..{len}]"), target, Kind::LeftOut);
        }
    }

    /// Members, those of anonymous structs and unions in their place, as C names them.
    fn visit_members(
        &mut self,
        label: &str,
        target: &Target<'r>,
        base: usize,
        composite: &Composite<'_>,
    ) {
        for member in &composite.members {
            let offset = base.saturating_add(member.bit_offset as usize / 8);
            if member.name.is_empty() {
                // Unnamed bitfields are padding.
                if let Type::Struct(inner) | Type::Union(inner) =
                    self.btf.ty(self.btf.resolve(member.ty))
                {
                    self.visit_members(label, target, offset, inner);
                }
                continue;
            }
            let bits = match member.bitfield_size {
                0 => None,
                width => Some((member.bit_offset % 8, u32::from(width))),
            };
            let step = format!(".{}", member.name);
            self.visit(
                format!("{label}{step}"),
                &inner(target, &step, member.ty, offset, bits),
            );
        }
    }

    fn push(&mut self, label: String, target: &Target<'r>, kind: Kind) {
        self.rows.push(Row {
            label,
            target: target.clone(),
            kind,
        });
    }

    fn size_of(&self, ty: TypeId) -> usize {
        let size = self.btf.size_of(ty).unwrap_or(0);
        usize::try_from(size).unwrap_or(usize::MAX)
    }
}

/// A place inside another.
fn inner<'r>(
    outer: &Target<'r>,
    step: &str,
    ty: TypeId,
    offset: usize,
    bits: Option<(u32, u32)>,
) -> Target<'r> {
    Target {
        path: format!("{}{step}", outer.path),
        variable: outer.variable,
        place: Place { ty, offset, bits },
    }
}

/// The integer that the type is, if it is one; `width` is that of a bitfield.
fn integer(btf: &Btf<'_>, ty: TypeId, width: Option<u32>) -> Option<Integer> {
    match *btf.ty(btf.resolve(ty)) {
        Type::Int {
            boolean: false,
            bits,
            signed,
            ..
        } => Some(Integer {
            bits: width.unwrap_or(u32::from(bits)),
            signed,
        }),
        _ => None,
    }
}

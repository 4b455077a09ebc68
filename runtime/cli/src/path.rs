//! C paths: `stats.by_cpu[3].packets`, and the places inside a variable that they name.

use std::fmt;

use bpf_subskeleton_object::btf::{Btf, Composite, Type, TypeId};
use bpf_subskeleton_object::declaration::declaration;

use crate::names::suggestion;

/// A path as the user wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path<'t> {
    /// The variable that it begins with.
    pub(crate) variable: &'t str,
    steps: Vec<Step<'t>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step<'t> {
    Member(&'t str),
    /// A number, or a constant of an enum.
    Index(&'t str),
}

/// A place inside a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The type of the value there.
    pub(crate) ty: TypeId,
    /// Where its bytes begin; those of a bitfield are counted from here.
    pub(crate) offset: usize,
    /// Of a bitfield, its offset in bits and its width.
    pub(crate) bits: Option<(u32, u32)>,
}

impl<'t> Path<'t> {
    /// Reads a path.
    ///
    /// # Errors
    ///
    /// What is not C in it.
    pub(crate) fn parse(text: &'t str) -> Result<Self, String> {
        if text.contains("->") {
            return Err("pointers can't be followed from outside of BPF".to_owned());
        }
        let (variable, mut rest) = identifier(text)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if let Some(member) = rest.strip_prefix('.') {
                let (name, after) = identifier(member)?;
                steps.push(Step::Member(name));
                rest = after;
            } else if let Some((index, after)) = rest
                .strip_prefix('[')
                .and_then(|index| index.split_once(']'))
            {
                steps.push(Step::Index(index.trim()));
                rest = after;
            } else {
                return Err(format!("expected `.member` or `[index]`, found `{rest}`"));
            }
        }
        Ok(Self { variable, steps })
    }

    /// The place in a variable of the type `ty` and `size` bytes.
    ///
    /// # Errors
    ///
    /// The first step that leads nowhere, and what is there instead.
    pub(crate) fn resolve(&self, btf: &Btf<'_>, ty: TypeId, size: usize) -> Result<Place, String> {
        let bits = None;
        let offset = 0;
        let mut place = Place { ty, offset, bits };
        let mut so_far = self.variable.to_owned();
        for step in &self.steps {
            place = step.take(btf, place, size, &so_far)?;
            so_far.push_str(&step.to_string());
        }
        Ok(place)
    }
}

impl Step<'_> {
    fn take(self, btf: &Btf<'_>, from: Place, size: usize, so_far: &str) -> Result<Place, String> {
        let ty = btf.ty(btf.resolve(from.ty));
        match (self, ty) {
            (Self::Member(name), Type::Struct(composite) | Type::Union(composite)) => {
                match member(btf, composite, from.offset, name) {
                    Some(place) => Ok(place),
                    None => {
                        let mut names = Vec::new();
                        member_names(btf, composite, &mut names);
                        let known = suggestion(name, names.into_iter());
                        Err(format!("`{so_far}` has no member `{name}`{known}"))
                    }
                }
            }
            (Self::Index(index), Type::Array { element, len, .. }) => {
                let element_size = btf
                    .size_of(*element)
                    .and_then(|size| usize::try_from(size).ok());
                let element_size = element_size.unwrap_or(0);
                // A flexible array has as many elements as the variable has room for.
                let len = match len {
                    0 => size
                        .saturating_sub(from.offset)
                        .checked_div(element_size)
                        .unwrap_or(0),
                    len => *len as usize,
                };
                let index = number(btf, index).ok_or_else(|| {
                    format!("`{so_far}`: `{index}` is neither a number nor a constant of an enum")
                })?;
                if index >= len {
                    return Err(format!(
                        "`{so_far}` has {len} elements, so there is no [{index}]"
                    ));
                }
                let offset = index
                    .saturating_mul(element_size)
                    .saturating_add(from.offset);
                let bits = None;
                Ok(Place {
                    ty: *element,
                    offset,
                    bits,
                })
            }
            (step, ty) => {
                let what = match ty {
                    Type::Pointer { .. } => {
                        "a pointer, which can't be followed from outside of BPF".to_owned()
                    }
                    _ => format!("`{}`", declaration(btf, from.ty, "")),
                };
                Err(format!("`{so_far}` has no `{step}`: it is {what}"))
            }
        }
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Member(name) => write!(f, ".{name}"),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}

/// The member called `name`, which may be one of an anonymous struct or union inside.
fn member(btf: &Btf<'_>, composite: &Composite<'_>, base: usize, name: &str) -> Option<Place> {
    for member in &composite.members {
        let offset = base.saturating_add(member.bit_offset as usize / 8);
        if member.name == name {
            let bits = match member.bitfield_size {
                0 => None,
                width => Some((member.bit_offset % 8, u32::from(width))),
            };
            let ty = member.ty;
            return Some(Place { ty, offset, bits });
        }
        if member.name.is_empty()
            && let Type::Struct(inner) | Type::Union(inner) = btf.ty(btf.resolve(member.ty))
            && let Some(found) = self::member(btf, inner, offset, name)
        {
            return Some(found);
        }
    }
    None
}

fn member_names<'a>(btf: &Btf<'a>, composite: &Composite<'a>, names: &mut Vec<&'a str>) {
    for member in &composite.members {
        match btf.ty(btf.resolve(member.ty)) {
            Type::Struct(inner) | Type::Union(inner) if member.name.is_empty() => {
                member_names(btf, inner, names);
            }
            _ => names.push(member.name),
        }
    }
}

/// An index: a number, or the constant of any enum, which are global in C.
fn number(btf: &Btf<'_>, text: &str) -> Option<usize> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let mut constants = btf.iter().flat_map(|(_, ty)| match ty {
        Type::Enum { values, .. } => values.as_slice(),
        _ => &[],
    });
    let constant = constants.find(|constant| constant.name == text)?;
    usize::try_from(constant.value).ok()
}

/// Splits an identifier off.
fn identifier(text: &str) -> Result<(&str, &str), String> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$'));
    let (name, rest) = text.split_at(end.unwrap_or(text.len()));
    match name.chars().next() {
        Some(first) if !first.is_ascii_digit() => Ok((name, rest)),
        _ => Err(format!("expected a name, found `{text}`")),
    }
}

#[cfg(test)]
mod tests;

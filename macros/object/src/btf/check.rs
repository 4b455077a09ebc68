//! Checks a table of types as a whole, so that code that walks it need not: every reference is to a type
//! of a sensible kind, walks end, and everything has a sensible size.

use std::fmt;

use super::{Btf, BtfError, Composite, MAX_DEPTH, Member, Param, Type, TypeId};

/// The two ways to walk from type to type, neither of which may have cycles.
#[derive(Clone, Copy, PartialEq)]
enum Walk {
    ByValue,
    Declarator,
}

const UNKNOWN: u8 = 0;
const PENDING: u8 = u8::MAX;

impl Type<'_> {
    /// Whether this is a type in C's sense, rather than a declaration, section or tag.
    fn is_type(&self) -> bool {
        !matches!(
            self,
            Self::Function { .. }
                | Self::Variable { .. }
                | Self::DataSection { .. }
                | Self::DeclTag { .. }
        )
    }

    /// The types that a walk of that kind visits next.
    fn parts(&self, walk: Walk) -> impl Iterator<Item = TypeId> {
        let (mut members, mut params, mut one) = (&[][..], &[][..], None);
        match self {
            Self::Struct(composite) | Self::Union(composite) if walk == Walk::ByValue => {
                members = &composite.members;
            }
            Self::Pointer { to } if walk == Walk::Declarator => one = Some(*to),
            Self::FunctionProto { ret, params: all } if walk == Walk::Declarator => {
                (one, params) = (Some(*ret), all);
            }
            Self::Array { element: to, .. }
            | Self::Typedef { to, .. }
            | Self::Volatile { to }
            | Self::Const { to }
            | Self::Restrict { to }
            | Self::TypeTag { to, .. } => one = Some(*to),
            _ => {}
        }
        let members = members.iter().map(|member: &Member<'_>| member.ty);
        let params = params.iter().map(|param: &Param<'_>| param.ty);
        members.chain(params).chain(one)
    }
}

impl<'a> Btf<'a> {
    /// Checks those guarantees of [`Btf::parse`] that decoding alone can't.
    pub(super) fn check(&self) -> Result<(), BtfError> {
        // References first: the other checks follow them. Cycles before sizes, whose check recurses.
        for (id, ty) in self.iter() {
            self.check_references(ty)
                .map_err(|reason| BtfError::ty(id, ty.name(), reason))?;
        }
        self.check_places()?;
        self.check_depth(Walk::ByValue)?;
        self.check_depth(Walk::Declarator)?;
        for (id, ty) in self.iter() {
            self.check_sizes(id, ty)
                .map_err(|reason| BtfError::ty(id, ty.name(), reason))?;
        }
        Ok(())
    }

    fn check_references(&self, ty: &Type<'a>) -> Result<(), String> {
        let target = |id: TypeId, what: &dyn fmt::Display| {
            self.get(id)
                .ok_or_else(|| format!("{what} is {id}, which does not exist"))
        };
        let c_type = |id: TypeId, what: &dyn fmt::Display| match target(id, what)? {
            ty if ty.is_type() => Ok(()),
            other => Err(format!(
                "{what} is {id} `{}`, which is not a type",
                other.name()
            )),
        };
        match ty {
            Type::Void | Type::Int { .. } | Type::Float { .. } | Type::Enum { .. } => Ok(()),
            Type::Forward { .. } => Ok(()),
            Type::Variable { ty: to, .. }
            | Type::Pointer { to }
            | Type::Typedef { to, .. }
            | Type::Volatile { to }
            | Type::Const { to }
            | Type::Restrict { to }
            | Type::TypeTag { to, .. } => c_type(*to, &"its type"),
            Type::Array { element, index, .. } => {
                c_type(*element, &"its element type")?;
                c_type(*index, &"its index type")
            }
            Type::Struct(Composite { members, .. }) | Type::Union(Composite { members, .. }) => {
                let mut members = members.iter();
                members.try_for_each(|m| c_type(m.ty, &format_args!("the type of `{}`", m.name)))
            }
            Type::FunctionProto { ret, params } => {
                c_type(*ret, &"its return type")?;
                let mut params = params.iter();
                params.try_for_each(|p| c_type(p.ty, &format_args!("the type of `{}`", p.name)))
            }
            Type::Function { proto, .. } => match target(*proto, &"its prototype")? {
                Type::FunctionProto { .. } => Ok(()),
                _ => Err(format!(
                    "its prototype is {proto}, which is not a prototype"
                )),
            },
            Type::DataSection { entries, .. } => {
                entries
                    .iter()
                    .try_for_each(|entry| match target(entry.ty, &"an entry")? {
                        Type::Variable { .. } | Type::Function { .. } => Ok(()),
                        _ => Err(format!("{} is neither a variable nor a function", entry.ty)),
                    })
            }
            Type::DeclTag {
                target: id,
                component,
                ..
            } => {
                let components = match target(*id, &"its target")? {
                    Type::Struct(composite) | Type::Union(composite) => composite.members.len(),
                    Type::Function { proto, .. } => match self.ty(*proto) {
                        Type::FunctionProto { params, .. } => params.len(),
                        _ => 0,
                    },
                    Type::Void | Type::DeclTag { .. } => {
                        return Err(format!("its target is {id}, which cannot be tagged"));
                    }
                    _ => 0,
                };
                match component {
                    Some(index) if *index as usize >= components => Err(format!(
                        "{id} has {components} components, no index {index}"
                    )),
                    _ => Ok(()),
                }
            }
        }
    }

    /// Checks that each variable or function is listed once, in one section.
    fn check_places(&self) -> Result<(), BtfError> {
        let mut placed = vec![false; self.len()];
        for (id, ty) in self.iter() {
            let Type::DataSection { name, entries, .. } = ty else {
                continue;
            };
            for entry in entries {
                if let Some(placed) = placed.get_mut(entry.ty.0 as usize)
                    && std::mem::replace(placed, true)
                {
                    let reason = format!("it has {} a second time", entry.ty);
                    return Err(BtfError::ty(id, name, reason));
                }
            }
        }
        Ok(())
    }

    fn check_depth(&self, walk: Walk) -> Result<(), BtfError> {
        let mut depths = vec![UNKNOWN; self.len()];
        self.iter()
            .try_for_each(|(id, _)| self.depth(id, walk, 1, &mut depths).map(drop))
    }

    /// How deep the type nests, counting itself. `level` is the recursion's depth, which never exceeds the
    /// allowed nesting.
    fn depth(&self, id: TypeId, walk: Walk, level: u8, depths: &mut [u8]) -> Result<u8, BtfError> {
        let fault = |what: &str| Err(BtfError::ty(id, self.ty(id).name(), what.to_owned()));
        let index = id.0 as usize;
        match depths.get(index).copied() {
            Some(UNKNOWN) => {}
            Some(PENDING) if walk == Walk::ByValue => return fault("it contains itself"),
            Some(PENDING) => return fault("it is declared in terms of itself"),
            known => return Ok(known.unwrap_or(1)),
        }
        let set = |depths: &mut [u8], depth| {
            if let Some(entry) = depths.get_mut(index) {
                *entry = depth;
            }
        };
        set(depths, PENDING);
        let mut depth = 1;
        for part in self.ty(id).parts(walk) {
            if level >= MAX_DEPTH {
                return fault("it is part of a type that nests too deep, or of itself");
            }
            depth = depth.max(1 + self.depth(part, walk, level + 1, depths)?);
        }
        if depth > MAX_DEPTH {
            return fault("it nests too deep");
        }
        set(depths, depth);
        Ok(depth)
    }

    fn check_sizes(&self, id: TypeId, ty: &Type<'a>) -> Result<(), String> {
        match *ty {
            Type::Int {
                size, offset, bits, ..
            } => {
                if !matches!(size, 1 | 2 | 4 | 8 | 16) {
                    return Err(format!("an integer of {size} bytes"));
                }
                if u32::from(offset) + u32::from(bits) > size * 8 {
                    return Err(format!(
                        "bits {offset}+{bits} of an integer of {size} bytes"
                    ));
                }
            }
            Type::Float { size, .. } if !matches!(size, 2 | 4 | 8 | 10 | 12 | 16) => {
                return Err(format!("a floating-point number of {size} bytes"));
            }
            // `enum e;`, which C compilers accept behind pointers.
            Type::Enum {
                size: 0,
                ref values,
                ..
            } if values.is_empty() => {}
            Type::Enum { size, .. } if !matches!(size, 1 | 2 | 4 | 8) => {
                return Err(format!("an enum of {size} bytes"));
            }
            Type::Array { element, .. } => {
                if self.size_of(element).is_none() {
                    return Err(format!("its element type {element} has no size"));
                }
                if self
                    .size_of(id)
                    .is_none_or(|size| size > u64::from(u32::MAX))
                {
                    return Err("it is larger than 4 GiB".to_owned());
                }
            }
            Type::Struct(ref composite) | Type::Union(ref composite) => {
                for member in &composite.members {
                    self.check_member(composite, member)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn check_member(&self, composite: &Composite<'a>, member: &Member<'a>) -> Result<(), String> {
        let Member {
            name,
            ty,
            bit_offset,
            bitfield_size,
        } = member;
        let Some(size) = self.size_of(*ty) else {
            return Err(format!("the type {ty} of `{name}` has no size"));
        };
        // Saturating, since a later type in the table may be an array of absurd length.
        let size_bits = size.saturating_mul(8);
        let bits = match (bitfield_size, self.ty(self.resolve(*ty))) {
            // Before BTF had bitfield sizes, the integer type recorded the width.
            (0, Type::Int { bits, .. }) => u64::from(*bits),
            (0, _) => size_bits,
            (&width, Type::Int { .. } | Type::Enum { .. }) if u64::from(width) <= size_bits => {
                u64::from(width)
            }
            (width, _) => return Err(format!("`{name}` is a bitfield of {width} bits of {ty}")),
        };
        let (end, size) = (u64::from(*bit_offset).saturating_add(bits), composite.size);
        if end > u64::from(size) * 8 {
            return Err(format!(
                "`{name}` ends at bit {end}, past the end of its {size} bytes"
            ));
        }
        Ok(())
    }
}

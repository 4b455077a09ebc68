//! Which C types can have which traits as values: what is in the way of comparing them, or of what `derive(…)` asks for.

use std::collections::HashSet;

use syn::Ident;

use crate::attr::{Derive, Path, Standard, Trait};
use crate::errors::Errors;
use crate::layout::{FieldKind, Layout, MethodKind, NamedType, NamedTypeKind, Roots, Rust, Struct};
use bpf_subskeleton_object::btf::{Btf, Type, TypeId};
use bpf_subskeleton_object::model::Library;

/// An error names so many things that are in the way.
const MAX_NAMED: usize = 4;

/// What is in a type that may be in the way of a trait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Contents {
    /// A union, as docs name it: no trait can know which of its members holds the value.
    pub union: Option<String>,
    /// A float: it is not equal to itself if it is not a number.
    pub float: bool,
    /// Bitfields, or bytes that no member names: derive macros would take the fields of these for members.
    pub unnamed: bool,
    /// A Rust type of the user's own, whose traits are not known.
    pub own: bool,
}

impl Contents {
    /// What is in another type as well.
    pub(crate) fn add(&mut self, other: &Self) {
        if self.union.is_none() {
            self.union.clone_from(&other.union);
        }
        self.float |= other.float;
        self.unnamed |= other.unnamed;
        self.own |= other.own;
    }

    /// Whether nothing is in the way of the trait.
    pub(crate) fn allows(&self, name: Trait) -> bool {
        self.union.is_none()
            && match name {
                Trait::Standard(Standard::PartialEq | Standard::PartialOrd) | Trait::Serialize => {
                    true
                }
                Trait::Standard(Standard::Eq | Standard::Hash | Standard::Ord) => !self.float,
                Trait::Other => !self.unnamed,
            }
    }
}

/// What is in the types of a layout, and what was asked for.
pub(crate) struct Traits<'l> {
    layout: &'l Layout,
    /// For each of the layout's items.
    contents: Vec<Contents>,
    /// What was asked for.
    asked: &'l [Derive],
}

impl<'l> Traits<'l> {
    /// Looks into all types, and variables that are in snapshots; what is in the way of a trait that was asked for is an error.
    pub(crate) fn resolve(
        asked: &'l [Derive],
        own_types: &[(Ident, Path)],
        library: &Library<'_>,
        layout: &'l Layout,
        in_snapshots: Option<&Roots<'_, '_>>,
        errors: &mut Errors,
    ) -> Self {
        let own_types = own_types.iter().map(|(c, _)| c.to_string()).collect();
        let btf = &library.btf;
        let mut search = Search {
            btf,
            layout,
            own_types,
            contents: vec![None; layout.items.len()],
            found: Vec::new(),
        };
        let all = 0..layout.items.len();
        let contents = all.map(|index| search.item(index)).collect();
        let mut found = search.found;
        let in_arena: HashSet<_> = library.arena_variables().map(core::ptr::from_ref).collect();
        let variables = in_snapshots.into_iter().flat_map(|roots| &roots.variables);
        let variables =
            variables.filter(|variable| !in_arena.contains(&core::ptr::from_ref(**variable)));
        found.extend(variables.filter_map(|variable| {
            let ty = layout.variable(btf, variable);
            let text = format!("the variable `{}` is a float", variable.name);
            is_float(layout, &ty).then_some((Obstacle::Float, text))
        }));
        for derive in asked.iter().filter(|derive| !derive.where_possible) {
            let in_the_way = found.iter();
            let in_the_way = in_the_way.filter(|(obstacle, _)| obstacle.is_to(derive.name));
            let in_the_way: Vec<_> = in_the_way.map(|(_, text)| text.as_str()).collect();
            if !in_the_way.is_empty() {
                errors.at(derive.span(), refused(derive, &in_the_way));
            }
        }
        Self {
            layout,
            contents,
            asked,
        }
    }

    /// What was asked for.
    pub(crate) fn asked(&self) -> &'l [Derive] {
        self.asked
    }

    /// What is in the item with that index.
    pub(crate) fn item(&self, index: usize) -> Option<&Contents> {
        self.contents.get(index)
    }

    /// What is in a type.
    pub(crate) fn contents(&self, ty: &Rust) -> Contents {
        match element(self.layout, ty) {
            Rust::Float { .. } => FLOAT,
            Rust::Named(index) => self.item(*index).cloned().unwrap_or_default(),
            _ => Contents::default(),
        }
    }

    /// What asks for `PartialEq` where it isn't unasked: itself, or a trait that can't be without it. (`Ord` needs `Eq`.)
    pub(crate) fn asked_comparison(&self) -> Option<&'l Derive> {
        use Standard::{Eq, PartialEq, PartialOrd};
        let asked = |name| {
            let name = Trait::Standard(name);
            self.asked.iter().find(|derive| derive.name == name)
        };
        [PartialEq, Eq, PartialOrd].into_iter().find_map(asked)
    }

    /// Whether what contains that can be compared: without being asked, if all types are known.
    pub(crate) fn can_compare(&self, contents: &Contents) -> bool {
        contents.allows(Trait::Standard(Standard::PartialEq))
            && (!contents.own || self.asked_comparison().is_some())
    }
}

const FLOAT: Contents = Contents {
    union: None,
    float: true,
    unnamed: false,
    own: false,
};

/// What is in the way, for an error.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    Union,
    Float,
    Unnamed,
}

impl Obstacle {
    fn is_to(self, name: Trait) -> bool {
        let contents = match self {
            Self::Union => Contents {
                union: Some(String::new()),
                ..Contents::default()
            },
            Self::Float => FLOAT,
            Self::Unnamed => Contents {
                unnamed: true,
                ..Contents::default()
            },
        };
        !contents.allows(name)
    }
}

/// Finds what is in types.
struct Search<'s, 'a> {
    btf: &'s Btf<'a>,
    layout: &'s Layout,
    own_types: HashSet<String>,
    /// What was found in items.
    contents: Vec<Option<Contents>>,
    /// What is in the way of something, where it is for the first time, in the order of the items.
    found: Vec<(Obstacle, String)>,
}

impl Search<'_, '_> {
    fn item(&mut self, index: usize) -> Contents {
        if let Some(Some(known)) = self.contents.get(index) {
            return known.clone();
        }
        let layout = self.layout;
        let contents = match layout.item(index) {
            Some(item) if self.own_types.contains(&item.name) => Contents {
                own: true,
                ..Contents::default()
            },
            Some(item) => match &item.kind {
                NamedTypeKind::Struct(composite) => self.composite(item, composite),
                NamedTypeKind::Alias(ty) => self.ty(ty),
                NamedTypeKind::Enum(_) | NamedTypeKind::Opaque => Contents::default(),
            },
            None => Contents::default(),
        };
        if let Some(known) = self.contents.get_mut(index) {
            *known = Some(contents.clone());
        }
        contents
    }

    fn ty(&mut self, ty: &Rust) -> Contents {
        match element(self.layout, ty) {
            Rust::Float { .. } => FLOAT,
            Rust::Named(index) => self.item(*index),
            _ => Contents::default(),
        }
    }

    fn composite(&mut self, item: &NamedType, composite: &Struct) -> Contents {
        let c_name = &item.c_name;
        if composite.union {
            self.found
                .push((Obstacle::Union, format!("`{c_name}` is a union")));
            return Contents {
                union: Some(format!("`{c_name}`")),
                ..Contents::default()
            };
        }
        let mut contents = Contents::default();
        if holds_anonymous_union(self.btf, composite.ty) {
            let text = format!("`{c_name}` contains an anonymous union");
            self.found.push((Obstacle::Union, text));
            contents.union = Some("an anonymous union".to_owned());
        }
        let fields = composite.fields.iter();
        let fields = fields.filter_map(|field| match &field.kind {
            FieldKind::Member { declaration, .. } => Some((&field.ty, declaration)),
            FieldKind::Padding | FieldKind::Storage => None,
        });
        let methods = composite.methods.iter();
        let methods = methods.map(|method| (&method.ty, &method.declaration));
        for (ty, declaration) in fields.chain(methods) {
            if is_float(self.layout, ty) {
                let text = format!("`{declaration}` of `{c_name}` is a float");
                self.found.push((Obstacle::Float, text));
            }
            contents.add(&self.ty(ty));
        }
        if let Some(text) = unnamed(item, composite) {
            contents.unnamed = true;
            // The union is to blame.
            if contents.union.is_none() {
                self.found.push((Obstacle::Unnamed, text));
            }
        }
        contents
    }
}

/// What an array is made of, in any dimensions; a typedef's type.
fn element<'t>(layout: &'t Layout, ty: &'t Rust) -> &'t Rust {
    let mut ty = ty;
    loop {
        ty = match ty {
            Rust::Array(element, _) => element,
            Rust::Named(index) => match layout.item(*index).map(|item| &item.kind) {
                Some(NamedTypeKind::Alias(to)) => to,
                _ => return ty,
            },
            _ => return ty,
        };
    }
}

fn is_float(layout: &Layout, ty: &Rust) -> bool {
    matches!(element(layout, ty), Rust::Float { .. })
}

/// Whether a struct has a union without a name, in anonymous structs as well.
fn holds_anonymous_union(btf: &Btf<'_>, id: TypeId) -> bool {
    let mut seen = HashSet::new();
    let mut left = vec![btf.resolve(id)];
    while let Some(id) = left.pop() {
        let Type::Struct(composite) = btf.ty(id) else {
            return true;
        };
        let members = composite.members.iter();
        let anonymous = members.filter(|member| member.name.is_empty());
        let inner = anonymous.map(|member| btf.resolve(member.ty));
        left.extend(inner.filter(|inner| {
            // Others are unnamed bitfields.
            matches!(btf.ty(*inner), Type::Struct(_) | Type::Union(_)) && seen.insert(*inner)
        }));
    }
    false
}

/// What a derive macro would take for members.
fn unnamed(item: &NamedType, composite: &Struct) -> Option<String> {
    let c_name = &item.c_name;
    let mut methods = composite.methods.iter();
    let bitfield = methods.find(|method| matches!(method.kind, MethodKind::Bitfield { .. }));
    if let Some(bitfield) = bitfield {
        let declaration = &bitfield.declaration;
        return Some(format!("`{declaration}` of `{c_name}` is a bitfield"));
    }
    let mut fields = composite.fields.iter();
    let has_unnamed = fields.any(|field| !matches!(field.kind, FieldKind::Member { .. }));
    has_unnamed.then(|| format!("`{c_name}` has padding"))
}

/// What to say if types can't have a trait.
fn refused(derive: &Derive, in_the_way: &[&str]) -> String {
    let path = crate::select::shown(&derive.path);
    let named = in_the_way.iter().take(MAX_NAMED).copied();
    let named: Vec<_> = named.collect();
    let named = named.join(", ");
    let more = match in_the_way.len().saturating_sub(MAX_NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    format!(
        "`{path}` can't be on all C types here: {named}{more}; `derive?({path})` leaves such types out"
    )
}

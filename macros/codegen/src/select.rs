//! A selection: which variable or map each field means.
//!
//! [`resolve`] finds them by name, and [`check`] compares access and types once these are laid out.

mod maps;
mod records;
mod types;
mod words;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use syn::{Error, Ident, LitStr};

use crate::attr::{Field, Form, Path, Request};
use crate::errors::Errors;
use crate::layout::{Layout, NamedTypeKind, Roots};
use crate::near::nearest;
use bpf_subskeleton_object::btf::Type;
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::map_type::{MapType, Parameters};
use bpf_subskeleton_object::model::{Extent, Library, Map, Reason, Section, Shape, Variable};

pub(crate) use types::{Check, Expected, check};
pub(crate) use words::{is_told, shown};

/// A field and what it resolves to.
pub(crate) struct Selected<'f, 'l, 'a> {
    /// The field.
    pub field: &'f Field,
    /// What it resolves to.
    pub choice: Choice<'l, 'a>,
}

/// What a field resolves to.
#[derive(Clone, Copy)]
pub(crate) enum Choice<'l, 'a> {
    /// Nothing: an error says so, and the field is kept for the rest of the crate.
    Nothing,
    /// A variable.
    Variable(Chosen<'l, 'a>),
    /// A map.
    Map(&'l Map<'a>),
}

/// The variable that a field resolves to.
#[derive(Clone, Copy)]
pub(crate) struct Chosen<'l, 'a> {
    /// Its section, unless it is an `extern` one.
    pub section: Option<&'l Section<'a>>,
    /// The variable.
    pub variable: &'l Variable<'a>,
    /// How long it is: a field written as a slice asks for an array that can be resized, one written with
    /// a length does not.
    pub extent: Extent,
}

/// Resolves each field. All that can't be resolved are errors.
pub(crate) fn resolve<'f, 'l, 'a>(
    fields: &'f [Field],
    library: &'l Library<'a>,
    errors: &mut Errors,
) -> Vec<Selected<'f, 'l, 'a>> {
    let names = ByName::new(library);
    let mut taken: HashMap<(Option<&str>, &str), &Field> = HashMap::new();
    let mut resolve = |field: &'f Field| {
        // An error already says so.
        if field.mistaken {
            return Choice::Nothing;
        }
        let Some(choice) = errors.ok(names.find(field)) else {
            return Choice::Nothing;
        };
        let key = match choice {
            Choice::Variable(chosen) => {
                let section = chosen.section.map(|section| section.name);
                (section, chosen.variable.name)
            }
            Choice::Map(map) => (Some(".maps"), map.name),
            // Report one mistake per field.
            Choice::Nothing => return choice,
        };
        match taken.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(field);
                choice
            }
            Entry::Occupied(first) => {
                let first = &first.get().ident;
                let text = format!("the field `{first}` already binds `{}`", field.name);
                errors.at(field.name_span, text);
                Choice::Nothing
            }
        }
    };
    fields
        .iter()
        .map(|field| Selected {
            field,
            choice: resolve(field),
        })
        .collect()
}

/// The types that a selection reaches: those of its variables and maps, in the library's order and not
/// the fields'; those of all programs and `struct_ops`; and those that fields name, by their paths in `module`.
pub(crate) fn roots<'l, 'a>(
    library: &'l Library<'a>,
    selected: &[Selected<'_, 'l, 'a>],
    module: &Ident,
) -> Roots<'l, 'a> {
    let (mut variables, mut maps) = (HashSet::new(), HashSet::new());
    for Selected { choice, .. } in selected {
        match choice {
            Choice::Variable(chosen) => {
                variables.insert(core::ptr::from_ref(chosen.variable));
            }
            Choice::Map(map) => {
                maps.insert(core::ptr::from_ref(*map));
            }
            Choice::Nothing => {}
        }
    }
    let mut roots = Roots::of(library);
    roots
        .variables
        .retain(|variable| variables.contains(&core::ptr::from_ref(*variable)));
    roots
        .maps
        .retain(|map| maps.contains(&core::ptr::from_ref(*map)));
    roots.records = records::named(library, selected, module, &roots);
    roots
}

/// What a library has, by C name.
struct ByName<'l, 'a> {
    library: &'l Library<'a>,
    variables: HashMap<&'a str, Vec<Placed<'l, 'a>>>,
    maps: HashMap<&'a str, &'l Map<'a>>,
}

/// A variable and its section, unless it is an `extern` one.
type Placed<'l, 'a> = (Option<&'l Section<'a>>, &'l Variable<'a>);

impl<'l, 'a> ByName<'l, 'a> {
    fn new(library: &'l Library<'a>) -> Self {
        let mut variables: HashMap<_, Vec<_>> = HashMap::new();
        for (section, variable) in library.variables() {
            let others = variables.entry(variable.name).or_default();
            others.push((section, variable));
        }
        Self {
            library,
            variables,
            maps: library.maps.iter().map(|map| (map.name, map)).collect(),
        }
    }

    fn find(&self, field: &Field) -> Result<Choice<'l, 'a>, Error> {
        let name = field.name.as_str();
        let wrong = |text: String| Err(Error::new(field.name_span, text));
        let variables = self.variables.get(name).map_or(&[][..], Vec::as_slice);
        match (&field.request, variables, self.maps.get(name)) {
            (Request::Other(_), ..) => Ok(Choice::Nothing),
            (Request::Variable { .. }, [_, ..], _) => {
                let (section, variable) = placed_in(variables, field)?;
                Ok(Choice::Variable(Chosen {
                    section,
                    variable,
                    extent: self.extent(variable, &field.request),
                }))
            }
            (Request::Variable { .. }, [], Some(map)) => wrong(format!(
                "`{name}` is a map{}, not a variable: write `{}`",
                map_text(map, self.library),
                map_handle(map)
            )),
            (Request::Map { .. }, _, Some(map)) => match &field.section {
                Some(section) => Err(Error::new(
                    section.span(),
                    format!("`{name}` is a map: `section` is for variables"),
                )),
                None => Ok(Choice::Map(map)),
            },
            (Request::Map { .. }, [(_, variable), ..], None) => wrong(format!(
                "`{name}` is a variable (`{}`), not a map: write `{}<_>`",
                declaration(&self.library.btf, variable.ty, name),
                if variable.read_only { "Const" } else { "Var" },
            )),
            (_, [], None) => wrong(missing(name, self.library)),
        }
    }

    fn extent(&self, variable: &Variable<'a>, request: &Request) -> Extent {
        let Request::Variable { ty: Some(ty), .. } = request else {
            return variable.extent;
        };
        let btf = &self.library.btf;
        let is_array = matches!(btf.ty(btf.resolve(variable.ty)), Type::Array { .. });
        let is_slice = matches!(ty.form, Form::Slice(_));
        match variable.extent {
            Extent::Fixed | Extent::Resizable if is_array && is_slice => Extent::Resizable,
            Extent::Resizable => Extent::Fixed,
            extent => extent,
        }
    }
}

/// The variable of that name in the field's section, if the field names one.
fn placed_in<'l, 'a>(variables: &[Placed<'l, 'a>], field: &Field) -> Result<Placed<'l, 'a>, Error> {
    let name = &field.name;
    let sections: Vec<_> = variables
        .iter()
        .map(|(section, _)| section.map_or("extern", |section| section.name))
        .collect();
    let wanted = field.section.as_ref().map(LitStr::value);
    let mut found = variables.iter().filter(|(section, _)| {
        wanted.is_none() || wanted.as_deref() == section.map(|section| section.name)
    });
    match (found.next(), found.next(), &field.section) {
        (Some(placed), None, _) => Ok(*placed),
        (Some(_), Some(_), None) => Err(Error::new(
            field.name_span,
            format!(
                "`{name}` is defined in {}: choose one with `#[bpf(section = \"{}\")]`",
                listed(&sections),
                sections.first().unwrap_or(&".data"),
            ),
        )),
        (Some(_), Some(_), Some(section)) => Err(Error::new(
            section.span(),
            format!("`{name}` is defined more than once in that section"),
        )),
        (None, _, section) => Err(Error::new(
            section.as_ref().map_or(field.name_span, LitStr::span),
            format!("`{name}` is in {}, not in that section", listed(&sections)),
        )),
    }
}

/// Reports what else has the name, or suggests similar names.
fn missing(name: &str, library: &Library<'_>) -> String {
    if library.programs.iter().any(|program| program.name == name) {
        return format!("`{name}` is a program: `programs()` has it");
    }
    if library
        .arena_variables()
        .any(|variable| variable.name == name)
    {
        return format!(
            "`{name}` is in an arena, which belongs to the object: `arena()` of a struct without fields has it"
        );
    }
    let near = near(name, library.names());
    let hidden = library.hidden.iter().find(|hidden| hidden.name == name);
    match hidden.map(|hidden| hidden.reason) {
        None => format!("the library has no variable or map `{name}`{near}"),
        Some(Reason::Static) => format!(
            "`{name}` is `static`, so it can't be found from outside the library: make it global"
        ),
        Some(Reason::Visibility) => {
            format!("`{name}` is `__hidden`, so it can't be found from outside the library")
        }
        Some(Reason::Section) => in_other_section(name, hidden.and_then(|hidden| hidden.section)),
        Some(Reason::StructOps) => format!(
            "`{name}` is a `struct_ops`: `configure` has it before load, `programs()` afterwards"
        ),
        Some(Reason::Kernel) => {
            format!("`{name}` is a kernel variable (`__ksym`), which user space can't read")
        }
        Some(Reason::Incomplete) => {
            format!(
                "`{name}` is `extern`, and its type is incomplete: the library only declares it"
            )
        }
        Some(Reason::Function) => format!("`{name}` is a function, not a variable{near}"),
        Some(Reason::ExternFunction) => {
            format!("`{name}` is an `extern` function, not a variable{near}")
        }
    }
}

/// Why a variable of a section that no map is made of can't be found.
fn in_other_section(name: &str, section: Option<&str>) -> String {
    match section {
        // Proposed for the kernel and libbpf since 2025; libbpf 1.7, and its sources of July 2026, do not have it.
        Some(section @ ".percpu") => format!(
            "`{name}` is a variable for each processor, `SEC(\"{section}\")`, which libbpf 1.7 does not support: make it a \
             `BPF_MAP_TYPE_PERCPU_ARRAY` of one entry"
        ),
        Some(section) => {
            format!("`{name}` is in the section `{section}`, which libbpf does not make a map of")
        }
        None => format!("`{name}` is in a section that libbpf does not make a map of"),
    }
}

fn listed(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}

/// A map's types as C has them: ` of `u32` to `struct slot``.
fn map_text(map: &Map<'_>, library: &Library<'_>) -> String {
    let part = |shape| match shape {
        Shape::Type(id) => Some(format!("`{}`", declaration(&library.btf, id, ""))),
        Shape::Size(size) => Some(format!("{size} bytes")),
        Shape::Unknown => None,
    };
    match (part(map.definition.key), part(map.definition.value)) {
        (Some(key), Some(value)) => format!(" from {key} to {value}"),
        (Some(part), None) | (None, Some(part)) => format!(" of {part}"),
        (None, None) => String::new(),
    }
}

/// A map as a field that leaves its types to BTF.
pub fn map_handle(map: &Map<'_>) -> String {
    let Some(map_type) = map.definition.map_type.and_then(MapType::by_number) else {
        return "maps::Untyped".to_owned();
    };
    let types = match map_type.parameters {
        Parameters::None | Parameters::Record => "",
        Parameters::Key | Parameters::Value | Parameters::Inner => "<_>",
        Parameters::KeyValue | Parameters::KeyInner => "<_, _>",
    };
    format!("maps::{}{types}", map_type.name)
}

/// Checks that the C types of `types(…)` exist, each once.
pub(crate) fn check_types(types: &[(Ident, Path)], layout: &Layout, errors: &mut Errors) {
    let structs: HashSet<_> = layout
        .items
        .iter()
        .filter(|item| matches!(item.kind, NamedTypeKind::Struct(_)))
        .map(|item| item.name.as_str())
        .collect();
    let mut given = HashSet::new();
    for (c, _) in types {
        let name = c.to_string();
        if !structs.contains(name.as_str()) {
            let near = near(&name, structs.iter().copied());
            let text = format!("no variable or map here uses a struct or union `{c}`{near}");
            errors.at(c.span(), text);
        } else if !given.insert(name) {
            errors.at(c.span(), format!("duplicate type `{c}`"));
        }
    }
}

/// A suggestion, if a name is similar.
pub(crate) fn near<'n>(name: &str, others: impl Iterator<Item = &'n str>) -> String {
    match nearest(name, others) {
        Some(near) => format!("; did you mean `{near}`?"),
        None => String::new(),
    }
}

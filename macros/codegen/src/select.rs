//! A selection: which variable or map each field means.

mod types;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use syn::{Error, Ident, LitStr, Path};

use crate::attr::{Field, Request, combine};
use crate::declaration::declaration;
use crate::layout::{ItemKind, Layout};
use crate::map_kind::{MapKind, Parameters};
use crate::model::{Library, Map, Reason, Shape, Variable};

pub use types::{Check, Expected, blame, check, is_told, path_blame, shown};

/// What a field means.
pub enum Choice<'a> {
    /// Nothing: an error says so, and the field stands there for the rest of the crate.
    Nothing,
    /// A variable of the section of that name, or an `extern` one.
    Variable(Option<&'a str>, Variable<'a>),
    /// A map.
    Map(Map<'a>),
}

/// A field and what it means.
pub struct Selected<'f, 'a> {
    /// The field.
    pub field: &'f Field,
    /// What it means.
    pub choice: Choice<'a>,
}

/// Finds what each field means. Those that mean nothing are errors, all of them.
pub fn choose<'f, 'a>(
    fields: &'f [Field],
    library: &Library<'a>,
    errors: &mut Option<Error>,
) -> Vec<Selected<'f, 'a>> {
    let names = ByName::new(library);
    let mut selected = Vec::new();
    let mut taken: HashMap<(Option<&str>, &str), &Field> = HashMap::new();
    for field in fields {
        let mut choice = match names.find(field) {
            // An error of it says so already.
            _ if field.mistaken => Choice::Nothing,
            Ok(choice) => choice,
            Err(error) => {
                combine(errors, error);
                Choice::Nothing
            }
        };
        let key = match &choice {
            Choice::Variable(section, variable) => (*section, variable.name),
            Choice::Map(map) => (Some(".maps"), map.name),
            // One mistake is enough of a field.
            Choice::Nothing => {
                selected.push(Selected { field, choice });
                continue;
            }
        };
        match taken.entry(key) {
            Entry::Vacant(entry) => {
                entry.insert(field);
            }
            Entry::Occupied(first) => {
                let first = &first.get().ident;
                let text = format!(
                    "the variable or map `{}` is already in the field `{first}`",
                    field.name
                );
                combine(errors, Error::new(field.name_span, text));
                choice = Choice::Nothing;
            }
        }
        selected.push(Selected { field, choice });
    }
    selected
}

/// What a library has, by C name.
struct ByName<'l, 'a> {
    library: &'l Library<'a>,
    variables: HashMap<&'a str, Vec<(Option<&'a str>, &'l Variable<'a>)>>,
    maps: HashMap<&'a str, &'l Map<'a>>,
}

impl<'l, 'a> ByName<'l, 'a> {
    fn new(library: &'l Library<'a>) -> Self {
        let mut variables: HashMap<_, Vec<_>> = HashMap::new();
        for (section, variable) in library.variables() {
            let section = section.map(|section| section.name);
            variables
                .entry(variable.name)
                .or_default()
                .push((section, variable));
        }
        Self {
            library,
            variables,
            maps: library.maps.iter().map(|map| (map.name, map)).collect(),
        }
    }

    fn find(&self, field: &Field) -> Result<Choice<'a>, Error> {
        let name = field.name.as_str();
        let wrong = |text: String| Err(Error::new(field.name_span, text));
        let variables = self.variables.get(name).map_or(&[][..], Vec::as_slice);
        match (&field.request, variables, self.maps.get(name)) {
            (Request::Other(_), ..) => Ok(Choice::Nothing),
            (Request::Variable { .. }, [_, ..], _) => variable_in(variables, field),
            (Request::Variable { .. }, [], Some(map)) => wrong(format!(
                "`{name}` is a map{}, not a variable: write `{}`",
                map_text(map, self.library),
                map_handle(map)
            )),
            (Request::Map { .. }, _, Some(map)) => match &field.section {
                Some(section) => Err(Error::new(
                    section.span(),
                    format!("`{name}` is a map: only variables have a section to choose"),
                )),
                None => Ok(Choice::Map((*map).clone())),
            },
            (Request::Map { .. }, [(_, variable), ..], None) => wrong(format!(
                "`{name}` is a variable (`{}`), not a map: write `{}<_>`",
                declaration(&self.library.btf, variable.ty, name),
                if variable.read_only { "Const" } else { "Var" },
            )),
            (_, [], None) => wrong(missing(name, self.library)),
        }
    }
}

/// The one of the variables of a name that is in the field's section, if it says one.
fn variable_in<'a>(
    variables: &[(Option<&'a str>, &Variable<'a>)],
    field: &Field,
) -> Result<Choice<'a>, Error> {
    let name = &field.name;
    let sections: Vec<_> = variables
        .iter()
        .map(|(section, _)| section.unwrap_or("extern"))
        .collect();
    let wanted = field.section.as_ref().map(|section| section.value());
    let mut found = variables
        .iter()
        .filter(|(section, _)| wanted.is_none() || wanted.as_deref() == *section);
    match (found.next(), found.next(), &field.section) {
        (Some((section, variable)), None, _) => {
            let mut variable = (*variable).clone();
            // Whoever writes a length insists on it, whoever writes a slice does not.
            if let Request::Variable { ty: Some(ty), .. } = &field.request {
                variable.resizable = matches!(**ty, syn::Type::Slice(_)) && variable.size > 0;
            }
            Ok(Choice::Variable(*section, variable))
        }
        (Some(_), Some(_), None) => Err(Error::new(
            field.name_span,
            format!(
                "`{name}` stands in {}: say which with `#[bpf(section = \"{}\")]`",
                listed(&sections),
                sections.first().unwrap_or(&".data"),
            ),
        )),
        (Some(_), Some(_), Some(section)) => Err(Error::new(
            section.span(),
            format!("`{name}` stands more than once in that section"),
        )),
        (None, _, section) => Err(Error::new(
            section.as_ref().map_or(field.name_span, LitStr::span),
            format!(
                "`{name}` is not in that section, but in {}",
                listed(&sections)
            ),
        )),
    }
}

/// Says what else has the name, or which names are near.
fn missing(name: &str, library: &Library<'_>) -> String {
    if library.programs.iter().any(|program| program.name == name) {
        return format!("`{name}` is a program: `programs()` has all of the library's");
    }
    let near = near(name, library.names());
    let hidden = library.hidden.iter().find(|hidden| hidden.name == name);
    match hidden.map(|hidden| hidden.reason) {
        None => format!("the library has no variable or map `{name}`{near}"),
        Some(Reason::Static) => format!(
            "`{name}` is `static` in the library, so nobody outside can find it: make it global"
        ),
        Some(Reason::Visibility) => {
            format!("`{name}` is hidden (`__hidden`), so nobody outside the library can find it")
        }
        Some(Reason::Section) => format!("`{name}` is in a section that libbpf makes no map of"),
        Some(Reason::StructOps) => format!(
            "`{name}` is a `struct_ops`: `configure` has it before load, and `programs()` attaches it"
        ),
        Some(Reason::Kernel) => {
            format!("`{name}` is a variable of the kernel (`__ksym`), which user space can't read")
        }
        Some(Reason::Incomplete) => {
            format!("`{name}` is `extern`, and of a type that the library only declares")
        }
        Some(Reason::Function) => format!("`{name}` is a function, not a variable{near}"),
        Some(Reason::ExternFunction) => {
            format!("`{name}` is an `extern` function, not a variable{near}")
        }
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
        (Some(key), Some(value)) => format!(" of {key} to {value}"),
        (Some(part), None) | (None, Some(part)) => format!(" of {part}"),
        (None, None) => String::new(),
    }
}

/// A map as a field would be written that leaves its types to BTF.
fn map_handle(map: &Map<'_>) -> String {
    let Some(kind) = map.definition.kind.and_then(MapKind::by_number) else {
        return "maps::Untyped".to_owned();
    };
    let types = match kind.parameters {
        Parameters::None | Parameters::Record => "",
        Parameters::Key | Parameters::Value | Parameters::Inner => "<_>",
        Parameters::KeyValue | Parameters::KeyInner => "<_, _>",
    };
    format!("maps::{}{types}", kind.name)
}

/// Drops from the library what was not chosen, so that no types are written for it.
pub fn narrow(library: &mut Library<'_>, selected: &[Selected<'_, '_>]) {
    let (mut variables, mut maps) = (HashSet::new(), HashSet::new());
    for Selected { choice, .. } in selected {
        match choice {
            Choice::Variable(section, variable) => {
                variables.insert((*section, variable.name));
            }
            Choice::Map(map) => {
                maps.insert(map.name);
            }
            Choice::Nothing => {}
        }
    }
    library.retain(
        |section, name| variables.contains(&(section, name)),
        |name| maps.contains(name),
    );
}

/// Checks that the C types of `types(…)` exist, each once.
pub fn check_types(types: &[(Ident, Path)], layout: &Layout, errors: &mut Option<Error>) {
    let structs: HashSet<_> = layout
        .items
        .iter()
        .filter(|item| matches!(item.kind, ItemKind::Struct(_)))
        .map(|item| item.name.as_str())
        .collect();
    let mut given = HashSet::new();
    for (c, _) in types {
        let name = c.to_string();
        if !structs.contains(name.as_str()) {
            let near = near(&name, structs.iter().copied());
            let text = format!("no selected variable or map has a struct or union `{c}`{near}");
            combine(errors, Error::new(c.span(), text));
        } else if !given.insert(name) {
            combine(
                errors,
                Error::new(c.span(), format!("`{c}` is given twice")),
            );
        }
    }
}

/// A suggestion, if a name is near.
fn near<'n>(name: &str, others: impl Iterator<Item = &'n str>) -> String {
    let near = others
        .map(|other| (strsim::jaro_winkler(name, other), other))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)));
    match near {
        Some((_, near)) => format!("; did you mean `{near}`?"),
        None => String::new(),
    }
}

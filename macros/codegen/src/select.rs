//! A selection: which variable or map each field means, and whether its type is right.
//!
//! Types that tokens tell (`u64`, `[u32; 4]`, `Bool`) are checked here, with an error at the token. All
//! others, aliases and imported types, only the compiler knows: [`Check`]s for it go into the code.

use std::collections::{HashMap, HashSet};

use syn::spanned::Spanned as _;
use syn::{Error, Expr, ExprLit, Ident, Lit, Path, Type as SynType};

use crate::attr::{Access, Field, Request, combine};
use crate::btf::TypeId;
use crate::declaration::declaration;
use crate::layout::{ItemKind, Layout, Pointee, Rust};
use crate::map_kind::{MapKind, Parameters};
use crate::model::{Library, Map, Reason, Section, Shape, Variable};

/// What a field means.
pub enum Choice<'a> {
    /// Nothing: an error says so, and the field stands there for the rest of the crate.
    Nothing,
    /// A variable of the section, or an `extern` one.
    Variable(Option<Section<'a>>, Variable<'a>),
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

/// Something that only the compiler can check: whether the type that the user wrote is the library's.
pub struct Check<'f> {
    /// The type as written.
    pub written: &'f SynType,
    /// What it must be.
    pub expected: Expected,
    /// What to say if it is not.
    pub message: String,
    /// Whether nothing else in the code asks that it is plain old data.
    pub pod: bool,
}

/// What a type must be.
pub enum Expected {
    /// This C type.
    Type(TypeId),
    /// The type of this variable, which has a flexible array's length.
    Variable(String),
    /// So many bytes.
    Size(u32),
    /// Anything.
    Any,
}

/// Finds what each field means. Those that mean nothing are errors, all of them.
pub fn choose<'f, 'a>(
    fields: &'f [Field],
    library: &Library<'a>,
    errors: &mut Option<Error>,
) -> Vec<Selected<'f, 'a>> {
    let mut selected = Vec::new();
    let mut taken: HashMap<(Option<&str>, &str), &Field> = HashMap::new();
    for field in fields {
        let choice = match find(field, library) {
            Ok(choice) => choice,
            Err(text) => {
                combine(errors, Error::new(field.name_span, text));
                Choice::Nothing
            }
        };
        let key = match &choice {
            Choice::Variable(section, variable) => {
                (section.as_ref().map(|section| section.name), variable.name)
            }
            Choice::Map(map) => (Some(".maps"), map.name),
            Choice::Nothing => (Some(""), field.name.as_str()),
        };
        if let Some(first) = taken.insert(key, field) {
            let text = format!("`{}` is already the field `{}`", field.name, first.ident);
            combine(errors, Error::new(field.name_span, text));
            let choice = Choice::Nothing;
            selected.push(Selected { field, choice });
            continue;
        }
        selected.push(Selected { field, choice });
    }
    selected
}

fn find<'a>(field: &Field, library: &Library<'a>) -> Result<Choice<'a>, String> {
    let name = field.name.as_str();
    let in_section = |section: Option<&Section<'_>>| match &field.section {
        Some(wanted) => section.is_some_and(|section| section.name == wanted.value()),
        None => true,
    };
    let mut variables: Vec<_> = library
        .variables()
        .filter(|(_, variable)| variable.name == name)
        .collect();
    let everywhere: Vec<_> = variables
        .iter()
        .map(|(section, _)| section.map_or("extern", |section| section.name))
        .collect();
    variables.retain(|(section, _)| in_section(*section));
    let map = library.maps.iter().find(|map| map.name == name);
    match (&field.request, variables.as_slice(), map) {
        (Request::Variable { .. }, [(section, variable)], _) => {
            Ok(Choice::Variable(section.cloned(), (*variable).clone()))
        }
        (Request::Variable { .. }, [_, _, ..], _) => Err(format!(
            "`{name}` stands in more than one section: say which with \
             `#[bpf(section = \"{}\")]` (there are {})",
            everywhere.first().unwrap_or(&".data"),
            quoted(&everywhere)
        )),
        (Request::Variable { .. }, [], Some(map)) => Err(format!(
            "`{name}` is a map, not a variable: {}",
            map_text(map, library)
        )),
        (Request::Map { .. }, _, Some(map)) => Ok(Choice::Map(map.clone())),
        (Request::Map { .. }, [(_, variable), ..], None) => Err(format!(
            "`{name}` is a variable, not a map: `{}`",
            declaration(&library.btf, variable.ty, name)
        )),
        (_, [], None) if !everywhere.is_empty() => Err(format!(
            "`{name}` is not in that section, but in {}",
            quoted(&everywhere)
        )),
        (_, [], None) => Err(missing(name, library)),
    }
}

/// Says what else has the name, or which names are near.
fn missing(name: &str, library: &Library<'_>) -> String {
    if library.programs.iter().any(|program| program.name == name) {
        return format!("`{name}` is a program: `programs()` has all of the library's");
    }
    let mut near: Vec<_> = library
        .names()
        .map(|other| (strsim::jaro_winkler(name, other), other))
        .filter(|(likeness, _)| *likeness > 0.8)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let near = match near.first() {
        Some((_, near)) => format!("; did you mean `{near}`?"),
        None => String::new(),
    };
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

fn quoted(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// A map as a field would be written.
fn map_text(map: &Map<'_>, library: &Library<'_>) -> String {
    let kind = map.definition.kind.and_then(MapKind::by_number);
    let part = |shape| match shape {
        Shape::Type(id) => format!("`{}`", declaration(&library.btf, id, "")),
        Shape::Size(size) => format!("{size} bytes"),
        Shape::Unknown => "nothing".to_owned(),
    };
    let (key, value) = (part(map.definition.key), part(map.definition.value));
    match kind {
        Some(kind) => format!("a `maps::{}` of {key} to {value}", kind.name),
        None => format!("a map of {key} to {value}"),
    }
}

/// Drops from the library what was not chosen, so that no types are written for it.
pub fn narrow(library: &mut Library<'_>, selected: &[Selected<'_, '_>]) {
    let (mut variables, mut maps) = (HashSet::new(), HashSet::new());
    for Selected { choice, .. } in selected {
        match choice {
            Choice::Variable(section, variable) => {
                variables.insert((section.as_ref().map(|section| section.name), variable.name));
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

/// Checks that the C types of `types(…)` exist.
pub fn check_types(types: &[(Ident, Path)], layout: &Layout, errors: &mut Option<Error>) {
    for (c, _) in types {
        let items = layout.items.iter();
        let mut items = items.filter(|item| matches!(item.kind, ItemKind::Struct(_)));
        if !items.any(|item| *c == item.name.as_str()) {
            let text = format!("no selected variable or map has a struct or union `{c}`");
            combine(errors, Error::new(c.span(), text));
        }
    }
}

/// Checks access and types of the chosen; what only the compiler can check is returned.
pub fn check<'f>(
    selected: &[Selected<'f, '_>],
    library: &Library<'_>,
    layout: &Layout,
    errors: &mut Option<Error>,
) -> Vec<Check<'f>> {
    let mut checker = Checker {
        library,
        layout,
        checks: Vec::new(),
        errors,
    };
    for Selected { field, choice } in selected {
        match (&field.request, choice) {
            (Request::Variable { access, word, ty }, Choice::Variable(section, variable)) => {
                checker.access(*access, word.span(), section.as_ref(), variable);
                if let Some(ty) = ty {
                    let in_config = section
                        .as_ref()
                        .is_none_or(|section| section.name != ".kconfig");
                    checker.variable(ty, *access, variable, !in_config);
                }
            }
            (Request::Map { kind, types }, Choice::Map(map)) => checker.map(kind, types, map),
            _ => {}
        }
    }
    checker.checks
}

struct Checker<'f, 'l, 'a> {
    library: &'l Library<'a>,
    layout: &'l Layout,
    checks: Vec<Check<'f>>,
    errors: &'l mut Option<Error>,
}

impl<'f, 'l, 'a> Checker<'f, 'l, 'a> {
    fn error(&mut self, span: proc_macro2::Span, text: String) {
        combine(self.errors, Error::new(span, text));
    }

    fn access(
        &mut self,
        access: Access,
        span: proc_macro2::Span,
        section: Option<&Section<'_>>,
        variable: &Variable<'_>,
    ) {
        let name = variable.name;
        match (access, variable.read_only, section) {
            (Access::Write, true, Some(section)) => self.error(
                span,
                format!(
                    "`{name}` is in `{}`, which can't be written once the object is loaded: \
                     write `Const`; `configure` can set it before load",
                    section.name
                ),
            ),
            (Access::Write, true, None) => self.error(
                span,
                format!("the library declares `{name}` `extern const`: write `Const`"),
            ),
            (Access::Read, false, Some(section)) => self.error(
                span,
                format!(
                    "`{name}` is in `{}`, which BPF programs write: write `Var`",
                    section.name
                ),
            ),
            // What is declared without `const` may be read-only where it is defined.
            (Access::Read, false, None) | (Access::Read, true, _) | (Access::Write, false, _) => {}
        }
    }

    fn variable(&mut self, ty: &'f SynType, access: Access, variable: &Variable<'_>, pod: bool) {
        let rust = self.layout.variable(&self.library.btf, variable);
        let word = match access {
            Access::Read => "Const",
            Access::Write => "Var",
        };
        let expected = self.text(&rust);
        let declared = declaration(&self.library.btf, variable.ty, variable.name);
        let message = format!("`{declared}` is a `{word}<{expected}>`");
        let id = match self.layout.is_flexible(variable) {
            true => Expected::Variable(variable.name.to_owned()),
            false => Expected::Type(variable.ty),
        };
        self.compare(ty, &rust, id, message, pod);
    }

    /// Compares a written type: here as far as tokens tell, else by the compiler.
    fn compare(
        &mut self,
        written: &'f SynType,
        rust: &Rust,
        expected: Expected,
        message: String,
        pod: bool,
    ) {
        match tokens_match(written, rust) {
            Some(true) => {}
            Some(false) => {
                let text = format!("{message}, not `{}`", shown(written));
                self.error(written.span(), text);
            }
            None => {
                let message = format!("{message}, not `{}`", shown(written));
                self.checks.push(Check {
                    written,
                    expected,
                    message,
                    pod,
                });
            }
        }
    }

    fn map(&mut self, word: &Ident, types: &'f [Option<SynType>], map: &Map<'_>) {
        let name = map.name;
        let kind = map.definition.kind.and_then(MapKind::by_number);
        let wanted = word.to_string();
        if wanted == "Untyped" {
            if !types.is_empty() {
                self.error(word.span(), "`maps::Untyped` takes no types".to_owned());
            }
            return;
        }
        let Some(wanted) = MapKind::by_name(&wanted) else {
            let text = format!(
                "there is no `maps::{wanted}`: {}",
                self.map_message(map, kind)
            );
            return self.error(word.span(), text);
        };
        if let Some(kind) = kind
            && kind.number != wanted.number
        {
            let text = self.map_message(map, Some(kind));
            return self.error(word.span(), text);
        }
        let parts: &[(&str, Shape)] = match wanted.parameters {
            Parameters::None | Parameters::Inner | Parameters::KeyInner => &[],
            Parameters::Record => &[("record", Shape::Unknown)],
            Parameters::Key => &[("key", map.definition.key)],
            Parameters::Value => &[("value", map.definition.value)],
            Parameters::KeyValue => &[("key", map.definition.key), ("value", map.definition.value)],
        };
        let optional = matches!(wanted.parameters, Parameters::Record | Parameters::Key);
        let inner = matches!(wanted.parameters, Parameters::Inner | Parameters::KeyInner);
        if inner || (optional && types.is_empty()) {
            return;
        }
        if types.len() != parts.len() {
            let text = format!(
                "`maps::{}` takes {} type{}; `_` takes one from the object",
                wanted.name,
                parts.len(),
                if parts.len() == 1 { "" } else { "s" }
            );
            return self.error(word.span(), text);
        }
        for ((part, shape), ty) in parts.iter().zip(types) {
            match (shape, ty) {
                (Shape::Type(id), Some(ty)) => {
                    let rust = self.layout.rust(&self.library.btf, *id);
                    let c = declaration(&self.library.btf, *id, "");
                    let message = format!(
                        "the {part} of map `{name}` is `{c}`, in Rust `{}`",
                        self.text(&rust)
                    );
                    self.compare(ty, &rust, Expected::Type(*id), message, true);
                }
                (Shape::Size(size), Some(ty)) => self.checks.push(Check {
                    written: ty,
                    expected: Expected::Size(*size),
                    message: format!(
                        "the {part} of map `{name}` has {size} bytes, `{}` has not",
                        shown(ty)
                    ),
                    pod: true,
                }),
                (Shape::Unknown, Some(ty)) => self.checks.push(Check {
                    written: ty,
                    expected: Expected::Any,
                    message: String::new(),
                    pod: true,
                }),
                (Shape::Type(_), None) => {}
                (Shape::Size(_) | Shape::Unknown, None) => {
                    let text = format!(
                        "the object does not say what the {part} of map `{name}` is: write a type"
                    );
                    self.error(word.span(), text);
                }
            }
        }
    }

    fn map_message(&self, map: &Map<'_>, kind: Option<MapKind>) -> String {
        let name = map.name;
        let Some(kind) = kind else {
            return format!("map `{name}` is of a kind without a name here: `maps::Untyped`");
        };
        let part = |shape| match shape {
            Shape::Type(id) => self.text(&self.layout.rust(&self.library.btf, id)),
            Shape::Size(_) | Shape::Unknown => "_".to_owned(),
        };
        let (key, value) = (part(map.definition.key), part(map.definition.value));
        let types = match kind.parameters {
            Parameters::KeyValue => format!("<{key}, {value}>"),
            Parameters::Value => format!("<{value}>"),
            Parameters::Key => format!("<{key}>"),
            _ => String::new(),
        };
        format!("map `{name}` is a `maps::{}{types}`", kind.name)
    }

    /// A Rust type as a person would write it in the user's crate.
    fn text(&self, ty: &Rust) -> String {
        match ty {
            Rust::Int { size, signed } => {
                format!("{}{}", if *signed { "i" } else { "u" }, size * 8)
            }
            Rust::Bool => "Bool".to_owned(),
            Rust::Float { size } => format!("f{}", size * 8),
            Rust::Array(element, len) => format!("[{}; {len}]", self.text(element)),
            Rust::Pointer(pointee) => format!("BpfPtr<{}>", self.pointee_text(pointee)),
            Rust::Item(index) => match self.layout.item(*index) {
                Some(item) => match &item.kind {
                    ItemKind::Struct(_) | ItemKind::Enum(_) => item.name.clone(),
                    ItemKind::Alias(_) | ItemKind::Opaque => item.c_name.clone(),
                },
                None => "_".to_owned(),
            },
        }
    }

    fn pointee_text(&self, pointee: &Pointee) -> String {
        match pointee {
            Pointee::Void => "c_void".to_owned(),
            Pointee::Function => "Function".to_owned(),
            Pointee::Scalar(ty) => self.text(ty),
            Pointee::Pointer(to) => format!("BpfPtr<{}>", self.pointee_text(to)),
            Pointee::Array(element, len) => format!("[{}; {len}]", self.pointee_text(element)),
            Pointee::Enum(..) | Pointee::Composite(_) => "_".to_owned(),
        }
    }
}

/// Tokens as the user wrote them.
pub fn shown(tokens: &impl quote::ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    // Tokens are printed with spaces between them, which nobody wrote.
    [
        (" :: ", "::"),
        (" < ", "<"),
        (" >", ">"),
        (" ;", ";"),
        (" ,", ","),
        (":: ", "::"),
    ]
    .iter()
    .fold(text, |text, (from, to)| text.replace(from, to))
}

/// Whether the tokens say that a written type is or is not `rust`; `None` if they don't tell.
fn tokens_match(written: &SynType, rust: &Rust) -> Option<bool> {
    match written {
        SynType::Group(group) => tokens_match(&group.elem, rust),
        SynType::Paren(paren) => tokens_match(&paren.elem, rust),
        SynType::Array(array) => {
            let Rust::Array(element, len) = rust else {
                return Some(false);
            };
            let written_len = match &array.len {
                Expr::Lit(ExprLit {
                    lit: Lit::Int(len), ..
                }) => len.base10_parse::<u32>().ok(),
                _ => None,
            };
            if written_len.is_some_and(|written| written != *len) {
                return Some(false);
            }
            match tokens_match(&array.elem, element) {
                Some(true) => written_len.map(|_| true),
                other => other,
            }
        }
        SynType::Path(path) if path.qself.is_none() => {
            let name = path.path.get_ident()?.to_string();
            let primitive = primitive(&name)?;
            Some(primitive == *rust)
        }
        SynType::Tuple(_) | SynType::Reference(_) | SynType::Ptr(_) | SynType::Slice(_) => {
            Some(false)
        }
        _ => None,
    }
}

/// Rust's primitive types, which a crate could shadow but doesn't. `bool` and `char` are none that C
/// has, so they are nothing's type.
fn primitive(name: &str) -> Option<Rust> {
    let int = |size, signed| Some(Rust::Int { size, signed });
    match name {
        "u8" => int(1, false),
        "u16" => int(2, false),
        "u32" => int(4, false),
        "u64" => int(8, false),
        "u128" => int(16, false),
        "i8" => int(1, true),
        "i16" => int(2, true),
        "i32" => int(4, true),
        "i64" => int(8, true),
        "i128" => int(16, true),
        "f32" => Some(Rust::Float { size: 4 }),
        "f64" => Some(Rust::Float { size: 8 }),
        // Never equal to anything that C has.
        "bool" | "char" | "usize" | "isize" | "str" => int(0, false),
        _ => None,
    }
}

//! A selection: which variable or map each field means, and whether its type is right.
//!
//! Types that tokens tell (`u64`, `[u32; 4]`, `Bool`) are checked here, with an error at the token. All
//! others, aliases and imported types, only the compiler knows: [`Check`]s for it go into the code.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use syn::spanned::Spanned as _;
use syn::{Error, Expr, ExprLit, Ident, Lit, LitStr, Path, Type as SynType};

use crate::attr::{Access, Field, Request, combine};
use crate::btf::TypeId;
use crate::declaration::declaration;
use crate::layout::{ItemKind, Layout, Pointee, Rust};
use crate::map_kind::{MapKind, Parameters};
use crate::model::{Library, Map, Reason, Shape, Variable};

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

/// Something that only the compiler can check: whether the type that the user wrote is the library's.
pub struct Check<'f, 'a> {
    /// The type as written.
    pub written: &'f SynType,
    /// What it must be.
    pub expected: Expected<'a>,
    /// What to say if it is not.
    pub message: String,
    /// Whether nothing else in the code asks that it is plain old data.
    pub pod: bool,
}

/// What a type must be.
pub enum Expected<'a> {
    /// This C type.
    Type(TypeId),
    /// The type of this variable, which has a flexible array's length.
    Variable(Variable<'a>),
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
        (Some((section, variable)), None, _) => Ok(Choice::Variable(*section, (*variable).clone())),
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

/// Checks access and types of the chosen; what only the compiler can check is returned. A field whose
/// type is wrong means nothing from then on.
pub fn check<'f, 'a>(
    selected: &mut [Selected<'f, 'a>],
    module: &Ident,
    library: &Library<'a>,
    layout: &Layout,
    errors: &mut Option<Error>,
) -> Vec<Check<'f, 'a>> {
    let mut checker = Checker {
        module,
        library,
        layout,
        checks: Vec::new(),
        errors,
        wrong: false,
    };
    for Selected { field, choice } in selected {
        match (&field.request, &*choice) {
            (Request::Variable { access, word, ty }, Choice::Variable(section, variable)) => {
                checker.access(*access, word.span(), *section, variable);
                if let Some(ty) = ty {
                    let in_config = *section != Some(".kconfig");
                    checker.variable(ty, *access, variable, !in_config);
                }
            }
            (Request::Map { kind, types }, Choice::Map(map)) => checker.map(kind, types, map),
            _ => {}
        }
        if std::mem::take(&mut checker.wrong) {
            *choice = Choice::Nothing;
        }
    }
    checker.checks
}

struct Checker<'f, 'l, 'a> {
    /// Where the C types are.
    module: &'l Ident,
    library: &'l Library<'a>,
    layout: &'l Layout,
    checks: Vec<Check<'f, 'a>>,
    errors: &'l mut Option<Error>,
    /// Whether the type of the field at hand is wrong.
    wrong: bool,
}

impl<'f, 'l, 'a> Checker<'f, 'l, 'a> {
    fn wrong_access(&mut self, span: proc_macro2::Span, text: String) {
        combine(self.errors, Error::new(span, text));
    }

    fn wrong_type(&mut self, at: impl quote::ToTokens, text: String) {
        combine(self.errors, Error::new_spanned(at, text));
        self.wrong = true;
    }

    fn access(
        &mut self,
        access: Access,
        span: proc_macro2::Span,
        section: Option<&str>,
        variable: &Variable<'_>,
    ) {
        let name = variable.name;
        match (access, variable.read_only, section) {
            // Nobody sets these: libbpf does at load.
            (Access::Write, true, Some(".kconfig")) => self.wrong_access(
                span,
                format!("`{name}` is a kernel setting in `.kconfig`, only to be read: write `Const`"),
            ),
            (Access::Write, true, Some(section)) => self.wrong_access(
                span,
                format!(
                    "`{name}` is in `{section}`, which can't be written once the object is loaded: \
                     write `Const`; `configure` can set it before load"
                ),
            ),
            (Access::Write, true, None) => self.wrong_access(
                span,
                format!("the library declares `{name}` `extern const`: write `Const`"),
            ),
            (Access::Read, false, Some(section)) => self.wrong_access(
                span,
                format!(
                    "`{name}` is in `{section}`, which BPF programs can write at any time: write `Var`"
                ),
            ),
            // What is declared without `const` may be read-only where it is defined.
            (Access::Read, false, None) | (Access::Read, true, _) | (Access::Write, false, _) => {}
        }
    }

    fn variable(&mut self, ty: &'f SynType, access: Access, variable: &Variable<'a>, pod: bool) {
        let rust = self.layout.variable(&self.library.btf, variable);
        let word = match access {
            Access::Read => "Const",
            Access::Write => "Var",
        };
        let expected = self.text(&rust);
        let declared = declaration(&self.library.btf, variable.ty, variable.name);
        let message = format!("`{declared}` is a `{word}<{expected}>`");
        let id = match self.layout.is_flexible(variable) {
            true => Expected::Variable(variable.clone()),
            false => Expected::Type(variable.ty),
        };
        self.compare(ty, &rust, id, message, pod);
    }

    /// Compares a written type: here as far as tokens tell, else by the compiler.
    fn compare(
        &mut self,
        written: &'f SynType,
        rust: &Rust,
        expected: Expected<'a>,
        message: String,
        pod: bool,
    ) {
        match tokens_match(written, rust) {
            Some(true) => {}
            Some(false) => {
                let text = format!("{message}, not `{}`{}", shown(written), hint(written, rust));
                self.wrong_type(written, text);
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
                self.wrong_type(word, "`maps::Untyped` takes no types".to_owned());
            }
            return;
        }
        let Some(wanted) = MapKind::by_name(&wanted) else {
            let text = format!(
                "there is no `maps::{wanted}`: {}",
                self.map_message(map, kind)
            );
            return self.wrong_type(word, text);
        };
        if let Some(kind) = kind
            && kind.number != wanted.number
        {
            let text = self.map_message(map, Some(kind));
            let text = format!("{text}, not a `maps::{}`", wanted.name);
            return self.wrong_type(word, text);
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
            return self.wrong_type(word, text);
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
                    self.wrong_type(word, text);
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
                    ItemKind::Struct(_) | ItemKind::Enum(_) => {
                        format!("{}::{}", self.module, item.name)
                    }
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

/// What else to say to a type that is the wrong one.
fn hint(written: &SynType, rust: &Rust) -> &'static str {
    let mut written = written;
    let mut rust = rust;
    while let (SynType::Array(array), Rust::Array(element, _)) = (written, rust) {
        (written, rust) = (&array.elem, element);
    }
    let is = |name: &str| matches!(written, SynType::Path(path) if path.path.is_ident(name));
    match rust {
        Rust::Bool if is("bool") => {
            ": `bpf_subskeleton::Bool` is a byte in which C may leave any value"
        }
        Rust::Int { .. } if is("usize") || is("isize") => {
            ": C's types have one size on every machine"
        }
        _ => "",
    }
}

/// Where to blame a type: at its name, if it is a path.
pub fn blame(ty: &SynType) -> proc_macro2::Span {
    match ty {
        SynType::Path(path) => path_blame(&path.path),
        _ => ty.span(),
    }
}

/// Where to blame a path: at its last word.
pub fn path_blame(path: &Path) -> proc_macro2::Span {
    let last = path.segments.last();
    last.map_or_else(proc_macro2::Span::call_site, |last| last.ident.span())
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

/// Whether the tokens alone say that a written type is `rust`, if its words mean what they mean
/// everywhere: the code asks the compiler for that.
pub fn is_told(written: &SynType, rust: &Rust) -> bool {
    tokens_match(written, rust) == Some(true)
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

/// Rust's primitive types, unless a crate shadows them. `bool` and `char` are none that C
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

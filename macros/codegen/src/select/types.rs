//! Whether the types that the user wrote are the library's.
//!
//! What tokens tell (`u64`, `[u32; 4]`, `Bool`) is checked here, with an error at the token. All others,
//! aliases and imported types, only the compiler knows: [`Check`]s for it go into the code.

use syn::spanned::Spanned as _;
use syn::{Error, Expr, ExprLit, Ident, Lit, Path, Type as SynType};

use crate::attr::{Access, Request, combine};
use crate::btf::{Type, TypeId};
use crate::declaration::declaration;
use crate::layout::{ItemKind, Layout, Pointee, Rust};
use crate::map_kind::{MapKind, Parameters};
use crate::model::{Library, Map, Shape, Variable};

use super::{Choice, Selected};

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
        let declared = declaration(&self.library.btf, variable.ty, variable.name);
        let c = self.library.btf.ty(self.library.btf.resolve(variable.ty));
        if let (SynType::Slice(slice), Rust::Array(element, _), Type::Array { element: id, .. }) =
            (ty, &rust, c)
        {
            let element_text = self.text(element);
            let message = format!("the elements of `{declared}` are `{element_text}`");
            return self.compare(&slice.elem, element, Expected::Type(*id), message, pod);
        }
        // Only a slice is written for what has no length.
        if let (0, Rust::Array(element, _)) = (variable.size, &rust) {
            let expected = self.text(element);
            let text = format!(
                "`{declared}` is a `{word}<[{expected}]>`, not `{}`",
                shown(ty)
            );
            return self.wrong_type(ty, text);
        }
        let expected = self.text(&rust);
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
            Rust::Callback => "Callback".to_owned(),
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

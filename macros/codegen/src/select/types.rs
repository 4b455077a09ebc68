//! Whether the types that the user wrote are the library's.
//!
//! Types that tokens determine (`u64`, `[u32; 4]`, `Bool`) are checked here, with an error at the token.
//! Aliases and imported types only the compiler knows: [`Check`]s for them go into the code.

use proc_macro2::Span;
use syn::Ident;

use crate::attr::{Form, Handle, Request, Type as Written};
use crate::errors::Errors;
use crate::layout::{Layout, NamedTypeKind, Pointee, Rust};
use bpf_subskeleton_object::btf::{Type, TypeId};
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::model::{Extent, Library, Section, Variable};

use super::words::{hint, shown, tokens_match};
use super::{Choice, Chosen, Selected};

/// Something that only the compiler can check: whether the type that the user wrote is the library's.
pub(crate) struct Check<'f, 'l, 'a> {
    /// The type as written.
    pub written: &'f Written,
    /// What it must be.
    pub expected: Expected<'l, 'a>,
    /// What to say if it is not.
    pub message: String,
    /// Whether nothing else in the code requires it to be plain old data.
    pub pod: bool,
}

/// What a type must be.
#[derive(Clone, Copy)]
pub(crate) enum Expected<'l, 'a> {
    /// This C type.
    Type(TypeId),
    /// The type of this variable, which includes a flexible array's elements.
    Variable(&'l Variable<'a>),
    /// So many bytes.
    Size(u32),
    /// Anything.
    Any,
}

/// Checks access and types of the selection; returns what only the compiler can check. A field whose
/// type is wrong counts as unresolved from then on.
pub(crate) fn check<'f, 'l, 'a>(
    selected: &mut [Selected<'f, 'l, 'a>],
    module: &'l Ident,
    library: &'l Library<'a>,
    layout: &'l Layout,
    errors: &mut Errors,
) -> Vec<Check<'f, 'l, 'a>> {
    let mut checks = Vec::new();
    for Selected { field, choice } in selected {
        let mut checker = Checker {
            module,
            library,
            layout,
            checks: &mut checks,
            access_errors: Errors::default(),
            type_errors: Errors::default(),
        };
        match (&field.request, &*choice) {
            (Request::Variable { handle, word, ty }, Choice::Variable(chosen)) => {
                checker.access(*handle, word.span(), chosen.section, chosen.variable);
                if let Some(ty) = ty {
                    checker.variable(ty, *handle, *chosen);
                }
            }
            (Request::Map { word, types }, Choice::Map(map)) => checker.map(word, types, map),
            _ => {}
        }
        let Checker {
            access_errors,
            type_errors,
            ..
        } = checker;
        errors.append(access_errors);
        if !type_errors.is_empty() {
            *choice = Choice::Nothing;
        }
        errors.append(type_errors);
    }
    checks
}

/// Checks one field.
pub(super) struct Checker<'c, 'f, 'l, 'a> {
    /// Where the C types are.
    pub(super) module: &'l Ident,
    pub(super) library: &'l Library<'a>,
    pub(super) layout: &'l Layout,
    pub(super) checks: &'c mut Vec<Check<'f, 'l, 'a>>,
    /// Errors that leave the field as it is.
    access_errors: Errors,
    /// Errors that make the field unusable.
    pub(super) type_errors: Errors,
}

impl<'f, 'l, 'a> Checker<'_, 'f, 'l, 'a> {
    fn access(
        &mut self,
        handle: Handle,
        span: Span,
        section: Option<&Section<'_>>,
        variable: &Variable<'_>,
    ) {
        let name = variable.name;
        let text = match (handle, variable.read_only, section) {
            // User space can't set these: libbpf does at load.
            (Handle::Var, true, Some(section)) if !section.configurable => format!(
                "`{name}` is in `{}`, which libbpf fills in at load and nobody can write: write `Const`",
                section.name
            ),
            (Handle::Var, true, Some(section)) => format!(
                "`{name}` is in `{}`, which is read-only once the object is loaded: write `Const`; \
                 `configure` can set it before load",
                section.name
            ),
            (Handle::Var, true, None) => {
                format!("the library declares `{name}` as `extern const`: write `Const`")
            }
            (Handle::Const, false, Some(section)) => format!(
                "`{name}` is in `{}`, which BPF programs can write at any time: write `Var`",
                section.name
            ),
            // A variable declared without `const` may be read-only where it is defined.
            (Handle::Const, false, None) | (Handle::Const, true, _) | (Handle::Var, false, _) => {
                return;
            }
        };
        self.access_errors.at(span, text);
    }

    fn variable(&mut self, ty: &'f Written, handle: Handle, chosen: Chosen<'l, 'a>) {
        let Chosen {
            section, variable, ..
        } = chosen;
        // `configure` requires it for each of its variables.
        let pod = section.is_some_and(|section| !section.configurable);
        let btf = &self.library.btf;
        let rust = self.layout.variable(btf, variable);
        let word = handle.name();
        let declared = declaration(btf, variable.ty, variable.name);
        if let (Form::Slice(written), Rust::Array(element, _), Type::Array { element: id, .. }) =
            (&ty.form, &rust, btf.ty(btf.resolve(variable.ty)))
        {
            let element_text = self.text(element);
            let message = format!("the elements of `{declared}` are `{element_text}`");
            return self.compare(written, element, Expected::Type(*id), message, pod);
        }
        // A variable without a length must be written as a slice.
        if let (Extent::Unknown, Rust::Array(element, _)) = (variable.extent, &rust) {
            let expected = self.text(element);
            let text = format!(
                "`{declared}` is a `{word}<[{expected}]>`, not `{}`",
                shown(ty)
            );
            return self.type_errors.spanned(ty, text);
        }
        let expected = self.text(&rust);
        let message = format!("`{declared}` is a `{word}<{expected}>`");
        let id = match variable.extent {
            Extent::Flexible => Expected::Variable(variable),
            _ => Expected::Type(variable.ty),
        };
        self.compare(ty, &rust, id, message, pod);
    }

    /// Compares a written type: here if its tokens are enough, else by the compiler.
    pub(super) fn compare(
        &mut self,
        written: &'f Written,
        rust: &Rust,
        expected: Expected<'l, 'a>,
        message: String,
        pod: bool,
    ) {
        match tokens_match(written, rust) {
            Some(true) => {}
            Some(false) => {
                let text = format!("{message}, not `{}`{}", shown(written), hint(written, rust));
                self.type_errors.spanned(written, text);
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

    /// A Rust type as a person would write it in the user's crate.
    pub(super) fn text(&self, ty: &Rust) -> String {
        match ty {
            Rust::Int { size, signed } => {
                format!("{}{}", if *signed { "i" } else { "u" }, size * 8)
            }
            Rust::Bool => "Bool".to_owned(),
            Rust::Float { size } => format!("f{}", size * 8),
            Rust::Array(element, len) => format!("[{}; {len}]", self.text(element)),
            Rust::Callback => "Callback".to_owned(),
            Rust::Pointer(pointee) => format!("BpfPtr<{}>", self.pointee_text(pointee)),
            Rust::Named(index) => match self.layout.item(*index) {
                Some(item) => match &item.kind {
                    NamedTypeKind::Struct(_) | NamedTypeKind::Enum(_) => {
                        format!("{}::{}", self.module, item.name)
                    }
                    NamedTypeKind::Alias(_) | NamedTypeKind::Opaque => item.c_name.clone(),
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

//! From the user's `obj` argument to the object's bytes. Only this file reads environment variables and
//! files.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Error, Lit, LitStr, Token};

use crate::trees::is_punct;

/// An object as the user named it.
pub(crate) struct Object {
    /// A string literal, or `concat!` and `env!` of literals.
    expression: TokenStream,
    /// The literal, if it is one.
    literal: Option<LitStr>,
}

impl Object {
    pub(crate) fn new(expression: Vec<TokenTree>) -> Self {
        let literal = match Expression::of(&expression) {
            Expression::Literal(Lit::Str(literal)) => Some(literal),
            _ => None,
        };
        Self {
            expression: expression.into_iter().collect(),
            literal,
        }
    }

    /// Whether it looks like an expression that is known while macros are expanded.
    pub(crate) fn is_literal(expression: &[TokenTree]) -> bool {
        !matches!(Expression::of(expression), Expression::Other)
    }

    /// Whether it is one string literal.
    pub(crate) fn is_one_literal(&self) -> bool {
        self.literal.is_some()
    }

    /// The path as the user wrote it, for messages.
    pub(crate) fn shown(&self) -> String {
        match &self.literal {
            Some(path) => format!("`{}`", path.value()),
            None => {
                let text = self.expression.to_string();
                // Tokens print with spaces between them that the user did not write.
                format!(
                    "`{}`",
                    text.replace(" ! ", "!")
                        .replace(" (", "(")
                        .replace(" ,", ",")
                )
            }
        }
    }
}

impl ToTokens for Object {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.expression.clone());
    }
}

/// What the macro may look up outside the source code.
#[derive(Debug, Default)]
pub struct Environment {
    variables: Option<HashMap<String, String>>,
}

impl Environment {
    /// The environment that cargo set for the compiler.
    pub fn cargo() -> Self {
        Self { variables: None }
    }

    /// Only these variables; relative paths need `CARGO_MANIFEST_DIR`.
    pub fn with(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            variables: Some(variables.into_iter().collect()),
        }
    }

    fn get(&self, name: &str) -> Option<OsString> {
        match &self.variables {
            Some(variables) => variables.get(name).map(OsString::from),
            // Names with `=` or NUL would make `var_os` panic on some platforms; none has them.
            None if name.is_empty() || name.contains(['=', '\0']) => None,
            None => std::env::var_os(name),
        }
    }
}

/// An object's absolute path and contents.
#[derive(Debug)]
pub struct File {
    /// Its path, in UTF-8.
    pub path: String,
    /// Its contents.
    pub bytes: Vec<u8>,
}

/// Reads the object.
///
/// # Errors
///
/// At the part of the expression to blame: not a literal, an unset variable, no such file.
pub(crate) fn read(environment: &Environment, object: &Object) -> Result<File, Error> {
    let written = evaluate(environment, object.expression.clone())?;
    let error = |text: String| Error::new_spanned(object, text);
    if written.is_empty() {
        return Err(error("the path of the object is empty".to_owned()));
    }
    let mut path = PathBuf::from(&written);
    if path.is_relative() {
        // Never relative to the current directory: that is the compiler's, not the crate's.
        let root = environment.get("CARGO_MANIFEST_DIR").ok_or_else(|| {
            error(
                "CARGO_MANIFEST_DIR is not set, so a relative path leads nowhere: \
                   compile with cargo, or give an absolute path"
                    .to_owned(),
            )
        })?;
        path = Path::new(&root).join(path);
    }
    let bytes = match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => {
            return Err(error(format!(
                "{} is a directory, not a BPF object",
                object.shown()
            )));
        }
        // Reading a device or pipe might never end.
        Ok(metadata) if !metadata.is_file() => {
            return Err(error(format!("{} is not a regular file", object.shown())));
        }
        Ok(_) => fs::read(&path),
        Err(error) => Err(error),
    };
    let bytes = bytes.map_err(|reason| error(unreadable(object, &path, &reason)))?;
    let path = path
        .into_os_string()
        .into_string()
        .map_err(|_| error("the object's absolute path is not UTF-8".to_owned()))?;
    Ok(File { path, bytes })
}

fn unreadable(object: &Object, path: &Path, reason: &io::Error) -> String {
    let shown = object.shown();
    if reason.kind() != io::ErrorKind::NotFound {
        return format!("can't read {shown}: {reason}");
    }
    let relative = match &object.literal {
        Some(path) if !Path::new(&path.value()).is_absolute() => {
            " in the folder of the crate's Cargo.toml, where relative paths begin"
        }
        _ => "",
    };
    let near = match near_names(path).as_slice() {
        [] => String::new(),
        [name] => format!("; there is `{name}`"),
        names => format!("; there are `{}`", names.join("`, `")),
    };
    format!("no file {shown}{relative}{near}")
}

/// Objects in the same folder, the most similar name first.
fn near_names(path: &Path) -> Vec<String> {
    let (Some(folder), Some(wanted)) = (path.parent(), path.file_name()) else {
        return Vec::new();
    };
    // All objects share an extension, which must not make their names similar.
    let stem = |name: &str| {
        let stem = name.strip_suffix(".o").unwrap_or(name);
        stem.strip_suffix(".bpf").unwrap_or(stem).to_owned()
    };
    let wanted = stem(&wanted.to_string_lossy());
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    // A folder may hold any number of files; the first thousand are enough for a hint.
    let mut near: Vec<_> = entries
        .take(1000)
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.ends_with(".o"))
        .map(|name| (strsim::jaro_winkler(&wanted, &stem(&name)), name))
        .filter(|(likeness, _)| *likeness > 0.7)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// An expression, as far as one is evaluated.
enum Expression {
    Literal(Lit),
    /// `name!(arguments)`
    Macro(Ident, TokenStream),
    Other,
}

impl Expression {
    fn of(trees: &[TokenTree]) -> Self {
        match trees {
            [TokenTree::Literal(literal)] => Self::Literal(Lit::new(literal.clone())),
            // It came through a `macro_rules`.
            [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
                Self::of(&group.stream().into_iter().collect::<Vec<_>>())
            }
            [
                path @ ..,
                TokenTree::Ident(name),
                bang,
                TokenTree::Group(arguments),
            ] if is_punct(bang, '!') && is_path_before(path) => {
                Self::Macro(name.clone(), arguments.stream())
            }
            _ => Self::Other,
        }
    }
}

/// Whether these can stand before the last name of a path: `::core::`.
fn is_path_before(trees: &[TokenTree]) -> bool {
    let mut rest = trees;
    loop {
        rest = match rest {
            [] => return true,
            [before @ .., TokenTree::Ident(_), first, second] | [before @ .., first, second]
                if is_punct(first, ':') && is_punct(second, ':') =>
            {
                before
            }
            _ => return false,
        };
    }
}

/// An argument of `concat!` or `env!`.
struct Part(TokenStream);

impl Parse for Part {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let mut trees = Vec::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            if matches!(trees.last(), Some(TokenTree::Literal(_))) && input.peek(Lit) {
                return Err(input.error("expected `,`"));
            }
            trees.push(input.parse::<TokenTree>()?);
        }
        match trees.is_empty() {
            true => Err(input.error("expected a literal")),
            false => Ok(Self(trees.into_iter().collect())),
        }
    }
}

/// Evaluates a string literal, or `concat!` and `env!` of literals.
fn evaluate(environment: &Environment, expression: TokenStream) -> Result<String, Error> {
    let trees: Vec<_> = expression.clone().into_iter().collect();
    let parts = |arguments| Punctuated::<Part, Token![,]>::parse_terminated.parse2(arguments);
    match Expression::of(&trees) {
        Expression::Literal(Lit::Str(text)) => Ok(text.value()),
        Expression::Literal(Lit::Char(c)) => Ok(c.value().to_string()),
        Expression::Literal(Lit::Int(number)) => Ok(number.base10_digits().to_owned()),
        Expression::Macro(name, arguments) if name == "concat" => {
            let parts = parts(arguments)?.into_iter();
            parts
                .map(|Part(part)| evaluate(environment, part))
                .collect()
        }
        Expression::Macro(name, arguments) if name == "env" => {
            let Some(Part(first)) = parts(arguments)?.into_iter().next() else {
                return Err(Error::new(name.span(), "`env!` needs a variable's name"));
            };
            let trees: Vec<_> = first.clone().into_iter().collect();
            match Expression::of(&trees) {
                Expression::Literal(Lit::Str(name)) => variable(environment, &name),
                _ => Err(not_literal(first)),
            }
        }
        _ => Err(not_literal(expression)),
    }
}

fn not_literal(expression: TokenStream) -> Error {
    Error::new_spanned(
        expression,
        "the path must be known while macros are expanded: write a string literal, \
         or `concat!` and `env!` of literals, as in `concat!(env!(\"OUT_DIR\"), \"/hist.bpf.o\")`",
    )
}

fn variable(environment: &Environment, name: &LitStr) -> Result<String, Error> {
    let value = name.value();
    let error = |text: String| Error::new(name.span(), text);
    match environment.get(&value) {
        Some(found) => found
            .into_string()
            .map_err(|_| error(format!("the environment variable `{value}` is not UTF-8"))),
        None if value == "OUT_DIR" => Err(error(
            "`OUT_DIR` is not set: cargo sets it for crates with a build script; \
             add a `build.rs` that compiles the object"
                .to_owned(),
        )),
        None => Err(error(format!(
            "the environment variable `{value}` is not set while the crate is compiled; \
             a build script can set it with `cargo::rustc-env={value}=…`"
        ))),
    }
}

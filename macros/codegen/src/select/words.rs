//! What a written type's tokens say on their own: `u64`, `[u32; 4]`, `Bool`.

use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit, Path, Type as SynType};

use crate::layout::Rust;

/// A hint for an error about a wrong type.
pub(super) fn hint(written: &SynType, rust: &Rust) -> &'static str {
    let mut written = written;
    let mut rust = rust;
    while let (SynType::Array(array), Rust::Array(element, _)) = (written, rust) {
        (written, rust) = (&array.elem, element);
    }
    let is = |name: &str| matches!(written, SynType::Path(path) if path.path.is_ident(name));
    match rust {
        Rust::Bool if is("bool") => {
            ": write `bpf_subskeleton::Bool`, since C may leave any value in the byte"
        }
        Rust::Int { .. } if is("usize") || is("isize") => {
            ": C types have the same size on every machine"
        }
        _ => "",
    }
}

/// The span to blame for a type: its name, if it is a path.
pub(crate) fn blame(ty: &SynType) -> proc_macro2::Span {
    match ty {
        SynType::Path(path) => path_blame(&path.path),
        _ => ty.span(),
    }
}

/// The span to blame for a path: its last segment.
pub(crate) fn path_blame(path: &Path) -> proc_macro2::Span {
    let last = path.segments.last();
    last.map_or_else(proc_macro2::Span::call_site, |last| last.ident.span())
}

/// Tokens as the user wrote them.
pub(crate) fn shown(tokens: &impl quote::ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    // Tokens print with spaces between them that the user did not write.
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

/// Whether the tokens alone say that a written type is `rust`, provided that its names have their usual
/// meaning, which the compiler checks in the generated code.
pub(crate) fn is_told(written: &SynType, rust: &Rust) -> bool {
    tokens_match(written, rust) == Some(true)
}

/// Whether the tokens say that a written type is or is not `rust`; `None` if they say neither.
pub(super) fn tokens_match(written: &SynType, rust: &Rust) -> Option<bool> {
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

/// Rust's primitive types, unless a crate shadows them. No C type corresponds to `bool` and `char`, so no
/// variable has these.
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

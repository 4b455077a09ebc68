//! What a written type's tokens say on their own: `u64`, `[u32; 4]`, `Bool`.

use crate::attr::{Form, Type, TypePath};
use crate::layout::Rust;

/// A hint for an error about a wrong type.
pub(super) fn hint(written: &Type, rust: &Rust) -> &'static str {
    let mut written = written;
    let mut rust = rust;
    while let (Form::Array(written_element, _), Rust::Array(element, _)) = (&written.form, rust) {
        (written, rust) = (written_element, element);
    }
    let name = written.path().and_then(TypePath::only_name);
    let is = |wanted: &str| name.is_some_and(|name| name == wanted);
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
pub(crate) fn is_told(written: &Type, rust: &Rust) -> bool {
    tokens_match(written, rust) == Some(true)
}

/// Whether the tokens say that a written type is or is not `rust`; `None` if they say neither.
pub(super) fn tokens_match(written: &Type, rust: &Rust) -> Option<bool> {
    match &written.form {
        Form::Array(written_element, written_len) => {
            let Rust::Array(element, len) = rust else {
                return Some(false);
            };
            if written_len.is_some_and(|written| written != *len) {
                return Some(false);
            }
            match tokens_match(written_element, element) {
                Some(true) => written_len.map(|_| true),
                other => other,
            }
        }
        Form::Path(_) => {
            let name = written.path()?.only_name()?.to_string();
            let primitive = primitive(&name)?;
            Some(primitive == *rust)
        }
        Form::NotC | Form::Slice(_) => Some(false),
        Form::Placeholder | Form::Other => None,
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

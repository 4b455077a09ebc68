//! Reads values that users write, as the types that they are for.

use bpf_subskeleton_object::btf::{Btf, Composite, Enumerator, Type, TypeId};
use bpf_subskeleton_object::declaration::declaration;

use super::is_char;
use crate::names::suggestion;

/// What is to be written to a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// A number: its bits, as many as the variable has, the rest zero.
    Bits(u128),
    /// The characters of a `char[]`, all of them.
    Text(Vec<u8>),
}

/// Reads `text` as a value of the type `ty`, of which a bitfield has only `width` bits.
///
/// # Errors
///
/// What is expected instead.
pub(crate) fn parse(
    btf: &Btf<'_>,
    ty: TypeId,
    width: Option<u32>,
    text: &str,
) -> Result<Scalar, String> {
    let described = || match width {
        None => declaration(btf, ty, ""),
        Some(width) => format!("{}, {width} bits of it", declaration(btf, ty, "")),
    };
    match btf.ty(btf.resolve(ty)) {
        Type::Int { boolean: true, .. } => match text {
            "true" | "1" => Ok(Scalar::Bits(1)),
            "false" | "0" => Ok(Scalar::Bits(0)),
            _ => Err(format!("`{text}` is neither `true` nor `false`")),
        },
        Type::Int { bits, signed, .. } => {
            let Some(number) = integer(text) else {
                return Err(format!("`{text}` is not an integer ({})", described()));
            };
            let bits = width.unwrap_or(u32::from(*bits));
            fit(number, bits, *signed, &described()).map(Scalar::Bits)
        }
        Type::Enum {
            size,
            signed,
            values,
            ..
        } => {
            let bits = width.unwrap_or(size * 8);
            let number = flags(values, text)?;
            fit(number, bits, *signed, &described()).map(Scalar::Bits)
        }
        Type::Float { size, .. } => float(text, *size, &described()).map(Scalar::Bits),
        Type::Array { element, len, .. } if is_char(btf, *element) => {
            characters(text, *len as usize).map(Scalar::Text)
        }
        Type::Array { len, .. } => Err(format!(
            "it is an array of {len}: set its elements, such as `[0]`"
        )),
        Type::Struct(composite) => Err(of_members("struct", composite)),
        Type::Union(composite) => Err(of_members("union", composite)),
        Type::Pointer { .. } => Err("it is a pointer, which only BPF programs can set".to_owned()),
        _ => Err(format!("a `{}` can't be set", described())),
    }
}

/// An integer and its sign, of any width.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Integer {
    negative: bool,
    magnitude: u128,
}

/// A number as in C or Rust, or a character in quotes. A leading zero is neither: in C it would be octal.
fn integer(text: &str) -> Option<Integer> {
    if let Some(quoted) = text
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''))
    {
        let bytes = unescape(quoted).ok()?;
        let [byte] = bytes.as_slice() else {
            return None;
        };
        let (negative, magnitude) = (false, u128::from(*byte));
        return Some(Integer {
            negative,
            magnitude,
        });
    }
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (digits, radix) = match digits.get(..2) {
        Some("0x" | "0X") => (&digits[2..], 16),
        Some("0o") => (&digits[2..], 8),
        Some("0b") => (&digits[2..], 2),
        Some(start) if start.starts_with('0') => return None,
        _ => (digits, 10),
    };
    // `from_str_radix` takes a `+`.
    if digits.starts_with('+') {
        return None;
    }
    let magnitude = u128::from_str_radix(digits, radix).ok()?;
    Some(Integer {
        negative,
        magnitude,
    })
}

/// The bits of a number, if it has so many.
fn fit(number: Integer, bits: u32, signed: bool, what: &str) -> Result<u128, String> {
    let Integer {
        negative,
        magnitude,
    } = number;
    let bits = bits.clamp(1, 128);
    let all = u128::MAX >> (128 - bits);
    let (lowest, highest) = match signed {
        true => (1 << (bits - 1), all >> 1),
        false => (0, all),
    };
    let limit = if negative { lowest } else { highest };
    if magnitude > limit {
        let sign = if negative { "-" } else { "" };
        let lowest = if signed {
            format!("-{lowest}")
        } else {
            "0".to_owned()
        };
        return Err(format!(
            "{sign}{magnitude} does not fit: expected {lowest} to {highest} ({what})"
        ));
    }
    Ok(match negative {
        true => magnitude.wrapping_neg() & all,
        false => magnitude,
    })
}

/// A constant of an enum, several of them as flags (`A|B`), or a number.
fn flags(values: &[Enumerator<'_>], text: &str) -> Result<Integer, String> {
    if let Some(number) = integer(text) {
        return Ok(number);
    }
    let mut all: Option<Integer> = None;
    for name in text.split('|').map(str::trim) {
        let Some(constant) = values.iter().find(|constant| constant.name == name) else {
            let names = values.iter().map(|constant| constant.name);
            let known = suggestion(name, names);
            return Err(format!("no constant of the enum is called `{name}`{known}"));
        };
        let number = Integer {
            negative: constant.value < 0,
            magnitude: constant.value.unsigned_abs(),
        };
        all = Some(match all {
            None => number,
            Some(before) if before.negative || number.negative => {
                return Err(format!("`{text}`: negative constants are not flags"));
            }
            Some(before) => Integer {
                magnitude: before.magnitude | number.magnitude,
                ..before
            },
        });
    }
    all.ok_or_else(|| "expected a constant of the enum".to_owned())
}

fn float(text: &str, size: u32, what: &str) -> Result<u128, String> {
    let wrong = |_| format!("`{text}` is not a number ({what})");
    match size {
        4 => {
            let value: f32 = text.parse().map_err(wrong)?;
            let exact: f64 = text.parse().map_err(wrong)?;
            match value.is_infinite() && exact.is_finite() {
                true => Err(format!("{text} is too large ({what})")),
                false => Ok(value.to_bits().into()),
            }
        }
        8 => {
            let value: f64 = text.parse().map_err(wrong)?;
            let is_named = text.trim_start_matches(['+', '-']).starts_with(['i', 'I']);
            match value.is_infinite() && !is_named {
                true => Err(format!("{text} is too large ({what})")),
                false => Ok(value.to_bits().into()),
            }
        }
        size => Err(format!("a number of {size} bytes can't be set ({what})")),
    }
}

/// All `len` characters of an array: the text, and NULs after it, at least one.
fn characters(text: &str, len: usize) -> Result<Vec<u8>, String> {
    let quoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let mut bytes = match quoted {
        Some(quoted) => unescape(quoted)?,
        None => text.as_bytes().to_vec(),
    };
    if bytes.contains(&0) {
        return Err("a NUL ends the text".to_owned());
    }
    if bytes.len() >= len {
        return Err(format!(
            "{} characters and a NUL do not fit into `char[{len}]`",
            bytes.len()
        ));
    }
    bytes.resize(len, 0);
    Ok(bytes)
}

/// The bytes that a C literal stands for.
fn unescape(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            bytes.extend(c.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        match chars.next() {
            Some('n') => bytes.push(b'\n'),
            Some('t') => bytes.push(b'\t'),
            Some('r') => bytes.push(b'\r'),
            Some('0') => bytes.push(0),
            Some(c @ ('\\' | '"' | '\'')) => bytes.push(c as u8),
            Some('x') => {
                let digits: String = chars.by_ref().take(2).collect();
                let byte = u8::from_str_radix(&digits, 16);
                bytes.push(byte.map_err(|_| format!("`\\x{digits}` is not a byte"))?);
            }
            other => {
                let escape: String = other.into_iter().collect();
                return Err(format!("`\\{escape}` is no escape of C that is known here"));
            }
        }
    }
    Ok(bytes)
}

fn of_members(keyword: &str, composite: &Composite<'_>) -> String {
    let members = composite.members.iter();
    let named = members
        .map(|member| member.name)
        .find(|name| !name.is_empty());
    let example = named.map(|name| format!(", such as `.{name}`"));
    format!(
        "it is a {keyword}: set its members{}",
        example.unwrap_or_default()
    )
}

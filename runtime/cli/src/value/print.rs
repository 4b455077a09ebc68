//! Values as C writes them: `{ .packets = 3, .by_cpu = { 1, 2 } }`.

use std::fmt;

use super::Value;

/// Equal elements of an array that are this many or more are written once, as debuggers do.
const REPEATS: usize = 10;

/// How wide a line may be.
const WIDTH: usize = 100;

/// `{}` writes one line; `{:#}` breaks what is longer than a line, one member each.
impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => f.write_str(&self.lines(0, 0)),
            false => self.write_line(f),
        }
    }
}

impl Value<'_> {
    fn write_line(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => write!(f, "{value}"),
            Self::Wide(value) => write!(f, "{value}"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Enum(Some(name), _) => f.write_str(name),
            Self::Enum(None, value) => write!(f, "{value}"),
            Self::Text(text) => write!(f, "\"{}\"", Escaped(text)),
            Self::Array(_) | Self::Members(_) => match self.parts(Self::to_string).as_slice() {
                [] => f.write_str("{}"),
                parts => write!(f, "{{ {} }}", parts.join(", ")),
            },
            Self::Pointer(0, _) => f.write_str("NULL"),
            Self::Pointer(_, Some(symbol)) => f.write_str(symbol),
            Self::Pointer(address, None) => write!(f, "{address:#x}"),
            Self::Bytes(bytes) => {
                f.write_str("0x")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            Self::Omitted => f.write_str("…"),
        }
    }

    /// The value in as many lines as it needs, after `used` characters of the first and with further ones indented.
    fn lines(&self, indent: usize, used: usize) -> String {
        let line = self.to_string();
        if indent + used + line.len() <= WIDTH || !matches!(self, Self::Array(_) | Self::Members(_))
        {
            return line;
        }
        let margin = " ".repeat(indent + 4);
        let parts = match self {
            // Numbers stand side by side.
            Self::Array(values) if !values.iter().any(|value| value.is_composite()) => fill(
                self.parts(Self::to_string),
                WIDTH.saturating_sub(indent + 4),
            ),
            _ => self.parts(|value| value.lines(indent + 4, 20)),
        };
        let lines: String = parts
            .iter()
            .map(|part| format!("{margin}{part},\n"))
            .collect();
        format!("{{\n{lines}{}}}", " ".repeat(indent))
    }

    fn is_composite(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Members(_))
    }

    /// The elements or members, equal neighbours once.
    fn parts(&self, write: impl Fn(&Self) -> String) -> Vec<String> {
        match self {
            Self::Array(values) => {
                let mut parts = Vec::new();
                for run in values.chunk_by(|a, b| a == b) {
                    let Some(first) = run.first() else { continue };
                    let first = write(first);
                    match run.len() {
                        ..REPEATS => parts.extend(vec![first; run.len()]),
                        times => parts.push(format!("{first} <repeats {times} times>")),
                    }
                }
                parts
            }
            Self::Members(members) => {
                let members = members.iter();
                let members = members.map(|(name, value)| format!(".{name} = {}", write(value)));
                members.collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Joins parts with commas into lines.
fn fill(parts: Vec<String>, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.len() + part.len() + 2 < width => {
                line.push_str(", ");
                line.push_str(&part);
            }
            _ => lines.push(part),
        }
    }
    lines
}

/// Text as in a C string literal: UTF-8 stays, the rest is escaped.
struct Escaped<'t>(&'t [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '"' | '\\' => write!(f, "\\{c}")?,
                    '\n' => f.write_str("\\n")?,
                    '\t' => f.write_str("\\t")?,
                    '\r' => f.write_str("\\r")?,
                    // Control characters, and those that change how the rest is shown, such as its direction.
                    c if c != '\'' && c.escape_debug().count() > 1 => {
                        let mut bytes = [0; 4];
                        for byte in c.encode_utf8(&mut bytes).bytes() {
                            write!(f, "\\x{byte:02x}")?;
                        }
                    }
                    c => write!(f, "{c}")?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        Ok(())
    }
}

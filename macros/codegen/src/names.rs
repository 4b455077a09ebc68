//! C names as Rust identifiers.

use std::collections::HashMap;

/// A set of names, each given out once.
#[derive(Debug, Default)]
pub struct Names {
    /// Names in use, each with the next numeric suffix to try.
    given: HashMap<String, u32>,
}

impl Names {
    /// `name` as an identifier; if taken, with `_` and a suffix: those of `suffixes` first, then numbers.
    pub fn unique(&mut self, name: &str, suffixes: &[&str]) -> String {
        let name = identifier(name);
        if self.is_new(&name) {
            return name;
        }
        let bare = name.strip_prefix("r#").unwrap_or(&name);
        for suffix in suffixes {
            let candidate = format!("{bare}_{suffix}");
            if self.is_new(&candidate) {
                return candidate;
            }
        }
        // Continue after the last number of this name: there may be very many.
        let mut number = self.given.get(&name).copied().unwrap_or(2);
        loop {
            let candidate = format!("{bare}_{number}");
            number = number.saturating_add(1);
            if self.is_new(&candidate) {
                self.given.insert(name, number);
                return candidate;
            }
        }
    }

    fn is_new(&mut self, name: &str) -> bool {
        let new = !self.given.contains_key(name);
        if new {
            self.given.insert(name.to_owned(), 2);
        }
        new
    }
}

/// A C name as a Rust identifier: unchanged if possible, a raw identifier for keywords, with a trailing
/// `_` for the few keywords that can't be raw.
pub fn identifier(name: &str) -> String {
    let mut identifier: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    if identifier.is_empty() || identifier.starts_with(|c: char| c.is_ascii_digit()) {
        identifier.insert(0, '_');
    }
    match identifier.as_str() {
        "self" | "Self" | "super" | "crate" | "_" => identifier.push('_'),
        word if is_keyword(word) => identifier.insert_str(0, "r#"),
        _ => {}
    }
    identifier
}

/// The strict and reserved keywords of all editions, except those that can't be raw.
fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "abstract"
            | "as"
            | "async"
            | "await"
            | "become"
            | "box"
            | "break"
            | "const"
            | "continue"
            | "do"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "false"
            | "final"
            | "fn"
            | "for"
            | "gen"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "macro"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "override"
            | "priv"
            | "pub"
            | "ref"
            | "return"
            | "static"
            | "struct"
            | "trait"
            | "true"
            | "try"
            | "type"
            | "typeof"
            | "unsafe"
            | "unsized"
            | "use"
            | "virtual"
            | "where"
            | "while"
            | "yield"
    )
}

/// A section's name as a field: `.data.custom` is `data_custom`.
pub fn section_field(section: &str) -> String {
    identifier(section.trim_start_matches('.'))
}

/// A section's name as a type: `.data.custom` is `DataCustom`.
pub fn section_type(section: &str) -> String {
    let words = section.split(|c: char| !c.is_ascii_alphanumeric());
    let camel: String = words
        .map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(|c| c.to_ascii_uppercase());
            first.into_iter().chain(chars).collect::<String>()
        })
        .collect();
    identifier(&camel)
}

/// A type's name as a module: `HttpStats` is `http_stats`.
pub fn snake_case(name: &str) -> String {
    let name = name.strip_prefix("r#").unwrap_or(name);
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| chars.get(i));
        let after_word = before.is_some_and(|c| c.is_lowercase() || c.is_ascii_digit());
        let ends_acronym = before.is_some_and(|c| c.is_uppercase())
            && chars.get(i + 1).is_some_and(|c| c.is_lowercase());
        if c.is_uppercase() && (after_word || ends_acronym) {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_keep_c_names() {
        for (c, rust) in [
            ("samples", "samples"),
            ("type", "r#type"),
            ("self", "self_"),
            ("Self", "Self_"),
            ("_", "__"),
            ("first.count", "first_count"),
            ("9lives", "_9lives"),
            ("", "_"),
        ] {
            // `_` alone is not an identifier; names are never empty.
            let rust = if c.is_empty() { "__" } else { rust };
            assert_eq!(identifier(c), rust);
        }
    }

    #[test]
    fn names_are_given_out_once() {
        let mut names = Names::default();
        let given: Vec<_> = ["S", "S", "S", "type", "type"]
            .iter()
            .map(|name| names.unique(name, &["typedef"]))
            .collect();
        assert_eq!(given, ["S", "S_typedef", "S_2", "r#type", "type_typedef"]);
    }

    #[test]
    fn sections_and_modules() {
        assert_eq!(section_field(".data.custom"), "data_custom");
        assert_eq!(section_type(".data.custom"), "DataCustom");
        assert_eq!(section_type(".rodata"), "Rodata");
        assert_eq!(snake_case("HttpStats"), "http_stats");
        assert_eq!(snake_case("BPFLibrary2Part"), "bpf_library2_part");
        assert_eq!(snake_case("hist"), "hist");
    }
}

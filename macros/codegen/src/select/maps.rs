//! Whether the map handles that the user wrote are the library's maps.

use syn::Ident;

use crate::attr::Type;

use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::map_type::{MapType, Parameters};
use bpf_subskeleton_object::model::{Map, Shape};

use super::types::{Check, Checker, Expected};
use super::words::shown;

impl<'f> Checker<'_, 'f, '_, '_> {
    /// Checks `maps::Hash<u32, slot>` against the map's definition.
    pub(super) fn map(&mut self, word: &Ident, types: &'f [Option<Type>], map: &Map<'_>) {
        if word == "Untyped" {
            if !types.is_empty() {
                let text = "`maps::Untyped` takes no types";
                self.type_errors.spanned(word, text);
            }
            return;
        }
        let Some(wanted) = self.wanted_type(word, map) else {
            return;
        };
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
                "`maps::{}` takes {} type{}; write `_` to take a type from BTF",
                wanted.name,
                parts.len(),
                if parts.len() == 1 { "" } else { "s" }
            );
            return self.type_errors.spanned(word, text);
        }
        for ((part, shape), ty) in parts.iter().zip(types) {
            self.map_part(word, map, part, *shape, ty.as_ref());
        }
    }

    /// The map type that the handle's word names, if the map can be of that type.
    fn wanted_type(&mut self, word: &Ident, map: &Map<'_>) -> Option<MapType> {
        let found = map.definition.map_type.and_then(MapType::by_number);
        let Some(wanted) = MapType::by_name(&word.to_string()) else {
            let text = format!("there is no `maps::{word}`: {}", self.map_text(map, found));
            self.type_errors.spanned(word, text);
            return None;
        };
        match found {
            Some(found) if found.number != wanted.number => {
                let text = self.map_text(map, Some(found));
                let text = format!("{text}, not a `maps::{}`", wanted.name);
                self.type_errors.spanned(word, text);
                None
            }
            _ => Some(wanted),
        }
    }

    /// Checks the type written for the keys, values or records of a map.
    fn map_part(
        &mut self,
        word: &Ident,
        map: &Map<'_>,
        part: &str,
        shape: Shape,
        written: Option<&'f Type>,
    ) {
        let name = map.name;
        if let (Shape::Size(_) | Shape::Unknown, Some(ty)) = (shape, written)
            && let Some(text) = self.not_in_btf(ty)
        {
            return self.type_errors.spanned(ty, text);
        }
        match (shape, written) {
            (Shape::Type(id), Some(ty)) => {
                let rust = self.layout.rust(&self.library.btf, id);
                let c = declaration(&self.library.btf, id, "");
                let message = format!(
                    "the {part} of map `{name}` is `{c}` (`{}` in Rust)",
                    self.text(&rust)
                );
                self.compare(ty, &rust, Expected::Type(id), message, true);
            }
            (Shape::Size(size), Some(ty)) => self.checks.push(Check {
                written: ty,
                expected: Expected::Size(size),
                message: format!(
                    "the {part} of map `{name}` has {size} bytes, but `{}` does not",
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
                let text =
                    format!("BTF does not say what the {part} of map `{name}` is: write a type");
                self.type_errors.spanned(word, text);
            }
        }
    }

    /// A map as a field.
    fn map_text(&self, map: &Map<'_>, map_type: Option<MapType>) -> String {
        let name = map.name;
        let Some(map_type) = map_type else {
            return format!(
                "map `{name}` has a type that this crate does not know: write `maps::Untyped`"
            );
        };
        let part = |shape| match shape {
            Shape::Type(id) => self.text(&self.layout.rust(&self.library.btf, id)),
            Shape::Size(_) | Shape::Unknown => "_".to_owned(),
        };
        let (key, value) = (part(map.definition.key), part(map.definition.value));
        let types = match map_type.parameters {
            Parameters::KeyValue => format!("<{key}, {value}>"),
            Parameters::Value => format!("<{value}>"),
            Parameters::Key => format!("<{key}>"),
            _ => String::new(),
        };
        format!("map `{name}` is a `maps::{}{types}`", map_type.name)
    }
}

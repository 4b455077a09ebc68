//! The constants of a library's enums: in C they belong to no type, and libraries share numbers by them.

use std::collections::HashSet;

use crate::btf::{Btf, Type};
use crate::declaration::declaration;
use crate::layout::{ItemKind, Layout};
use crate::names::Names;

/// An enum's constant, as an integer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Constant {
    /// The Rust name.
    pub name: String,
    /// The C name.
    pub c_name: String,
    /// The enum: `enum mode`, empty for one without a tag.
    pub of: String,
    /// The enum's size in bytes.
    pub size: u32,
    /// Whether the enum has negative values.
    pub signed: bool,
    /// The value.
    pub value: i128,
}

/// The constants of all enums that the object's BTF has, whether or not a variable has their type: an
/// edit that gives one its first variable, or takes the last, must not rename them.
pub(crate) fn constants(btf: &Btf<'_>, layout: &Layout) -> Vec<Constant> {
    let mut names = Names::default();
    // Each is also a function that makes one, and so no constant.
    for item in &layout.items {
        if let ItemKind::Enum(_) = item.kind {
            names.unique(item.name.trim_start_matches("r#"), &[]);
        }
    }
    let mut seen = HashSet::new();
    let mut constants = Vec::new();
    for (id, ty) in btf.iter() {
        let Type::Enum {
            name,
            size,
            signed,
            wide,
            values,
        } = ty
        else {
            continue;
        };
        // Compilers without 64-bit enums in BTF cut the values of such an enum to 32 bits.
        if *size == 8 && !wide {
            continue;
        }
        let of = match *name {
            "" => String::new(),
            _ => declaration(btf, id, ""),
        };
        for value in values {
            // An enum of a header stands in a linked object once for each unit.
            if !seen.insert((value.name, value.value, *size, *signed)) {
                continue;
            }
            constants.push(Constant {
                name: names.unique(value.name, &["const"]),
                c_name: value.name.to_owned(),
                of: of.clone(),
                size: *size,
                signed: *signed,
                value: value.value,
            });
        }
    }
    constants
}

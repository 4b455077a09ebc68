//! The constants of a library's enums: in C they belong to no type, and code uses them as plain integers.

use std::collections::HashSet;

use crate::layout::{Layout, NamedTypeKind};
use crate::names::Names;
use bpf_subskeleton_object::btf::{Btf, Type};
use bpf_subskeleton_object::declaration::declaration;

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

/// The constants of all enums in the object's BTF, whether or not a variable has their type: adding an
/// enum's first variable, or removing its last, must not rename them.
pub(crate) fn constants(btf: &Btf<'_>, layout: &Layout) -> Vec<Constant> {
    let mut names = Names::default();
    // A tuple struct's name is also its constructor, so no constant may have it.
    for item in &layout.items {
        if let NamedTypeKind::Enum(_) = item.kind {
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
        // Compilers that don't emit 64-bit enums in BTF truncate their values to 32 bits.
        if *size == 8 && !wide {
            continue;
        }
        let of = match *name {
            "" => String::new(),
            _ => declaration(btf, id, ""),
        };
        for value in values {
            // A linked object may have a header's enum once per unit.
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

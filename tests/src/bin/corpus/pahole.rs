//! Structs as pahole prints them from an object's BTF, against the generator's.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;

use bpf_subskeleton_codegen::internals::layout::{
    FieldKind, Layout, MethodKind, NamedType, NamedTypeKind, Roots, Struct,
};
use bpf_subskeleton_codegen::internals::names::identifier;
use bpf_subskeleton_object::model::Library;

/// A struct or union.
#[derive(Debug, Default, PartialEq, Eq)]
struct Printed {
    size: Option<u64>,
    /// Members with their offsets, bitfields left out.
    members: Vec<(String, u64)>,
}

/// How many structs pahole and the generator agree about, and what they disagree about.
///
/// # Errors
///
/// If pahole doesn't read the object.
pub(crate) fn compare(
    object: &Path,
    library: &Library<'_>,
) -> Result<(usize, Vec<String>), String> {
    let layout = Layout::new(&library.btf, &Roots::of(library)).map_err(|e| e.to_string())?;
    let output = Command::new("pahole")
        .args(["-F", "btf"])
        .arg(object)
        .output();
    let output = output.map_err(|e| format!("pahole: {e}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    let printed = parse(&String::from_utf8_lossy(&output.stdout));
    let mut agreed = 0;
    let mut differences = Vec::new();
    for item in layout.items.iter().chain(&layout.struct_ops) {
        let NamedTypeKind::Struct(composite) = &item.kind else {
            continue;
        };
        // A variable that initialises a flexible array has a struct of its own, which is longer.
        let is_longer = |named: &NamedType| named.name != item.name;
        if layout.item_of(composite.ty).is_some_and(is_longer) {
            continue;
        }
        // Anonymous ones are printed inside others, whose members say where they are.
        let Some(candidates) = printed.get(&item.c_name) else {
            continue;
        };
        let problems = candidates.iter().map(|printed| differs(composite, printed));
        let problems: Vec<_> = problems.collect();
        // Objects that were linked may have several of one tag.
        match problems.iter().any(Vec::is_empty) {
            true => agreed += 1,
            false => differences.extend(
                problems
                    .into_iter()
                    .flatten()
                    .map(|problem| format!("{}: {problem}", item.c_name)),
            ),
        }
    }
    Ok((agreed, differences))
}

fn differs(composite: &Struct, printed: &Printed) -> Vec<String> {
    let mut differences = Vec::new();
    let size = u64::from(composite.size);
    if printed.size.is_some_and(|printed| printed != size) {
        differences.push(format!(
            "{size} bytes generated, {:?} in pahole",
            printed.size
        ));
    }
    for (name, offset) in &printed.members {
        let generated = offset_of(composite, name);
        if generated != Some(*offset) {
            differences.push(format!(
                "{name} at {generated:?} generated, {offset} in pahole"
            ));
        }
    }
    differences
}

fn offset_of(composite: &Struct, member: &str) -> Option<u64> {
    let name = identifier(member);
    let mut fields = composite.fields.iter();
    if let Some(field) =
        fields.find(|field| field.name == name && matches!(field.kind, FieldKind::Member { .. }))
    {
        return Some(field.offset.into());
    }
    let mut methods = composite.methods.iter();
    let method = methods.find(|method| method.c_name == member)?;
    let mut fields = composite.fields.iter();
    let storage = fields.find(|field| field.name == method.storage)?;
    match method.kind {
        MethodKind::Member { offset, .. } => Some((storage.offset + offset).into()),
        MethodKind::Bitfield { .. } => None,
    }
}

/// By keyword and tag, as C writes it.
fn parse(text: &str) -> HashMap<String, Vec<Printed>> {
    let mut structs: HashMap<String, Vec<Printed>> = HashMap::new();
    let mut current: Option<(String, Printed)> = None;
    // For each brace that is open inside a struct, the number of members before it.
    let mut open: Vec<usize> = Vec::new();
    for line in text.lines() {
        let code = line.split("/*").next().unwrap_or_default().trim();
        let Some((_, printed)) = &mut current else {
            let is_composite = code.starts_with("struct ") || code.starts_with("union ");
            if let Some(head) = code.strip_suffix('{').filter(|_| is_composite) {
                current = Some((head.trim().to_owned(), Printed::default()));
            }
            continue;
        };
        if line.starts_with('}') {
            if let Some((name, printed)) = current.take() {
                structs.entry(name).or_default().push(printed);
            }
            open.clear();
            continue;
        }
        if let Some(size) = line.split("/* size: ").nth(1) {
            printed.size = size
                .split(',')
                .next()
                .and_then(|size| size.trim().parse().ok());
        }
        if code.ends_with('{') {
            open.push(printed.members.len());
            continue;
        }
        let name = match code.strip_prefix('}') {
            Some(name) => {
                let before = open.pop().unwrap_or_default();
                let name = member_name(name);
                // Members of a named struct are not members of the one around it.
                if name.is_some() {
                    printed.members.truncate(before);
                }
                name
            }
            None => member_name(code),
        };
        // `/*    12     4 */`, or for bitfields `/*    12: 3  4 */`.
        let place = line
            .rsplit("/*")
            .next()
            .and_then(|place| place.split_whitespace().next());
        if let (Some(name), Some(offset)) = (name, place.and_then(|place| place.parse().ok())) {
            printed.members.push((name, offset));
        }
    }
    structs
}

/// The name in a member's declaration.
fn member_name(declaration: &str) -> Option<String> {
    let declaration = declaration.split(';').next().unwrap_or_default();
    let declaration = match declaration.split_once("(*") {
        Some((_, rest)) => rest.split(')').next().unwrap_or_default(),
        None => declaration
            .split("__attribute__")
            .next()
            .unwrap_or_default(),
    };
    let declaration = declaration.split('[').next().unwrap_or_default();
    let word = declaration
        .split_whitespace()
        .last()?
        .trim_start_matches('*');
    let is_name = word.chars().all(|c| c.is_alphanumeric() || c == '_');
    (is_name && !word.is_empty()).then(|| word.to_owned())
}

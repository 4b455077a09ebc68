//! Finding a library's variables in an object: by name, linkage and place.

use core::ffi::CStr;
use std::collections::HashMap;

use crate::btf::{Btf, Entry, Kind};
use crate::check::{self, Checker};
use crate::describe::{Extent, Variable};
use crate::error::{Problem, Subject};

/// Where a variable is.
#[derive(Clone, Copy)]
pub(crate) struct Place<'obj> {
    /// The DATASEC's name, which is the ELF section's and that of libbpf's map.
    pub(crate) section: &'obj CStr,
    /// Offset in the map's value.
    pub(crate) offset: u32,
    /// Size in bytes.
    pub(crate) size: u32,
    ty: u32,
}

/// `BTF_VAR_STATIC`, `BTF_VAR_GLOBAL_ALLOCATED` and `BTF_VAR_GLOBAL_EXTERN` of the kernel's `btf.h`.
const STATIC: u32 = 0;
const GLOBAL: u32 = 1;

/// Finds each of `variables`; `None` for those that are missing or wrong, with a problem for each unless
/// it is optional.
///
/// One pass over the types: libbpf's own subskeleton searches all of them for each variable.
pub(crate) fn locate<'obj>(
    btf: Btf<'obj>,
    variables: &[&'static Variable],
    problems: &mut Vec<Problem>,
) -> Vec<Option<Place<'obj>>> {
    let wanted: HashMap<&[u8], usize> = variables
        .iter()
        .enumerate()
        .map(|(index, variable)| (variable.name().as_bytes(), index))
        .collect();
    let mut places = vec![None; variables.len()];
    let mut broken = vec![false; variables.len()];
    let mut entries = Vec::new();
    for ty in btf.types() {
        let Kind::DataSection(section) = ty.kind else {
            continue;
        };
        if !is_data_section(ty.name) {
            continue;
        }
        entries.clear();
        for entry in section.iter() {
            let variable = btf.ty(entry.variable);
            let index = match variable.kind {
                Kind::Variable {
                    linkage: GLOBAL, ..
                } => wanted.get(variable.name.to_bytes()),
                _ => None,
            };
            entries.push((entry, index.copied()));
        }
        // libbpf sorts them when it opens an object; sorting what is sorted costs one pass.
        entries.sort_by_key(|(entry, _)| entry.offset);
        for (entry, index) in &entries {
            let Some(index) = *index else { continue };
            let Kind::Variable { ty: type_id, .. } = btf.ty(entry.variable).kind else {
                continue;
            };
            let place = Place {
                section: ty.name,
                offset: entry.offset,
                size: entry.size,
                ty: type_id,
            };
            if let Some(other) = places[index].replace(place) {
                broken[index] = true;
                problems.push(ambiguous(variables[index], other, place));
            }
        }
        overlaps(btf, &entries, variables, &mut broken, problems);
    }
    let mut checker = Checker::new(btf, Subject::Variable, problems);
    for (index, variable) in variables.iter().enumerate() {
        match places[index] {
            Some(place) if !broken[index] => {
                let equal = checker.check(variable.name(), variable.ty(), place.ty);
                broken[index] = !equal;
            }
            _ => {}
        }
    }
    for (index, variable) in variables.iter().enumerate() {
        match places[index] {
            None if variable.is_optional() => {}
            None => problems.push(missing(btf, variable)),
            Some(_) if broken[index] => places[index] = None,
            Some(place) => {
                if let Some(problem) = wrong_size(variable, place) {
                    problems.push(problem);
                    places[index] = None;
                }
            }
        }
    }
    places
}

/// Whether libbpf makes a map of the section (`bpf_object__elf_collect` and `.kconfig`).
fn is_data_section(name: &CStr) -> bool {
    let name = name.to_bytes();
    name == b".kconfig"
        || [&b".data"[..], b".rodata", b".bss"].iter().any(|prefix| {
            match name.strip_prefix(*prefix) {
                Some(rest) => rest.is_empty() || rest.starts_with(b"."),
                None => false,
            }
        })
}

/// Reports wanted variables that share bytes with another one. The linker makes such objects: an
/// `extern` declaration in the first unit leaves the variable at offset 0.
fn overlaps(
    btf: Btf<'_>,
    entries: &[(Entry, Option<usize>)],
    variables: &[&'static Variable],
    broken: &mut [bool],
    problems: &mut Vec<Problem>,
) {
    // In order of offsets, an entry overlaps some earlier one exactly if it begins before the furthest
    // end so far.
    let mut furthest: Option<&(Entry, Option<usize>)> = None;
    let end = |entry: &Entry| u64::from(entry.offset) + u64::from(entry.size);
    for current in entries.iter().filter(|(entry, _)| entry.size > 0) {
        if let Some(before) = furthest
            && u64::from(current.0.offset) < end(&before.0)
        {
            for (this, other) in [(before, current), (current, before)] {
                let Some(index) = this.1 else { continue };
                broken[index] = true;
                let name = btf.ty(other.0.variable).name.to_string_lossy();
                problems.push(Problem::new(
                    Subject::Variable,
                    variables[index].name(),
                    format!(
                        "overlaps `{name}` ({} bytes at offset {}, and {} bytes at offset {}); \
                         linking the object once more mends what the BPF linker got wrong",
                        this.0.size, this.0.offset, other.0.size, other.0.offset
                    ),
                ));
            }
        }
        if furthest.is_none_or(|before| end(&before.0) < end(&current.0)) {
            furthest = Some(current);
        }
    }
}

fn wrong_size(variable: &Variable, place: Place<'_>) -> Option<Problem> {
    let found = place.size as usize;
    let right = match variable.extent() {
        Extent::Fixed | Extent::Flexible => found == variable.size(),
        Extent::Unsized => variable.size() > 0 && found.is_multiple_of(variable.size()),
    };
    (!right).then(|| {
        Problem::mismatch(
            Subject::Variable,
            variable.name(),
            format!("{} bytes", variable.size()),
            format!("{found} bytes"),
        )
    })
}

fn ambiguous(variable: &Variable, first: Place<'_>, second: Place<'_>) -> Problem {
    Problem::new(
        Subject::Variable,
        variable.name(),
        format!(
            "stands in the object twice: in {} and in {}",
            first.section.to_string_lossy(),
            second.section.to_string_lossy()
        ),
    )
}

/// Says why a variable is missing: what else has its name, or which names are near.
fn missing(btf: Btf<'_>, variable: &Variable) -> Problem {
    let name = variable.name();
    let mut same_name = None;
    let mut near: Option<(f64, String)> = None;
    for ty in btf.types() {
        let other = ty.name.to_string_lossy();
        match ty.kind {
            Kind::Variable { linkage, ty } if other == name => {
                same_name = Some(match linkage {
                    STATIC => "it has a static or hidden variable of that name".to_owned(),
                    GLOBAL => format!(
                        "its `{}` of that name is not in a data section",
                        check::written(btf, ty)
                    ),
                    _ => "it only declares it `extern`".to_owned(),
                });
            }
            Kind::Function if other == name => {
                same_name = Some("it has a function of that name".to_owned());
            }
            Kind::Variable {
                linkage: GLOBAL, ..
            } => {
                let likeness = strsim::jaro_winkler(name, &other);
                if likeness > near.as_ref().map_or(0.85, |(best, _)| *best) {
                    near = Some((likeness, other.into_owned()));
                }
            }
            _ => {}
        }
    }
    let reason = match (same_name, near) {
        (Some(reason), _) => format!("not in the object: {reason}"),
        (None, Some((_, near))) => format!("not in the object; it has `{near}`"),
        (None, None) => "not in the object; is the library linked into it?".to_owned(),
    };
    Problem::new(Subject::Variable, name, reason)
}

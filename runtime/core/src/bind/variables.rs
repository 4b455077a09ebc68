//! Variables: finding them in an object's DATASECs, and comparing their types and sizes.

use core::cmp::Ordering;
use core::ffi::CStr;
use core::hash::BuildHasherDefault;
use core::ops::Range;
use std::collections::{HashMap, HashSet};

use super::btf::{self, Btf, Entry, GLOBAL, Kind, STATIC};
use super::hasher::FastHasher;
use super::types::Checker;
use crate::describe::{ARENA_SECTION, Extent, KCONFIG_SECTION, Type, Variable};
use crate::error::{self, Problem, Subject};

/// Where variables are.
#[derive(Default)]
pub(super) struct Places<'obj> {
    /// The object's sections.
    pub(super) sections: Vec<Section<'obj>>,
    /// One for each variable asked for; `None` for those that are missing or wrong.
    pub(super) variables: Vec<Option<Place>>,
    /// Where sections have no variable before the end of the last, in order.
    gaps: Vec<Gap>,
}

/// Bytes of a section that no variable has: its index, and offsets in it.
struct Gap {
    section: usize,
    offsets: Range<u32>,
}

impl Places<'_> {
    /// Whether a gap of at least `smallest` bytes comes before the end of the last variable of a section that `is_asked`
    /// for.
    pub(super) fn have_gap(
        &self,
        smallest: usize,
        is_asked: impl Fn(&Section<'_>) -> bool,
    ) -> bool {
        let mut gaps = self.gaps.iter();
        gaps.any(|gap| gap.offsets.len() >= smallest && is_asked(&self.sections[gap.section]))
    }

    /// The gap that `offset` in a section of `size` bytes is in, unless a variable has that place.
    pub(super) fn gap_at(&self, section: usize, offset: u32, size: u32) -> Option<Range<u32>> {
        let end = self.sections.get(section)?.end;
        let gap = match offset < end {
            true => {
                let is_before = |gap: &Gap| (gap.section, gap.offsets.start) <= (section, offset);
                let before = self.gaps.partition_point(is_before);
                let gap = self.gaps[..before].last()?;
                (gap.section == section).then(|| gap.offsets.clone())?
            }
            false => end..size,
        };
        gap.contains(&offset).then_some(gap)
    }
}

/// A DATASEC of the object.
pub(super) struct Section<'obj> {
    /// Its name, which is that of the ELF section and of libbpf's map.
    pub(super) name: &'obj CStr,
    pub(super) ty: btf::Type<'obj>,
    /// Where the last of its variables ends.
    pub(super) end: u32,
    /// How many of the variables asked for it has.
    pub(super) found: usize,
    /// How many bytes the smallest of them has in the library.
    pub(super) smallest: Option<usize>,
    /// Whether one of them may be written.
    pub(super) written: bool,
}

/// Where a variable is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// Index in [`Places::sections`].
    pub(super) section: usize,
    /// Offset in the map's value.
    pub(super) offset: u32,
    /// Size in bytes.
    pub(super) size: u32,
    ty: u32,
    /// Whether a problem was reported.
    reported: bool,
}

/// Sections that variables are looked for in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sections {
    /// Those that libbpf makes a map of each.
    Data,
    /// Those of these whose variables get values before load: libbpf fills `.kconfig` itself.
    Initial,
    /// That of variables in an arena.
    Arena,
}

/// Finds each of `variables`, with a problem for each that is missing or wrong, unless it is optional.
///
/// One pass over the types: libbpf's own subskeleton searches all of them for each variable.
pub(super) fn locate<'obj>(
    btf: Btf<'obj>,
    sections: Sections,
    variables: &'static [Variable],
    problems: &mut Vec<Problem>,
) -> Places<'obj> {
    let mut search = Search::new(btf, sections, variables, problems);
    search.search_sections();
    search.compare_types();
    search.compare_sizes();
    search.places
}

/// A variable that was searched for.
struct Found {
    /// Index in [`Search::variables`].
    index: usize,
    ty: u32,
}

/// An entry of a DATASEC, and the index of the variable that it is, if it is one.
type FoundEntry = (Entry, Option<usize>);

/// A search, one phase after the other. A variable with a problem is out of the later phases.
struct Search<'obj, 's> {
    btf: Btf<'obj>,
    sections: Sections,
    variables: &'static [Variable],
    places: Places<'obj>,
    problems: &'s mut Vec<Problem>,
}

impl<'obj, 's> Search<'obj, 's> {
    fn new(
        btf: Btf<'obj>,
        sections: Sections,
        variables: &'static [Variable],
        problems: &'s mut Vec<Problem>,
    ) -> Self {
        Self {
            btf,
            sections,
            variables,
            places: Places {
                variables: vec![None; variables.len()],
                ..Places::default()
            },
            problems,
        }
    }

    /// Finds the variables' places.
    fn search_sections(&mut self) {
        let mut wanted = Wanted::new(self.variables);
        for (ty, section) in self.btf.data_sections() {
            let name = ty.name();
            if !self.sections.contain(name) {
                continue;
            }
            // Overlaps are looked for inside a section, so nobody may describe one in two parts.
            let mut others = self.places.sections.iter();
            if others.any(|other| other.name == name) {
                let text = "the object's BTF describes it twice: link the object anew";
                let section = name.to_string_lossy();
                let problem = Problem::new(Subject::Section, section, text);
                self.problems.push(problem);
                continue;
            }
            self.places.sections.push(Section {
                name,
                ty,
                end: 0,
                found: 0,
                smallest: None,
                written: false,
            });
            // libbpf sorts them when it opens an object.
            if section.iter().is_sorted_by_key(|entry| entry.offset) {
                self.place(section.iter(), &mut wanted);
            } else {
                let mut entries: Vec<_> = section.iter().collect();
                entries.sort_by_key(|entry| entry.offset);
                self.place(entries.into_iter(), &mut wanted);
            }
        }
    }

    /// Records the places of the variables in the latest section, whose entries are in order of their offsets.
    ///
    /// Reports variables that share bytes with another one, each once. libbpf's linker makes such
    /// objects: a declaration before the definition leaves offset 0 after one pass, and a second pass takes a
    /// global for a static of the same name that precedes it.
    fn place(&mut self, entries: impl Iterator<Item = Entry>, wanted: &mut Wanted) {
        let end = |entry: &Entry| u64::from(entry.offset) + u64::from(entry.size);
        // An entry overlaps some earlier one exactly if it begins before the furthest end so far.
        let mut furthest: Option<FoundEntry> = None;
        for entry in entries {
            let found = wanted.find_entry(self.btf, &entry);
            let index = found.as_ref().map(|found| found.index);
            if let Some(found) = found {
                self.record(found, &entry);
            }
            if entry.size == 0 {
                continue;
            }
            let covered = furthest.map_or(0, |(before, _)| end(&before));
            match u64::from(entry.offset).cmp(&covered) {
                Ordering::Less => {
                    if let Some(before) = furthest {
                        self.report_overlap(before, &entry);
                        self.report_overlap((entry, index), &before.0);
                    }
                }
                Ordering::Equal => {}
                Ordering::Greater => self.places.gaps.push(Gap {
                    section: self.places.sections.len() - 1,
                    // It is less than an offset.
                    offsets: covered as u32..entry.offset,
                }),
            }
            if covered < end(&entry) {
                furthest = Some((entry, index));
            }
        }
        if let (Some(section), Some((last, _))) = (self.places.sections.last_mut(), furthest) {
            section.end = u32::try_from(end(&last)).unwrap_or(u32::MAX);
        }
    }

    /// Records the place of a variable in the latest section.
    fn record(&mut self, Found { index, ty }: Found, entry: &Entry) {
        let latest = self.places.sections.len() - 1;
        let variable = &self.variables[index];
        let section = &mut self.places.sections[latest];
        section.found += 1;
        let smallest = section.smallest.unwrap_or(usize::MAX);
        section.smallest = Some(smallest.min(variable.size()));
        section.written |= variable.is_writable();
        let place = Place {
            section: latest,
            offset: entry.offset,
            size: entry.size,
            ty,
            reported: false,
        };
        if let Some(other) = self.places.variables[index].replace(place) {
            let sections = [other.section, latest];
            let names = sections.map(|section| self.places.sections[section].name);
            self.report(index, ambiguous(variable, names));
        }
    }

    #[cold]
    fn report_overlap(&mut self, (this, index): FoundEntry, other: &Entry) {
        let is_reported = |index: &usize| {
            let place = &self.places.variables[*index];
            place.is_some_and(|place| place.reported)
        };
        let Some(index) = index.filter(|index| !is_reported(index)) else {
            return;
        };
        let name = self.variables[index].name();
        let other_name = self.btf.ty(other.variable).name().to_string_lossy();
        let advice = match name == other_name {
            true => "the BPF linker took it for a static of its name: rename the static",
            false => "link the object once more, which mends what the BPF linker got wrong",
        };
        let text = format!(
            "{} bytes at offset {} overlap `{other_name}`, {} bytes at offset {}; {advice}",
            this.size, this.offset, other.size, other.offset
        );
        self.report(index, Problem::new(Subject::Variable, name, text));
    }

    fn compare_types(&mut self) {
        let mut checker = Checker::new(self.btf, Subject::Variable, self.problems);
        for (index, variable) in self.variables.iter().enumerate() {
            if let Some(place) = &mut self.places.variables[index]
                && !place.reported
            {
                let equal = checker.check(variable.name(), variable.ty(), place.ty);
                place.reported = !equal;
            }
        }
    }

    /// Compares sizes, which types may leave open, drops the places of all that have a problem, and explains
    /// what is missing.
    fn compare_sizes(&mut self) {
        let mut lost = Vec::new();
        for (index, variable) in self.variables.iter().enumerate() {
            match self.places.variables[index] {
                None if variable.is_optional() || !self.sections.may_have(variable) => {}
                None => lost.push(variable),
                Some(place) if place.reported => self.places.variables[index] = None,
                Some(place) => {
                    if let Some(problem) = wrong_size(self.btf, variable, place) {
                        self.problems.push(problem);
                        self.places.variables[index] = None;
                    }
                }
            }
        }
        if !lost.is_empty() {
            missing(self.btf, self.sections, &lost, self.problems);
        }
    }

    /// Reports a problem of a variable that was found.
    #[cold]
    fn report(&mut self, index: usize, problem: Problem) {
        if let Some(place) = &mut self.places.variables[index] {
            place.reported = true;
        }
        self.problems.push(problem);
    }
}

/// The library's variables by name.
struct Wanted {
    variables: &'static [Variable],
    by_name: Option<HashMap<&'static [u8], usize, BuildHasherDefault<FastHasher>>>,
    /// The one after the last that was found.
    next: usize,
}

impl Wanted {
    fn new(variables: &'static [Variable]) -> Self {
        Self {
            variables,
            by_name: None,
            next: 0,
        }
    }

    /// Which of the variables an entry of a DATASEC is, if it is one.
    #[inline]
    fn find_entry(&mut self, btf: Btf<'_>, entry: &Entry) -> Option<Found> {
        let variable = btf.ty(entry.variable);
        match variable.kind {
            Kind::Variable {
                linkage: GLOBAL,
                ty,
            } => {
                let index = self.find(variable.name().to_bytes())?;
                Some(Found { index, ty })
            }
            _ => None,
        }
    }

    /// The index of the variable that has this name.
    fn find(&mut self, name: &[u8]) -> Option<usize> {
        // The linker keeps the order of a library's variables, so it is mostly the next one.
        let next = self.variables.get(self.next);
        let index = match next.is_some_and(|variable| variable.name().as_bytes() == name) {
            true => self.next,
            false => *self.by_name().get(name)?,
        };
        self.next = index + 1;
        Some(index)
    }

    fn by_name(&mut self) -> &HashMap<&'static [u8], usize, BuildHasherDefault<FastHasher>> {
        self.by_name.get_or_insert_with(|| {
            let names = self.variables.iter().map(|variable| variable.name());
            names
                .enumerate()
                .map(|(index, name)| (name.as_bytes(), index))
                .collect()
        })
    }
}

impl Sections {
    fn contain(self, name: &CStr) -> bool {
        match self {
            Self::Data => is_data_section(name),
            Self::Initial => is_data_section(name) && name.to_bytes() != KCONFIG_SECTION.as_bytes(),
            Self::Arena => is_arena(name),
        }
    }

    /// Whether a variable is looked for in them.
    pub(super) fn may_have(self, variable: &Variable) -> bool {
        self != Self::Initial || !variable.is_in_kconfig()
    }
}

fn is_arena(name: &CStr) -> bool {
    name.to_bytes() == ARENA_SECTION.as_bytes()
}

/// Whether libbpf makes a map of the section (`bpf_object__elf_collect` and `.kconfig`).
fn is_data_section(name: &CStr) -> bool {
    let name = name.to_bytes();
    name == KCONFIG_SECTION.as_bytes()
        || [&b".data"[..], b".rodata", b".bss"].iter().any(|prefix| {
            match name.strip_prefix(*prefix) {
                Some(rest) => rest.is_empty() || rest.starts_with(b"."),
                None => false,
            }
        })
}

fn wrong_size(btf: Btf<'_>, variable: &Variable, place: Place) -> Option<Problem> {
    let found = place.size as usize;
    if let Some(len) = variable.ty().growing() {
        let size = btf.size_of(place.ty);
        return wrong_growth(variable, len, size, place.size);
    }
    let right = match variable.extent() {
        Extent::Fixed | Extent::Flexible => found == variable.size(),
        Extent::Unsized => found.is_multiple_of(variable.size()),
    };
    (!right).then(|| {
        let expected = match variable.extent() {
            Extent::Unsized => format!("elements of {} bytes", variable.size()),
            _ => format!("{} bytes", variable.size()),
        };
        Problem::mismatch(
            Subject::Variable,
            variable.name(),
            expected,
            error::bytes(place.size),
        )
    })
}

/// Compares the size that the object's section gives a growing struct, or an array of `len` of them, with the size of its
/// type there. That the type is large enough was compared before.
fn wrong_growth(variable: &Variable, len: u32, size: Option<u32>, found: u32) -> Option<Problem> {
    let is_array = matches!(variable.ty(), Type::Array { .. });
    let fits = |size| match is_array {
        true => found == size,
        // A flexible array that is initialised comes after the type.
        false => found >= size,
    };
    let Some(size) = size.filter(|size| fits(*size)) else {
        let size = size.map_or_else(|| "too many".to_owned(), error::bytes);
        let found = error::bytes(found);
        let text = format!("has {found}, and its type {size}: link the object anew");
        return Some(Problem::new(Subject::Variable, variable.name(), text));
    };
    let stride = size.checked_div(len).unwrap_or(0);
    (is_array && !(stride as usize).is_multiple_of(variable.align())).then(|| {
        let expected = format!("elements aligned to {} bytes", variable.align());
        let found = format!("elements of {}", error::bytes(stride));
        Problem::mismatch(Subject::Variable, variable.name(), expected, found)
    })
}

#[cold]
fn ambiguous(variable: &Variable, [first, second]: [&CStr; 2]) -> Problem {
    Problem::new(
        Subject::Variable,
        variable.name(),
        format!(
            "the object has two of that name, in {} and in {}: rename one",
            first.to_string_lossy(),
            second.to_string_lossy()
        ),
    )
}

/// Says why variables are missing: what else has their names, or which names are near.
#[cold]
fn missing(
    btf: Btf<'_>,
    sections: Sections,
    lost: &[&'static Variable],
    problems: &mut Vec<Problem>,
) {
    let in_arena = match sections {
        Sections::Data | Sections::Initial => in_arena(btf),
        Sections::Arena => HashSet::new(),
    };
    let mut names = Vec::new();
    let mut reasons: HashMap<&[u8], Option<String>> = lost
        .iter()
        .map(|variable| (variable.name().as_bytes(), None))
        .collect();
    for ty in btf.types() {
        let (reason, linkage) = match ty.kind {
            Kind::Variable { linkage, .. } => {
                (reasons.get_mut(ty.name().to_bytes()), Some(linkage))
            }
            Kind::Function { .. } => (reasons.get_mut(ty.name().to_bytes()), None),
            _ => continue,
        };
        if linkage == Some(GLOBAL)
            && let Ok(name) = ty.name().to_str()
        {
            names.push(name);
        }
        let Some(reason) = reason else { continue };
        *reason = Some(match linkage {
            None => "it has a function of that name".to_owned(),
            Some(STATIC) => "it has a static or hidden variable of that name".to_owned(),
            Some(GLOBAL) if sections == Sections::Arena => {
                "its variable of that name is not in an arena".to_owned()
            }
            Some(GLOBAL) if in_arena.contains(&ty.id) => {
                "its variable of that name is in an arena, where `arena` finds it, not `bind`"
                    .to_owned()
            }
            Some(GLOBAL) => "its variable of that name is not in a data section".to_owned(),
            Some(_) => "it only has an `extern` declaration of it".to_owned(),
        });
    }
    // Comparing each with each is quadratic, so there are no suggestions if a thousand names are missing.
    if lost.len().saturating_mul(names.len()) > 100_000 {
        names.clear();
    }
    for variable in lost {
        let name = variable.name();
        let text = match reasons.get(name.as_bytes()) {
            Some(Some(reason)) => format!("not in the object: {reason}"),
            _ => error::missing(name, names.iter().copied()),
        };
        problems.push(Problem::new(Subject::Variable, name, text));
    }
}

/// The variables in an arena, by type.
fn in_arena(btf: Btf<'_>) -> HashSet<u32> {
    let sections = btf.data_sections().filter(|(ty, _)| is_arena(ty.name()));
    let entries = sections.flat_map(|(_, entries)| entries.iter());
    entries.map(|entry| entry.variable).collect()
}

#[cfg(test)]
mod tests;

//! What goes wrong, or may go wrong once the library is linked.

use std::collections::{BTreeMap, HashMap};

use bpf_subskeleton::private::kept;
use bpf_subskeleton_object::model::{ARENA_SECTION, Reason};

use super::Interface;

impl Interface {
    pub(super) fn hazards(&self) -> Vec<String> {
        let mut hazards: Vec<_> = self.misplaced.iter().map(ToString::to_string).collect();
        self.statics(&mut hazards);
        self.weak_variables(&mut hazards);
        let maps = self.library.maps.iter().map(|map| map.name);
        alike("maps", maps, &mut hazards);
        let programs = self.library.programs.iter().map(|program| program.name);
        alike("programs", programs, &mut hazards);
        hazards
    }

    /// Statics that share a name. libbpf's linker tells variables apart by name.
    fn statics(&self, hazards: &mut Vec<String>) {
        let variables = self.library.variables();
        let globals: HashMap<_, _> = variables
            .map(|(section, variable)| {
                let section = section.map_or("extern", |section| section.name);
                (variable.name, section)
            })
            .chain((self.library.arena_variables()).map(|variable| (variable.name, ARENA_SECTION)))
            .collect();
        let mut statics: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let hidden = self.library.hidden.iter();
        for hidden in hidden.filter(|hidden| hidden.reason == Reason::Static) {
            let sections = statics.entry(hidden.name).or_default();
            sections.push(hidden.section.unwrap_or("no section"));
        }
        for (name, sections) in statics {
            let places = list(&sections);
            if let Some(section) = globals.get(name) {
                hazards.push(format!(
                    "`{name}` in `{section}` shares its name with a static in {places}: the BPF linker may take one \
                     for the other, so rename the static"
                ));
            } else if sections.len() > 1 {
                hazards.push(format!(
                    "`{name}` is the name of {} statics, in {places}: what asks for it by name may get either",
                    sections.len()
                ));
            }
        }
    }

    fn weak_variables(&self, hazards: &mut Vec<String>) {
        for section in &self.library.sections {
            if section.name == ".kconfig" {
                continue;
            }
            for variable in section.variables.iter().filter(|variable| variable.weak) {
                let advice = match section.name {
                    name if name.starts_with(".bss") => "give it no initial value but 0 either",
                    name if name.starts_with(".data") => {
                        "give it an initial value other than 0 too"
                    }
                    _ => "make it const too",
                };
                hazards.push(format!(
                    "`{}` is weak: a definition that replaces it must also be in `{}`, so {advice}",
                    variable.name, section.name
                ));
            }
        }
    }
}

/// Names that are the same where the kernel cuts them.
fn alike<'n>(what: &str, names: impl Iterator<Item = &'n str>, hazards: &mut Vec<String>) {
    let mut by_beginning: BTreeMap<&[u8], Vec<&str>> = BTreeMap::new();
    for name in names {
        let kept = kept(name.as_bytes());
        by_beginning.entry(kept).or_default().push(name);
    }
    for (kept, names) in by_beginning.iter().filter(|(_, names)| names.len() > 1) {
        hazards.push(format!(
            "the {what} {} begin with the same {} characters, all that the kernel keeps: looking at a running \
             object may not tell them apart",
            list(names),
            kept.len()
        ));
    }
}

/// Names as a text lists them.
fn list(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}

//! Instructions: where programs use variables, compared with where BTF has them.
//!
//! Where a strong variable replaces a weak one, libbpf's linker leaves the weak one's place in BTF until it
//! sees its own output, and user space would write to memory that no program looks at. BTF alone does not
//! show that, but the loaded programs do: they use a place where BTF has no variable.

use core::ffi::CStr;
use core::ptr::NonNull;

use libbpf_rs::{ProgIter, libbpf_sys};

use super::sections;
use super::variables::{Places, Section};
use crate::describe::Variable;
use crate::error::{Problem, Subject};

/// The opcode of `ld_imm64`. It takes two instructions, and the immediate of the second is the offset in the
/// map's value.
const LD_IMM64: u8 = (libbpf_sys::BPF_LD | libbpf_sys::BPF_DW | libbpf_sys::BPF_IMM) as u8;

/// A place that a program uses: index of the section, and offset in it.
type Use = (usize, u32);

/// Reports sections in which BPF code uses what has no name in BTF, while it does not use one of `variables`
/// where BTF has it.
///
/// Looks only at writable sections: among constants, compilers put some that have no name in C.
/// Elsewhere each load of an address is of the beginning of a variable or of a member, because LLVM adds no
/// offset to the address of a global that leads out of it (`BPFTargetLowering::isOffsetFoldingLegal`).
pub(super) fn check(
    object: &libbpf_sys::bpf_object,
    variables: &'static [Variable],
    places: &Places<'_>,
    problems: &mut Vec<Problem>,
) {
    // Programs can be full of instructions. They are not looked at if the library has no variable that they could
    // miss, or BTF leaves no place that they could use instead: one with room for the smallest of these.
    let sections = places.sections.iter();
    let could_be_missed = sections.filter(|section| is_all_named(section.name));
    let Some(smallest) = could_be_missed.filter_map(|section| section.smallest).min() else {
        return;
    };
    let maps = maps(object, &places.sections);
    let mut ends = maps
        .iter()
        .map(|map| map.size.saturating_sub(places.sections[map.section].end));
    let has_room = ends.any(|end| end as usize >= smallest)
        || places.have_gap(smallest, |section| is_all_named(section.name));
    // Almost always.
    if !has_room || !is_any_used(&maps, places, smallest, programs(object)) {
        return;
    }
    report(&uses(object, &maps), variables, places, problems);
}

/// As [`check`], for variables in an arena; `offsets` are those that programs use in the section.
pub(super) fn check_arena(
    offsets: &[u32],
    variables: &'static [Variable],
    places: &Places<'_>,
    problems: &mut Vec<Problem>,
) {
    // An object has one such section.
    let uses: Vec<Use> = offsets.iter().map(|offset| (0, *offset)).collect();
    report(&uses, variables, places, problems);
}

fn report(
    uses: &[Use],
    variables: &'static [Variable],
    places: &Places<'_>,
    problems: &mut Vec<Problem>,
) {
    let nameless = nameless_uses(uses, places);
    // Almost always.
    if nameless.is_empty() {
        return;
    }
    let unused = unused_variables(uses, variables, places);
    if unused.is_empty() {
        return;
    }
    for (section, offset) in nameless {
        let text = format!(
            "BPF code uses offset {offset}, where BTF has no variable, and does not use {} where BTF has it: \
             link the object once more; if that does not help, a weak variable is in another section than the \
             one that replaces it, or a part of the object has no BTF",
            unused.join(", ")
        );
        let section = section.to_string_lossy();
        problems.push(Problem::new(Subject::Section, section, text));
    }
}

/// The first use in each section that BTF has no variable for.
fn nameless_uses<'obj>(uses: &[Use], places: &Places<'obj>) -> Vec<(&'obj CStr, u32)> {
    let mut nameless = Vec::new();
    for (index, section) in places.sections.iter().enumerate() {
        let offsets = between(uses, (index, 0), (index + 1, 0));
        let found =
            (offsets.iter()).find(|(_, offset)| places.gap_at(index, *offset, u32::MAX).is_some());
        nameless.extend(found.map(|(_, offset)| (section.name, *offset)));
    }
    nameless
}

/// The variables that no program uses where BTF has them, as messages write them.
fn unused_variables(
    uses: &[Use],
    variables: &'static [Variable],
    places: &Places<'_>,
) -> Vec<String> {
    let mut unused = Vec::new();
    for (variable, place) in variables.iter().zip(&places.variables) {
        let Some(place) = place else { continue };
        let end = place.offset.saturating_add(place.size);
        let inside = between(uses, (place.section, place.offset), (place.section, end));
        if is_all_named(places.sections[place.section].name) && inside.is_empty() {
            unused.push(format!("`{}`", variable.name()));
        }
    }
    unused
}

/// Whether everything in the section has a name in C.
fn is_all_named(section: &CStr) -> bool {
    let name = section.to_bytes();
    !name.starts_with(b".rodata") && name != b".kconfig"
}

/// The offsets in the map with this descriptor that the loaded programs use, in order.
pub(super) fn offsets(object: &libbpf_sys::bpf_object, descriptor: i32) -> Vec<u32> {
    let map = SectionMap {
        descriptor,
        section: 0,
        size: u32::MAX,
    };
    let uses = uses(object, &[map]);
    uses.into_iter().map(|(_, offset)| offset).collect()
}

/// The map of a section: its descriptor, the index of the section, and the size of its value. The kernel loads no program
/// that uses more.
struct SectionMap {
    descriptor: i32,
    section: usize,
    size: u32,
}

/// The maps of those sections in which everything has a name in C.
fn maps(object: &libbpf_sys::bpf_object, sections: &[Section<'_>]) -> Vec<SectionMap> {
    let mut maps = Vec::with_capacity(sections.len());
    for (index, section) in sections.iter().enumerate() {
        if is_all_named(section.name)
            && let Some(map) = sections::find(object, section.name)
        {
            // SAFETY: `find` returned a map of `object`; the calls only read.
            maps.push(unsafe {
                SectionMap {
                    descriptor: libbpf_sys::bpf_map__fd(map.as_ptr()),
                    section: index,
                    size: libbpf_sys::bpf_map__value_size(map.as_ptr()),
                }
            });
        }
    }
    maps
}

/// Whether one of the programs uses a place in a gap of at least `smallest` bytes.
fn is_any_used<'i>(
    maps: &[SectionMap],
    places: &Places<'_>,
    smallest: usize,
    mut programs: impl Iterator<Item = &'i [libbpf_sys::bpf_insn]>,
) -> bool {
    // Code loads the same few addresses again and again, so it is worth remembering which are in no gap: each in a
    // place that follows from its offset. No map has the descriptor -1.
    const NONE: (i32, u32) = (-1, 0);
    let mut in_no_gap = [NONE; 256];
    programs.any(|instructions| {
        loads(instructions).any(|(descriptor, offset)| {
            let remembered = &mut in_no_gap[offset as usize / 4 % 256];
            if *remembered == (descriptor, offset) {
                return false;
            }
            *remembered = (descriptor, offset);
            let map = maps.iter().find(|map| map.descriptor == descriptor);
            let gap = map.and_then(|map| places.gap_at(map.section, offset, map.size));
            gap.is_some_and(|gap| gap.len() >= smallest)
        })
    })
}

/// The places that the loaded programs use, in order, each once.
fn uses(object: &libbpf_sys::bpf_object, maps: &[SectionMap]) -> Vec<Use> {
    let mut uses = Vec::new();
    for instructions in programs(object) {
        uses.extend(uses_in(instructions, maps));
        // Code loads the same few addresses again and again.
        uses.sort_unstable();
        uses.dedup();
    }
    uses
}

/// The instructions of each program.
fn programs(object: &libbpf_sys::bpf_object) -> impl Iterator<Item = &[libbpf_sys::bpf_insn]> {
    ProgIter::new(object).filter_map(|program| {
        let program = program.as_ptr();
        // SAFETY: the program is the object's, which is borrowed; the calls only read. libbpf has that many
        // instructions there as long as it has the program, and once the object is loaded nobody can change them.
        unsafe {
            let first = NonNull::new(libbpf_sys::bpf_program__insns(program).cast_mut())?;
            let len = libbpf_sys::bpf_program__insn_cnt(program) as usize;
            Some(core::slice::from_raw_parts(first.as_ptr(), len))
        }
    })
}

/// The places in these maps that instructions load the address of.
fn uses_in(
    instructions: &[libbpf_sys::bpf_insn],
    maps: &[SectionMap],
) -> impl Iterator<Item = Use> {
    loads(instructions).filter_map(|(descriptor, offset)| {
        let map = maps.iter().find(|map| map.descriptor == descriptor)?;
        Some((map.section, offset))
    })
}

/// The addresses in maps that instructions load: the map's descriptor, which libbpf only puts into programs that it
/// loads, and the offset in its value.
fn loads(instructions: &[libbpf_sys::bpf_insn]) -> impl Iterator<Item = (i32, u32)> {
    instructions.windows(2).filter_map(|pair| {
        let [load, offset] = pair else { return None };
        let is_address =
            load.code == LD_IMM64 && u32::from(load.src_reg()) == libbpf_sys::BPF_PSEUDO_MAP_VALUE;
        is_address.then(|| (load.imm, offset.imm.cast_unsigned()))
    })
}

/// The uses from `start` up to `end`; `uses` are in order.
fn between(uses: &[Use], start: Use, end: Use) -> &[Use] {
    let position = |place| uses.partition_point(|used| *used < place);
    uses.get(position(start)..position(end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::btf::builder::BtfBuilder;
    use super::super::variables::{self, Sections};
    use super::*;

    const LOAD: u8 = LD_IMM64;
    const MOV: u8 = (libbpf_sys::BPF_ALU64 | libbpf_sys::BPF_MOV | libbpf_sys::BPF_K) as u8;

    fn instruction(code: u8, source: u32, imm: i32) -> libbpf_sys::bpf_insn {
        let mut instruction = libbpf_sys::bpf_insn {
            code,
            imm,
            ..Default::default()
        };
        instruction.set_src_reg(source as u8);
        instruction
    }

    #[test]
    fn only_addresses_of_sections_are_uses() {
        let value = libbpf_sys::BPF_PSEUDO_MAP_VALUE;
        let code = [
            instruction(MOV, 0, 7),
            instruction(LOAD, value, 7),
            instruction(0, 0, 16),
            // A map that is not a section's.
            instruction(LOAD, value, 9),
            instruction(0, 0, 8),
            // The address of a map, and a plain number.
            instruction(LOAD, libbpf_sys::BPF_PSEUDO_MAP_FD, 7),
            instruction(0, 0, 0),
            instruction(LOAD, 0, 7),
            instruction(0, 0, 4),
            instruction(LOAD, value, 8),
            instruction(0, 0, -1),
        ];
        let maps = [(7, 0), (8, 1)].map(|(descriptor, section)| map(descriptor, section, 0));
        let uses: Vec<_> = uses_in(&code, &maps).collect();
        assert_eq!(uses, [(0, 16), (1, u32::MAX)]);
        // The second half is cut off.
        assert_eq!(uses_in(&code[..2], &maps).count(), 0);
    }

    #[test]
    fn uses_are_told_apart_by_section_and_offset() {
        let uses = [(0, 0), (0, 8), (1, 0), (1, 4), (3, 8)];
        assert_eq!(between(&uses, (0, 8), (1, 0)), [(0, 8)]);
        assert_eq!(between(&uses, (1, 0), (2, 0)), [(1, 0), (1, 4)]);
        assert!(between(&uses, (2, 0), (3, 0)).is_empty());
        assert!(between(&uses, (3, 0), (3, 8)).is_empty());
    }

    fn map(descriptor: i32, section: usize, size: u32) -> SectionMap {
        SectionMap {
            descriptor,
            section,
            size,
        }
    }

    /// Where BTF has what, without looking for any variable.
    fn places(btf: &BtfBuilder) -> Places<'_> {
        let mut problems = Vec::new();
        let places = variables::locate(btf.btf(), Sections::Data, &[], &mut problems);
        assert!(problems.is_empty());
        places
    }

    /// Every section of up to three variables, of up to three bytes each, in a map of 8 bytes.
    #[test]
    fn gaps_are_where_no_variable_is() {
        let all: Vec<_> = (0..6)
            .flat_map(|at| (0..4).map(move |size| (at, size)))
            .collect();
        let mut sections = vec![vec![]];
        for len in 0..3 {
            let longer: Vec<_> = (sections.iter().filter(|section| section.len() == len))
                .flat_map(|section| {
                    let after = section.last().map_or(0, |(at, _)| *at);
                    let next = all.iter().filter(move |(at, _)| *at >= after);
                    next.map(|place| [section.as_slice(), &[*place]].concat())
                })
                .collect();
            sections.extend(longer);
        }
        for section in sections {
            let mut btf = BtfBuilder::new();
            let int = btf.int("int", 4, true);
            let entries = section
                .iter()
                .map(|(at, size)| (btf.variable("v", int), *at, *size));
            let entries: Vec<_> = entries.collect();
            btf.section(".bss", &entries);
            let places = places(&btf);
            let is_named = |offset: u32| {
                let mut entries = section.iter();
                entries.any(|(at, size)| (*at..at + size).contains(&offset))
            };
            let gap = |offset: u32| {
                let start = (0..offset).rev().find(|before| is_named(*before));
                let end = (offset..8).find(|after| is_named(*after));
                start.map_or(0, |before| before + 1)..end.unwrap_or(8)
            };
            let inner = (0..8).filter(|offset| !is_named(*offset)).map(gap);
            let inner = inner.filter(|gap| gap.end < 8).map(|gap| gap.len());
            let largest = inner.max().unwrap_or_default();
            for smallest in 1..10 {
                assert_eq!(places.have_gap(smallest, |_| true), smallest <= largest);
                assert!(!places.have_gap(smallest, |_| false));
            }
            for offset in 0..8 {
                let expected = (!is_named(offset)).then(|| gap(offset));
                let found = places.gap_at(0, offset, 8);
                assert_eq!(found, expected, "{offset} in {section:?}");
                let code = load_address(7, offset);
                let maps = [map(8, 1, 8), map(7, 0, 8)];
                for smallest in 1..10 {
                    let used = is_any_used(&maps, &places, smallest, [&code[..]].into_iter());
                    let is_large = expected.as_ref().is_some_and(|gap| gap.len() >= smallest);
                    assert_eq!(used, is_large);
                }
            }
            assert_eq!(places.gap_at(0, 8, 8), None);
        }
    }

    fn load_address(descriptor: i32, offset: u32) -> [libbpf_sys::bpf_insn; 2] {
        [
            instruction(LOAD, libbpf_sys::BPF_PSEUDO_MAP_VALUE, descriptor),
            instruction(0, 0, offset.cast_signed()),
        ]
    }

    /// What is remembered of an address is not taken for another's, nor for one of another map.
    #[test]
    fn each_use_of_a_gap_is_found() {
        let mut btf = BtfBuilder::new();
        let int = btf.int("int", 4, true);
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| btf.variable(name, int));
        btf.section(".bss", &[(a, 0, 4), (b, 8, 1016), (c, 1028, 1024)]);
        btf.section(".data", &[(d, 4, 4)]);
        // Without a gap where the one before has one.
        btf.section(".data.full", &[(a, 0, 4)]);
        let places = places(&btf);
        let maps = [map(7, 0, 2052), map(8, 1, 8), map(6, 2, 4)];
        let is_used = |addresses: &[(i32, u32)]| {
            let programs: Vec<_> = (addresses.iter())
                .map(|(descriptor, offset)| load_address(*descriptor, *offset))
                .collect();
            is_any_used(
                &maps,
                &places,
                1,
                programs.iter().map(|program| &program[..]),
            )
        };
        let mut fine = vec![
            (7, 0),
            (7, 0),
            (8, 4),
            (7, 3),
            (6, 0),
            (6, 2),
            (9, 4),
            (9, 0),
            (7, 2048),
            (7, 0),
        ];
        assert!(!is_used(&fine));
        for used in [(7, 4), (7, 7), (7, 1024), (7, 1027), (8, 0), (8, 3)] {
            fine.push(used);
            assert!(is_used(&fine), "{used:?}");
            fine.pop();
        }
    }

    #[test]
    fn the_first_use_outside_of_all_variables_is_nameless() {
        let mut btf = BtfBuilder::new();
        let int = btf.int("int", 4, true);
        let variables = ["a", "b"].map(|name| btf.variable(name, int));
        // Four bytes of padding between them.
        btf.section(".bss", &[(variables[0], 0, 4), (variables[1], 8, 4)]);
        let places = places(&btf);
        let nameless = |offsets: &[u32]| {
            let uses: Vec<Use> = offsets.iter().map(|offset| (0, *offset)).collect();
            nameless_uses(&uses, &places)
        };
        assert_eq!(nameless(&[]), []);
        assert_eq!(nameless(&[0, 3, 8, 11]), []);
        assert_eq!(nameless(&[0, 4, 12]), [(c".bss", 4)]);
        assert_eq!(nameless(&[8, 12]), [(c".bss", 12)]);
    }
}

//! Instructions: where programs use variables, compared with where BTF has them.
//!
//! Where a strong variable replaces a weak one, libbpf's linker leaves the weak one's place in BTF until it
//! sees its own output, and user space would write to memory that no program looks at. BTF alone does not
//! show that, but the loaded programs do: they use a place where BTF has no variable.

use core::ffi::CStr;
use core::ops::Range;
use core::ptr::NonNull;

use libbpf_rs::{ProgIter, libbpf_sys};

use super::btf::Entries;
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
    variables: &[&'static Variable],
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
    let gaps = gaps(object, places, smallest);
    // Almost always.
    if gaps.is_empty() || !is_any_used(&gaps, programs(object)) {
        return;
    }
    let uses = uses(object, &descriptors(object, &places.sections));
    report(&uses, variables, places, problems);
}

/// As [`check`], for variables in an arena; `offsets` are those that programs use in the section.
pub(super) fn check_arena(
    offsets: &[u32],
    variables: &[&'static Variable],
    places: &Places<'_>,
    problems: &mut Vec<Problem>,
) {
    // An object has one such section.
    let uses: Vec<Use> = offsets.iter().map(|offset| (0, *offset)).collect();
    report(&uses, variables, places, problems);
}

fn report(
    uses: &[Use],
    variables: &[&'static Variable],
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
        let gaps = gaps_between(section.entries, u32::MAX, 0);
        let found = offsets.iter().find(|(_, offset)| contain(&gaps, *offset));
        nameless.extend(found.map(|(_, offset)| (section.name, *offset)));
    }
    nameless
}

/// The variables that no program uses where BTF has them, as messages write them.
fn unused_variables(
    uses: &[Use],
    variables: &[&'static Variable],
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
    let uses = uses(object, &[(descriptor, 0)]);
    uses.into_iter().map(|(_, offset)| offset).collect()
}

/// The descriptors of the sections' maps, with the index of each section.
fn descriptors(object: &libbpf_sys::bpf_object, sections: &[Section<'_>]) -> Vec<(i32, usize)> {
    let mut descriptors = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        if is_all_named(section.name)
            && let Some(map) = sections::find(object, section.name)
        {
            // SAFETY: `find` returned a map of `object`; the call only reads.
            descriptors.push((unsafe { libbpf_sys::bpf_map__fd(map.as_ptr()) }, index));
        }
    }
    descriptors
}

/// Where BTF has no variables: the descriptor of a section's map, and ranges of offsets in order.
type Gaps = (i32, Vec<Range<u32>>);

/// The gaps of at least `smallest` bytes in writable sections; only of sections that have some. Most gaps are there to
/// align the next variable, and smaller.
fn gaps(object: &libbpf_sys::bpf_object, places: &Places<'_>, smallest: usize) -> Vec<Gaps> {
    let mut gaps = Vec::new();
    for section in &places.sections {
        if is_all_named(section.name)
            && let Some(map) = sections::find(object, section.name)
        {
            // SAFETY: `find` returned a map of `object`; the calls only read.
            let (descriptor, size) = unsafe {
                (
                    libbpf_sys::bpf_map__fd(map.as_ptr()),
                    libbpf_sys::bpf_map__value_size(map.as_ptr()),
                )
            };
            let of_section = gaps_between(section.entries, size, smallest);
            if !of_section.is_empty() {
                gaps.push((descriptor, of_section));
            }
        }
    }
    gaps
}

/// The gaps of at least `smallest` bytes between the variables of a section, whose map has `size` bytes. The kernel loads
/// no program that uses more.
fn gaps_between(section: Entries<'_>, size: u32, smallest: usize) -> Vec<Range<u32>> {
    let mut gaps = Vec::new();
    let mut push = |gap: Range<u32>| {
        if !gap.is_empty() && gap.len() >= smallest {
            gaps.push(gap);
        }
    };
    let mut end = 0;
    // In order, since libbpf sorts them (`btf_fixup_datasec`). What has no bytes ends no gap.
    for entry in section.iter().filter(|entry| entry.size > 0) {
        push(end..entry.offset);
        end = entry.offset.saturating_add(entry.size);
    }
    push(end..size);
    gaps
}

fn contain(gaps: &[Range<u32>], offset: u32) -> bool {
    let after = gaps.partition_point(|gap| gap.start <= offset);
    gaps[..after].last().is_some_and(|gap| offset < gap.end)
}

/// Whether one of the programs uses a place in one of the gaps.
fn is_any_used<'i>(
    gaps: &[Gaps],
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
            let mut gaps = gaps.iter().filter(|(of, _)| *of == descriptor);
            gaps.any(|(_, gaps)| contain(gaps, offset))
        })
    })
}

/// The places that the loaded programs use, in order, each once.
fn uses(object: &libbpf_sys::bpf_object, descriptors: &[(i32, usize)]) -> Vec<Use> {
    let mut uses = Vec::new();
    for instructions in programs(object) {
        uses.extend(uses_in(instructions, descriptors));
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

/// The places that instructions load the address of; `descriptors` are those of the sections' maps, with the
/// index of each section.
fn uses_in(
    instructions: &[libbpf_sys::bpf_insn],
    descriptors: &[(i32, usize)],
) -> impl Iterator<Item = Use> {
    loads(instructions).filter_map(|(descriptor, offset)| {
        let (_, section) = descriptors.iter().find(|(fd, _)| *fd == descriptor)?;
        Some((*section, offset))
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
    use super::*;
    use core::iter;

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
        let uses: Vec<_> = uses_in(&code, &[(7, 0), (8, 1)]).collect();
        assert_eq!(uses, [(0, 16), (1, u32::MAX)]);
        // The second half is cut off.
        assert_eq!(uses_in(&code[..2], &[(7, 0)]).count(), 0);
    }

    #[test]
    fn uses_are_told_apart_by_section_and_offset() {
        let uses = [(0, 0), (0, 8), (1, 0), (1, 4), (3, 8)];
        assert_eq!(between(&uses, (0, 8), (1, 0)), [(0, 8)]);
        assert_eq!(between(&uses, (1, 0), (2, 0)), [(1, 0), (1, 4)]);
        assert!(between(&uses, (2, 0), (3, 0)).is_empty());
        assert!(between(&uses, (3, 0), (3, 8)).is_empty());
    }

    /// Every section of up to three variables, of up to three bytes each, in a map of 8 bytes.
    #[test]
    fn gaps_are_where_no_variable_is() {
        let places: Vec<_> = (0..6)
            .flat_map(|at| (0..4).map(move |size| (at, size)))
            .collect();
        let mut sections = vec![vec![]];
        for len in 0..3 {
            let longer: Vec<_> = (sections.iter().filter(|section| section.len() == len))
                .flat_map(|section| {
                    let after = section.last().map_or(0, |(at, _)| *at);
                    let next = places.iter().filter(move |(at, _)| *at >= after);
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
            let (_, entries) = btf.btf().data_sections().last().unwrap();
            let gaps = gaps_between(entries, 8, 0);
            for smallest in 1..10 {
                let large = gaps.iter().filter(|gap| gap.len() >= smallest);
                let expected: Vec<_> = large.cloned().collect();
                assert_eq!(gaps_between(entries, 8, smallest), expected);
            }
            // What lies between two gaps is a variable.
            assert!(gaps.windows(2).all(|pair| pair[0].end < pair[1].start));
            for offset in 0..8 {
                // As far as the last of the entries that begin before it.
                let mut some = section.iter().filter(|(_, size)| *size > 0);
                let before = some.rfind(|(at, _)| *at <= offset);
                let is_outside = before.is_none_or(|(at, size)| at + size <= offset);
                let in_gaps = gaps.iter().filter(|gap| gap.contains(&offset)).count();
                assert_eq!(in_gaps, usize::from(is_outside), "{offset} in {section:?}");
                let code = load_address(7, offset);
                let gaps = [(8, iter::once(0..8).collect()), (7, gaps.clone())];
                assert_eq!(is_any_used(&gaps, [&code[..]].into_iter()), is_outside);
            }
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
        let gaps = [(7, vec![4..8, 1024..1028]), (8, iter::once(0..4).collect())];
        let is_used = |addresses: &[(i32, u32)]| {
            let programs: Vec<_> = (addresses.iter())
                .map(|(descriptor, offset)| load_address(*descriptor, *offset))
                .collect();
            is_any_used(&gaps, programs.iter().map(|program| &program[..]))
        };
        let mut fine = vec![
            (7, 0),
            (7, 0),
            (8, 4),
            (7, 3),
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
        let sections = btf.btf().data_sections().map(|(ty, entries)| Section {
            name: ty.name(),
            ty,
            entries,
            found: 0,
            smallest: None,
            written: false,
        });
        let places = Places {
            sections: sections.collect(),
            ..Places::default()
        };
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

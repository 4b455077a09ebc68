//! What BPF code uses of the sections: variables that it uses elsewhere than BTF has them.
//!
//! Where a strong variable replaces a weak one, libbpf's linker leaves the weak one's place in BTF until it
//! sees its own output, and user space would write to memory that no program looks at. BTF alone does not
//! show that, but the loaded programs do: they use a place that is no variable's in BTF.

use core::ffi::CStr;
use libbpf_rs::{ProgIter, libbpf_sys};

use super::btf::{Kind, Type};
use super::sections;
use super::variables::Places;
use crate::describe::Variable;
use crate::error::{Problem, Subject};

/// `BPF_LD | BPF_DW | BPF_IMM`, which takes two instructions, of which the second has the offset in the map's
/// value.
const LOAD_ADDRESS: u8 = 0x18;

/// Reports sections in which BPF code uses what has no name in BTF, while it does not use one of `variables`
/// where BTF has that.
///
/// Only sections that can be written: among constants, compilers put such as have no name in C. Elsewhere
/// each load of an address is of the beginning of a variable or of a member, for LLVM adds no offset to
/// global addresses that leads out of it (`BPFTargetLowering::isOffsetFoldingLegal`).
pub(super) fn check(
    object: &libbpf_sys::bpf_object,
    variables: &[&'static Variable],
    places: &Places<'_>,
    problems: &mut Vec<Problem>,
) {
    let uses = uses(object, &places.sections);
    let mut nameless = Vec::new();
    for (section, ty) in places.section_types.iter().enumerate() {
        let offsets = between(&uses, (section, 0), (section + 1, 0));
        let offsets = offsets.iter().map(|(_, offset)| *offset);
        let found = nameless_of(offsets, *ty);
        nameless.extend(found.map(|offset| (places.sections[section], offset)));
    }
    // Almost always.
    if nameless.is_empty() {
        return;
    }
    let unused: Vec<_> = variables
        .iter()
        .zip(&places.variables)
        .filter_map(|(variable, place)| {
            let place = place.as_ref()?;
            let end = place.offset.saturating_add(place.size);
            let inside = between(&uses, (place.section, place.offset), (place.section, end));
            let known = is_known(places.sections[place.section]);
            (known && inside.is_empty()).then_some(variable.name())
        })
        .map(|name| format!("`{name}`"))
        .collect();
    if unused.is_empty() {
        return;
    }
    for (section, offset) in nameless {
        let text = format!(
            "BPF code uses what is at offset {offset}, where BTF has no variable, and does not use {} \
             where BTF has it: link the object once more; if that is of no help, a weak variable is in \
             another section than the one that replaces it, or a part of the object has no BTF",
            unused.join(", ")
        );
        let section = section.to_string_lossy();
        problems.push(Problem::new(Subject::Section, section, text));
    }
}

/// Whether all that is in the section has a name.
fn is_known(section: &CStr) -> bool {
    let name = section.to_bytes();
    !name.starts_with(b".rodata") && name != b".kconfig"
}

/// The places that the loaded programs use, as indices of sections and offsets in them. In others libbpf has
/// put no descriptors.
/// In order, each once.
fn uses(object: &libbpf_sys::bpf_object, sections: &[&CStr]) -> Vec<(usize, u32)> {
    let mut descriptors = Vec::new();
    for (index, name) in sections.iter().enumerate() {
        if is_known(name)
            && let Some(map) = sections::find(object, name)
        {
            // SAFETY: `find` returned a map of `object`; the call only reads.
            descriptors.push((unsafe { libbpf_sys::bpf_map__fd(map.as_ptr()) }, index));
        }
    }
    let mut uses = Vec::new();
    for program in ProgIter::new(object) {
        let program = program.as_ptr();
        // SAFETY: the program is the object's, which is borrowed; the calls only read. libbpf has that many
        // instructions there as long as it has the program.
        let instructions = unsafe {
            let first = libbpf_sys::bpf_program__insns(program);
            if first.is_null() {
                continue;
            }
            core::slice::from_raw_parts(first, libbpf_sys::bpf_program__insn_cnt(program) as usize)
        };
        for pair in instructions.windows(2) {
            let [address, offset] = pair else { continue };
            if address.code == LOAD_ADDRESS
                && u32::from(address.src_reg()) == libbpf_sys::BPF_PSEUDO_MAP_VALUE
                && let Some((_, section)) = descriptors.iter().find(|(fd, _)| *fd == address.imm)
            {
                uses.push((*section, offset.imm.cast_unsigned()));
            }
        }
        // Code loads the same few addresses again and again.
        uses.sort_unstable();
        uses.dedup();
    }
    uses
}

/// Those from `start` to `end`, of all in order.
fn between(uses: &[(usize, u32)], start: (usize, u32), end: (usize, u32)) -> &[(usize, u32)] {
    let position = |place| uses.partition_point(|used| *used < place);
    uses.get(position(start)..position(end)).unwrap_or_default()
}

/// The first of these offsets, which are in order, that is inside no variable of the section.
fn nameless_of(offsets: impl Iterator<Item = u32>, section: Type<'_>) -> Option<u32> {
    let mut offsets = offsets.peekable();
    offsets.peek()?;
    let Kind::DataSection(entries) = section.kind else {
        return None;
    };
    // In order too, since libbpf sorts them (`btf_fixup_datasec`).
    let mut entries = entries.iter().peekable();
    let mut end = 0;
    offsets.find(|offset| {
        while let Some(entry) = entries.next_if(|entry| entry.offset <= *offset) {
            end = entry.offset.saturating_add(entry.size);
        }
        *offset >= end
    })
}

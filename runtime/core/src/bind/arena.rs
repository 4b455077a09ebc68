//! Arenas: finding an object's arena in the memory of this process, and the variables in it.

use core::ops::Range;
use core::ptr::{NonNull, slice_from_raw_parts};
use std::fs;

use libbpf_rs::libbpf_sys::{self, bpf_map, bpf_object};

use super::addresses::{self, Address};
use super::instructions;
use super::sections::{self, Access, Memory};
use super::variables::Places;
use crate::arena::{len, page_size};
use crate::describe::Variable;
use crate::error::{Problem, Subject};
use crate::shared::Shared;

/// Said of an object that has no arena.
pub(super) const NO_MAP: &str = "the object has no arena, a map of type BPF_MAP_TYPE_ARENA";

/// The arena of an object; libbpf allows one. A section's map that an application made an arena (`set_type`) is none: libbpf
/// would give the memory of the object's arena for it.
pub(super) fn find(object: &bpf_object) -> Option<&bpf_map> {
    let mut map = core::ptr::null();
    loop {
        // SAFETY: the object is valid, and `map` is null or one of its maps; the call only reads.
        map = unsafe { libbpf_sys::bpf_object__next_map(object, map) };
        // SAFETY: it is a map of the object, which is borrowed for as long.
        let found = unsafe { map.as_ref() }?;
        // SAFETY: as above; the calls only read.
        let is_arena = unsafe {
            libbpf_sys::bpf_map__type(found) == libbpf_sys::BPF_MAP_TYPE_ARENA
                && !libbpf_sys::bpf_map__is_internal(found)
        };
        if is_arena {
            return Some(found);
        }
    }
}

/// The arena of a loaded object, where libbpf mapped it. The kernel lets a process map an arena at one address only, so
/// this is libbpf's own mapping, which it unmaps when it closes the object.
pub(super) struct MappedArena<'obj> {
    object: &'obj bpf_object,
    memory: &'obj Shared<[u8]>,
    descriptor: i32,
    /// How many bytes the variables have.
    data: usize,
}

impl<'obj> MappedArena<'obj> {
    pub(super) fn of(object: &'obj bpf_object) -> Result<Self, Problem> {
        let Some(map) = find(object) else {
            return Err(Problem::new(Subject::Object, "", NO_MAP));
        };
        Self::of_map(object, map).map_err(|text| {
            // SAFETY: the map is valid; the call only reads, and the name lives as long as the map.
            let name = unsafe { core::ffi::CStr::from_ptr(libbpf_sys::bpf_map__name(map)) };
            Problem::new(Subject::Map, name.to_string_lossy(), text)
        })
    }

    fn of_map(object: &'obj bpf_object, map: &'obj bpf_map) -> Result<Self, String> {
        let (_, info) = sections::created(map).map_err(|reason| reason.to_string())?;
        let info = info.info;
        if info.type_ != libbpf_sys::BPF_MAP_TYPE_ARENA {
            return Err("was replaced (`reuse_fd`) by a map that is no arena".to_owned());
        }
        if info.map_flags & libbpf_sys::BPF_F_SEGV_ON_FAULT != 0 {
            return Err(
                "has the flag BPF_F_SEGV_ON_FAULT: once a BPF program frees a page, any access to it kills this \
                 process; define it without"
                    .to_owned(),
            );
        }
        // SAFETY: the map is valid.
        let mapped = unsafe { sections::initial_value(NonNull::from(map)) };
        let mapped = mapped.ok_or(NOT_MAPPED)?;
        let len = (info.max_entries as usize).checked_mul(page_size());
        let len = len.ok_or("is too large for the address space")?;
        let maps = fs::read("/proc/self/maps").map_err(|error| {
            format!("can't be looked for in this process, without /proc/self/maps: {error}")
        })?;
        let start = mapped.cast::<u8>().addr().get();
        if !is_mapped(&maps, start..start.saturating_add(len)) {
            return Err(NOT_MAPPED.to_owned());
        }
        // SAFETY: the map is valid; the call only reads.
        let descriptor = unsafe { libbpf_sys::bpf_map__fd(map) };
        let memory = slice_from_raw_parts(mapped.cast::<u8>().as_ptr(), len);
        Ok(Self {
            object,
            // SAFETY: `mapped` is where libbpf mapped the arena, or its own copy of the variables, which is no mapping of a
            // map. So `len` bytes are mapped here for reading and writing (`is_mapped`), until libbpf closes the object,
            // which is borrowed for `'obj`. An access never faults for lack of a page: without
            // BPF_F_SEGV_ON_FAULT the kernel allocates one. All accesses are those of `Shared` and of BPF programs.
            memory: unsafe { &*(memory as *const Shared<[u8]>) },
            descriptor,
            data: mapped.len(),
        })
    }

    pub(super) fn memory(&self) -> &'obj Shared<[u8]> {
        self.memory
    }

    /// Puts each place into memory.
    pub(super) fn resolve(
        &self,
        variables: &'static [Variable],
        places: &Places<'_>,
        problems: &mut Vec<Problem>,
    ) -> Vec<Option<Address<ArenaData<'obj>>>> {
        let mut used = instructions::offsets(self.object, self.descriptor);
        let start = start(&used, len(self.memory), self.data);
        let addresses = addresses::resolve(variables, places, problems, |_| {
            let start = start.clone()?;
            let arena = self.memory;
            let data = self.data;
            Ok(ArenaData { arena, start, data })
        });
        if let Ok(start) = start
            && problems.is_empty()
        {
            for offset in &mut used {
                *offset -= start as u32;
            }
            instructions::check_arena(&used, variables, places, problems);
        }
        addresses
    }
}

/// The offset in an arena of `len` bytes at which `data` bytes of variables begin, if loaded programs use these offsets.
///
/// libbpf puts them at the start, or from 1.7 on, if the kernel allows it, on the last pages. It doesn't tell which, but
/// the instructions that it loaded do.
fn start(used: &[u32], len: usize, data: usize) -> Result<usize, String> {
    let last = len.saturating_sub(data.next_multiple_of(page_size()));
    let holds = |start: usize| {
        let mut used = used.iter().map(|offset| *offset as usize);
        used.all(|offset| (start..start + data).contains(&offset))
    };
    match (holds(0), holds(last)) {
        (true, _) if last == 0 => Ok(0),
        (true, false) => Ok(0),
        (false, true) => Ok(last),
        (true, true) if used.is_empty() => Err(
            "no program that is loaded uses a variable in the arena: it is unknown where libbpf put them"
                .to_owned(),
        ),
        (true, true) => Err(
            "it is unknown whether libbpf put the variables at the start or at the end of the arena: give it more \
             pages (`max_entries`)"
                .to_owned(),
        ),
        (false, false) => Err("BPF code uses places in the arena where libbpf puts no variables".to_owned()),
    }
}

const NOT_MAPPED: &str = "is not mapped into this process by its object: libbpf does that from version 1.4 on, and not for \
                          an arena that replaced its own (`reuse_fd`, a pinned map)";

/// Whether these addresses are those of a BPF map that is mapped for reading and writing, according to `/proc/self/maps`.
///
/// Where libbpf doesn't map an arena, it has initial values of its variables in memory from `malloc`.
fn is_mapped(maps: &[u8], addresses: Range<usize>) -> bool {
    let mut next = addresses.start;
    // Mappings are listed in order, and one may be in pieces.
    for line in maps.split(|byte| *byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        let mut words = line.split_ascii_whitespace();
        let (place, access, file) = (words.next(), words.next(), words.nth(3));
        let place = place.and_then(|place| place.split_once('-'));
        let Some((start, end)) = place else { continue };
        let [Ok(start), Ok(end)] = [start, end].map(|address| usize::from_str_radix(address, 16))
        else {
            continue;
        };
        if start == next && access == Some("rw-s") && file == Some("anon_inode:bpf-map") {
            next = end;
        }
    }
    next >= addresses.end && !addresses.is_empty()
}

/// The variables in an arena.
#[derive(Clone, Copy)]
pub(super) struct ArenaData<'obj> {
    arena: &'obj Shared<[u8]>,
    start: usize,
    data: usize,
}

impl Memory for ArenaData<'_> {
    fn bytes(&self) -> (*mut u8, usize) {
        let first = core::ptr::from_ref(self.arena).cast::<u8>().cast_mut();
        let inside = len(self.arena).saturating_sub(self.start);
        (first.wrapping_add(self.start), self.data.min(inside))
    }

    fn access(&self) -> Access {
        Access::Writable
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arena_is_told_from_other_memory() {
        let maps = b"10000-13000 rw-p 00000000 00:00 0\n\
            20000-23000 rw-s 00000000 00:0e 1057                       anon_inode:bpf-map\n\
            23000-25000 rw-s 00003000 00:0e 1057                       anon_inode:bpf-map\n\
            25000-26000 r--s 00000000 00:0e 1057                       anon_inode:bpf-map\n\
            7ffc0000-7ffe1000 rw-p 00000000 00:00 0                    [st\xffck]\n";
        assert!(is_mapped(maps, 0x20000..0x23000));
        assert!(is_mapped(maps, 0x20000..0x25000));
        for addresses in [
            0x10000..0x13000,
            0x20000..0x26000,
            0x21000..0x23000,
            0x25000..0x26000,
            0x7ffc_0000..0x7ffc_1000,
            0x30000..0x31000,
            0x20000..0x20000,
        ] {
            assert!(!is_mapped(maps, addresses.clone()), "{addresses:x?}");
        }
    }

    #[test]
    fn instructions_tell_where_the_variables_are() {
        let page = page_size();
        let at = |offset: usize| offset as u32;
        // Ten pages, of which the variables take less than two.
        let (len, data) = (10 * page, page + 8);
        let begin = |used: &[u32]| start(used, len, data).ok();
        assert_eq!(begin(&[0, 8, at(page)]), Some(0));
        assert_eq!(begin(&[at(8 * page), at(9 * page + 4)]), Some(8 * page));
        assert_eq!(begin(&[]), None);
        assert_eq!(begin(&[0, at(8 * page)]), None);
        assert_eq!(begin(&[at(9 * page + 8)]), None);
        // Both places overlap: it depends on what is used.
        let begin = |used: &[u32]| start(used, 3 * page, data).ok();
        assert_eq!(begin(&[0]), Some(0));
        assert_eq!(begin(&[at(2 * page)]), Some(page));
        assert_eq!(begin(&[at(page)]), None);
        // Both are one.
        assert_eq!(start(&[], 2 * page, data), Ok(0));
    }
}

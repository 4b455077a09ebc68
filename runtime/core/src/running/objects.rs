//! Which programs and maps one load made, and their BTF.
//!
//! libbpf, bpftool and aya load an object's BTF once, and its programs share it. cilium/ebpf gives each program and map BTF
//! of its own, cut down to the types that it needs: there, what belongs together is known by the maps of sections, which
//! only programs of one load share.

use core::ptr::{NonNull, slice_from_raw_parts_mut};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;

use libbpf_rs::{ErrorExt as _, Result, libbpf_sys};

use super::kernel::{self, Map, Program};
use super::{RunningMap, RunningProgram};
use crate::bind::btf::{Btf, Kind};

/// A copy of BTF that the kernel has; that of several programs and maps is made one.
pub(super) struct KernelBtf {
    btf: NonNull<libbpf_sys::btf>,
    data: NonNull<[u8]>,
    /// By id in the kernel, what is added to the ids of its types.
    parts: BTreeMap<u32, u32>,
}

const NO_DATA: NonNull<[u8]> = NonNull::slice_from_raw_parts(NonNull::dangling(), 0);

// SAFETY: nobody else has the BTF, and it is only read: see `Btf`.
unsafe impl Send for KernelBtf {}
// SAFETY: as above.
unsafe impl Sync for KernelBtf {}

impl Drop for KernelBtf {
    fn drop(&mut self) {
        // SAFETY: it is valid, and nobody uses it any more.
        unsafe { libbpf_sys::btf__free(self.btf.as_ptr()) }
    }
}

impl KernelBtf {
    /// The BTF with these ids, one after the other.
    pub(super) fn new(ids: &BTreeSet<u32>) -> io::Result<Self> {
        if let (Some(&id), 1) = (ids.first(), ids.len()) {
            return Self::one(id);
        }
        // SAFETY: always safe to call.
        let btf = NonNull::new(unsafe { libbpf_sys::btf__new_empty() });
        let mut all = Self {
            btf: btf.ok_or_else(io::Error::last_os_error)?,
            data: NO_DATA,
            parts: BTreeMap::new(),
        };
        for &id in ids {
            let part = Self::one(id)?;
            // SAFETY: both are valid, and nobody else has them. What is added is a copy.
            let first = unsafe { libbpf_sys::btf__add_btf(all.btf.as_ptr(), part.btf.as_ptr()) };
            let first = u32::try_from(first)
                .map_err(|_| io::Error::from_raw_os_error(first.saturating_neg()))?;
            // Type 0 is `void` in each.
            all.parts.insert(id, first.saturating_sub(1));
        }
        all.read_data()?;
        Ok(all)
    }

    fn one(id: u32) -> io::Result<Self> {
        let mut one = Self {
            btf: kernel::btf(id)?,
            data: NO_DATA,
            parts: BTreeMap::from([(id, 0)]),
        };
        one.read_data()?;
        Ok(one)
    }

    /// Asks for the bytes while nobody else has the BTF: the call may build a cache inside.
    fn read_data(&mut self) -> io::Result<()> {
        let mut len = 0;
        // SAFETY: the BTF is valid, and `len` a place for the result.
        let data = unsafe { libbpf_sys::btf__raw_data(self.btf.as_ptr(), &raw mut len) };
        let data = slice_from_raw_parts_mut(data.cast::<u8>().cast_mut(), len as usize);
        self.data = NonNull::new(data).ok_or_else(io::Error::last_os_error)?;
        Ok(())
    }

    /// Its bytes.
    pub(super) fn data(&self) -> &[u8] {
        // SAFETY: they live as long as the BTF, and nobody changes it.
        unsafe { self.data.as_ref() }
    }

    /// The lowest of its ids.
    pub(super) fn id(&self) -> u32 {
        self.parts.keys().next().copied().unwrap_or_default()
    }

    pub(super) fn view(&self) -> Btf<'_> {
        // SAFETY: the BTF is valid as long as `self`, and nobody changes it.
        unsafe { Btf::from_raw(self.btf) }
    }

    /// The program, with the name of its function instead of what the kernel keeps of it.
    pub(super) fn full_name(&self, program: &Program) -> RunningProgram {
        let mut named = program.program.clone();
        let offset = self.parts.get(&program.btf);
        let function = offset.map_or(0, |offset| program.function.saturating_add(*offset));
        let function = self.view().ty(function);
        if let (Kind::Function { .. }, 1..) = (function.kind, program.function) {
            named.name = OsStr::from_bytes(function.name().to_bytes()).to_owned();
            named.has_full_name = true;
        }
        named
    }

    /// The map, with its types as they are numbered here. Those of a map that another object made are unknown.
    pub(super) fn translate(&self, map: &Map) -> RunningMap {
        let offset = self.parts.get(&map.map.kernel_btf);
        let translate = |ty: u32| match (ty, offset) {
            (0, _) | (_, None) => 0,
            (ty, Some(offset)) => ty.saturating_add(*offset),
        };
        RunningMap {
            key_type: translate(map.map.key_type),
            value_type: translate(map.map.value_type),
            ..map.map.clone()
        }
    }
}

/// Everything that is loaded at one moment.
pub(super) struct Listing {
    pub(super) programs: Vec<Program>,
    pub(super) maps: Vec<Map>,
}

/// What one load made: indices of its programs and maps in the listing.
pub(super) struct Group {
    pub(super) btf: BTreeSet<u32>,
    pub(super) programs: Vec<usize>,
    pub(super) maps: Vec<usize>,
}

impl Listing {
    pub(super) fn new() -> Result<Self> {
        Ok(Self {
            programs: kernel::programs().context("can't list programs")?,
            maps: kernel::maps().context("can't list maps")?,
        })
    }

    /// The object of a program, unless it is gone or has no BTF.
    pub(super) fn of_program(&self, id: u32) -> Option<Group> {
        let index = (self.programs.iter()).position(|program| program.program.id == id)?;
        let mut groups = self.groups().into_iter();
        groups.find(|group| group.programs.contains(&index))
    }

    /// The objects that a map may belong to: those with its BTF, or else those whose programs use it.
    pub(super) fn of_map(&self, map: &Map) -> Vec<Group> {
        self.of_map_among(map, self.groups())
    }

    fn of_map_among(&self, map: &Map, groups: Vec<Group>) -> Vec<Group> {
        let index = (self.maps.iter()).position(|listed| listed.map.id == map.map.id);
        let users = groups.into_iter();
        let mut users: Vec<_> = users
            .filter(|group| index.is_some_and(|index| group.maps.contains(&index)))
            .collect();
        if users
            .iter()
            .any(|group| group.btf.contains(&map.map.kernel_btf))
        {
            users.retain(|group| group.btf.contains(&map.map.kernel_btf));
        }
        users
    }

    /// All objects with BTF, the oldest first.
    pub(super) fn groups(&self) -> Vec<Group> {
        self.groups_where(|btf| {
            // What went meanwhile is left out later.
            KernelBtf::one(btf).is_ok_and(|btf| btf.view().data_sections().next().is_none())
        })
    }

    /// As [`groups`](Self::groups); `is_cut_down` says whether the BTF of a program lacks all sections.
    fn groups_where(&self, is_cut_down: impl Fn(u32) -> bool) -> Vec<Group> {
        let of_programs = self.programs.iter().map(|program| program.btf);
        let of_programs: BTreeSet<_> = of_programs.filter(|&btf| btf != 0).collect();
        // Maps with BTF that no program has, and the BTF of their users.
        let mut alone = BTreeMap::new();
        for (index, map) in self.maps.iter().enumerate() {
            if map.map.kernel_btf != 0 && !of_programs.contains(&map.map.kernel_btf) {
                alone.insert(map.map.id, (index, Vec::new()));
            }
        }
        let mut cut_down = BTreeMap::new();
        for program in self.programs.iter().filter(|program| program.btf != 0) {
            for id in &program.maps {
                if let Some((_, users)) = alone.get_mut(id)
                    && *cut_down
                        .entry(program.btf)
                        .or_insert_with(|| is_cut_down(program.btf))
                {
                    users.push(program.btf);
                }
            }
        }
        // Of each program's BTF, that which stands for the object.
        let mut objects: BTreeMap<u32, u32> = of_programs.iter().map(|&btf| (btf, btf)).collect();
        for (index, users) in alone.values() {
            if !self.maps[*index].is_section {
                continue;
            }
            let joined: BTreeSet<_> = users.iter().map(|user| objects[user]).collect();
            if let Some(&first) = joined.first() {
                for object in objects.values_mut() {
                    if joined.contains(object) {
                        *object = first;
                    }
                }
            }
        }
        let mut groups = BTreeMap::new();
        let group = |btf: u32| Group {
            btf: BTreeSet::from([btf]),
            programs: Vec::new(),
            maps: Vec::new(),
        };
        for (index, program) in self.programs.iter().enumerate() {
            if let Some(&object) = objects.get(&program.btf) {
                let group = groups.entry(object).or_insert_with(|| group(object));
                group.btf.insert(program.btf);
                group.programs.push(index);
            }
        }
        for (index, map) in self.maps.iter().enumerate() {
            let own = objects.get(&map.map.kernel_btf).copied();
            let users = self.programs.iter();
            let users = users.filter(|program| program.maps.contains(&map.map.id));
            let users = users.filter_map(|program| objects.get(&program.btf).copied());
            for object in users.chain(own).collect::<BTreeSet<_>>() {
                if let Some(group) = groups.get_mut(&object) {
                    group.maps.push(index);
                }
            }
            if let Some((_, users)) = alone.get(&map.map.id) {
                // Programs without types of variables have them from their maps.
                for user in users {
                    if let Some(group) = groups.get_mut(&objects[user]) {
                        group.btf.insert(map.map.kernel_btf);
                    }
                }
                if users.is_empty() {
                    let group = groups
                        .entry(map.map.kernel_btf)
                        .or_insert_with(|| group(map.map.kernel_btf));
                    group.maps.push(index);
                }
            }
        }
        groups.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// `CUT_DOWN` and above is BTF without sections.
    const CUT_DOWN: u32 = 100;

    fn program(id: u32, btf: u32, maps: &[u32]) -> Program {
        Program {
            program: RunningProgram {
                id,
                name: "program".into(),
                has_full_name: false,
                program_type: 0,
                tag: [0; 8],
                loaded: Duration::ZERO,
            },
            btf,
            function: 0,
            maps: maps.to_vec(),
        }
    }

    fn map(id: u32, kernel_btf: u32, is_section: bool) -> Map {
        Map {
            map: RunningMap {
                id,
                name: "map".into(),
                map_type: 0,
                kernel_btf,
                key_type: u32::from(!is_section && kernel_btf != 0),
                value_type: u32::from(kernel_btf != 0),
            },
            is_section,
        }
    }

    /// BTF, programs and maps of each object, by id.
    fn groups(programs: Vec<Program>, maps: Vec<Map>) -> Vec<[Vec<u32>; 3]> {
        let listing = Listing { programs, maps };
        let groups = listing.groups_where(|btf| btf >= CUT_DOWN).into_iter();
        let ids = |group: Group| {
            let programs = group.programs.iter();
            let maps = group.maps.iter();
            [
                group.btf.iter().copied().collect(),
                programs
                    .map(|&index| listing.programs[index].program.id)
                    .collect(),
                maps.map(|&index| listing.maps[index].map.id).collect(),
            ]
        };
        groups.map(ids).collect()
    }

    #[test]
    fn shared_btf_is_one_object() {
        let programs = vec![
            program(1, 10, &[1, 3]),
            program(2, 10, &[2]),
            program(3, 0, &[4]),
        ];
        // The last has no BTF, and its program neither.
        let maps = vec![
            map(1, 10, true),
            map(2, 10, false),
            map(3, 0, false),
            map(4, 0, false),
        ];
        assert_eq!(
            groups(programs, maps),
            [[vec![10], vec![1, 2], vec![1, 2, 3]]]
        );
    }

    /// One that was pinned and reused: the program's own BTF has its variables, and that of the map is another's.
    #[test]
    fn a_map_of_an_object_that_is_gone_adds_no_types() {
        let programs = vec![program(1, 10, &[1])];
        assert_eq!(
            groups(programs, vec![map(1, 5, true)]),
            [[vec![5], vec![], vec![1]], [vec![10], vec![1], vec![1]]]
        );
    }

    #[test]
    fn a_map_belongs_to_the_object_whose_btf_it_has() {
        let listing = Listing {
            programs: vec![program(1, 10, &[1])],
            maps: vec![map(1, 5, true)],
        };
        let owners = listing.of_map_among(&listing.maps[0], listing.groups_where(|_| false));
        let [owner] = owners.as_slice() else {
            panic!("{} owners", owners.len());
        };
        assert_eq!(owner.btf, BTreeSet::from([5]));
    }

    #[test]
    fn programs_with_btf_of_their_own_are_joined_by_sections_only() {
        let programs = vec![
            program(1, CUT_DOWN, &[1, 2]),
            program(2, CUT_DOWN + 1, &[2, 3]),
            // Of another load, with an ordinary map of the first.
            program(3, CUT_DOWN + 2, &[1, 4]),
        ];
        let maps = vec![
            map(1, 50, false),
            map(2, 51, true),
            map(3, 52, true),
            map(4, 53, true),
        ];
        let (first, second) = (CUT_DOWN, CUT_DOWN + 1);
        assert_eq!(
            groups(programs, maps),
            [
                [vec![50, 51, 52, first, second], vec![1, 2], vec![1, 2, 3]],
                [vec![50, 53, CUT_DOWN + 2], vec![3], vec![1, 4]],
            ]
        );
    }

    #[test]
    fn an_id_that_was_used_again_is_another_map() {
        let listed = map(7, 10, true).map;
        let mut info = libbpf_sys::bpf_map_info {
            id: 7,
            btf_id: 10,
            ..Default::default()
        };
        for (place, byte) in info.name.iter_mut().zip(b"map") {
            *place = *byte as core::ffi::c_char;
        }
        assert!(listed.is(&info));
        info.btf_id = 11;
        assert!(!listed.is(&info));
        info.btf_id = 10;
        info.name[0] = 0;
        assert!(!listed.is(&info));
    }
}

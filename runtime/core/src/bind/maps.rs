//! Maps: finding their definitions in BTF, and comparing them with it and with what was created.

use core::fmt;
use core::ptr::NonNull;
use std::collections::HashMap;

use libbpf_rs::{MapCore as _, MapHandle, MapIter, OpenMapMut, libbpf_sys};

use super::btf::{Btf, Entry, GLOBAL, Kind};
use super::running;
use super::sections::{self, NotOpen};
use super::types::Checker;
use crate::describe::{Map, Shape, Type};
use crate::error::{self, Problem, Subject};
use crate::maps::map_type::{self, BpfMapType as _};
use crate::running::{Running, RunningMap};
use crate::type_names;

/// The maps of a library and their definitions in an object.
pub(super) struct Definitions<'obj, M> {
    btf: Btf<'obj>,
    maps: &'static [Map],
    found: HashMap<&'obj [u8], Definition<M>>,
}

/// A map of an object: its definition in BTF, and what was made of it.
struct Definition<M> {
    /// Void if BTF has none.
    ty: u32,
    map: M,
}

/// The map that libbpf made.
type LibbpfMap = NonNull<libbpf_sys::bpf_map>;

/// The maps that the kernel may have made: it cuts their names.
type Candidates<'obj> = Vec<&'obj RunningMap>;

/// Whether a map of an object file is defined there, or only declared `extern`.
pub(super) enum Declared {
    InFull,
    InPart,
}

/// The entries of the DATASEC `.maps`.
pub(super) fn entries(btf: Btf<'_>) -> impl Iterator<Item = Entry> {
    let section = btf.data_sections().find(|(ty, _)| ty.name() == c".maps");
    section.into_iter().flat_map(|(_, entries)| entries.iter())
}

/// A map as libbpf or the kernel created it.
#[derive(PartialEq, Eq)]
struct Made {
    map_type: u32,
    key_size: u32,
    value_size: u32,
    flags: u32,
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} with keys of {} and values of {}",
            map_type_name(self.map_type),
            error::bytes(self.key_size),
            error::bytes(self.value_size)
        )
    }
}

/// The flags that decide what user space or the programs can do with a map; the others are about memory
/// and tuning.
const FLAGS: [(u32, &str); 3] = [
    (libbpf_sys::BPF_F_MMAPABLE, "BPF_F_MMAPABLE"),
    (libbpf_sys::BPF_F_RDONLY_PROG, "BPF_F_RDONLY_PROG"),
    (libbpf_sys::BPF_F_WRONLY_PROG, "BPF_F_WRONLY_PROG"),
];

impl<'obj> Definitions<'obj, LibbpfMap> {
    pub(crate) fn new(
        object: &'obj libbpf_sys::bpf_object,
        btf: Btf<'obj>,
        maps: &'static [Map],
    ) -> Self {
        let mut found = HashMap::new();
        if !maps.is_empty() {
            // libbpf makes its first maps of this section's entries, in their order
            // (`bpf_object__init_maps`). It can't be asked by name: `reuse_fd` gives a map the name of
            // the one it brings, so this name may be another map's by now.
            // Maps of data sections come after them. BTF may list more maps than the ELF section has: none of
            // the rest may be taken for a data section's map, whose image `configure` lends out.
            // SAFETY: the maps belong to the object, which lives for `'obj`; the call only reads.
            let maps = MapIter::new(object)
                .take_while(|map| unsafe { !libbpf_sys::bpf_map__is_internal(map.as_ptr()) });
            for (entry, map) in entries(btf).zip(maps) {
                let variable = btf.ty(entry.variable);
                if let Kind::Variable { ty, .. } = variable.kind {
                    found.insert(variable.name().to_bytes(), Definition { ty, map });
                }
            }
        }
        Self { btf, maps, found }
    }

    /// Compares the maps of an object that is not yet loaded, and returns handles to them.
    ///
    /// # Safety
    ///
    /// While a result lives, nobody else has a handle to one of the object's maps.
    pub(crate) unsafe fn open(
        mut self,
        problems: &mut Vec<Problem>,
    ) -> Vec<Option<OpenMapMut<'obj>>> {
        let mut opened = Vec::with_capacity(self.maps.len());
        for map in self.maps {
            // Removed, so that no map is returned twice.
            let Some(mut definition) = self.found.remove(map.name().as_bytes()) else {
                problems.extend(self.missing(map));
                opened.push(None);
                continue;
            };
            // SAFETY: `new` took the map from an object that lives for `'obj`; these only read.
            let made = unsafe {
                let map = definition.map.as_ptr();
                Made {
                    map_type: libbpf_sys::bpf_map__type(map),
                    key_size: libbpf_sys::bpf_map__key_size(map),
                    value_size: libbpf_sys::bpf_map__value_size(map),
                    flags: libbpf_sys::bpf_map__map_flags(map),
                }
            };
            let types = self.types(definition.ty);
            self.compare(map, definition.ty, types, &made, problems);
            // SAFETY: the map is as above, and the caller's promise says that nobody else has it.
            opened.push(Some(OpenMapMut::new_mut(unsafe {
                definition.map.as_mut()
            })));
        }
        opened
    }

    /// Compares the maps of a loaded object, and returns handles to them.
    pub(crate) fn loaded(self, problems: &mut Vec<Problem>) -> Vec<Option<MapHandle>> {
        let maps = self.maps.iter();
        maps.map(|map| match self.found.get(map.name().as_bytes()) {
            Some(definition) => self.loaded_map(map, definition, problems),
            None => {
                problems.extend(self.missing(map));
                None
            }
        })
        .collect()
    }

    fn loaded_map(
        &self,
        map: &Map,
        definition: &Definition<LibbpfMap>,
        problems: &mut Vec<Problem>,
    ) -> Option<MapHandle> {
        // SAFETY: `new` took the map from an object that lives for `'obj`.
        let made = unsafe { definition.map.as_ref() };
        let created = sections::created(made).and_then(|(map, info)| {
            let handle = MapHandle::try_from(&map)
                .map_err(|error| NotOpen::Failed(format!("can't be opened: {error:#}")))?;
            Ok((handle, info))
        });
        let (handle, info) = match created {
            Ok(opened) => opened,
            Err(NotOpen::NotCreated(_)) if map.is_optional() => return None,
            Err(reason) => {
                problems.push(Problem::new(Subject::Map, map.name(), reason.to_string()));
                return None;
            }
        };
        // What libbpf remembers of a map may be out of date after `reuse_fd`, so ask the kernel.
        let made = Made {
            map_type: info.info.type_,
            key_size: info.info.key_size,
            value_size: info.info.value_size,
            flags: info.info.map_flags,
        };
        let types = self.types(definition.ty);
        self.compare(map, definition.ty, types, &made, problems);
        // The handle has what libbpf remembers, and that decides the size of buffers.
        let remembered = Made {
            // SAFETY: as above; the call only reads.
            map_type: unsafe { libbpf_sys::bpf_map__type(definition.map.as_ptr()) },
            key_size: handle.key_size(),
            value_size: handle.value_size(),
            flags: made.flags,
        };
        if remembered != made {
            let text =
                format!("libbpf remembers {remembered}, but its file descriptor is that of {made}");
            problems.push(Problem::new(Subject::Map, map.name(), text));
        }
        Some(handle)
    }
}

impl<'obj> Definitions<'obj, Candidates<'obj>> {
    pub(crate) fn of_running(running: &'obj Running, maps: &'static [Map]) -> Self {
        let btf = running.btf();
        let mut found = HashMap::new();
        if !maps.is_empty() {
            for entry in entries(btf) {
                let variable = btf.ty(entry.variable);
                if let (Kind::Variable { ty, .. }, Ok(name)) =
                    (variable.kind, variable.name().to_str())
                {
                    let map = running::candidates(running, name).collect();
                    found.insert(name.as_bytes(), Definition { ty, map });
                }
            }
            // A loader that gives each map BTF of its own leaves out the section `.maps`, which has the definitions.
            if found.is_empty() {
                for map in maps {
                    let found_maps: Vec<_> = running::candidates(running, map.name()).collect();
                    if !found_maps.is_empty() {
                        let definition = Definition {
                            ty: 0,
                            map: found_maps,
                        };
                        found.insert(map.name().as_bytes(), definition);
                    }
                }
            }
        }
        Self { btf, maps, found }
    }

    /// Compares the maps of a running object, and returns handles to them.
    pub(crate) fn running(self, problems: &mut Vec<Problem>) -> Vec<Option<MapHandle>> {
        let maps = self.maps.iter();
        maps.map(|map| match self.found.get(map.name().as_bytes()) {
            Some(definition) => self.running_map(map, definition, problems),
            None => {
                problems.extend(self.missing(map));
                None
            }
        })
        .collect()
    }

    fn running_map(
        &self,
        map: &Map,
        definition: &Definition<Candidates<'_>>,
        problems: &mut Vec<Problem>,
    ) -> Option<MapHandle> {
        let mut problem = |text: String| {
            problems.push(Problem::new(Subject::Map, map.name(), text));
            None
        };
        let mut fitting = Vec::new();
        let mut differences = Vec::new();
        for candidate in &definition.map {
            let (handle, info) = match running::open(candidate) {
                Ok(opened) => opened,
                Err(reason) => return problem(reason),
            };
            let made = Made {
                map_type: info.info.type_,
                key_size: info.info.key_size,
                value_size: info.info.value_size,
                flags: info.info.map_flags,
            };
            let mut differs = Vec::new();
            let [key, value] = self.types(definition.ty);
            let value_type = Some(candidate.value_type()).filter(|&ty| ty != 0);
            let types = [key.or(candidate.key_type()), value.or(value_type)];
            self.compare(map, definition.ty, types, &made, &mut differs);
            match differs.is_empty() {
                true => fitting.push(handle),
                false => differences.push(differs),
            }
        }
        match (fitting.len(), differences.pop()) {
            (0, None) if map.is_optional() => None,
            (0, None) => problem("the kernel has no map of that name any more".to_owned()),
            (0, Some(differs)) => {
                problems.extend(differs);
                None
            }
            (1, _) => fitting.pop(),
            (count, _) => problem(format!(
                "the kernel has {count} maps whose names begin so and whose definitions are alike: it keeps 15 \
                 characters of a name"
            )),
        }
    }
}

impl<'obj> Definitions<'obj, Declared> {
    /// Those that BTF of an object file describes.
    pub(crate) fn of_file(btf: Btf<'obj>, maps: &'static [Map]) -> Self {
        let mut found = HashMap::new();
        for entry in entries(btf) {
            let variable = btf.ty(entry.variable);
            if let Kind::Variable { ty, linkage } = variable.kind {
                let map = match linkage {
                    GLOBAL => Declared::InFull,
                    _ => Declared::InPart,
                };
                found.insert(variable.name().to_bytes(), Definition { ty, map });
            }
        }
        Self { btf, maps, found }
    }

    /// Compares the maps with what libbpf would make of their definitions.
    pub(crate) fn file(self, problems: &mut Vec<Problem>) {
        for map in self.maps {
            match self.found.get(map.name().as_bytes()) {
                Some(definition) => {
                    let made = self.to_be_made(map, definition);
                    let types = self.types(definition.ty);
                    self.compare(map, definition.ty, types, &made, problems);
                }
                None => problems.extend(self.missing(map)),
            }
        }
    }

    fn to_be_made(&self, map: &Map, definition: &Definition<Declared>) -> Made {
        let id = definition.ty;
        // What a declaration leaves out is for the definition to say.
        let or_else = |found: Option<u32>, built: Option<u32>| match definition.map {
            Declared::InFull => found.unwrap_or(0),
            Declared::InPart => found.or(built).unwrap_or(0),
        };
        let size = |part: &str| self.part_size(id, part);
        // libbpf sets it: it is that of a map's id or of a program's.
        let of_values = self.member(id, "values").map(|_| 4);
        Made {
            map_type: or_else(self.number(id, "type"), map.map_type()),
            key_size: or_else(size("key"), map.key().size()),
            value_size: or_else(of_values.or_else(|| size("value")), map.value().size()),
            flags: or_else(self.number(id, "map_flags"), Some(map.flags())),
        }
    }
}

impl<'obj, M> Definitions<'obj, M> {
    /// Compares the types of keys, values and inner maps with those in BTF; and the map type, sizes and flags,
    /// which the application may have set.
    fn compare(
        &self,
        map: &Map,
        id: u32,
        [key, value]: [Option<u32>; 2],
        made: &Made,
        problems: &mut Vec<Problem>,
    ) {
        let name = map.name();
        compare_map_types(map, name, made.map_type, problems);
        if map.map_type().is_some() {
            compare_flags(map, made.flags, problems);
        }
        for (part, shape, found, size) in [
            ("key", map.key(), key, made.key_size),
            ("value", map.value(), value, made.value_size),
        ] {
            let path = format!("{name}.{part}");
            if let (Shape::Type(expected), Some(found)) = (shape, found)
                && !Checker::new(self.btf, Subject::Map, problems).check(&path, expected, found)
            {
                continue;
            }
            problems.extend(self.wrong_size(path, shape, found, size));
        }
        if let Some(inner) = map.inner() {
            self.compare_inner(map, inner, id, problems);
        }
    }

    /// Compares the size of keys or values with that of their type, which is `found` in BTF if that says one.
    fn wrong_size(
        &self,
        path: String,
        shape: Shape,
        found: Option<u32>,
        size: u32,
    ) -> Option<Problem> {
        let built = shape.size()?;
        let grows = matches!(shape, Shape::Type(Type::Growing(_)));
        // As long as the object has it, which is what its programs know.
        let whole = found.filter(|_| grows);
        match whole.and_then(|ty| self.btf.size_of(ty)) {
            Some(whole) if whole != size => {
                let (size, whole) = (error::bytes(size), error::bytes(whole));
                let text = format!("has {size}, and its type {whole}");
                Some(Problem::new(Subject::Map, path, text))
            }
            None if built != size => {
                let mut text = error::bytes(size);
                if grows {
                    text.push_str(", and no type to compare");
                }
                let built = error::bytes(built);
                Some(Problem::mismatch(Subject::Map, path, built, text))
            }
            Some(_) | None => None,
        }
    }

    /// Compares the definition of inner maps, which only BTF has.
    fn compare_inner(&self, map: &Map, inner: &Map, id: u32, problems: &mut Vec<Problem>) {
        let path = format!("{}.{}", map.name(), inner.name());
        let Some(id) = self.values(id) else {
            let text = "no definition of inner maps";
            let expected = inner
                .map_type()
                .map_or_else(|| "inner maps".into(), map_type_name);
            problems.push(Problem::mismatch(Subject::Map, path, expected, text));
            return;
        };
        compare_map_types(inner, &path, self.number(id, "type").unwrap_or(0), problems);
        for (part, shape) in [("key", inner.key()), ("value", inner.value())] {
            let path = format!("{path}.{part}");
            let ty = self.part(id, part);
            if let (Shape::Type(expected), Some(found)) = (shape, ty) {
                Checker::new(self.btf, Subject::Map, problems).check(&path, expected, found);
                continue;
            }
            let size = self.part_size(id, part);
            if let Some(expected) = shape.size()
                && size != Some(expected)
            {
                let found = size.map_or_else(|| "no size".into(), error::bytes);
                let expected = error::bytes(expected);
                problems.push(Problem::mismatch(Subject::Map, path, expected, found));
            }
        }
    }

    fn member(&self, id: u32, name: &str) -> Option<Kind<'obj>> {
        let Kind::Struct { members, .. } = self.btf.resolve(id).kind else {
            return None;
        };
        let mut members = members.iter();
        let member = members.find(|member| member.name().to_bytes() == name.as_bytes())?;
        Some(self.btf.resolve(member.ty).kind)
    }

    /// The type that a definition's `__type(key, …)` or `__type(value, …)` names.
    fn part(&self, id: u32, part: &str) -> Option<u32> {
        match self.member(id, part)? {
            Kind::Pointer { to } => Some(to),
            _ => None,
        }
    }

    /// The size of keys or values that a definition gives, with their type or without.
    fn part_size(&self, id: u32, part: &str) -> Option<u32> {
        match self.part(id, part) {
            Some(ty) => self.btf.size_of(ty),
            None => self.number(id, &format!("{part}_size")),
        }
    }

    /// The types of a definition's keys and values.
    fn types(&self, id: u32) -> [Option<u32>; 2] {
        ["key", "value"].map(|part| self.part(id, part))
    }

    /// The number that a definition's `__uint(name, …)` gives: the length of an array.
    fn number(&self, id: u32, name: &str) -> Option<u32> {
        match self.btf.resolve(self.part(id, name)?).kind {
            Kind::Array { len, .. } => Some(len),
            _ => None,
        }
    }

    /// The definition that `__array(values, …)` names: an array of pointers to it.
    fn values(&self, id: u32) -> Option<u32> {
        let Kind::Array { element, .. } = self.member(id, "values")? else {
            return None;
        };
        match self.btf.resolve(element).kind {
            Kind::Pointer { to } => Some(to),
            _ => None,
        }
    }

    fn missing(&self, map: &Map) -> Option<Problem> {
        let others = self.found.keys();
        let others = others.filter_map(|name| core::str::from_utf8(name).ok());
        let text = || error::missing(map.name(), others);
        (!map.is_optional()).then(|| Problem::new(Subject::Map, map.name(), text()))
    }
}

fn compare_map_types(map: &Map, path: &str, found: u32, problems: &mut Vec<Problem>) {
    if let Some(map_type) = map.map_type()
        && map_type != found
    {
        problems.push(Problem::mismatch(
            Subject::Map,
            path,
            map_type_name(map_type),
            map_type_name(found),
        ));
    }
}

/// A map may be mmapable where the library doesn't ask for it; what programs may do must be as the library
/// says.
fn compare_flags(map: &Map, found: u32, problems: &mut Vec<Problem>) {
    // The kernel makes these read-only for programs by itself (`dev_map_init_map`).
    let of_devices = [map_type::DevMap::NUMBER, map_type::DevMapHash::NUMBER].map(Some);
    let of_devices = of_devices.contains(&map.map_type());
    for (flag, name) in FLAGS {
        let (expected, found) = (map.flags() & flag != 0, found & flag != 0);
        if expected == found || (found && (flag == libbpf_sys::BPF_F_MMAPABLE || of_devices)) {
            continue;
        }
        let text = |set| match set {
            true => name.to_owned(),
            false => format!("no {name}"),
        };
        let path = format!("{}.map_flags", map.name());
        problems.push(Problem::mismatch(
            Subject::Map,
            path,
            text(expected),
            text(found),
        ));
    }
}

/// A map type as libbpf writes it: "hash map".
fn map_type_name(map_type: u32) -> String {
    match type_names::map_type(map_type) {
        Some(name) => format!("{name} map"),
        None => format!("map of type {map_type}"),
    }
}

//! Maps: comparing their definitions with the object's BTF and with what the kernel made of them.

use std::collections::HashMap;
use std::ffi::{CStr, CString};
use std::os::fd::AsFd;

use libbpf_rs::{MapHandle, MapInfo, libbpf_sys};

use crate::btf::{Btf, Kind};
use crate::check::Checker;
use crate::describe::{Map, Shape};
use crate::error::{Problem, Subject};

/// The maps of a library and their definitions in an object's BTF.
pub(crate) struct Definitions<'obj> {
    btf: Btf<'obj>,
    maps: &'static [Map],
    found: HashMap<&'obj [u8], u32>,
}

impl<'obj> Definitions<'obj> {
    pub(crate) fn new(btf: Btf<'obj>, maps: &'static [Map]) -> Self {
        let mut found = HashMap::new();
        if !maps.is_empty() {
            for ty in btf.types() {
                let Kind::DataSection(entries) = ty.kind else {
                    continue;
                };
                if ty.name != c".maps"
                    && ty.name != c".struct_ops"
                    && ty.name != c".struct_ops.link"
                {
                    continue;
                }
                for entry in entries.iter() {
                    let variable = btf.ty(entry.variable);
                    if let Kind::Variable { ty, .. } = variable.kind {
                        found.insert(variable.name.to_bytes(), ty);
                    }
                }
            }
        }
        Self { btf, maps, found }
    }

    /// Compares keys and values with the library's.
    pub(crate) fn check(&self, problems: &mut Vec<Problem>) {
        for map in self.maps {
            let Some(id) = self.found.get(map.name().as_bytes()) else {
                continue;
            };
            let Kind::Struct { members, .. } = self.btf.resolve(*id).kind else {
                continue;
            };
            for member in members.iter() {
                let (shape, part) = match member.name.to_bytes() {
                    b"key" => (map.key(), "key"),
                    b"value" => (map.value(), "value"),
                    _ => continue,
                };
                if let (Shape::Type(expected), Kind::Pointer { to }) =
                    (shape, self.btf.resolve(member.ty).kind)
                {
                    let path = format!("{}.{part}", map.name());
                    Checker::new(self.btf, Subject::Map, problems).check(&path, expected, to);
                }
            }
        }
    }

    /// Compares as [`check`](Self::check) does, and opens each map.
    pub(crate) fn bind(
        &self,
        object: &libbpf_sys::bpf_object,
        problems: &mut Vec<Problem>,
    ) -> Vec<Option<MapHandle>> {
        self.check(problems);
        self.maps
            .iter()
            .map(|map| match open(object, map) {
                Ok(handle) => {
                    if let Some(handle) = &handle {
                        compare_with_kernel(map, handle, problems);
                    }
                    handle
                }
                Err(reason) => {
                    problems.push(Problem::new(Subject::Map, map.name(), reason));
                    None
                }
            })
            .collect()
    }
}

fn open(object: &libbpf_sys::bpf_object, map: &Map) -> Result<Option<MapHandle>, String> {
    let name = CString::new(map.name()).map_err(|_| "its name holds a NUL".to_owned())?;
    let found = find(object, &name);
    let missing = match found {
        None => "not in the object",
        // SAFETY: `found` is a map of `object`; the call only reads.
        Some(found) if unsafe { libbpf_sys::bpf_map__fd(found) } < 0 => {
            "was not created: the object is not loaded, or `set_autocreate(false)` left it out"
        }
        Some(found) => {
            return MapHandle::try_from(&libbpf_rs::Map::new(found))
                .map(Some)
                .map_err(|error| format!("{error:#}"));
        }
    };
    match map.is_optional() {
        true => Ok(None),
        false => Err(missing.to_owned()),
    }
}

fn find<'obj>(
    object: &'obj libbpf_sys::bpf_object,
    name: &CStr,
) -> Option<&'obj libbpf_sys::bpf_map> {
    // SAFETY: both are valid; the call only reads. Maps live as long as their object.
    unsafe { libbpf_sys::bpf_object__find_map_by_name(object, name.as_ptr()).as_ref() }
}

/// What libbpf remembers of a map is out of date after `reuse_fd`, so the kernel is asked.
fn compare_with_kernel(map: &Map, handle: &MapHandle, problems: &mut Vec<Problem>) {
    let info = match MapInfo::new(handle.as_fd()) {
        Ok(info) => info.info,
        Err(error) => {
            let text = format!("the kernel doesn't describe it: {error:#}");
            return problems.push(Problem::new(Subject::Map, map.name(), text));
        }
    };
    let mut compare = |part: &str, expected: Option<u32>, found: u32, unit: &str| {
        if let Some(expected) = expected
            && expected != found
        {
            problems.push(Problem::mismatch(
                Subject::Map,
                format!("{}{part}", map.name()),
                format!("{unit}{expected}"),
                format!("{unit}{found}"),
            ));
        }
    };
    compare("", map.kind(), info.type_, "map type ");
    compare(".key", map.key().size(), info.key_size, "size ");
    compare(".value", map.value().size(), info.value_size, "size ");
}

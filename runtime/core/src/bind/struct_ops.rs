//! `struct_ops`: finding their variables in BTF, and the maps that libbpf made of them.

use core::ffi::CStr;
use core::ptr::NonNull;
use std::collections::HashMap;
use std::os::unix::ffi::OsStrExt as _;

use bytemuck::Pod;
use libbpf_rs::{MapIter, MapType, libbpf_sys};

use super::btf::{Btf, GLOBAL, Kind};
use super::types::Checker;
use crate::describe;
use crate::error::{self, Problem, Subject};
use crate::running::{Running, kept};
use crate::struct_ops::{OpenStructOps, RunningStructOps, StructOps};

/// Finds `struct_ops` of a loaded object.
pub(super) fn loaded<'obj>(
    object: &'obj libbpf_sys::bpf_object,
    btf: Btf<'obj>,
    struct_ops: &[describe::StructOps],
    problems: &mut Vec<Problem>,
) -> Vec<StructOps<'obj>> {
    // Most libraries have none.
    if struct_ops.is_empty() {
        return Vec::new();
    }
    let mut definitions = Definitions::new(object, btf);
    let mut found = Vec::with_capacity(struct_ops.len());
    for ops in struct_ops {
        match definitions.loaded(ops) {
            Ok(ops) => found.push(ops),
            Err(problem) => problems.push(problem),
        }
    }
    found
}

/// Finds `struct_ops` of an object that is not yet loaded, and compares their types.
pub(super) fn open(
    object: &libbpf_sys::bpf_object,
    btf: Btf<'_>,
    struct_ops: &[describe::StructOps],
    problems: &mut Vec<Problem>,
) -> Vec<InitialValue> {
    if struct_ops.is_empty() {
        return Vec::new();
    }
    let mut definitions = Definitions::new(object, btf);
    let struct_ops = struct_ops.iter();
    struct_ops
        .filter_map(|ops| definitions.open(ops, problems))
        .collect()
}

/// Finds `struct_ops` in the BTF of an object file, and compares their types.
pub(super) fn check(btf: Btf<'_>, struct_ops: &[describe::StructOps], problems: &mut Vec<Problem>) {
    let mut by_name = variables(btf);
    for ops in struct_ops {
        match by_name.remove(ops.name().as_bytes()).as_deref() {
            Some([ty]) => {
                Checker::new(btf, Subject::StructOps, problems).check(ops.name(), ops.ty(), *ty);
            }
            found => problems.push(not_one(ops, found.is_some(), by_name.keys())),
        }
    }
}

/// Finds `struct_ops` of a running object. Those that it has but did not create are none of its problems.
pub(super) fn running<'obj>(
    running: &'obj Running,
    struct_ops: &'static [describe::StructOps],
    problems: &mut Vec<Problem>,
) -> Vec<StructOps<'obj, Running>> {
    let variables = variables(running.btf());
    let found = struct_ops.iter().filter_map(|ops| {
        let name = ops.name();
        let maps = running.maps().iter();
        let maps = maps.filter(|map| map.map_type() == MapType::StructOps);
        let mut maps = maps.filter(|map| map.name().as_bytes() == kept(name.as_bytes()));
        let text = match variables.get(name.as_bytes()).map(Vec::as_slice) {
            Some([_]) => match (maps.next(), maps.next()) {
                (map, None) => {
                    return Some(StructOps::running(RunningStructOps { name, map }));
                }
                (_, Some(_)) => "the kernel has more than one of that name".to_owned(),
            },
            Some(_) => "the object has more than one of that name".to_owned(),
            None => {
                let others = variables.keys();
                let others = others.filter_map(|name| core::str::from_utf8(name).ok());
                error::missing(name, others)
            }
        };
        problems.push(Problem::new(Subject::StructOps, name, text));
        None
    });
    found.collect()
}

/// The types of the `struct_ops` variables, by name: all of that name.
pub(super) fn variables(btf: Btf<'_>) -> HashMap<&[u8], Vec<u32>> {
    let mut variables = HashMap::<_, Vec<_>>::new();
    for ty in btf.types() {
        let Kind::DataSection(entries) = ty.kind else {
            continue;
        };
        let name = ty.name().to_bytes();
        // libbpf writes `_` for `?` where the kernel refuses that in a name (before Linux 6.9).
        let name = name
            .strip_prefix(b"?")
            .or_else(|| name.strip_prefix(b"_"))
            .unwrap_or(name);
        let is_struct_ops = matches!(name, b".struct_ops" | b".struct_ops.link");
        for entry in entries.iter().filter(|_| is_struct_ops) {
            let variable = btf.ty(entry.variable);
            if let Kind::Variable { ty, linkage } = variable.kind
                && linkage == GLOBAL
            {
                let name = variable.name().to_bytes();
                variables.entry(name).or_default().push(ty);
            }
        }
    }
    variables
}

/// Says that a name is that of none, or of more than one; `others` are the names that there are.
fn not_one<'n>(
    ops: &describe::StructOps,
    has_more: bool,
    others: impl Iterator<Item = &'n &'n [u8]>,
) -> Problem {
    let text = match has_more {
        true => "the object has more than one of that name".to_owned(),
        false => {
            let others = others.filter_map(|name| core::str::from_utf8(name).ok());
            error::missing(ops.name(), others)
        }
    };
    Problem::new(Subject::StructOps, ops.name(), text)
}

/// The `struct_ops` of an object.
struct Definitions<'obj> {
    btf: Btf<'obj>,
    /// By name: all of that name.
    variables: HashMap<&'obj [u8], Vec<u32>>,
    maps: HashMap<&'obj [u8], Vec<NonNull<libbpf_sys::bpf_map>>>,
}

impl<'obj> Definitions<'obj> {
    fn new(object: &'obj libbpf_sys::bpf_object, btf: Btf<'obj>) -> Self {
        let variables = variables(btf);
        let mut maps = HashMap::<_, Vec<_>>::new();
        let others = super::maps::entries(btf).count();
        // libbpf makes maps of `.maps`, then of data sections, then of these (`bpf_object__init_maps`). Only
        // these have the memory that `configure` lends out, whatever type a map has been set to.
        let ops = MapIter::new(object)
            // SAFETY: the maps belong to the object, which lives for `'obj`; the call only reads.
            .filter(|map| unsafe { !libbpf_sys::bpf_map__is_internal(map.as_ptr()) })
            .skip(others);
        for map in ops {
            // SAFETY: as above; the name lives as long as the map.
            unsafe {
                let name = CStr::from_ptr(libbpf_sys::bpf_map__name(map.as_ptr()));
                if libbpf_sys::bpf_map__type(map.as_ptr()) == libbpf_sys::BPF_MAP_TYPE_STRUCT_OPS {
                    maps.entry(name.to_bytes()).or_default().push(map);
                }
            }
        }
        Self {
            btf,
            variables,
            maps,
        }
    }

    /// The type and the map of one, which nobody gets a second time.
    fn take(
        &mut self,
        ops: &describe::StructOps,
    ) -> Result<(u32, NonNull<libbpf_sys::bpf_map>), Problem> {
        let name = ops.name().as_bytes();
        let (types, maps) = (self.variables.remove(name), self.maps.remove(name));
        match (types.as_deref(), maps.as_deref()) {
            (Some([ty]), Some([map])) => Ok((*ty, *map)),
            (types, maps) => {
                let has_more = types.is_some() && maps.is_some();
                Err(not_one(ops, has_more, self.variables.keys()))
            }
        }
    }

    /// One of a loaded object.
    fn loaded(&mut self, ops: &describe::StructOps) -> Result<StructOps<'obj>, Problem> {
        let (_, map) = self.take(ops)?;
        // SAFETY: `new` took the map from an object that lives for `'obj`.
        Ok(unsafe { StructOps::new(map) })
    }

    /// One of an object that is not yet loaded, if its type is the library's.
    fn open(
        &mut self,
        ops: &describe::StructOps,
        problems: &mut Vec<Problem>,
    ) -> Option<InitialValue> {
        let (ty, map) = self
            .take(ops)
            .map_err(|problem| problems.push(problem))
            .ok()?;
        if !Checker::new(self.btf, Subject::StructOps, problems).check(ops.name(), ops.ty(), ty) {
            return None;
        }
        // libbpf writes the size here, but `set_value_size` may have changed it while the memory stayed as it is.
        let mut size = 0;
        // SAFETY: the map belongs to the object. libbpf has made it of a `struct_ops` variable, so there is
        // memory of the size of the variable's type (`init_struct_ops_maps`).
        let first = unsafe { libbpf_sys::bpf_map__initial_value(map.as_ptr(), &raw mut size) };
        let first = NonNull::new(first.cast::<u8>());
        let aligned = first.filter(|first| first.addr().get().is_multiple_of(ops.align()));
        let Some(first) = aligned else {
            let text = "libbpf has no aligned memory for it";
            problems.push(Problem::new(Subject::StructOps, ops.name(), text));
            return None;
        };
        Some(InitialValue {
            first,
            size: ops.ty().size() as usize,
            map,
        })
    }
}

/// The initial value of a `struct_ops` map: the struct in memory of this process, until the object is loaded.
pub(super) struct InitialValue {
    first: NonNull<u8>,
    size: usize,
    map: NonNull<libbpf_sys::bpf_map>,
}

impl InitialValue {
    /// The `struct_ops` as a `T`; `None` if that has another size or alignment.
    ///
    /// # Safety
    ///
    /// The object is mutably borrowed for `'obj`, and nothing else refers to this one of its `struct_ops`.
    pub(super) unsafe fn into_open<'obj, T: Pod>(self) -> Option<OpenStructOps<'obj, T>> {
        let first = self.first.cast::<T>();
        if self.size != size_of::<T>() || !first.is_aligned() {
            return None;
        }
        // SAFETY: `Definitions::open` took the memory from libbpf, with the size of a type that it compared
        // with the expected one; it is aligned, and the caller's promise says that it is ours.
        Some(unsafe { OpenStructOps::new(&mut *first.as_ptr(), self.map) })
    }
}

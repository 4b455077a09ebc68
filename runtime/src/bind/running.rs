//! A library in an object that another process loaded: its sections and maps, as the kernel knows them.

use core::ffi::CStr;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;

use libbpf_rs::MapHandle;

use super::btf::Kind;
use super::sections::Mapping;
use crate::running::{Running, RunningMap};

/// How many characters of a map's name the kernel keeps (`BPF_OBJ_NAME_LEN`, with the NUL).
const MAX_NAME: usize = 15;

impl Mapping {
    /// Maps the section named `name`, for writing if `writable`.
    ///
    /// A section that is read-only in the kernel is mapped read-only even then.
    pub(super) fn of_running(
        running: &Running,
        name: &CStr,
        writable: bool,
    ) -> Result<Arc<Self>, String> {
        // The value of a section's map is the DATASEC.
        let is_section = |map: &&RunningMap| {
            let ty = running.btf().ty(map.value_type());
            matches!(ty.kind, Kind::DataSection(_)) && ty.name() == name
        };
        let mut maps = running.maps().iter().filter(is_section);
        match (maps.next(), maps.next()) {
            (Some(map), None) => Self::of_section(&open(map)?, writable),
            (Some(_), Some(_)) => Err("it has more than one map".to_owned()),
            (None, _) => {
                Err("the kernel has no map for it any more, or one without BTF".to_owned())
            }
        }
    }
}

/// A handle of the map, if it still exists.
pub(super) fn open(map: &RunningMap) -> Result<MapHandle, String> {
    MapHandle::from_map_id(map.id()).map_err(|error| format!("can't be opened: {error:#}"))
}

/// The maps whose names begin as `name` does, as far as the kernel keeps names.
pub(super) fn candidates<'r>(
    running: &'r Running,
    name: &str,
) -> impl Iterator<Item = &'r RunningMap> {
    let kept = name.as_bytes();
    let kept = kept.get(..MAX_NAME).unwrap_or(kept).to_owned();
    let maps = running.maps().iter();
    maps.filter(move |map| map.name().as_bytes() == kept)
}

//! A library in an object that another process loaded: its sections and maps, as the kernel knows them.

use core::ffi::CStr;
use std::ffi::OsStr;
use std::os::fd::AsFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;

use libbpf_rs::{ErrorKind, MapHandle, MapInfo, libbpf_sys};

use super::btf::{Kind, Type};
use super::sections::Mapping;
use crate::running::{Running, RunningMap, kept};

impl Mapping {
    /// Maps the section that `section` is the DATASEC of, for writing if `writable`.
    ///
    /// A section that is read-only in the kernel is mapped read-only even then.
    pub(crate) fn of_running(
        running: &Running,
        section: Type<'_>,
        writable: bool,
    ) -> Result<Arc<Self>, String> {
        // The value of a section's map is the DATASEC.
        let is_section = |map: &&RunningMap| {
            let ty = running.btf().ty(map.value_type());
            matches!(ty.kind, Kind::DataSection(_)) && ty.name() == section.name()
        };
        let mut maps = running.maps().iter().filter(is_section);
        match (maps.next(), maps.next()) {
            (Some(map), None) => {
                let (map, info) = open_section(map)?;
                Self::of_section(map.as_fd(), &info, writable)
            }
            (Some(_), Some(_)) => Err("it has more than one map".to_owned()),
            (None, _) => {
                let (map, info) = by_name(running, section)?;
                Self::of_section(map.as_fd(), &info, writable)
            }
        }
    }
}

/// The map of a section that the loader made without types: it must have the section's name and size, and be the only
/// one of the object.
fn by_name(running: &Running, section: Type<'_>) -> Result<(MapHandle, MapInfo), String> {
    let (name, size) = (section.name(), running.btf().size_of(section.id));
    let mut found = None;
    let maps = running.maps().iter();
    for map in maps.filter(|map| map.value_type() == 0 && is_name_of(map.name(), name)) {
        let opened = open_section(map)?;
        let info = opened.1.info;
        if info.type_ != libbpf_sys::BPF_MAP_TYPE_ARRAY
            || info.max_entries != 1
            || Some(info.value_size) != size
        {
            continue;
        }
        if found.replace(opened).is_some() {
            return Err("it has more than one map".to_owned());
        }
    }
    found.ok_or_else(|| {
        "the kernel has no map for it any more, or one without BTF and of another name or size"
            .to_owned()
    })
}

/// Whether loaders call the map of a section so: as the section, cut to 15 characters, or, as libbpf does for short
/// names, with the beginning of the object's name before it.
fn is_name_of(map: &OsStr, section: &CStr) -> bool {
    let (map, section) = (map.as_bytes(), section.to_bytes());
    let cut = kept(section);
    // libbpf does not do so for `.data.custom`.
    let prefixed = section.iter().filter(|&&byte| byte == b'.').count() == 1;
    map == cut || (prefixed && map.ends_with(section))
}

/// A handle of a section's map, and what the kernel says of it, if it still exists.
fn open_section(map: &RunningMap) -> Result<(MapHandle, MapInfo), String> {
    open(map).map_err(|reason| format!("its map {reason}"))
}

/// A handle of the map, and what the kernel says of it, if it still exists.
pub(super) fn open(map: &RunningMap) -> Result<(MapHandle, MapInfo), String> {
    let failed = |error: libbpf_rs::Error| match error.kind() {
        ErrorKind::PermissionDenied => {
            format!(
                "can't be opened: that needs CAP_SYS_ADMIN, as maps are opened by their ids: {error:#}"
            )
        }
        _ => format!("can't be opened: {error:#}"),
    };
    let handle = MapHandle::from_map_id(map.id()).map_err(failed)?;
    let info = MapInfo::new(handle.as_fd()).map_err(failed)?;
    match map.is(&info.info) {
        true => Ok((handle, info)),
        false => Err(format!(
            "can't be opened: the kernel gave its id, {}, to another map meanwhile",
            map.id()
        )),
    }
}

/// The maps whose names begin as `name` does, as far as the kernel keeps names.
pub(super) fn candidates<'r>(
    running: &'r Running,
    name: &'r str,
) -> impl Iterator<Item = &'r RunningMap> {
    let maps = running.maps().iter();
    maps.filter(|map| map.name().as_bytes() == kept(name.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loaders_name_the_maps_of_sections() {
        for (map, section, expected) in [
            (".bss", c".bss", true),
            ("applicat.bss", c".bss", true),
            (".data.custom", c".data.custom", true),
            (".data.long_name", c".data.long_names", true),
            ("app.data.custom", c".data.custom", false),
            ("bss", c".bss", false),
            (".rodata", c".data", false),
        ] {
            assert_eq!(is_name_of(OsStr::new(map), section), expected, "{map}");
        }
    }
}

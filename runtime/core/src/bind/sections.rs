//! Sections: finding a section's map, mapping it after load, and its initial image before.

mod mapped;

use core::alloc::Layout;
use core::ffi::CStr;
use core::fmt;
use core::ptr::{NonNull, slice_from_raw_parts_mut};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::Arc;

use libbpf_rs::libbpf_sys;
use libbpf_rs::{Map, MapHandle, MapInfo, MapType};
use memmap2::{MmapOptions, MmapRaw};

use self::mapped::Key;
use super::arena;
use super::detached::PlainMemory;
use crate::error::invalid;

/// A section's memory, shared with the BPF programs of the object; or that of a detached variable, which no
/// program has.
///
/// The kernel keeps the map as long as it is mapped, so this outlives the object.
pub(crate) struct Mapping {
    backing: Backing,
    size: usize,
    access: Access,
    /// If others may share it.
    _entry: Option<mapped::Entry>,
}

/// Where the memory comes from.
enum Backing {
    /// The map of a section.
    Map(MmapRaw),
    /// Nobody else has it: a variable of a detached library.
    Detached(PlainMemory),
}

/// Who may write to a section's memory.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Writable,
    /// Nobody asked to, or nobody can: `.rodata` and `.kconfig`.
    ReadOnly,
    /// Programs may, no process may.
    Frozen,
}

/// A handle to the memory of one section that variables are placed in.
pub(crate) trait Memory: Clone {
    /// The first byte, aligned to a page, and how many there are.
    fn bytes(&self) -> (*mut u8, usize);

    /// Who may write to it.
    fn access(&self) -> Access;
}

impl Mapping {
    /// Maps the section named `name` of a loaded object, for writing if `writable`.
    ///
    /// A section that is read-only in the kernel is mapped read-only even then.
    pub(crate) fn new(
        object: &libbpf_sys::bpf_object,
        name: &CStr,
        writable: bool,
    ) -> Result<Arc<Self>, String> {
        let map = find(object, name).ok_or(NO_MAP)?;
        // SAFETY: `find` returned a map of `object`, which outlives the borrow made here.
        let created = created(unsafe { map.as_ref() });
        let (map, info) = created.map_err(|reason| format!("its map {reason}"))?;
        Self::of_section(map.as_fd(), &info, writable)
    }

    /// Maps the only value of a section's map, of which the kernel says `info`, unless this process has that mapping.
    /// It doesn't need the descriptor any more.
    pub(super) fn of_section(
        map: BorrowedFd<'_>,
        info: &MapInfo,
        writable: bool,
    ) -> Result<Arc<Self>, String> {
        if info.map_type() != MapType::Array {
            return Err(format!(
                "its map was replaced (`reuse_fd`) by one of type {:?}, not an array",
                info.map_type()
            ));
        }
        let key = Key {
            map_id: info.info.id,
            writable,
        };
        let size = info.info.value_size as usize;
        mapped::get_or_map(key, || Self::map(map, info, size, writable))
    }

    /// Maps all values of an array: each takes up a multiple of 8 bytes (`array_map_alloc` in the kernel).
    pub(crate) fn of_array(handle: &MapHandle) -> Result<Arc<Self>, String> {
        let info = MapInfo::new(handle.as_fd()).map_err(|error| format!("{error:#}"))?;
        if info.info.map_flags & libbpf_sys::BPF_F_MMAPABLE == 0 {
            return Err(
                "the map can't be mapped into memory: define it with `__uint(map_flags, BPF_F_MMAPABLE)`"
                    .to_owned(),
            );
        }
        let value = (info.info.value_size as usize).next_multiple_of(8);
        let size = value.checked_mul(info.info.max_entries as usize);
        let size = size.ok_or("its map is too large for the address space")?;
        Self::map(handle.as_fd(), &info, size, true).map(Arc::new)
    }

    fn map(
        map: BorrowedFd<'_>,
        info: &MapInfo,
        size: usize,
        writable: bool,
    ) -> Result<Self, String> {
        if info.info.map_flags & libbpf_sys::BPF_F_MMAPABLE == 0 {
            return Err(
                "its map can't be mapped into memory: that needs Linux 5.5 and, if \
                        `reuse_fd` replaced it or a loader other than libbpf made it, a map created with \
                        BPF_F_MMAPABLE"
                    .to_owned(),
            );
        }
        let read_only = info.info.map_flags & libbpf_sys::BPF_F_RDONLY_PROG != 0;
        let mut options = MmapOptions::new();
        let options = options.len(size);
        let fd = map.as_raw_fd();
        let (memory, access) = match writable && !read_only {
            true => match options.map_raw(fd) {
                // A map that is frozen can still be read (`bpf_map_mmap` in the kernel).
                Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                    (options.map_raw_read_only(fd), Access::Frozen)
                }
                memory => (memory, Access::Writable),
            },
            false => (options.map_raw_read_only(fd), Access::ReadOnly),
        };
        let memory = memory.map_err(|error| match error.kind() {
            // The kernel takes such a mapping for a private one, even to read.
            io::ErrorKind::InvalidInput => format!(
                "its map can't be mapped into memory: {error}, as with a file descriptor that is read-only"
            ),
            _ => format!("its map can't be mapped into memory: {error}"),
        })?;
        Ok(Self {
            backing: Backing::Map(memory),
            size,
            access,
            _entry: None,
        })
    }

    /// Zeroed memory of this process, for a variable of a detached library.
    pub(crate) fn detached(layout: Layout) -> Arc<Self> {
        Arc::new(Self {
            backing: Backing::Detached(PlainMemory::zeroed(layout)),
            size: layout.size(),
            access: Access::Writable,
            _entry: None,
        })
    }
}

impl Memory for Arc<Mapping> {
    fn bytes(&self) -> (*mut u8, usize) {
        let first = match &self.backing {
            Backing::Map(memory) => memory.as_mut_ptr(),
            Backing::Detached(memory) => memory.first(),
        };
        (first, self.size)
    }

    fn access(&self) -> Access {
        self.access
    }
}

/// A section's initial image: private memory of this process, until the object is loaded.
#[derive(Clone, Copy)]
pub(crate) struct Image {
    memory: NonNull<[u8]>,
    map: NonNull<libbpf_sys::bpf_map>,
}

impl Image {
    /// The image of the section named `name` of an object that is not yet loaded.
    pub(crate) fn new(object: &libbpf_sys::bpf_object, name: &CStr) -> Result<Self, String> {
        let map = find(object, name).ok_or(NO_MAP)?;
        // SAFETY: the map is one of the object's; the call only reads.
        let ty = unsafe { libbpf_sys::bpf_map__type(map.as_ptr()) };
        if ty != libbpf_sys::BPF_MAP_TYPE_ARRAY {
            // For some types, libbpf would give the memory of something else, or read through NULL.
            return Err("its map is no array any more (`set_type`)".to_owned());
        }
        Self::of_map(map)
    }

    /// The image of the variables in the arena of an object that is not yet loaded.
    pub(crate) fn of_arena(object: &libbpf_sys::bpf_object) -> Result<Self, String> {
        let map = arena::find(object).ok_or(arena::NO_MAP)?;
        Self::of_map(NonNull::from(map))
    }

    /// The initial value of a map of an object that is not yet loaded, and that is borrowed longer than the image is
    /// kept.
    fn of_map(map: NonNull<libbpf_sys::bpf_map>) -> Result<Self, String> {
        // A map of an object that is not yet loaded has a descriptor only if `reuse_fd` brought it; then
        // libbpf doesn't load the image, and gives it the size of the other map.
        // SAFETY: the map is valid, as the callers found it in an object; the call only reads.
        if unsafe { libbpf_sys::bpf_map__fd(map.as_ptr()) } >= 0 {
            return Err(
                "its map was replaced (`reuse_fd`), so initial values would be lost: bind \
                        after load, and write to the variables"
                    .to_owned(),
            );
        }
        // SAFETY: as above.
        let memory = unsafe { initial_value(map) }.ok_or("its map has no initial value")?;
        Ok(Self { memory, map })
    }

    /// The type of the section in the object's BTF.
    pub(crate) fn btf_type(&self) -> u32 {
        // SAFETY: `new` took the map from an object that is borrowed longer than any image is kept.
        unsafe { libbpf_sys::bpf_map__btf_value_type_id(self.map.as_ptr()) }
    }

    /// Gives the image this many bytes, which may move it, and tells the object's BTF.
    ///
    /// # Safety
    ///
    /// The object is mutably borrowed, and nobody refers to the image, to another copy of this, or to the
    /// object's BTF.
    pub(crate) unsafe fn resize(&mut self, size: u32) -> libbpf_rs::Result<()> {
        // SAFETY: the map is that of the object; the rest is the caller's promise.
        match unsafe { libbpf_sys::bpf_map__set_value_size(self.map.as_ptr(), size) } {
            0 => {}
            error => return Err(io::Error::from_raw_os_error(-error).into()),
        }
        // SAFETY: as above.
        let memory = unsafe { initial_value(self.map) };
        self.memory = memory.ok_or_else(|| invalid("its map has no initial value".to_owned()))?;
        Ok(())
    }
}

/// The initial value of a map of an object that is not yet loaded; of a loaded one, libbpf's own mapping.
///
/// # Safety
///
/// The map is valid.
pub(super) unsafe fn initial_value(map: NonNull<libbpf_sys::bpf_map>) -> Option<NonNull<[u8]>> {
    // A NULL size would be written through.
    let mut size = 0;
    // SAFETY: the caller's promise; `size` is a valid place for the result.
    let image = unsafe { libbpf_sys::bpf_map__initial_value(map.as_ptr(), &raw mut size) };
    let image = NonNull::new(image.cast::<u8>())?;
    NonNull::new(slice_from_raw_parts_mut(image.as_ptr(), size as usize))
}

impl Memory for Image {
    fn bytes(&self) -> (*mut u8, usize) {
        (self.memory.as_ptr().cast(), self.memory.len())
    }

    fn access(&self) -> Access {
        Access::Writable
    }
}

const NO_MAP: &str = "libbpf created no map for it";

/// A map that the kernel has, and its own description: libbpf's may be out of date after `reuse_fd`.
pub(crate) fn created(map: &libbpf_sys::bpf_map) -> Result<(Map<'_>, MapInfo), NotOpen> {
    // SAFETY: `map` is valid; both calls only read.
    let (fd, autocreate) = unsafe {
        (
            libbpf_sys::bpf_map__fd(map),
            libbpf_sys::bpf_map__autocreate(map),
        )
    };
    if fd < 0 {
        return Err(NotOpen::NotCreated("the object is not loaded"));
    }
    let map = Map::new(map);
    match MapInfo::new(map.as_fd()) {
        Ok(info) => Ok((map, info)),
        // For a map that it does not create, libbpf keeps a file descriptor of something else as a
        // placeholder.
        Err(_) if !autocreate => Err(NotOpen::NotCreated("`set_autocreate(false)` left it out")),
        Err(error) => Err(NotOpen::Failed(format!(
            "is unknown to the kernel: {error:#}"
        ))),
    }
}

/// Why the kernel has no such map.
pub(crate) enum NotOpen {
    NotCreated(&'static str),
    Failed(String),
}

impl fmt::Display for NotOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotCreated(reason) => write!(f, "was not created: {reason}"),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

/// The map that libbpf made of a section. A name with a leading dot is the section's, however libbpf
/// called the map.
pub(crate) fn find(
    object: &libbpf_sys::bpf_object,
    section: &CStr,
) -> Option<NonNull<libbpf_sys::bpf_map>> {
    // SAFETY: both are valid; the call only reads.
    let map = unsafe { libbpf_sys::bpf_object__find_map_by_name(object, section.as_ptr()) };
    NonNull::new(map)
}

//! Sections: finding the map of one, mapping it after load, and its initial image before.

use core::ffi::CStr;
use core::ptr::{NonNull, slice_from_raw_parts_mut};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;

use libbpf_rs::libbpf_sys;
use libbpf_rs::{Map, MapHandle, MapInfo, MapType};
use memmap2::{MmapOptions, MmapRaw};

/// A section's memory, shared with the BPF programs of the object.
///
/// The kernel keeps the map as long as it is mapped, so this outlives the object.
pub(crate) struct Mapping {
    memory: MmapRaw,
    size: usize,
    writable: bool,
}

/// A handle to the memory of one section that variables are placed in.
pub(crate) trait Memory: Clone {
    /// The first byte, aligned to a page, and how many there are.
    fn bytes(&self) -> (*mut u8, usize);

    /// Whether it may be written.
    fn is_writable(&self) -> bool;
}

impl Mapping {
    /// Maps the section named `name` of a loaded object, for writing if `writable`.
    ///
    /// What libbpf remembers of a map is out of date after `reuse_fd`, so the kernel is asked.
    pub(crate) fn new(
        object: &libbpf_sys::bpf_object,
        name: &CStr,
        writable: bool,
    ) -> Result<Arc<Self>, String> {
        let map = find(object, name).ok_or("libbpf made no map of it")?;
        // SAFETY: `find` returned a map of `object`, which outlives the borrow made here.
        let map = unsafe { map.as_ref() };
        // SAFETY: `map` is valid; the call only reads.
        if unsafe { libbpf_sys::bpf_map__fd(map) } < 0 {
            return Err("its map was not created: the object is not loaded, or \
                        `set_autocreate(false)` left it out"
                .to_owned());
        }
        let handle = MapHandle::try_from(&Map::new(map)).map_err(|error| format!("{error:#}"))?;
        let info = MapInfo::new(handle.as_fd()).map_err(|error| format!("{error:#}"))?;
        let size = info.info.value_size as usize;
        if info.map_type() != MapType::Array {
            return Err(format!(
                "its map is of type {:?}, not an array",
                info.map_type()
            ));
        }
        if info.info.map_flags & libbpf_sys::BPF_F_MMAPABLE == 0 {
            return Err("its map can't be mapped into memory (no BPF_F_MMAPABLE): \
                        that takes Linux 5.5, and a section with a global variable"
                .to_owned());
        }
        let read_only = info.info.map_flags & libbpf_sys::BPF_F_RDONLY_PROG != 0;
        let writable = writable && !read_only;
        let mut options = MmapOptions::new();
        let options = options.len(size);
        let fd = handle.as_fd().as_raw_fd();
        let memory = match writable {
            true => options.map_raw(fd),
            false => options.map_raw_read_only(fd),
        };
        let memory =
            memory.map_err(|error| format!("its map can't be mapped into memory: {error}"))?;
        Ok(Arc::new(Self {
            memory,
            size,
            writable,
        }))
    }
}

impl Memory for Arc<Mapping> {
    fn bytes(&self) -> (*mut u8, usize) {
        (self.memory.as_mut_ptr(), self.size)
    }

    fn is_writable(&self) -> bool {
        self.writable
    }
}

/// A section's initial image: private memory of this process, until the object is loaded.
#[derive(Clone, Copy)]
pub(crate) struct Image {
    memory: NonNull<[u8]>,
}

impl Image {
    /// The image of the section named `name` of an object that is not yet loaded.
    pub(crate) fn new(object: &libbpf_sys::bpf_object, name: &CStr) -> Result<Self, String> {
        let map = find(object, name).ok_or("libbpf made no map of it")?;
        // A NULL size would be written through.
        let mut size = 0;
        // SAFETY: `find` returned a map of `object`; `size` is a valid place for the result.
        let image = unsafe { libbpf_sys::bpf_map__initial_value(map.as_ptr(), &raw mut size) };
        let image = NonNull::new(image.cast::<u8>()).ok_or("its map has no initial value")?;
        let memory = slice_from_raw_parts_mut(image.as_ptr(), size as usize);
        let memory = NonNull::new(memory).ok_or("its map has no initial value")?;
        Ok(Self { memory })
    }
}

impl Memory for Image {
    fn bytes(&self) -> (*mut u8, usize) {
        (self.memory.as_ptr().cast(), self.memory.len())
    }

    fn is_writable(&self) -> bool {
        true
    }
}

/// The map that libbpf made of a section. A name with a leading dot is the section's, however libbpf
/// called the map.
fn find(object: &libbpf_sys::bpf_object, section: &CStr) -> Option<NonNull<libbpf_sys::bpf_map>> {
    // SAFETY: both are valid; the call only reads.
    let map = unsafe { libbpf_sys::bpf_object__find_map_by_name(object, section.as_ptr()) };
    NonNull::new(map)
}

//! `struct_ops` of a library: structs of the kernel's whose function pointers are BPF programs.

use core::ffi::CStr;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use std::collections::HashMap;
use std::io;

use bytemuck::{Pod, Zeroable};
use libbpf_rs::{
    AsRawLibbpf as _, Link, Map, MapCore as _, MapHandle, MapIter, OpenProgramMut, libbpf_sys,
};

use crate::bind::btf::{Btf, GLOBAL, Kind};
use crate::bind::types::Checker;
use crate::describe;
use crate::error::{self, Problem, Subject};
use crate::program::AttachError;

/// A `struct_ops` of a library in an object that is not yet loaded.
///
/// It dereferences to the C struct, of which user space can set the plain members, and replace the programs
/// that the kernel is to call:
///
/// ```no_run
/// # use bpf_subskeleton::{Callback, OpenStructOps, libbpf_rs};
/// # #[repr(C)]
/// # #[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
/// # struct tcp_congestion_ops { init: Callback, flags: u64 }
/// # fn f(
/// #     vegas: &mut OpenStructOps<'_, tcp_congestion_ops>,
/// #     quiet_init: &libbpf_rs::OpenProgramMut<'_>,
/// # ) -> libbpf_rs::Result<()> {
/// vegas.flags = 1;
/// vegas.init.set(quiet_init);
/// # vegas.set_autocreate(false)?;
/// # Ok(())
/// # }
/// ```
///
/// libbpf copies the members to the kernel's struct when the object is loaded, each by its name; one that
/// this kernel does not have must be zero (`bpf_map__init_kern_struct_ops`). A pointer to anything but a
/// function must be null.
pub struct OpenStructOps<'obj, T> {
    ops: &'obj mut T,
    map: NonNull<libbpf_sys::bpf_map>,
}

impl<T> OpenStructOps<'_, T> {
    /// Whether it is made at load at all (as it is unless its section begins with `?`). If not, programs that
    /// only it refers to are not loaded.
    ///
    /// # Errors
    ///
    /// What libbpf answers.
    pub fn set_autocreate(&mut self, autocreate: bool) -> libbpf_rs::Result<()> {
        // SAFETY: the map belongs to the object, which is mutably borrowed as long as `self` is there.
        answer(unsafe { libbpf_sys::bpf_map__set_autocreate(self.map.as_ptr(), autocreate) })
    }

    /// Whether `attach` and a skeleton attach it (as they do).
    ///
    /// # Errors
    ///
    /// What libbpf answers.
    pub fn set_autoattach(&mut self, autoattach: bool) -> libbpf_rs::Result<()> {
        // SAFETY: as above.
        answer(unsafe { libbpf_sys::bpf_map__set_autoattach(self.map.as_ptr(), autoattach) })
    }
}

fn answer(result: i32) -> libbpf_rs::Result<()> {
    match result {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(-error).into()),
    }
}

impl<T> Deref for OpenStructOps<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.ops
    }
}

impl<T> DerefMut for OpenStructOps<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        self.ops
    }
}

impl<T: fmt::Debug> fmt::Debug for OpenStructOps<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.ops.fmt(f)
    }
}

/// A function pointer of a `struct_ops` before load: which program the kernel is to call.
///
/// libbpf holds the address of its own `struct bpf_program` there, and at load refuses any that is not of a
/// `SEC("struct_ops")` program of the same object.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Callback {
    /// Compared by libbpf, never followed before.
    address: u64,
}

impl Callback {
    /// Has the kernel call `program`.
    pub fn set(&mut self, program: &OpenProgramMut<'_>) {
        self.address = address_of(program);
    }

    /// Has the kernel call nothing.
    pub fn clear(&mut self) {
        self.address = 0;
    }

    /// Whether the kernel is to call `program`.
    pub fn is(&self, program: &OpenProgramMut<'_>) -> bool {
        self.address == address_of(program)
    }

    /// Whether the kernel is to call any program.
    pub fn is_set(&self) -> bool {
        self.address != 0
    }
}

fn address_of(program: &OpenProgramMut<'_>) -> u64 {
    program.as_libbpf_object().as_ptr().expose_provenance() as u64
}

// SAFETY: zero is no program.
unsafe impl Zeroable for Callback {}
// SAFETY: a transparent `u64`: no padding, every bit pattern is valid.
unsafe impl Pod for Callback {}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.is_set() {
            true => "Callback(set)",
            false => "Callback(none)",
        })
    }
}

/// A `struct_ops` of a library in a loaded object.
pub struct StructOps<'obj> {
    map: NonNull<libbpf_sys::bpf_map>,
    object: PhantomData<&'obj libbpf_sys::bpf_object>,
}

impl StructOps<'_> {
    /// Registers it with the kernel.
    ///
    /// `None` where there is nothing to attach: it was not made (`set_autocreate(false)`), or is not to be
    /// attached (`set_autoattach(false)`).
    ///
    /// The kernel takes one of `SEC(".struct_ops")` once only: to attach it again, load the object again.
    /// One of `SEC(".struct_ops.link")` can come and go.
    ///
    /// # Errors
    ///
    /// What the kernel answers, with the name of the `struct_ops`.
    pub fn attach(&self) -> Result<Option<StructOpsLink>, AttachError> {
        let map = self.map.as_ptr();
        // SAFETY: `Found` took the map from the object that is borrowed for `'obj`; these only read.
        let (wanted, linked) = unsafe {
            (
                libbpf_sys::bpf_map__autocreate(map) && libbpf_sys::bpf_map__autoattach(map),
                libbpf_sys::bpf_map__map_flags(map) & libbpf_sys::BPF_F_LINK != 0,
            )
        };
        if !wanted {
            return Ok(None);
        }
        let failed = |error| AttachError::new("struct_ops", self.name().to_string_lossy(), error);
        // Before there is anything to undo.
        let handle = match linked {
            true => None,
            false => {
                // SAFETY: as above.
                let map = Map::new(unsafe { self.map.as_ref() });
                Some(MapHandle::try_from(&map).map_err(failed)?)
            }
        };
        // SAFETY: as above; the call changes nothing of the map.
        let link = unsafe { libbpf_sys::bpf_map__attach_struct_ops(map) };
        let Some(link) = NonNull::new(link) else {
            return Err(failed(io::Error::last_os_error().into()));
        };
        // SAFETY: a link that is no error is owned by us alone.
        let mut link = unsafe { Link::from_ptr(link) };
        Ok(Some(StructOpsLink(match handle {
            None => Registered::Linked(link),
            Some(map) => {
                // libbpf's would delete from whatever map has the number of this one's descriptor by then,
                // if the object went first.
                link.disconnect();
                Registered::Unlinked(map)
            }
        })))
    }

    fn name(&self) -> &CStr {
        // SAFETY: `Found` took the map from the object that is borrowed for `'obj`; its name is a string.
        unsafe { CStr::from_ptr(libbpf_sys::bpf_map__name(self.map.as_ptr())) }
    }
}

impl fmt::Debug for StructOps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StructOps").field(&self.name()).finish()
    }
}

/// A `struct_ops` that is registered with the kernel until this is dropped. It does not borrow the object.
#[derive(Debug)]
pub struct StructOpsLink(Registered);

#[derive(Debug)]
enum Registered {
    /// `SEC(".struct_ops.link")`.
    Linked(Link),
    /// `SEC(".struct_ops")`: as long as the map has its entry.
    Unlinked(MapHandle),
}

impl StructOpsLink {
    /// The kernel's link, for instance to pin it; `None` for `SEC(".struct_ops")`, which has none.
    pub fn link(&mut self) -> Option<&mut Link> {
        match &mut self.0 {
            Registered::Linked(link) => Some(link),
            Registered::Unlinked(_) => None,
        }
    }
}

impl Drop for StructOpsLink {
    fn drop(&mut self) {
        if let Registered::Unlinked(map) = &self.0 {
            // As with a link, there is nobody to tell of an error.
            let _ = map.delete(&0_u32.to_ne_bytes());
        }
    }
}

/// The `struct_ops` of an object.
pub(crate) struct Found<'obj> {
    btf: Btf<'obj>,
    /// By name: all of that name.
    variables: HashMap<&'obj [u8], Vec<u32>>,
    maps: HashMap<&'obj [u8], Vec<NonNull<libbpf_sys::bpf_map>>>,
}

impl<'obj> Found<'obj> {
    pub(crate) fn new(object: &'obj libbpf_sys::bpf_object, btf: Btf<'obj>) -> Self {
        let (mut variables, mut maps) = (HashMap::<_, Vec<_>>::new(), HashMap::<_, Vec<_>>::new());
        let mut others = 0;
        for ty in btf.types() {
            let Kind::DataSection(entries) = ty.kind else {
                continue;
            };
            match ty.name().to_bytes() {
                b".maps" => others = entries.iter().count(),
                b".struct_ops" | b".struct_ops.link" | b"?.struct_ops" | b"?.struct_ops.link" => {
                    for entry in entries.iter() {
                        let variable = btf.ty(entry.variable);
                        if let Kind::Variable { ty, linkage } = variable.kind
                            && linkage == GLOBAL
                        {
                            variables
                                .entry(variable.name().to_bytes())
                                .or_default()
                                .push(ty);
                        }
                    }
                }
                _ => {}
            }
        }
        // libbpf makes maps of `.maps`, then of data sections, then of these (`bpf_object__init_maps`). Only
        // these have the memory that `configure` lends out, whatever type a map was given since.
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
        let text = match (types.as_deref(), maps.as_deref()) {
            (Some([ty]), Some([map])) => return Ok((*ty, *map)),
            (Some(_), Some(_)) => "the object has more than one of that name".to_owned(),
            _ => {
                let others = self.variables.keys();
                let others = others.filter_map(|name| core::str::from_utf8(name).ok());
                error::missing(ops.name(), others)
            }
        };
        Err(Problem::new(Subject::StructOps, ops.name(), text))
    }

    /// One of a loaded object.
    pub(crate) fn loaded(&mut self, ops: &describe::StructOps) -> Result<StructOps<'obj>, Problem> {
        let (_, map) = self.take(ops)?;
        Ok(StructOps {
            map,
            object: PhantomData,
        })
    }

    /// One of an object that is not yet loaded, if its type is the library's.
    pub(crate) fn open(
        &mut self,
        ops: &describe::StructOps,
        problems: &mut Vec<Problem>,
    ) -> Option<Slot> {
        let (ty, map) = self
            .take(ops)
            .map_err(|problem| problems.push(problem))
            .ok()?;
        if !Checker::new(self.btf, Subject::StructOps, problems).check(ops.name(), ops.ty(), ty) {
            return None;
        }
        // Not asked for: it may have been set since, the memory stays as it is.
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
        Some(Slot {
            first,
            size: ops.ty().size() as usize,
            map,
        })
    }
}

/// Where a `struct_ops` of an object that is not yet loaded is in this process.
pub(crate) struct Slot {
    first: NonNull<u8>,
    size: usize,
    map: NonNull<libbpf_sys::bpf_map>,
}

impl Slot {
    /// The `struct_ops` as a `T`; `None` if that has another size or alignment.
    ///
    /// # Safety
    ///
    /// The object is mutably borrowed for `'obj`, and nothing else refers to this one of its `struct_ops`.
    pub(crate) unsafe fn into_open<'obj, T: Pod>(self) -> Option<OpenStructOps<'obj, T>> {
        let first = self.first.cast::<T>();
        if self.size != size_of::<T>() || !first.is_aligned() {
            return None;
        }
        Some(OpenStructOps {
            // SAFETY: `Found::open` took the memory from libbpf, with the size of a type that it compared
            // with the expected one; it is aligned, and the caller's promise says that it is ours.
            ops: unsafe { &mut *first.as_ptr() },
            map: self.map,
        })
    }
}

//! `struct_ops` of a library: kernel structs whose function pointers are BPF programs.

use core::ffi::CStr;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::ptr::NonNull;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;

use bytemuck::{Pod, Zeroable};
use libbpf_rs::{
    AsRawLibbpf as _, Link, Map, MapCore as _, MapHandle, Object, OpenProgramMut, libbpf_sys,
};

use crate::origin::Origin;
use crate::program::AttachError;
use crate::running::{Running, RunningMap};

/// A `struct_ops` of a library in an object that is not yet loaded.
///
/// It dereferences to the C struct: set its plain members, or replace the programs that the kernel will call:
///
/// ```no_run
/// # use bpf_subskeleton::{Callback, OpenStructOps, libbpf_rs};
/// # #[repr(C)]
/// # #[derive(Clone, Copy)]
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
/// At load libbpf copies the members to the kernel's struct by name. A member that the running kernel does not
/// have must be zero (`bpf_map__init_kern_struct_ops`), and a pointer to anything but a function must be null.
pub struct OpenStructOps<'obj, T> {
    ops: &'obj mut T,
    map: NonNull<libbpf_sys::bpf_map>,
}

impl<'obj, T> OpenStructOps<'obj, T> {
    /// # Safety
    ///
    /// `map` is that of the `struct_ops`, in an object that is mutably borrowed for `'obj`.
    pub(crate) unsafe fn new(ops: &'obj mut T, map: NonNull<libbpf_sys::bpf_map>) -> Self {
        Self { ops, map }
    }

    /// Whether load creates it. The default is yes, unless its section begins with `?`. If not, programs that
    /// only it refers to are not loaded either.
    ///
    /// # Errors
    ///
    /// Any error from libbpf.
    pub fn set_autocreate(&mut self, autocreate: bool) -> libbpf_rs::Result<()> {
        // SAFETY: the map belongs to the object, which is mutably borrowed as long as `self` is there.
        answer(unsafe { libbpf_sys::bpf_map__set_autocreate(self.map.as_ptr(), autocreate) })
    }

    /// Whether `attach`, or a skeleton's `attach`, attaches it. The default is yes.
    ///
    /// # Errors
    ///
    /// Any error from libbpf.
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

/// A function pointer of a `struct_ops` before load: the program that the kernel will call.
///
/// libbpf keeps the address of its `struct bpf_program` there. Load fails unless that is a `SEC("struct_ops")`
/// program of the same object.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[repr(transparent)]
pub struct Callback {
    /// libbpf compares it with those of its programs before it follows it.
    address: u64,
}

impl Callback {
    /// Makes the kernel call `program`.
    pub fn set(&mut self, program: &OpenProgramMut<'_>) {
        self.address = address_of(program);
    }

    /// Makes the kernel call nothing.
    pub fn clear(&mut self) {
        self.address = 0;
    }

    /// Whether the kernel will call `program`.
    pub fn is(&self, program: &OpenProgramMut<'_>) -> bool {
        self.address == address_of(program)
    }

    /// Whether the kernel will call any program.
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
///
/// That of a [`Running`] object has the map that the kernel knows it by: whether it is registered is up to the process
/// that loaded it.
pub struct StructOps<'obj, O: Origin = Object>(O::StructOps<'obj>);

/// The map that libbpf made of a `struct_ops`.
pub struct ObjectStructOps<'obj> {
    map: NonNull<libbpf_sys::bpf_map>,
    object: PhantomData<&'obj libbpf_sys::bpf_object>,
}

/// A `struct_ops` of a [`Running`] object.
pub struct RunningStructOps<'obj> {
    pub(crate) name: &'static str,
    pub(crate) map: Option<&'obj RunningMap>,
}

impl<'obj> StructOps<'obj, Running> {
    pub(crate) fn running(struct_ops: RunningStructOps<'obj>) -> Self {
        Self(struct_ops)
    }

    /// Its map; `None` if the object has it but did not create it.
    pub fn map(&self) -> Option<&'obj RunningMap> {
        self.0.map
    }
}

impl StructOps<'_> {
    /// # Safety
    ///
    /// `map` is that of the `struct_ops`, in an object that is borrowed for the lifetime of the result.
    pub(crate) unsafe fn new(map: NonNull<libbpf_sys::bpf_map>) -> Self {
        Self(ObjectStructOps {
            map,
            object: PhantomData,
        })
    }

    /// Registers it with the kernel.
    ///
    /// `None` if there is nothing to attach: load did not create it (`set_autocreate(false)`), or it must not
    /// be attached (`set_autoattach(false)`).
    ///
    /// The kernel accepts a `SEC(".struct_ops")` only once: to attach it again, load the object again. A
    /// `SEC(".struct_ops.link")` can be detached and attached again.
    ///
    /// # Errors
    ///
    /// An error from the kernel, with the name of the `struct_ops`.
    pub fn attach(&self) -> Result<Option<StructOpsLink>, AttachError> {
        let map = self.0.map.as_ptr();
        // SAFETY: the promise of `new`; these only read.
        let (wanted, linked) = unsafe {
            (
                libbpf_sys::bpf_map__autocreate(map) && libbpf_sys::bpf_map__autoattach(map),
                libbpf_sys::bpf_map__map_flags(map) & libbpf_sys::BPF_F_LINK != 0,
            )
        };
        if !wanted {
            return Ok(None);
        }
        let failed = |error| AttachError::new("struct_ops", self.0.name().to_string_lossy(), error);
        // Before there is anything to undo.
        let handle = match linked {
            true => None,
            false => {
                // SAFETY: as above.
                let map = Map::new(unsafe { self.0.map.as_ref() });
                Some(MapHandle::try_from(&map).map_err(failed)?)
            }
        };
        // SAFETY: as above; the call changes nothing of the map.
        let link = unsafe { libbpf_sys::bpf_map__attach_struct_ops(map) };
        let Some(link) = NonNull::new(link) else {
            return Err(failed(io::Error::last_os_error().into()));
        };
        // SAFETY: a link that is not an error is ours alone.
        let mut link = unsafe { Link::from_ptr(link) };
        Ok(Some(StructOpsLink(match handle {
            None => Registered::Linked(link),
            Some(map) => {
                // On drop, libbpf's link deletes key 0 of whatever map has its descriptor's number then:
                // another one, if the object was dropped first.
                link.disconnect();
                Registered::Unlinked(map)
            }
        })))
    }
}

impl ObjectStructOps<'_> {
    pub(crate) fn name(&self) -> &OsStr {
        // SAFETY: the promise of `StructOps::new`; its name is a string.
        let name = unsafe { CStr::from_ptr(libbpf_sys::bpf_map__name(self.map.as_ptr())) };
        OsStr::from_bytes(name.to_bytes())
    }
}

impl<O: Origin> fmt::Debug for StructOps<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = O::struct_ops_name(&self.0);
        f.debug_tuple("StructOps").field(&name).finish()
    }
}

/// Keeps a `struct_ops` registered with the kernel until dropped. It does not borrow the object.
#[derive(Debug)]
pub struct StructOpsLink(Registered);

#[derive(Debug)]
enum Registered {
    /// `SEC(".struct_ops.link")`.
    Linked(Link),
    /// `SEC(".struct_ops")`: registered while key 0 of the map is set.
    Unlinked(MapHandle),
}

impl StructOpsLink {
    /// The kernel's link, for example to pin it. `None` for `SEC(".struct_ops")`, which has none.
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
            // As when a link is dropped, there is nobody to report an error to.
            let _ = map.delete(&0_u32.to_ne_bytes());
        }
    }
}

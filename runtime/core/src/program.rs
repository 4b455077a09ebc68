//! [`Program`]: a program of a library, which attaches without its application.

use core::fmt;
use core::ops::Deref;
use core::ptr::NonNull;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd, RawFd};

use libbpf_rs::{AsRawLibbpf, Link, Object, ProgramMut, ProgramType, libbpf_sys};

use crate::error::invalid;
use crate::origin::Origin;
use crate::running::{Running, RunningProgram};

/// A program of a library in a loaded object.
///
/// That of an [`Object`] dereferences to [`libbpf_rs::ProgramMut`], which can attach, run and pin it in every other way.
/// That of a [`Running`] object has its id, and can be run: where it is attached is up to the process that loaded it.
pub struct Program<'obj, O: Origin = Object>(O::Program<'obj>);

/// A program of a [`Running`] object.
pub struct OpenedProgram<'obj> {
    pub(crate) name: &'static str,
    pub(crate) loaded: Option<(&'obj RunningProgram, OwnedFd)>,
}

impl<'obj> Program<'obj, Running> {
    pub(crate) fn running(program: OpenedProgram<'obj>) -> Self {
        Self(program)
    }

    /// Its id and what else the kernel says of it; `None` if the object has it but did not load it.
    pub fn loaded(&self) -> Option<&'obj RunningProgram> {
        self.0.loaded.as_ref().map(|(program, _)| *program)
    }

    /// The id that the kernel gave it; `None` if the object has it but did not load it.
    pub fn id(&self) -> Option<u32> {
        self.loaded().map(RunningProgram::id)
    }

    /// A descriptor of it; `None` if the object has it but did not load it.
    pub fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.0.loaded.as_ref().map(|(_, fd)| fd.as_fd())
    }
}

impl<O: Origin> Program<'_, O> {
    /// Its descriptor; not one of anything if it is not loaded.
    pub(crate) fn raw_fd(&self) -> RawFd {
        O::raw_fd(&self.0)
    }

    /// The error of what needs it to be loaded.
    #[cold]
    pub(crate) fn not_loaded(&self) -> libbpf_rs::Error {
        invalid(format!(
            "program `{}` is not loaded: `set_autoload(false)`, or a `?` in its section, leaves it out",
            O::program_name(&self.0).to_string_lossy()
        ))
    }
}

impl<'obj> Program<'obj> {
    pub(crate) fn new(program: ProgramMut<'obj>) -> Self {
        Self(program)
    }

    /// Attaches the program where its section says, as a skeleton would.
    ///
    /// `None` if there is nothing to attach: the program is not loaded (`set_autoload(false)`), must not be
    /// attached (`set_autoattach(false)`), or its section names no target (`SEC("syscall")`).
    ///
    /// # Errors
    ///
    /// An error from libbpf or the kernel, with the program's name. A program in `SEC("usdt/…")` is refused: libbpf keeps
    /// what its link needs in the object, without a lock, so the link must be dropped before the object.
    pub fn attach(&self) -> Result<Option<Link>, AttachError> {
        let program = self.0.as_libbpf_object().as_ptr();
        // SAFETY: the pointer is that of a program of the object borrowed for `'obj`; it only reads.
        let autoattach = unsafe { libbpf_sys::bpf_program__autoattach(program) };
        if !self.0.autoload() || !autoattach {
            return Ok(None);
        }
        let failed = |error| AttachError::new("program", self.0.name().to_string_lossy(), error);
        if self.is_usdt() {
            let text = "libbpf's link to a USDT probe must not outlive the object, and this one could: switch it off \
                        before load (`set_autoattach(false)`), attach it with libbpf-rs' `attach_usdt`, and drop that \
                        link before the object";
            return Err(failed(invalid(text.to_owned())));
        }
        // SAFETY: as above. `bpf_program__attach` doesn't change the program, so a shared borrow will do
        // (`libbpf_rs::ProgramMut::attach` relies on the same).
        let link = unsafe { libbpf_sys::bpf_program__attach(program) };
        // SAFETY: always safe to call; it decodes the pointer, or `errno` where that is NULL.
        let error = unsafe { libbpf_sys::libbpf_get_error(link.cast()) };
        match NonNull::new(link) {
            // SAFETY: a link that is not an error is ours alone.
            Some(link) if error == 0 => Ok(Some(unsafe { Link::from_ptr(link) })),
            _ if error == NO_TARGET && !self.names_target() => Ok(None),
            _ => Err(failed(io::Error::from_raw_os_error(-error as i32).into())),
        }
    }

    /// Whether libbpf would attach it to a USDT probe. The link then refers to the object's `usdt_manager`, which several
    /// links change without a lock (`bpf_link_usdt_detach`), and which is freed with the object.
    fn is_usdt(&self) -> bool {
        let section = self.0.section().as_encoded_bytes();
        section.starts_with(b"usdt") && section.contains(&b'/')
    }

    /// Whether its section says where libbpf is to attach it. Then `EOPNOTSUPP` is the kernel's.
    fn names_target(&self) -> bool {
        let section = self.0.section().as_encoded_bytes();
        match self.0.prog_type() {
            // libbpf doesn't load these without a target.
            ProgramType::Tracing | ProgramType::Ext => true,
            ProgramType::Kprobe
            | ProgramType::Tracepoint
            | ProgramType::RawTracepoint
            | ProgramType::RawTracepointWritable => section.contains(&b'/'),
            // `lsm_cgroup/…` is attached to a cgroup.
            ProgramType::Lsm => section.starts_with(b"lsm/") || section.starts_with(b"lsm.s/"),
            _ => false,
        }
    }
}

/// `-EOPNOTSUPP`: what `bpf_program__attach` returns for a section that names no target, and the kernel for what it was
/// built without.
const NO_TARGET: core::ffi::c_long = -95;

impl<'obj> Deref for Program<'obj> {
    type Target = ProgramMut<'obj>;

    fn deref(&self) -> &ProgramMut<'obj> {
        &self.0
    }
}

impl<O: Origin> fmt::Debug for Program<'_, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = O::program_name(&self.0);
        f.debug_tuple("Program").field(&name).finish()
    }
}

/// A program or `struct_ops` of a library could not be attached.
#[derive(Debug)]
pub struct AttachError {
    what: &'static str,
    name: String,
    error: libbpf_rs::Error,
}

impl AttachError {
    pub(crate) fn new(
        what: &'static str,
        name: impl Into<String>,
        error: libbpf_rs::Error,
    ) -> Self {
        Self {
            what,
            name: name.into(),
            error,
        }
    }

    /// The name of the program or `struct_ops`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for AttachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "can't attach {} `{}`: {:#}",
            self.what, self.name, self.error
        )
    }
}

impl std::error::Error for AttachError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

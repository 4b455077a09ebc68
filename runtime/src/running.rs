//! [`Running`]: objects that another process has loaded.

mod kernel;

use core::fmt;
use core::ptr::NonNull;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{CString, OsStr, OsString};
use std::fs;
use std::os::fd::{AsRawFd as _, BorrowedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Duration;

use libbpf_rs::{ErrorExt as _, Result, libbpf_sys};

use crate::bind::btf::Btf;
use crate::error::invalid;

/// What one load of a BPF object left in the kernel: its programs, its maps, and the BTF that they share.
///
/// The process that loaded it may be another one, written in any language, and may have exited. `bind` takes a `Running`
/// where it takes an [`Object`](libbpf_rs::Object):
///
/// ```ignore
/// let running = Running::from_pinned("/sys/fs/bpf/tally/on_call")?;
/// let tally = Tally::bind(&running)?;
/// println!("{}", tally.events());
/// ```
///
/// It is a view: neither making nor dropping it attaches, detaches, pins, unpins or keeps anything alive. Handles that
/// were bound stay valid when the object is gone; [`is_current`](Self::is_current) says whether it is.
///
/// # Limits
///
/// Variables are found in the BTF that the kernel keeps, and compared as always. The kernel cuts the names of maps to 15
/// characters: a map is found by that name and its definition, and if two maps fit, that is an error. The kernel does not
/// keep the instructions as they were loaded, so a variable that libbpf's linker misplaced goes unnoticed here.
pub struct Running {
    btf: KernelBtf,
    programs: Vec<RunningProgram>,
    maps: Vec<RunningMap>,
}

/// A program of a [`Running`] object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningProgram {
    id: u32,
    name: OsString,
    loaded: Duration,
}

/// A map of a [`Running`] object: that of a section, or one that the C code defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningMap {
    id: u32,
    name: OsString,
    value_type: u32,
}

impl RunningProgram {
    /// The id that the kernel gave it.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its name, cut to 15 characters.
    pub fn name(&self) -> &OsStr {
        &self.name
    }

    /// When it was loaded, since boot.
    pub fn loaded(&self) -> Duration {
        self.loaded
    }
}

impl RunningMap {
    /// The id that the kernel gave it.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its name, cut to 15 characters.
    pub fn name(&self) -> &OsStr {
        &self.name
    }

    /// The type of its values in the object's BTF, 0 if there is none. That of a section's map is its DATASEC.
    pub(crate) fn value_type(&self) -> u32 {
        self.value_type
    }
}

/// A copy of BTF that the kernel has.
struct KernelBtf {
    id: u32,
    btf: NonNull<libbpf_sys::btf>,
}

// SAFETY: nobody else has the BTF, and it is only read: see `Btf`.
unsafe impl Send for KernelBtf {}
// SAFETY: as above.
unsafe impl Sync for KernelBtf {}

impl Drop for KernelBtf {
    fn drop(&mut self) {
        // SAFETY: it is valid, and nobody uses it any more.
        unsafe { libbpf_sys::btf__free(self.btf.as_ptr()) }
    }
}

impl Running {
    /// The object that the program with this id belongs to.
    ///
    /// # Errors
    ///
    /// If there is no such program, it was loaded without BTF, or this process may not see it (`CAP_SYS_ADMIN`).
    pub fn from_program_id(id: u32) -> Result<Self> {
        match kernel::program(id).context("can't look at programs")? {
            Some(program) => Self::of_program(&program),
            None => Err(invalid(format!("no program {id} is loaded"))),
        }
    }

    /// The object that a program belongs to.
    ///
    /// # Errors
    ///
    /// As [`from_program_id`](Self::from_program_id), and if the descriptor is not that of a program.
    pub fn from_program_fd(fd: BorrowedFd<'_>) -> Result<Self> {
        let program = kernel::program_of(fd).context("not a BPF program")?;
        Self::of_program(&program)
    }

    /// The object that the map with this id belongs to.
    ///
    /// # Errors
    ///
    /// If there is no such map, it and its programs have no BTF, several objects share it, or this process may not see
    /// it (`CAP_SYS_ADMIN`).
    pub fn from_map_id(id: u32) -> Result<Self> {
        let Some(map) = kernel::map(id).context("can't look at maps")? else {
            return Err(invalid(format!("there is no map {id}")));
        };
        if map.btf != 0 {
            return Self::with_btf(map.btf);
        }
        // One without types, such as a ring buffer: its programs know.
        let programs = kernel::programs().context("can't look at programs")?;
        let programs = programs.iter().filter(|program| program.maps.contains(&id));
        let objects: BTreeSet<_> = programs.map(|program| program.btf).collect();
        match Vec::from_iter(objects).as_slice() {
            [] => Err(invalid(format!(
                "map {id} has no BTF, and no program uses it"
            ))),
            [0] => Err(no_btf(&format!("the programs of map {id}"))),
            [btf] => Self::with_btf(*btf),
            objects => Err(invalid(format!(
                "map {id} is shared by {} objects: name a program of one",
                objects.len()
            ))),
        }
    }

    /// The object that a pinned program, map or link belongs to.
    ///
    /// # Errors
    ///
    /// If nothing is pinned there, or as [`from_program_id`](Self::from_program_id) and
    /// [`from_map_id`](Self::from_map_id).
    pub fn from_pinned(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let context = || format!("{}", path.display());
        let c_path = CString::new(path.as_os_str().as_bytes())
            .map_err(|_| invalid(format!("{}: a NUL in a path", path.display())))?;
        let fd = kernel::pinned(&c_path).with_context(context)?;
        // Only this says what kind of thing it is. A link has the id of its program.
        let info = fs::read_to_string(format!("/proc/self/fdinfo/{}", fd.as_raw_fd()));
        let info = info.with_context(context)?;
        let id = |key: &str| {
            let mut lines = info.lines();
            let value = lines.find_map(|line| line.strip_prefix(key))?;
            value.trim().parse::<u32>().ok()
        };
        match (id("prog_id:"), id("map_id:")) {
            (Some(program), _) => Self::from_program_id(program).with_context(context),
            (None, Some(map)) => Self::from_map_id(map).with_context(context),
            (None, None) => Err(invalid(format!(
                "{}: neither a program, nor a map, nor the link of a program",
                path.display()
            ))),
        }
    }

    /// All objects with BTF that are loaded now, the oldest first.
    ///
    /// # Errors
    ///
    /// If this process may not see them (`CAP_SYS_ADMIN`).
    pub fn all() -> Result<Vec<Self>> {
        let (programs, maps) = everything()?;
        let ids = programs.iter().map(|program| program.btf);
        let ids: BTreeSet<_> = ids.chain(maps.iter().map(|map| map.btf)).collect();
        let ids = ids.into_iter().filter(|id| *id != 0);
        // Those that went meanwhile are not running.
        Ok(ids
            .filter_map(|id| Self::among(id, &programs, &maps).ok())
            .collect())
    }

    fn of_program(program: &kernel::Program) -> Result<Self> {
        match program.btf {
            0 => Err(no_btf(&format!(
                "program {} (`{}`)",
                program.program.id,
                program.program.name.display()
            ))),
            btf => Self::with_btf(btf),
        }
    }

    fn with_btf(id: u32) -> Result<Self> {
        let (programs, maps) = everything()?;
        Self::among(id, &programs, &maps)
    }

    /// The programs and maps that share the BTF `id`. Maps without BTF of their own belong to the programs that use
    /// them.
    fn among(id: u32, programs: &[kernel::Program], maps: &[kernel::Map]) -> Result<Self> {
        let btf = kernel::btf(id).context("can't read the object's BTF")?;
        let btf = KernelBtf { id, btf };
        let own = programs.iter().filter(|program| program.btf == id);
        let used: BTreeSet<_> = own.clone().flat_map(|program| &program.maps).collect();
        let maps: BTreeMap<_, _> = maps
            .iter()
            .filter(|map| map.btf == id || used.contains(&map.map.id))
            .map(|map| (map.map.id, map.map.clone()))
            .collect();
        Ok(Self {
            btf,
            programs: own.map(|program| program.program.clone()).collect(),
            maps: maps.into_values().collect(),
        })
    }

    /// The id of its BTF. Each load of an object has its own.
    pub fn btf_id(&self) -> u32 {
        self.btf.id
    }

    /// Its programs.
    pub fn programs(&self) -> &[RunningProgram] {
        &self.programs
    }

    /// Its maps, those of sections included.
    pub fn maps(&self) -> &[RunningMap] {
        &self.maps
    }

    /// Whether one of its programs is still loaded.
    ///
    /// When a process replaces its object, the old one loses its programs as soon as the last is detached, while its
    /// maps may live on, for instance in this process. Then look again, with [`from_pinned`](Self::from_pinned) or
    /// [`all`](Self::all). An object that never had programs is current as long as one of its maps exists.
    pub fn is_current(&self) -> bool {
        let program = |program: &RunningProgram| matches!(kernel::program(program.id), Ok(Some(_)));
        let map = |map: &RunningMap| matches!(kernel::map(map.id), Ok(Some(_)));
        match self.programs.is_empty() {
            false => self.programs.iter().any(program),
            true => self.maps.iter().any(map),
        }
    }

    /// The processes that hold a file descriptor of one of its programs or maps, as far as `/proc` shows.
    pub fn holders(&self) -> Vec<u32> {
        let programs = self.programs.iter().map(|program| ("prog_id:", program.id));
        let maps = self.maps.iter().map(|map| ("map_id:", map.id));
        let lines: BTreeSet<_> = programs
            .chain(maps)
            .map(|(key, id)| format!("{key}\t{id}"))
            .collect();
        let Ok(processes) = fs::read_dir("/proc") else {
            return Vec::new();
        };
        let pids = processes.flatten().filter_map(|process| {
            let pid = process.file_name().to_str()?.parse().ok()?;
            let mut descriptors = fs::read_dir(process.path().join("fdinfo")).ok()?.flatten();
            let holds = descriptors.any(|descriptor| {
                let info = fs::read_to_string(descriptor.path()).unwrap_or_default();
                info.lines().any(|line| lines.contains(line))
            });
            holds.then_some(pid)
        });
        let mut pids: Vec<_> = pids.collect();
        pids.sort_unstable();
        pids
    }

    pub(crate) fn btf(&self) -> Btf<'_> {
        // SAFETY: the BTF is valid as long as `self`, and nobody changes it.
        unsafe { Btf::from_raw(self.btf.btf) }
    }
}

fn everything() -> Result<(Vec<kernel::Program>, Vec<kernel::Map>)> {
    let programs = kernel::programs().context("can't list programs")?;
    let maps = kernel::maps().context("can't list maps")?;
    Ok((programs, maps))
}

fn no_btf(what: &str) -> libbpf_rs::Error {
    invalid(format!(
        "{what}: loaded without BTF, so its variables are unknown; compile with `-g`, and use a loader that loads BTF"
    ))
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("btf_id", &self.btf.id)
            .field("programs", &self.programs)
            .field("maps", &self.maps)
            .finish()
    }
}

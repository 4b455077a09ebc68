//! [`Running`]: objects that another process has loaded.

mod kernel;
mod objects;
mod section;

use core::fmt;
use std::collections::BTreeSet;
use std::ffi::{CString, OsStr, OsString};
use std::fs;
use std::io;
use std::os::fd::{AsFd as _, AsRawFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::time::Duration;

use libbpf_rs::{Error, ErrorExt as _, MapType, ProgramType, Result};

use self::objects::{Group, KernelBtf, Listing};
pub use self::section::RunningSection;
use crate::bind::btf::Btf;
use crate::error::invalid;
use crate::type_names;

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
///
/// The kernel opens by id only for processes with `CAP_SYS_ADMIN`, and a pinned program names its maps and BTF by id: neither
/// `CAP_BPF` nor the right to open the pin is enough to look or to bind. What is bound stays when the process drops the
/// capability.
///
/// | loaded by | what can be bound |
/// | --- | --- |
/// | libbpf, bpftool | everything |
/// | cilium/ebpf | everything, if the version makes the maps of sections with `BPF_F_MMAPABLE` (0.22 does), but for maps of maps: the kernel has no definitions of these |
/// | aya | maps; it makes those of sections without `BPF_F_MMAPABLE` (as of 0.14), so that the variables can't be bound |
///
/// A section whose map is frozen gives `Const` only. Handles of other maps that are frozen or read-only are bound, and
/// their operations return the kernel's error.
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
    /// Whether `name` is from BTF, and not from the kernel, which cuts it.
    has_full_name: bool,
    program_type: u32,
    tag: [u8; 8],
    loaded: Duration,
}

/// A map of a [`Running`] object: that of a section, or one that the C code defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningMap {
    id: u32,
    name: OsString,
    map_type: u32,
    /// The id of its BTF in the kernel, 0 if it was created without.
    kernel_btf: u32,
    key_type: u32,
    value_type: u32,
}

impl RunningProgram {
    /// The id that the kernel gave it.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The name of its C function; cut to 15 characters if the kernel has no more of it, as for programs that were loaded
    /// without `func_info`.
    pub fn name(&self) -> &OsStr {
        &self.name
    }

    /// What kind of program it is.
    pub fn program_type(&self) -> ProgramType {
        ProgramType::from(self.program_type)
    }

    /// The same as the kernel's number.
    pub(crate) fn type_number(&self) -> u32 {
        self.program_type
    }

    /// The name of its type, as bpftool writes it: `raw_tracepoint`; `None` for one that libbpf doesn't know.
    pub fn program_type_name(&self) -> Option<&'static str> {
        type_names::program_type(self.program_type)
    }

    /// The hash of its instructions: the `tag` of `bpftool prog`.
    pub fn tag(&self) -> [u8; 8] {
        self.tag
    }

    /// When it was loaded, since boot.
    pub fn loaded(&self) -> Duration {
        self.loaded
    }

    /// Whether the C function `name` may be this program.
    pub(crate) fn may_be(&self, name: &str) -> bool {
        match self.has_full_name {
            true => self.name == name,
            false => self.name.as_bytes() == kept(name.as_bytes()),
        }
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

    /// What kind of map it is.
    pub fn map_type(&self) -> MapType {
        MapType::from(self.map_type)
    }

    /// The name of its type, as bpftool writes it: `lru_hash`; `None` for one that libbpf doesn't know.
    pub fn map_type_name(&self) -> Option<&'static str> {
        type_names::map_type(self.map_type)
    }

    /// Whether this is what the kernel says of the same map: ids are used again some day.
    pub(crate) fn is(&self, info: &libbpf_rs::libbpf_sys::bpf_map_info) -> bool {
        self.id == info.id
            && self.kernel_btf == info.btf_id
            && self.name == kernel::name(&info.name)
    }

    /// The type of its keys in the object's BTF, unless it has none.
    pub(crate) fn key_type(&self) -> Option<u32> {
        (self.key_type != 0).then_some(self.key_type)
    }

    /// The type of its values in the object's BTF, 0 if there is none. That of a section's map is its DATASEC.
    pub(crate) fn value_type(&self) -> u32 {
        self.value_type
    }
}

/// How many characters of a program's or map's name the kernel keeps (`BPF_OBJ_NAME_LEN`, with the NUL).
const MAX_NAME: usize = 15;

/// What the kernel keeps of the name of a program or map.
pub fn kept(name: &[u8]) -> &[u8] {
    name.get(..MAX_NAME).unwrap_or(name)
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
        let program = kernel::program_of(fd).map_err(|error| {
            let context = match error.kind() {
                // Linux before 5.19 tells nothing about any descriptor without privilege.
                io::ErrorKind::PermissionDenied => "can't look at programs",
                _ => "not a BPF program",
            };
            Error::from(error).context(context)
        })?;
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
        let listing = Listing::new()?;
        match listing.of_map(&map).as_slice() {
            [group] => Self::of_group(&listing, group),
            [] => {
                let mut programs = listing.programs.iter();
                Err(match programs.any(|program| program.maps.contains(&id)) {
                    _ if map.map.kernel_btf != 0 => {
                        invalid(format!("map {id} went away meanwhile"))
                    }
                    true => no_btf(&format!("the programs of map {id}")),
                    false => invalid(format!("map {id} has no BTF, and no program uses it")),
                })
            }
            groups => Err(invalid(format!(
                "map {id} is shared by {} objects: name a program of one",
                groups.len()
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
        let listing = Listing::new()?;
        let groups = listing.groups();
        // Those that went meanwhile are not running.
        Ok(groups
            .iter()
            .filter_map(|group| Self::of_group(&listing, group).ok())
            .collect())
    }

    fn of_program(program: &kernel::Program) -> Result<Self> {
        let listing = Listing::new()?;
        let id = program.program.id;
        match listing.of_program(id) {
            Some(group) => Self::of_group(&listing, &group),
            None if program.btf == 0 => Err(no_btf(&format!(
                "program {id} (`{}`)",
                program.program.name.display()
            ))),
            None => Err(invalid(format!("program {id} went away meanwhile"))),
        }
    }

    fn of_group(listing: &Listing, group: &Group) -> Result<Self> {
        let btf = KernelBtf::new(&group.btf).context("can't read the object's BTF")?;
        let programs = group.programs.iter().map(|&index| &listing.programs[index]);
        let maps = group.maps.iter().map(|&index| &listing.maps[index]);
        Ok(Self {
            programs: programs.map(|program| btf.full_name(program)).collect(),
            maps: maps.map(|map| btf.translate(map)).collect(),
            btf,
        })
    }

    /// The id of its BTF. Each load of an object has its own.
    ///
    /// Where the loader gave each program and map BTF of its own, as cilium/ebpf does, it is the lowest of these ids.
    pub fn btf_id(&self) -> u32 {
        self.btf.id()
    }

    /// Its BTF, as the kernel has it: what `bpftool btf dump id` shows.
    pub fn btf_data(&self) -> &[u8] {
        self.btf.data()
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
    /// [`all`](Self::all). An object that never had programs is current as long as all of its maps exist. `false` too if
    /// this process may not look any more (`CAP_SYS_ADMIN`).
    pub fn is_current(&self) -> bool {
        let program = |program: &RunningProgram| matches!(kernel::program(program.id), Ok(Some(_)));
        let map = |map: &RunningMap| matches!(kernel::map(map.id), Ok(Some(_)));
        match self.programs.is_empty() {
            false => self.programs.iter().any(program),
            true => self.maps.iter().all(map),
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

    /// A descriptor of one of its programs.
    pub(crate) fn open(&self, program: &RunningProgram) -> Result<OwnedFd, String> {
        let gone = || "it is no longer loaded".to_owned();
        let text = |error: io::Error| format!("can't be opened: {error}");
        let fd = kernel::program_fd(program.id)
            .map_err(text)?
            .ok_or_else(gone)?;
        // An id may be another program's by now.
        match kernel::program_of(fd.as_fd()).map_err(text)?.program.loaded == program.loaded {
            true => Ok(fd),
            false => Err(gone()),
        }
    }

    pub(crate) fn btf(&self) -> Btf<'_> {
        self.btf.view()
    }
}

fn no_btf(what: &str) -> Error {
    invalid(format!(
        "{what}: loaded without BTF, so its variables are unknown; compile with `-g`, and use a loader that loads BTF"
    ))
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("btf_id", &self.btf.id())
            .field("programs", &self.programs)
            .field("maps", &self.maps)
            .finish()
    }
}

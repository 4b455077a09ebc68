//! Object files: comparing what BTF alone says, without libbpf opening the object.

use core::ptr::{self, NonNull};
use std::io;

use libbpf_rs::libbpf_sys;

use super::btf::{Btf, Kind, Type};
use super::sections::{Access, Memory};
use super::variables::Sections;
use super::{addresses, maps, placed, programs, struct_ops, variables};
use crate::describe::Library;
use crate::error::Problem;

/// The problems that [`bind`](fn@super::bind), [`configure`](fn@super::configure) and
/// [`programs`](fn@super::programs) would have with an object that has this BTF, complete, and programs of
/// these names and sections. What only libbpf, the kernel and the instructions tell is left out.
///
/// # Errors
///
/// If libbpf can't read the BTF.
pub fn check(
    library: &'static Library,
    btf: &[u8],
    programs: &[(&str, &str)],
) -> io::Result<Vec<Problem>> {
    let file = FileBtf::new(btf)?;
    let btf = file.btf();
    let mut problems = Vec::new();
    let located = [Sections::Data, Sections::Arena].map(|sections| {
        let variables = placed(library, sections);
        let places = variables::locate(btf, sections, variables, &mut problems);
        (variables, places)
    });
    maps::Definitions::of_file(btf, library.maps).file(&mut problems);
    for (variables, places) in located {
        addresses::resolve(variables, &places, &mut problems, |section| {
            Ok(Section::new(section.ty))
        });
    }
    programs::of_file(programs, library.programs, &mut problems);
    programs::check_contexts(btf, library.programs, &mut problems);
    struct_ops::check(btf, library.struct_ops, &mut problems);
    Ok(problems)
}

/// BTF that was read from a file.
struct FileBtf(NonNull<libbpf_sys::btf>);

impl FileBtf {
    fn new(bytes: &[u8]) -> io::Result<Self> {
        let size = u32::try_from(bytes.len()).map_err(io::Error::other)?;
        // SAFETY: there are as many bytes, which libbpf copies and checks.
        let btf = unsafe { libbpf_sys::btf__new(bytes.as_ptr().cast(), size) };
        NonNull::new(btf)
            .map(Self)
            .ok_or_else(io::Error::last_os_error)
    }

    fn btf(&self) -> Btf<'_> {
        // SAFETY: the BTF is valid as long as `self`, and nobody changes it.
        unsafe { Btf::from_raw(self.0) }
    }
}

impl Drop for FileBtf {
    fn drop(&mut self) {
        // SAFETY: it is valid, and nobody uses it any more.
        unsafe { libbpf_sys::btf__free(self.0.as_ptr()) }
    }
}

/// A section as it will be once loaded. Nobody gets to its memory, which is nowhere.
#[derive(Clone, Copy)]
struct Section {
    size: usize,
    writable: bool,
}

impl Section {
    fn new(section: Type<'_>) -> Self {
        let size = match section.kind {
            Kind::DataSection(entries) => entries.section_size() as usize,
            _ => 0,
        };
        let name = section.name().to_bytes();
        Self {
            size,
            // libbpf makes maps of these that can only be read (`bpf_object__init_internal_map`).
            writable: !name.starts_with(b".rodata") && name != b".kconfig",
        }
    }
}

impl Memory for Section {
    fn bytes(&self) -> (*mut u8, usize) {
        // Aligned to a page, as memory that is mapped.
        (ptr::without_provenance_mut(4096), self.size)
    }

    fn access(&self) -> Access {
        match self.writable {
            true => Access::Writable,
            false => Access::ReadOnly,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bind::btf::builder::BtfBuilder;
    use crate::describe::primitives::{U32, U64};
    use crate::describe::{Map, Program, Shape, Variable};
    use crate::shared::{Read, Write};

    static TALLY: Library = Library {
        name: "Tally",
        variables: &[
            Variable::new::<u64, Write>("events", ".bss", "u64 events", &U64),
            Variable::new::<u32, Read>("limit", ".rodata", "const u32 limit", &U32),
        ],
        maps: &[Map::new(
            "slots",
            Some(1),
            Shape::Type(&U32),
            Shape::Unknown,
        )],
        programs: &[Program::new("count", "syscall")],
        struct_ops: &[],
    };

    /// Checks an object with the two variables, each at an offset of its section.
    fn problems(events: (&str, u32), limit: (&str, u32), programs: &[(&str, &str)]) -> Vec<String> {
        let mut btf = BtfBuilder::new();
        let (long, int) = (btf.int("long", 8, false), btf.int("int", 4, false));
        let (of_events, of_limit) = (btf.variable("events", long), btf.variable("limit", int));
        btf.section(events.0, &[(of_events, events.1, 8)]);
        btf.section(limit.0, &[(of_limit, limit.1, 4)]);
        let problems = check(&TALLY, btf.bytes(), programs).unwrap();
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_btf_and_names_tell() {
        const NO_MAP: &str = "map `slots`: not in the object; is the library linked into it?";
        let found = problems(
            (".data", 8),
            (".rodata", 0),
            &[("count", "?syscall"), ("other", "xdp")],
        );
        assert_eq!(found, [NO_MAP]);
        let found = problems((".rodata.other", 8), (".data", 0), &[("counts", "syscall")]);
        assert_eq!(
            found,
            [
                NO_MAP,
                "variable `events`: built as a writable variable, but .rodata.other is read-only once loaded; declare \
                 it `const` in the library",
                "program `count`: not in the object; it has `counts`",
            ]
        );
        let found = problems((".data", 4), (".rodata", 0), &[("count", "raw_tp/x")]);
        assert_eq!(
            found,
            [
                NO_MAP,
                "variable `events`: offset 4 in .data is not aligned to 8 bytes",
                "program `count`: built with type syscall (`syscall`), the object has type raw_tracepoint",
            ]
        );
    }

    #[test]
    fn what_is_no_btf() {
        for bytes in [&[][..], &[0; 64]] {
            assert!(check(&TALLY, bytes, &[]).is_err());
        }
    }
}

//! Sections whose memory this process can only read.

use std::os::fd::{AsFd as _, AsRawFd as _};

use bpf_subskeleton::describe::{Library, Variable};
use bpf_subskeleton::private::{U64, bind};
use bpf_subskeleton::{Const, Read, Running, Var};
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::{MapCore as _, libbpf_sys};

use super::foreign::{
    LIBRARY, MMAPABLE, descriptor, program, section_map, typed_section, with_maps,
};
use super::problems;

/// What a library that only reads `hits` says.
static READS: Library = Library {
    name: "Reads",
    variables: &[Variable::new::<u64, Read>(
        "hits", "extern", "u64 hits", &U64,
    )],
    maps: &[],
    programs: &[],
    struct_ops: &[],
};

/// A loader that knows of maps, as libbpf does, has its own mapping of this one by the time that it could freeze it.
#[test]
fn a_frozen_section_is_only_read() {
    require_bpf();
    let (bss, data) = (
        typed_section(c".bss", c"hits"),
        typed_section(c".data", c"start"),
    );
    let program = program(&[&bss, &data]);
    let running = Running::from_program_fd(program.as_fd()).unwrap();
    let hits: Var<u64> = bind(&running, &LIBRARY).unwrap().variable();
    hits.set(17);
    drop(hits);
    // SAFETY: any descriptor will do.
    assert_eq!(unsafe { libbpf_sys::bpf_map_freeze(bss.as_raw_fd()) }, 0);
    assert_eq!(
        problems(bind(&running, &LIBRARY)),
        [
            "variable `hits`: built as a writable variable, but the map of .bss is frozen: only programs can write to it"
        ]
    );
    let hits: Const<u64> = bind(&running, &READS).unwrap().variable();
    assert_eq!(hits.get(), 17);
}

/// The kernel does not map memory through one, even to read.
#[test]
fn a_read_only_descriptor_says_so() {
    require_bpf();
    let object = with_maps(&section_map(c".bss", MMAPABLE, None), None);
    let bss = object
        .maps()
        .find(|map| map.name().to_str().unwrap().ends_with(".bss"));
    let options = libbpf_sys::bpf_get_fd_by_id_opts {
        sz: size_of::<libbpf_sys::bpf_get_fd_by_id_opts>() as u64,
        open_flags: libbpf_sys::BPF_F_RDONLY,
        ..Default::default()
    };
    let id = bss.unwrap().info().unwrap().info.id;
    // SAFETY: the options are valid.
    let fd = descriptor(unsafe { libbpf_sys::bpf_map_get_fd_by_id_opts(id, &raw const options) });
    let object = with_maps(&fd, None);
    let text = "section `.bss`: its map can't be mapped into memory: Invalid argument (os error 22), as with a file \
                descriptor that is read-only";
    assert_eq!(problems(bind(&object, &READS)), [text]);
}

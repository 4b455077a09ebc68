//! The reader's sections and symbols against those of the `object` crate, for every object of `bpf-src`, compiled and
//! linked.

#[allow(dead_code, reason = "damages objects, for macros/object/tests")]
#[path = "../../macros/object/tests/elf_file/mod.rs"]
mod elf_file;
#[path = "../../macros/object/tests/elf_judge/mod.rs"]
mod elf_judge;

use std::fs;
use std::path::Path;

use bpf_subskeleton_tests::objects::{self, link, object};

use elf_file::File;
use elf_judge::compare;

fn read_alike(path: &Path) {
    let bytes = fs::read(path).unwrap();
    assert!(compare(&bytes));
    assert!(compare(&File::new(&bytes).extended().bytes));
}

#[test]
fn every_object() {
    for path in objects::all() {
        read_alike(&path);
    }
}

#[test]
fn a_linked_object() {
    let inputs = ["subskel_lib", "subskel_app", "subskel_lib2"].map(object);
    read_alike(&link("elf", &inputs.each_ref().map(|path| path.as_path())));
}

//! The reader's table of types against bpftool's, for every object of `bpf-src`, compiled and linked.

#[path = "../../macros/object/tests/bpftool/mod.rs"]
mod bpftool;
#[path = "../../macros/object/tests/dump/mod.rs"]
mod dump;

use std::fs;
use std::path::Path;

use bpf_subskeleton_object::btf::Btf;
use bpf_subskeleton_object::elf::Elf;
use bpf_subskeleton_tests::objects::{self, link, object};

use bpftool::{assert_same, bpftool};
use dump::dump;

fn compare(path: &Path) {
    let bytes = fs::read(path).unwrap();
    let elf = Elf::parse(&bytes).unwrap();
    let btf = Btf::parse(elf.btf().unwrap(), elf.endian).unwrap();
    assert_same(&dump(&btf), &bpftool(path));
}

#[test]
fn every_object() {
    for path in objects::all() {
        compare(&path);
    }
}

#[test]
fn a_linked_object() {
    let inputs = ["subskel_lib", "subskel_app", "subskel_lib2"].map(object);
    compare(&link("btf", &inputs.each_ref().map(|path| path.as_path())));
}

//! Objects that no compiler or linker emits but libbpf opens: the runtime reads no more than libbpf has checked,
//! and takes nothing for what it is not.

use std::path::PathBuf;

use bpf_subskeleton::subskeleton;
use bpf_subskeleton_object::btf::{Btf, Type};
use bpf_subskeleton_object::elf::Elf;
use bpf_subskeleton_tests::kernel::{self, problems};
use bpf_subskeleton_tests::objects::{changed, compile_c, link, object, rename};
use libbpf_rs::OpenObject;

/// Three sections that can be written, and a constant.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/places.bpf.o"))]
struct Places;

/// Maps that no program uses.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/drift.bpf.o"))]
struct Drift;

fn open(path: PathBuf) -> OpenObject {
    // The kernel refuses such BTF; libbpf reports that at length and continues without it.
    libbpf_rs::set_print(None);
    kernel::open(&path)
}

/// The linked library with the info word of each DATASEC changed that is named so.
fn datasec(names: &[&str], change: impl Fn(u32) -> u32) -> PathBuf {
    let linked = link("places", &[&object("places")]);
    changed("places", &linked, |bytes| {
        let elf = Elf::parse(bytes).unwrap();
        let slice = elf.btf().unwrap();
        let btf = Btf::parse(slice, elf.endian).unwrap();
        let start = slice.as_ptr().addr() - bytes.as_ptr().addr();
        let infos: Vec<_> = btf
            .iter()
            .filter_map(|(_, ty)| match ty {
                Type::DataSection {
                    name,
                    size,
                    entries,
                } if names.contains(name) => {
                    let info = 0xf << 24 | entries.len() as u32;
                    let first = entries.first()?;
                    Some([info, *size, first.ty.0, first.offset])
                }
                _ => None,
            })
            .collect();
        assert_eq!(infos.len(), names.len());
        let section = start..start + slice.len();
        for words in infos {
            let before = words.map(u32::to_ne_bytes).concat();
            let mut at = section
                .clone()
                .filter(|at| bytes[*at..].starts_with(&before));
            let (Some(at), None) = (at.next(), at.next()) else {
                panic!("{words:x?} does not stand there once");
            };
            bytes[at..at + 4].copy_from_slice(&change(words[0]).to_ne_bytes());
        }
    })
}

/// libbpf takes 16 bits for a type's length and lets those above pass: the words that they speak of were never
/// checked, and end after the BTF.
#[test]
fn bits_that_mean_nothing() {
    let sections = [".data", ".bss", ".rodata", ".data.ring"];
    let mut open = open(datasec(&sections, |info| info | 0xff << 16));
    *Places::configure(&mut open).unwrap().data.place_wide = 5;
    let object = open.load().unwrap();
    assert_eq!(Places::bind(&object).unwrap().data.place_wide.get(), 5);
}

/// A struct's members take as many words as a DATASEC's entries: only its kind distinguishes them.
#[test]
fn a_section_that_is_a_struct() {
    let mut open = open(datasec(&[".bss"], |info| info & 0xffff | 4 << 24));
    let outside = "variable `place_zero`: not in the object: its variable of that name is not in a data section";
    assert_eq!(problems(Places::configure(&mut open).map(drop)), [outside]);
    assert_eq!(problems(Places::bind(&open.load().unwrap())), [outside]);
}

/// The linkage of a variable that another object defines, in a section that holds it.
#[test]
fn a_variable_that_is_only_declared() {
    let linked = link("places", &[&object("places")]);
    let path = changed("places", &linked, |bytes| {
        let elf = Elf::parse(bytes).unwrap();
        let slice = elf.btf().unwrap();
        let start = slice.as_ptr().addr() - bytes.as_ptr().addr();
        // Length of the header; offsets from its end: types, their length, strings.
        let word = |at: usize| u32::from_ne_bytes(slice[at..at + 4].try_into().unwrap());
        let strings = (word(4) + word(16)) as usize;
        let name = b"\0place_zero\0";
        let mut names = slice[strings..].windows(name.len());
        let name = names.position(|window| window == name).unwrap() as u32 + 1;
        let variable = [name, 14 << 24].map(u32::to_ne_bytes).concat();
        let mut types = slice.windows(variable.len());
        let linkage = start + types.position(|window| window == variable).unwrap() + 12;
        assert_eq!(bytes[linkage..linkage + 4], 1u32.to_ne_bytes());
        bytes[linkage..linkage + 4].copy_from_slice(&2u32.to_ne_bytes());
    });
    let mut open = open(path);
    let declared =
        "variable `place_zero`: not in the object: it only has an `extern` declaration of it";
    assert_eq!(problems(Places::configure(&mut open).map(drop)), [declared]);
    assert_eq!(problems(Places::bind(&open.load().unwrap())), [declared]);
}

/// BTF has maps, but the ELF file has no section for them: libbpf then creates none, and its first map is that of
/// a data section.
#[test]
fn maps_without_a_section() {
    let path = changed("drift", &link("drift", &[&object("drift")]), |bytes| {
        let elf = Elf::parse(bytes).unwrap();
        let btf = elf.btf().unwrap();
        let start = btf.as_ptr().addr() - bytes.as_ptr().addr();
        let btf = btf.to_vec();
        rename(bytes, ".maps", ".mass");
        bytes[start..start + btf.len()].copy_from_slice(&btf);
    });
    let mut open = open(path);
    let missing = ["slots", "sized", "mapped", "by_node", "by_size"]
        .map(|name| format!("map `{name}`: not in the object; is the library linked into it?"));
    assert_eq!(problems(Drift::configure(&mut open).map(drop)), missing);
    assert_eq!(problems(Drift::bind(&open.load().unwrap())), missing);
}

/// BTF describes a section in two parts, in each of which nothing overlaps.
#[test]
fn a_section_in_two_parts() {
    let source = include_str!("../../bpf-src/places.bpf.c").to_owned()
        + "\nlong part_one SEC(\".data.p1\") = 1;\nlong part_two SEC(\".data.p2\") = 2;\n";
    let path = changed("parts", &compile_c("parts", &source), |bytes| {
        let elf = Elf::parse(bytes).unwrap();
        let start = elf.btf().unwrap().as_ptr().addr() - bytes.as_ptr().addr();
        let end = start + elf.btf().unwrap().len();
        rename(&mut bytes[start..end], ".data.p2", ".data.p1");
    });
    let twice = "section `.data.p1`: the object's BTF describes it twice: link the object anew";
    assert_eq!(
        problems(Places::configure(&mut open(path)).map(drop)),
        [twice]
    );
}

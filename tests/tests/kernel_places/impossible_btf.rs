//! BTF that contradicts the object, and lengths that only the final object knows.

use std::path::PathBuf;

use bpf_subskeleton::Write;
use bpf_subskeleton::describe::{Library, Type as Described, Variable};
use bpf_subskeleton::private::{self, U32, U64};
use bpf_subskeleton_object::btf::{Btf, Type};
use bpf_subskeleton_object::elf::Elf;
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::{changed, rename};

use super::{Places, alone, linked, load, problems};

/// The linked object, with the entry of `variable` in its DATASEC changed: offset and size. libbpf believes
/// them in a linked object.
fn moved(variable: &str, change: impl FnOnce(&mut [u32; 2])) -> PathBuf {
    changed("places", &linked(), |bytes| {
        let elf = Elf::parse(bytes).unwrap();
        let slice = elf.btf().unwrap();
        let btf = Btf::parse(slice, elf.endian).unwrap();
        let is_wanted = |id| matches!(btf.ty(id), Type::Variable { name, .. } if *name == variable);
        let entry = btf.iter().find_map(|(_, ty)| match ty {
            Type::DataSection { entries, .. } => entries.iter().find(|entry| is_wanted(entry.ty)),
            _ => None,
        });
        let entry = entry.unwrap();
        let words =
            |[offset, size]: [u32; 2]| [entry.ty.0, offset, size].map(u32::to_ne_bytes).concat();
        let before = words([entry.offset, entry.size]);
        let mut place = [entry.offset, entry.size];
        change(&mut place);
        let after = words(place);
        let start = slice.as_ptr().addr() - bytes.as_ptr().addr();
        let section = start..start + slice.len();
        let mut at = section.filter(|at| bytes[*at..].starts_with(&before));
        let (Some(at), None) = (at.next(), at.next()) else {
            panic!("the entry of `{variable}` does not stand there once");
        };
        bytes[at..at + after.len()].copy_from_slice(&after);
    })
}

#[test]
fn btf_that_says_what_cannot_be() {
    let _alone = alone();
    type Change = fn(&mut [u32; 2]);
    let cases: [(&str, Change, &[&str]); 8] = [
        (
            "place_zero",
            |place| place[0] = 4,
            &["variable `place_zero`: 8 bytes at offset 4 are not inside the 8 bytes of .bss"],
        ),
        (
            "place_zero",
            |place| place[0] = u32::MAX - 3,
            &[
                "variable `place_zero`: 8 bytes at offset 4294967292 are not inside the 8 bytes of .bss",
            ],
        ),
        (
            "place_narrow",
            |place| place[0] = 10,
            &["variable `place_narrow`: offset 10 in .data is not aligned to 4 bytes"],
        ),
        (
            "place_narrow",
            |place| place[1] = 8,
            &["variable `place_narrow`: built with 4 bytes, the object has 8 bytes"],
        ),
        (
            "place_narrow",
            |place| place[0] = 4,
            &[
                "variable `place_wide`: 8 bytes at offset 0 overlap `place_narrow`, 4 bytes at offset 4; \
                 link the object once more, which mends what the BPF linker got wrong",
                "variable `place_narrow`: 4 bytes at offset 4 overlap `place_wide`, 8 bytes at offset 0; \
                 link the object once more, which mends what the BPF linker got wrong",
            ],
        ),
        // After a neighbour that overlaps nothing.
        (
            "place_narrow",
            |place| place[0] = 20,
            &[
                "variable `place_last`: 8 bytes at offset 16 overlap `place_narrow`, 4 bytes at offset 20; \
                 link the object once more, which mends what the BPF linker got wrong",
                "variable `place_narrow`: 4 bytes at offset 20 overlap `place_last`, 8 bytes at offset 16; \
                 link the object once more, which mends what the BPF linker got wrong",
            ],
        ),
        // Over all of them: each overlap is reported once.
        (
            "place_wide",
            |place| place[1] = 24,
            &[
                "variable `place_wide`: 24 bytes at offset 0 overlap `place_narrow`, 4 bytes at offset 8; \
                 link the object once more, which mends what the BPF linker got wrong",
                "variable `place_narrow`: 4 bytes at offset 8 overlap `place_wide`, 24 bytes at offset 0; \
                 link the object once more, which mends what the BPF linker got wrong",
                "variable `place_last`: 8 bytes at offset 16 overlap `place_wide`, 24 bytes at offset 0; \
                 link the object once more, which mends what the BPF linker got wrong",
            ],
        ),
        // A variable without bytes overlaps nothing.
        (
            "place_narrow",
            |place| *place = [4, 0],
            &["variable `place_narrow`: built with 4 bytes, the object has 0 bytes"],
        ),
    ];
    // The kernel refuses such BTF; libbpf logs that at length, and loads the object without it.
    libbpf_rs::set_print(None);
    for (variable, change, expected) in cases {
        let mut open = kernel::open(&moved(variable, change));
        let found = problems(Places::configure(&mut open).map(drop));
        assert_eq!(problems(Places::bind(&load(open))), found);
        assert_eq!(found, expected);
    }
}

/// A library that declares an array `extern` leaves its length to the final object, but nothing else.
#[test]
fn arrays_of_a_length_that_the_object_knows() {
    static RING: Described = Described::array(&U32, 0);
    static WIDE: Described = Described::array(&U64, 0);
    static LIBRARY: Library = Library {
        name: "Library",
        variables: &[Variable::unsized_array::<u32, Write>(
            "place_ring",
            "extern",
            "__u32 place_ring[]",
            &RING,
        )],
        maps: &[],
        programs: &[],
        struct_ops: &[],
    };
    static OTHER: Library = Library {
        variables: &[
            Variable::unsized_array::<u64, Write>("place_ring", "extern", "", &WIDE),
            Variable::unsized_array::<u64, Write>("place_wide", "extern", "", &WIDE),
        ],
        ..LIBRARY
    };
    let _alone = alone();
    libbpf_rs::set_print(None);
    let object = load(kernel::open(&linked()));
    let mut bound = private::bind(&object, &LIBRARY).unwrap();
    let ring = bound.unsized_variable::<u32, Write>();
    assert_eq!(
        ring.iter().map(|word| word.get()).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    assert_eq!(
        problems(private::bind(&object, &OTHER)),
        [
            "variable `place_ring[]`: built with u64, the object has u32",
            "variable `place_wide`: built with u64[], the object has u64",
        ]
    );
    let cut = load(kernel::open(&moved("place_ring", |place| place[1] = 10)));
    assert_eq!(
        problems(private::bind(&cut, &LIBRARY)),
        ["variable `place_ring`: built with elements of 4 bytes, the object has 10 bytes"]
    );
}

#[test]
fn a_section_without_a_map() {
    let _alone = alone();
    let path = changed("places", &linked(), |bytes| {
        let elf = Elf::parse(bytes).unwrap();
        let btf = elf.btf().unwrap();
        let start = btf.as_ptr().addr() - bytes.as_ptr().addr();
        let end = start + btf.len();
        rename(&mut bytes[start..end], ".data.ring", ".data.ding");
    });
    assert_eq!(
        problems(Places::bind(&load(kernel::open(&path)))),
        ["section `.data.ding`: libbpf created no map for it"]
    );
}

#[test]
fn variables_outside_of_sections() {
    let _alone = alone();
    let path = changed("places", &linked(), |bytes| {
        let elf = Elf::parse(bytes).unwrap();
        let btf = elf.btf().unwrap();
        let start = btf.as_ptr().addr() - bytes.as_ptr().addr();
        let end = start + btf.len();
        rename(&mut bytes[start..end], ".data.ring", ".dots.ring");
    });
    let outside = |name| {
        format!(
            "variable `{name}`: not in the object: its variable of that name is not in a data section"
        )
    };
    assert_eq!(
        problems(Places::bind(&load(kernel::open(&path)))),
        ["place_head", "place_ring"].map(outside)
    );
}

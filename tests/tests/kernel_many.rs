//! Sections with thousands of variables: the runtime fills their structs in a loop, so each field must be the handle
//! of its own variable.

use std::fmt::Write as _;
use std::fs;
use std::thread;

use bpf_subskeleton::{Const, Text as _, Var, Variables, subskeleton};
use bpf_subskeleton_tests::image::Image;
use bpf_subskeleton_tests::kernel;
use bpf_subskeleton_tests::objects::{compile_c, link, object};
use libbpf_rs::{Object, OpenObject};

/// Integers, arrays, structs and arrays of structs in `.bss`.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/many_3000.bpf.o"))]
pub struct Many;

/// 300 variables each that may be longer, are read-only, and are only declared.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/many_kinds.bpf.o"), grows(item))]
pub struct Large;

/// Opens it, with other bytes in each word of its section.
fn open() -> OpenObject {
    let mut object = kernel::open(&object("many_3000"));
    let mut bss = object
        .maps_mut()
        .find(|map| map.name().to_string_lossy().ends_with(".bss"))
        .unwrap();
    let words = bss.initial_value_mut().unwrap().chunks_exact_mut(2);
    for (i, word) in words.enumerate() {
        let word: &mut [u8; 2] = word.try_into().unwrap();
        *word = u16::try_from(i + 1).unwrap().to_ne_bytes();
    }
    object
}

/// What `Debug` shows of the section, by the places that the symbols have.
fn expected() -> String {
    let image = Image::of(&object("many_3000"));
    let mut text = "Bss { ".to_owned();
    for (i, variable) in Many::VARIABLES.iter().enumerate() {
        let at = image.variable(variable.name()).offset;
        let bytes = |offset: usize, size: usize| {
            let words = (at + offset) / 2..(at + offset + size) / 2;
            words.flat_map(|word| u16::try_from(word + 1).unwrap().to_ne_bytes())
        };
        let u32_at = |offset| u32::from_ne_bytes(array(bytes(offset, 4)));
        let u64_at = |offset| u64::from_ne_bytes(array(bytes(offset, 8)));
        let i64_at = |offset| i64::from_ne_bytes(array(bytes(offset, 8)));
        let point = |offset| {
            let (x, y, stamp) = (u32_at(offset), u32_at(offset + 4), i64_at(offset + 8));
            format!("point {{ x: {x}, y: {y}, stamp: {stamp} }}")
        };
        let value = match i % 8 {
            0 => u64_at(0).to_string(),
            1 => u32_at(0).to_string(),
            2 => format!("{:?}", [0, 8, 16, 24].map(u64_at)),
            3 => format!(
                "stats_{} {{ packets: {}, bytes: {}, errors: {:?} }}",
                i / 100,
                u64_at(0),
                u64_at(8),
                [16, 20].map(u32_at)
            ),
            4 => i64_at(0).to_string(),
            5 => u16::from_ne_bytes(array(bytes(0, 2))).to_string(),
            6 => point(0),
            _ => format!("[{}]", [0, 16, 32].map(point).join(", ")),
        };
        write!(text, "{}: {value}, ", variable.name()).unwrap();
    }
    text.trim_end_matches(", ").to_owned() + " }"
}

fn array<const N: usize>(bytes: impl Iterator<Item = u8>) -> [u8; N] {
    bytes.collect::<Vec<_>>().try_into().unwrap()
}

/// The texts are too long for a reader, so this shows where they begin to differ.
#[track_caller]
fn assert_same(found: &str, expected: &str) {
    let mut differ = found.split(" v").zip(expected.split(" v"));
    let differ = differ.find(|(found, expected)| found != expected);
    assert_eq!(differ, None);
    assert_eq!(found.len(), expected.len());
}

#[test]
fn each_field_is_its_own_variable() {
    let expected = expected();
    let mut open = open();
    let config = Many::configure(&mut open).unwrap();
    assert_same(&format!("{:?}", config.bss), &expected);
    let many = Many::bind(&open.load().unwrap()).unwrap();
    assert_same(&format!("{:?}", many.bss), &expected);

    let clone = many.bss.clone();
    let last = clone.v02999.clone();
    drop(many);
    assert_same(&format!("{clone:?}"), &expected);
    drop(clone);
    last[2].stamp.set(-1);
    assert_eq!(last.get()[2].stamp, -1);
}

/// The handles are neither moved nor copied over the stack.
#[test]
fn threads_read_and_write() {
    let mut open = open();
    let config = Many::configure(&mut open).unwrap();
    *config.bss.v00000 = 1;
    config.bss.v02999[2].x = 2;
    let object = open.load().unwrap();
    let other = Many::bind(&object).unwrap();
    let thread = thread::Builder::new().stack_size(48 << 10);
    let many: Variables<many::Bss> = Many::bind(&object).unwrap().bss;
    let thread = thread.spawn(move || {
        let clone = many.clone();
        assert_eq!(many.v00000.get(), 1);
        assert_eq!(clone.v02999[2].x.get(), 2);
        clone.v00000.set(3);
        many.v02999[2].x.set(4);
    });
    thread.unwrap().join().unwrap();
    assert_eq!(other.bss.v00000.get(), 3);
    assert_eq!(other.bss.v02999[2].x.get(), 4);
}

/// Mappings of the maps of BPF objects whose sections are as large as that of `many_3000`.
fn mappings() -> usize {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let size = |line: &str| {
        let (first, rest) = line.split_once('-')?;
        let (last, _) = rest.split_once(' ')?;
        let [first, last] = [first, last].map(|text| u64::from_str_radix(text, 16));
        Some(last.ok()? - first.ok()?)
    };
    let page = 4096;
    let sizes = maps.lines().filter(|line| line.contains("bpf-map"));
    let section = sizes.filter_map(size).filter(|size| *size > page);
    section.count()
}

/// Each handle owns a share of the mapping, so one that is dropped twice, or not, shows.
#[test]
fn nothing_is_left_behind() {
    if std::env::var_os("ALONE").is_none() {
        // Other tests map sections at any time.
        let itself = std::env::current_exe().unwrap();
        let mut alone = std::process::Command::new(itself);
        alone
            .env("ALONE", "1")
            .args(["--exact", "nothing_is_left_behind"]);
        assert!(alone.status().unwrap().success());
        return;
    }
    let object = open().load().unwrap();
    let loaded = mappings();
    let many = Many::bind(&object).unwrap();
    assert_eq!(mappings(), loaded + 1);
    let clone = many.bss.clone();
    drop(many);
    assert_eq!(mappings(), loaded + 1);
    drop(clone);
    assert_eq!(mappings(), loaded);
}

#[test]
fn detached() {
    let many = Many::detached();
    many.bss.v00000.set(5);
    many.bss.v02999[1].y.set(6);
    let clone = many.bss.clone();
    drop(many);
    assert_eq!(clone.v00000.get(), 5);
    assert_eq!(clone.v02999[1].y.get(), 6);
    assert_eq!(clone.v00008.get(), 0);

    let large = Large::detached();
    assert_eq!(large.data.d298.get().id, 298);
    assert_eq!(
        large
            .data
            .d299
            .iter()
            .map(|item| item.id.get())
            .sum::<u32>(),
        599
    );
    assert_eq!(large.rodata.r299.get(), 300);
    assert_eq!(large.externs.e299.get(), 0);
}

/// Loads the library with the objects that define what it declares; `longer` if its structs are.
fn load_large(longer: bool, set: impl FnOnce(LargeConfig<'_>)) -> Object {
    let source = fs::read_to_string(object("many_kinds").with_extension("c")).unwrap();
    let definitions = format!(
        "#include <linux/types.h>\n{}",
        (0..300).fold(String::new(), |mut text, i| {
            let _ = match i % 2 {
                0 => writeln!(text, "__u32 e{i:03}[] = {{ {i}, 1, {i} }};"),
                _ => writeln!(text, "__u64 e{i:03} = {i};"),
            };
            text
        })
    );
    let longer = if longer { "#define LONGER\n" } else { "" };
    let library = compile_c("many-kinds", &format!("{longer}{source}"));
    let path = link(
        "many-kinds",
        &[&library, &compile_c("many-kinds-externs", &definitions)],
    );
    let mut open = kernel::open(&path);
    set(Large::configure(&mut open).unwrap());
    open.load().unwrap()
}

/// Structs, arrays of structs, constants, and arrays whose length the object decides, each next to one of another kind.
#[test]
fn every_kind_of_field() {
    for longer in [false, true] {
        let object = load_large(longer, |config| {
            assert_eq!(config.data.d298.id, 298);
            config.data.d298.id = 7;
            let ids: Vec<_> = config.data.d299.iter().map(|item| item.id).collect();
            assert_eq!(ids, [299, 300]);
            assert_eq!(*config.rodata.r298, 299);
            *config.rodata.r298 = 8;
            assert_eq!(
                (config.externs.e298.len(), config.externs.e298[2]),
                (3, 298)
            );
            config.externs.e298[2] = 9;
            *config.externs.e299 += 1;
            assert!(format!("{:?}", config.externs).ends_with(", e298: [298, 1, 9], e299: 300 }"));
            config.rodata.r_name.set_text("cgroups").unwrap();
            let rodata = format!("{:?}", config.rodata);
            assert!(
                rodata.ends_with(r#", r299: 300, r_name: "cgroups" }"#),
                "{rodata}"
            );
        });
        let large = Large::bind(&object).unwrap();
        assert_eq!(large.data.d002.get().id, 2);
        assert_eq!(large.data.d298.get().id, 7);
        assert_eq!(large.data.d299[1].id.get(), 300);
        large.data.d299[1].id.set(1);
        let rate: &Const<u32> = &large.rodata.r298;
        assert_eq!((rate.get(), large.rodata.r299.get()), (8, 300));
        let limits: Var<[u32]> = large.externs.clone().e298.clone();
        assert_eq!((limits.len(), limits[2].get()), (3, 9));
        assert_eq!(large.externs.e299.get(), 300);
        let rodata = format!("{:?}", large.rodata.clone());
        assert!(
            rodata.ends_with(r#", r299: 300, r_name: "cgroups" }"#),
            "{rodata}"
        );
        let data = format!("{:?}", large.data.clone());
        assert!(
            data.starts_with("Data { d001: [item { id: 1 }, item { id: 2 }], d002: item"),
            "{data}"
        );
        assert!(
            data.ends_with("d299: [item { id: 299 }, item { id: 1 }] }"),
            "{data}"
        );
    }
}

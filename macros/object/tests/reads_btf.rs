//! Compares the BTF reader with bpftool, and feeds it invalid BTF.

mod bpftool;
mod clang;
mod dump;

use std::fs;
use std::path::Path;

use bpf_subskeleton_object::btf::{Btf, BtfError, Type, TypeId, kind};
use bpf_subskeleton_object::declaration::declaration;
use bpf_subskeleton_object::elf::{Elf, Endianness};

use bpftool::{assert_same, bpftool};
use clang::compile;
use dump::dump;

const EVERYTHING: &str = include_str!("clang/everything.bpf.c");

fn parse(bytes: &[u8]) -> (Elf<'_>, Btf<'_>) {
    let elf = Elf::parse(bytes).unwrap();
    let btf = Btf::parse(elf.btf().unwrap(), elf.endian).unwrap();
    (elf, btf)
}

#[test]
fn same_as_bpftool() {
    for target in ["bpfel", "bpfeb"] {
        let (path, bytes) = compile(&format!("everything_{target}"), target, EVERYTHING);
        let (elf, btf) = parse(&bytes);
        assert_eq!(elf.endian == Endianness::Big, target == "bpfeb");
        assert_same(&dump(&btf), &bpftool(&path));
    }
}

#[test]
fn same_as_bpftool_for_vmlinux() {
    let path = Path::new("/sys/kernel/btf/vmlinux");
    let bytes = fs::read(path).expect("a kernel with BTF (CONFIG_DEBUG_INFO_BTF)");
    let started = std::time::Instant::now();
    let btf = Btf::parse(&bytes, Endianness::default()).unwrap();
    eprintln!("{} types in {:?}", btf.len(), started.elapsed());
    assert!(btf.len() > 10_000);
    assert_same(&dump(&btf), &bpftool(path));
}

/// What is cut off a long declaration is never the name.
#[test]
fn declarations_that_are_long() {
    let tag = "t".repeat(450);
    let parameters = vec!["struct counted *"; 40].join(", ");
    let source = format!(
        "struct counted {{ int count; }} counted;
        struct {tag} {{ int count; }} tagged;
        int (*hook)({parameters});"
    );
    let (_, bytes) = compile("long", "bpfel", &source);
    let (_, btf) = parse(&bytes);
    let declared = |wanted: &str| {
        let mut types = btf.iter();
        let ty = types.find_map(|(_, ty)| match ty {
            Type::Variable { name, ty, .. } if *name == wanted => Some(*ty),
            _ => None,
        });
        declaration(&btf, ty.unwrap(), wanted)
    };
    assert_eq!(declared("counted"), "struct counted counted");
    assert_eq!(declared("tagged"), "… tagged");
    let hook = declared("hook");
    assert!(
        hook.starts_with("… (*hook)(struct counted *, ") && hook.ends_with('…'),
        "{hook}"
    );
}

#[test]
fn sizes_and_tags() {
    let (_, bytes) = compile("tags", "bpfel", EVERYTHING);
    let (_, btf) = parse(&bytes);
    let find = |name: &str, is: fn(&Type<'_>) -> bool| {
        let mut found = btf.iter().filter(|(_, ty)| ty.name() == name && is(ty));
        found.next().unwrap_or_else(|| panic!("no {name}")).0
    };
    let of_var = |name| match btf.ty(find(name, |ty| matches!(ty, Type::Variable { .. }))) {
        Type::Variable { ty, .. } => *ty,
        _ => unreachable!(),
    };
    for (name, size) in [
        ("arr", Some(48)),
        ("small", Some(4)),
        ("wide", Some(8)),
        ("tiny", Some(1)),
        ("odd", Some(25)),
        ("p", Some(8)),
        ("d", Some(8)),
        ("k", Some(4)),
        ("flexible", Some(4)),
        ("ksym_var", None),
    ] {
        assert_eq!(btf.size_of(of_var(name)), size, "{name}");
    }
    assert_eq!(btf.size_of(TypeId::VOID), None);
    assert_eq!(btf.size_of(TypeId(u32::MAX)), None);
    let exported = find("exported", |ty| matches!(ty, Type::Function { .. }));
    assert_eq!(btf.size_of(exported), None);
    assert!(matches!(btf.ty(btf.resolve(of_var("k"))), Type::Int { .. }));

    let tags = |id, component| btf.decl_tags(id, component).collect::<Vec<_>>();
    assert_eq!(tags(exported, None), [""; 0]);
    assert_eq!(tags(exported, Some(0)), ["parameter"]);
    let s = btf.resolve(of_var("v"));
    assert_eq!(tags(s, Some(6)), ["inner"]);
    assert_eq!(tags(s, Some(5)), [""; 0]);
    assert_eq!(tags(btf.resolve(of_var("odd")), None), ["first", "second"]);
    let s_t = find("s_t", |ty| matches!(ty, Type::Typedef { .. }));
    assert_eq!(tags(s_t, None), ["typedef"]);
    assert_eq!(tags(TypeId(u32::MAX), None), [""; 0]);
}

/// Assembles a little-endian `.BTF` section from the words of its types.
fn btf(types: &[&[u32]]) -> Vec<u8> {
    let strings = b"\0name\0other\0\xff\0";
    let types: Vec<u8> = types
        .concat()
        .iter()
        .flat_map(|word| word.to_le_bytes())
        .collect();
    let lens = [24, 0, types.len(), types.len(), strings.len()];
    let mut bytes = vec![0x9f, 0xeb, 1, 0];
    bytes.extend(lens.iter().flat_map(|len| (*len as u32).to_le_bytes()));
    bytes.extend(types);
    bytes.extend(strings);
    bytes
}

const NAME: u32 = 1;
const OTHER: u32 = 6;
const NOT_UTF8: u32 = 12;

fn info(kind: u32, vlen: u32) -> u32 {
    kind << 24 | vlen
}

fn int() -> [u32; 4] {
    [NAME, info(kind::INT, 0), 4, 1 << 24 | 32]
}

/// clang 14 writes -1 in all of its 32 bits, also if the enum has 1 byte, and does not say that there is a sign.
#[test]
fn values_of_short_enums() {
    const SIGNED: u32 = 1 << 31;
    let values = |size: u32, flag: u32, value: i32| {
        let words = [NAME, info(kind::ENUM, 1) | flag, size, OTHER, value as u32];
        let bytes = btf(&[&words]);
        let btf = Btf::parse(&bytes, Endianness::Little).unwrap();
        let Type::Enum { values, .. } = btf.ty(TypeId(1)) else {
            unreachable!("it is an enum")
        };
        values[0].value
    };
    assert_eq!(values(1, 0, -1), 0xff);
    assert_eq!(values(2, 0, -2), 0xfffe);
    assert_eq!(values(4, 0, -1), 0xffff_ffff);
    assert_eq!(values(1, 0, 200), 200);
    assert_eq!(values(1, SIGNED, -56), -56);
    assert_eq!(values(4, SIGNED, -56), -56);
    assert_eq!(values(8, 0, 7), 7);
}

#[test]
fn damaged_types() {
    const ANON: u32 = 0;
    let (ptr, array, structure) = (kind::PTR, kind::ARRAY, kind::STRUCT);
    let (typedef, constant) = (kind::TYPEDEF, kind::CONST);
    let (func, proto) = (kind::FUNC, kind::FUNC_PROTO);
    let (var, datasec, tag) = (kind::VAR, kind::DATASEC, kind::DECL_TAG);
    let int = &int()[..];
    let cases: &[(&[&[u32]], &str)] = &[
        // Names and references.
        (
            &[&[99, info(ptr, 0), 0]],
            "type [1]: a name at byte 99 of 14 bytes of strings",
        ),
        (
            &[&[NOT_UTF8, info(ptr, 0), 0]],
            r#"type [1]: a name is not UTF-8: "\xff""#,
        ),
        (&[&[ANON, info(typedef, 0), 0]], "type [1]: it has no name"),
        (
            &[&[ANON, info(ptr, 0), 7]],
            "type [1]: its type is [7], which does not exist",
        ),
        (
            &[int, &[NAME, info(var, 0), 2, 0]],
            "type [2] `name`: its type is [2] `name`, which is not a type",
        ),
        (
            &[int, &[NAME, info(var, 0), 1, 3]],
            "type [2] `name`: it has the unknown linkage 3",
        ),
        (
            &[int, &[NAME, info(func, 1), 1]],
            "type [2] `name`: its prototype is [1], which is not a prototype",
        ),
        (
            &[int, &[ANON, info(proto, 1), 0, NAME, 9]],
            "type [2]: the type of `name` is [9], which does not exist",
        ),
        (
            &[int, &[NAME, info(datasec, 1), 0, 1, 0, 4]],
            "type [2] `name`: [1] is neither a variable nor a function",
        ),
        (
            &[&[NAME, info(tag, 0), 0, u32::MAX]],
            "type [1] `name`: its target is [0], which cannot be tagged",
        ),
        (
            &[int, &[NAME, info(tag, 0), 1, 0]],
            "type [2] `name`: [1] has 0 components, no index 0",
        ),
        // Sizes.
        (
            &[&[NAME, info(kind::INT, 0), 3, 24]],
            "type [1] `name`: an integer of 3 bytes",
        ),
        (
            &[&[NAME, info(kind::INT, 0), 4, 33]],
            "type [1] `name`: bits 0+33 of an integer of 4 bytes",
        ),
        (
            &[&[NAME, info(kind::FLOAT, 0), 5]],
            "type [1] `name`: a floating-point number of 5 bytes",
        ),
        (
            &[&[NAME, info(kind::ENUM, 0), 3]],
            "type [1] `name`: an enum of 3 bytes",
        ),
        // `enum e;` has no size; an enum with values has one.
        (
            &[&[NAME, info(kind::ENUM, 1), 0, OTHER, 1]],
            "type [1] `name`: an enum of 0 bytes",
        ),
        (
            &[
                int,
                &[NAME, info(kind::ENUM, 0), 0],
                &[ANON, info(array, 0), 0, 2, 1, 3],
            ],
            "type [3]: its element type [2] has no size",
        ),
        (
            &[int, &[ANON, info(array, 0), 0, 0, 1, 3]],
            "type [2]: its element type [0] has no size",
        ),
        (
            &[int, &[ANON, info(array, 0), 0, 1, 1, 1 << 30]],
            "type [2]: it is larger than 4 GiB",
        ),
        (
            &[int, &[NAME, info(structure, 1), 4, OTHER, 1, 8]],
            "type [2] `name`: `other` ends at bit 40, past the end of its 4 bytes",
        ),
        (
            &[&[NAME, info(structure, 1), 4, OTHER, 0, 0]],
            "type [1] `name`: the type [0] of `other` has no size",
        ),
        (
            &[
                int,
                &[NAME, info(structure, 1) | 1 << 31, 8, OTHER, 1, 33 << 24],
            ],
            "type [2] `name`: `other` is a bitfield of 33 bits of [1]",
        ),
        (
            &[
                &[NAME, info(structure, 1), 4, OTHER, 2, 0],
                &[ANON, info(array, 0), 0, 3, 4, u32::MAX],
                &[ANON, info(array, 0), 0, 4, 4, u32::MAX],
                &[NAME, info(kind::INT, 0), 1, 8],
            ],
            "type [1] `name`: `other` ends at bit 18446744073709551615, \
             past the end of its 4 bytes",
        ),
        // Cycles.
        (
            &[&[NAME, info(structure, 1), 4, OTHER, 1, 0]],
            "type [1] `name`: it contains itself",
        ),
        (
            &[&[ANON, info(constant, 0), 2], &[NAME, info(typedef, 0), 1]],
            "type [1]: it contains itself",
        ),
        (
            &[&[ANON, info(ptr, 0), 1]],
            "type [1]: it is declared in terms of itself",
        ),
        // Unknown.
        (
            &[&[NAME, info(100, 0), 1]],
            "type [1] `name`: unknown kind 100",
        ),
        (&[&[NAME, info(0, 0), 1]], "type [1] `name`: unknown kind 0"),
    ];
    for (types, message) in cases {
        let bytes = btf(types);
        let error = Btf::parse(&bytes, Endianness::Little).unwrap_err();
        assert_eq!(error.to_string(), format!("BTF {message}"));
    }
}

#[test]
fn depth_is_limited() {
    let chain = |kind_: u32, len: u32, backwards: bool| {
        let mut types = vec![int().to_vec()];
        types.extend((0..len).map(|i| {
            let to = match backwards {
                false => i + 1,
                true if i + 1 == len => 1,
                true => i + 3,
            };
            vec![NAME, info(kind_, 0), to]
        }));
        let types: Vec<&[u32]> = types.iter().map(Vec::as_slice).collect();
        Btf::parse(&btf(&types), Endianness::Little).map(drop)
    };
    for kind in [2, 8] {
        for backwards in [false, true] {
            chain(kind, 63, backwards).unwrap();
            for len in [64, 65, 100_000] {
                let error = chain(kind, len, backwards).unwrap_err().to_string();
                assert!(error.contains("too deep"), "{error}");
            }
        }
    }
}

#[test]
fn damaged_headers() {
    let good = btf(&[&int()]);
    let parse = |bytes: &[u8]| Btf::parse(bytes, Endianness::Little).map(|btf| btf.len());
    assert_eq!(parse(&good), Ok(2));
    assert_eq!(
        Btf::parse(&good, Endianness::Big).unwrap_err(),
        BtfError::WrongEndian
    );
    assert_eq!(parse(b"\x7fELF"), Err(BtfError::NotBtf { magic: 0x457f }));
    let with = |offset: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[offset] = value;
        parse(&bytes).unwrap_err()
    };
    assert_eq!(with(2, 2), BtfError::Version(2));
    assert!(matches!(with(4, 20), BtfError::Malformed(_)));
    assert!(matches!(with(11, 0xff), BtfError::Truncated { .. }));
    assert!(matches!(with(12, 15), BtfError::Truncated { .. }));
    assert!(matches!(with(good.len() - 1, 1), BtfError::Malformed(_)));

    // A newer, longer header.
    let mut longer = good.clone();
    longer[4] = 32;
    longer.splice(24..24, [0xab; 8]);
    assert_eq!(parse(&longer), Ok(2));
}

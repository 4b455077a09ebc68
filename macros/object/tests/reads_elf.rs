//! What the ELF reader finds in an object, and its errors for anything else.

mod clang;

use bpf_subskeleton_object::elf::{Binding, Elf, ElfError, SectionKind, SymbolKind, Visibility};

use clang::compile;

const EVERYTHING: &str = include_str!("clang/everything.bpf.c");

#[test]
fn sections_and_symbols() {
    for target in ["bpfel", "bpfeb"] {
        let (_, bytes) = compile(&format!("symbols_{target}"), target, EVERYTHING);
        let elf = Elf::parse(&bytes).unwrap();
        let bss = elf.section(".bss").unwrap();
        assert_eq!((bss.kind, bss.data), (SectionKind::NoBits, &[][..]));
        assert!(bss.size > 100 && bss.align >= 8);
        let license = elf.section("license").unwrap();
        assert_eq!(
            (license.kind, license.data),
            (SectionKind::ProgBits, &b"GPL\0"[..])
        );
        assert_eq!(elf.section(".symtab").unwrap().kind, SectionKind::Other);
        assert!(elf.section(".kconfig").is_none());

        let symbol = |name: &str| {
            let symbol = elf
                .symbols
                .iter()
                .find(|symbol| symbol.name == name)
                .unwrap();
            let section = symbol.section.map(|index| elf.sections[index].name);
            let Visibility::Default = symbol.visibility else {
                assert_eq!(name, "hidden_var");
                assert_eq!(symbol.visibility, Visibility::Hidden);
                return (section, symbol.binding, symbol.kind, symbol.size);
            };
            assert_ne!(name, "hidden_var");
            (section, symbol.binding, symbol.kind, symbol.size)
        };
        use {Binding::*, SymbolKind::*};
        assert_eq!(symbol("arr"), (Some(".bss"), Global, Object, 48));
        assert_eq!(symbol("weak_var"), (Some(".bss"), Weak, Object, 4));
        assert_eq!(symbol("hidden_var"), (Some(".data"), Global, Object, 4));
        assert_eq!(symbol("flexible"), (Some(".data"), Global, Object, 16));
        assert_eq!(symbol("k"), (Some(".rodata"), Local, Object, 4));
        assert_eq!(symbol("ex"), (None, Global, NoType, 0));
        let (section, binding, kind, _) = symbol("prog");
        assert_eq!((section, binding, kind), (Some("raw_tp"), Global, Function));
    }
}

#[test]
fn not_a_bpf_object() {
    let message = |bytes: &[u8]| Elf::parse(bytes).unwrap_err().to_string();
    let expected = ": expected a BPF object as `clang --target=bpf -g -O2 -c` writes it";
    let start = |bytes: &[u8]| message(bytes).strip_suffix(expected).unwrap().to_owned();
    assert_eq!(start(b""), "the file is empty");
    assert_eq!(
        start(b"!<arch>\nfoo"),
        "not an ELF file (it begins like an archive (`ar`, a static library))"
    );
    assert_eq!(
        start(b"BC\xc0\xde1234"),
        "not an ELF file (it begins like LLVM bitcode (`-emit-llvm`, `-flto`))"
    );
    assert_eq!(start(b"int x;\n"), "not an ELF file (it begins like text)");
    assert_eq!(
        start(b"\x7fEL"),
        "not an ELF file (it begins like binary data of another format)"
    );
    assert_eq!(start(b"\x7fELF\x01"), "a 32-bit ELF file, BPF is 64-bit");
    assert!(matches!(
        Elf::parse(b"\x7fELF\x02"),
        Err(ElfError::Malformed(_))
    ));

    let (_, bytes) = compile("not_bpf", "bpfel", "int x;");
    let with = |offset: usize, value: u8| {
        let mut bytes = bytes.clone();
        bytes[offset] = value;
        start(&bytes)
    };
    let (e_type, e_machine) = (16, 18);
    assert_eq!(with(e_machine, 62), "an ELF file for x86-64, not for BPF");
    assert_eq!(
        with(e_machine, 99),
        "an ELF file for machine 99, not for BPF (247)"
    );
    assert_eq!(with(e_type, 2), "an executable, not a relocatable object");
    assert_eq!(
        with(e_type, 3),
        "a shared library, not a relocatable object"
    );
}

//! What the ELF reader finds in an object, and its errors for anything else.

mod clang;
#[allow(dead_code, reason = "some of it is for elf_against_object.rs")]
mod elf_file;

use bpf_subskeleton_object::elf::{
    Binding, Elf, ElfError, Section, SectionKind, SymbolKind, Visibility,
};

use clang::compile;
use elf_file::*;

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
    let with = |field: Field, value: u64| {
        let mut file = File::new(&bytes);
        file.set(0, field, value);
        start(&file.bytes)
    };
    assert_eq!(with(E_MACHINE, 62), "an ELF file for x86-64, not for BPF");
    assert_eq!(
        with(E_MACHINE, 99),
        "an ELF file for machine 99, not for BPF (247)"
    );
    assert_eq!(with(E_TYPE, 2), "an executable, not a relocatable object");
    assert_eq!(
        with(E_TYPE, 3),
        "a shared library, not a relocatable object"
    );
}

/// Changes to an object that an ELF reader has to cope with.
type Change = fn(&mut File);

fn small(target: &str) -> File {
    let (_, bytes) = compile(&format!("small_{target}"), target, "int x; int y = 1;");
    File::new(&bytes)
}

/// The object's variable in `.bss`.
fn x(file: &File) -> usize {
    let is_x = |&symbol: &usize| {
        let section = file.section(file.get(symbol, ST_SHNDX) as usize);
        file.get(symbol, ST_INFO) == 0x11 && file.get(section, SH_TYPE) == SHT_NOBITS
    };
    file.symbols().find(is_x).unwrap()
}

#[test]
fn indices_beyond_16_bits() {
    for target in ["bpfel", "bpfeb"] {
        let (_, bytes) = compile(&format!("extended_{target}"), target, EVERYTHING);
        let elf = Elf::parse(&bytes).unwrap();
        let extended = File::new(&bytes).extended();
        let extended = Elf::parse(&extended.bytes).unwrap();
        assert_eq!(extended.endian, elf.endian);
        let section = |section: &Section<'_>| format!("{section:?}");
        // The symbol table has changed, but nothing else: what the null section has in place of a size is none.
        let all_but_symbols = |elf: &Elf<'_>| {
            let sections = elf.sections.iter();
            let sections = sections.filter(|section| section.name != ".symtab");
            sections.map(section).collect::<Vec<_>>()
        };
        let mut sections = all_but_symbols(&extended);
        sections.pop().unwrap();
        assert_eq!(sections, all_but_symbols(&elf));
        assert_eq!(
            format!("{:?}", extended.symbols),
            format!("{:?}", elf.symbols)
        );
        assert!(elf.symbols.iter().any(|symbol| symbol.section.is_some()));
        assert!(elf.symbols.iter().any(|symbol| symbol.section.is_none()));
    }
}

/// The specification allows one. That the last one counts is what other readers do.
#[test]
fn of_several_tables_of_indices_the_last_one_counts() {
    let file = small("bpfel");
    let mut extended = file.extended();
    let (symtab, _) = file.section_of(SHT_SYMTAB);
    let text = extended.section(2);
    assert_eq!(extended.get(text, SH_SIZE), 0);
    extended.set(text, SH_TYPE, SHT_SYMTAB_SHNDX);
    extended.set(text, SH_LINK, symtab as u64);
    extended.set(text, SH_ENTSIZE, 4);
    let symbols = |file: &File| format!("{:?}", Elf::parse(&file.bytes).unwrap().symbols);
    assert_eq!(symbols(&extended), symbols(&file));
}

#[test]
fn tables_need_not_be_aligned() {
    for target in ["bpfel", "bpfeb"] {
        let aligned = small(target);
        let mut file = aligned.clone();
        file.move_sections(8 - file.bytes.len() % 8 + 3);
        let (_, symtab) = file.section_of(SHT_SYMTAB);
        let symbols = file.bytes[file.data(symtab)].to_vec();
        file.bytes
            .resize(file.bytes.len().next_multiple_of(2) + 1, 0);
        file.set(symtab, SH_OFFSET, file.bytes.len() as u64);
        file.bytes.extend(symbols);
        for start in 0..8 {
            let mut bytes = vec![0; start];
            bytes.extend_from_slice(&file.bytes);
            let elf = Elf::parse(&bytes[start..]).unwrap();
            let expected = Elf::parse(&aligned.bytes).unwrap();
            assert_eq!(
                format!("{:?}", (elf.sections, elf.symbols)),
                format!("{:?}", (expected.sections, expected.symbols))
            );
        }
    }
}

#[test]
fn tables_that_a_file_need_not_have() {
    let file = small("bpfel");
    let read = |change: Change| {
        let mut file = file.clone();
        change(&mut file);
        let elf = Elf::parse(&file.bytes).unwrap();
        (elf.sections.len(), elf.symbols.len())
    };
    let (sections, symbols) = read(|_| {});
    assert!(sections > 5 && symbols > 1);
    let no_symbols: [Change; 3] = [
        |file| file.set(file.section_of(SHT_SYMTAB).1, SH_TYPE, 1),
        |file| file.set(file.section_of(SHT_SYMTAB).1, SH_SIZE, 0),
        // Nobody asks for the null symbol's name.
        |file| {
            let (_, symtab) = file.section_of(SHT_SYMTAB);
            file.set(symtab, SH_SIZE, 24);
            file.set(symtab, SH_LINK, 0);
        },
    ];
    for change in no_symbols {
        assert_eq!(read(change), (sections, 0));
    }
    let no_sections: [Change; 2] = [
        |file| file.set(0, E_SHOFF, 0),
        |file| file.set(0, E_SHNUM, 0),
    ];
    for change in no_sections {
        assert_eq!(read(change), (0, 0));
    }
    // Nor do sections without bytes have to be anywhere.
    let nowhere: [Change; 2] = [
        |file| file.set(file.section_of(SHT_NOBITS).1, SH_OFFSET, u64::MAX),
        |file| {
            let (_, strings) = file.section_of(SHT_SYMTAB);
            file.set(strings, SH_OFFSET, u64::MAX);
            file.set(strings, SH_SIZE, 0);
        },
    ];
    for change in nowhere {
        assert_eq!(read(change).0, sections);
    }
}

#[test]
fn damage_is_described() {
    for target in ["bpfel", "bpfeb"] {
        let file = small(target);
        let (len, sections) = (file.bytes.len(), file.get(0, E_SHNUM));
        let (symtab, at) = file.section_of(SHT_SYMTAB);
        let symbols = file.data(at).len();
        let (strtab, at) = file.section_of(SHT_STRTAB);
        let (strings, names) = (file.data(at).start, file.data(at).len());
        let index = (file.symbols().position(|symbol| symbol == x(&file))).unwrap() + 1;
        let (table, size) = (file.get(0, E_SHOFF), 64 * sections);
        let cases: &[(Change, String)] = &[
            (
                |file| file.bytes.truncate(63),
                "the header: it has 64 bytes, the file only 63".to_owned(),
            ),
            (
                |file| file.set(0, EI_CLASS, 9),
                "the header: the class (EI_CLASS) is 9, expected 2".to_owned(),
            ),
            (
                |file| file.set(0, EI_DATA, 3),
                "the header: the byte order (EI_DATA) is 3, expected 1 or 2".to_owned(),
            ),
            (
                |file| file.set(0, EI_VERSION, 0),
                "the header: the version (EI_VERSION) is 0, expected 1".to_owned(),
            ),
            (
                |file| file.set(0, E_SHENTSIZE, 40),
                "the section table: its headers have 40 bytes (e_shentsize), expected 64".to_owned(),
            ),
            (
                |file| file.bytes.truncate(file.bytes.len() - 1),
                format!(
                    "the section table (e_shnum is {sections}): its {size} bytes at offset {table} reach beyond the \
                     file's {} bytes",
                    len - 1
                ),
            ),
            (
                |file| {
                    file.set(0, E_SHNUM, 0);
                    file.set(0, E_SHOFF, u64::MAX);
                },
                format!(
                    "the null section's header: its 64 bytes at offset {} reach beyond the file's {len} bytes",
                    u64::MAX
                ),
            ),
            (
                |file| {
                    file.set(0, E_SHNUM, 0);
                    file.set(file.section(0), SH_SIZE, 1 << 60);
                },
                format!(
                    "the section table (e_shnum is {}): its {} bytes at offset {table} reach beyond the file's {len} bytes",
                    1_u64 << 60,
                    u64::MAX
                ),
            ),
            (
                |file| {
                    file.set(0, E_SHNUM, 0);
                    file.set(file.section(0), SH_SIZE, 1 << 32);
                },
                format!(
                    "the section table (e_shnum is {}): its {} bytes at offset {table} reach beyond the file's {len} bytes",
                    1_u64 << 32,
                    1_u64 << 38
                ),
            ),
            (
                |file| file.set(0, E_SHSTRNDX, 0),
                "the sections' names, in section 0 (e_shstrndx): the null section has none".to_owned(),
            ),
            (
                |file| file.set(0, E_SHSTRNDX, 999),
                format!("the sections' names, in section 999 (e_shstrndx): the file has {sections} sections"),
            ),
            (
                |file| file.set(0, E_SHSTRNDX, 0xff05),
                "the sections' names, in section 65285 (e_shstrndx): indices from 65280 on are reserved".to_owned(),
            ),
            (
                |file| {
                    file.set(0, E_SHSTRNDX, SHN_XINDEX);
                    file.set(file.section(0), SH_LINK, 1 << 16);
                },
                format!("the sections' names, in section 65536 (e_shstrndx): the file has {sections} sections"),
            ),
            (
                |file| file.set(file.section_of(SHT_STRTAB).1, SH_SIZE, u64::MAX),
                format!(
                    "the sections' names, in section {strtab} (e_shstrndx): its {} bytes at offset {strings} reach \
                     beyond the file's {len} bytes",
                    u64::MAX
                ),
            ),
            (
                |file| file.set(file.section(2), SH_NAME, 1 << 20),
                format!("the name of section 2: it is at byte 1048576 of {names} bytes of names"),
            ),
            (
                |file| {
                    let names = file.data(file.section_of(SHT_STRTAB).1);
                    file.bytes[names.end - 1] = b'x';
                    file.set(file.section(2), SH_NAME, names.len() as u64 - 1);
                },
                format!(
                    "the name of section 2: it begins at byte {} of {names} bytes of names, and does not end there",
                    names - 1
                ),
            ),
            (
                |file| {
                    let names = file.data(file.section_of(SHT_STRTAB).1);
                    let name = file.get(file.section(2), SH_NAME) as usize;
                    file.bytes[names][name] = 0xff;
                },
                "the name of section 2 is not UTF-8: \"\\xfftext\"".to_owned(),
            ),
            (
                |file| file.set(file.section(2), SH_SIZE, 1 << 40),
                format!(
                    "section 2 (`.text`): its {} bytes at offset 64 reach beyond the file's {len} bytes",
                    1_u64 << 40
                ),
            ),
            (
                |file| file.set(file.section_of(SHT_SYMTAB).1, SH_ENTSIZE, 16),
                format!(
                    "the symbol table, section {symtab}: its entries have 16 bytes (sh_entsize), expected 24"
                ),
            ),
            (
                |file| {
                    let (_, header) = file.section_of(SHT_SYMTAB);
                    file.set(header, SH_SIZE, file.get(header, SH_SIZE) + 1);
                },
                format!(
                    "the symbol table, section {symtab}: its {} bytes are no multiple of the 24 of an entry",
                    symbols + 1
                ),
            ),
            (
                |file| file.set(file.section_of(SHT_SYMTAB).1, SH_LINK, 0),
                "the name of symbol 1: it is at byte ".to_owned(),
            ),
            (
                |file| file.set(file.section_of(SHT_SYMTAB).1, SH_LINK, 999),
                format!("the symbols' names, in section 999 (sh_link): the file has {sections} sections"),
            ),
            (
                |file| file.set(file.section_of(SHT_SYMTAB).1, SH_LINK, 2),
                "the symbols' names, in section 2 (sh_link): it is no string table: its type is 1, expected 3".to_owned(),
            ),
            (
                |file| file.set(x(file), ST_NAME, 1 << 20),
                format!("the name of symbol {index}: it is at byte 1048576 of {names} bytes of names"),
            ),
            (
                |file| file.set(x(file), ST_SHNDX, 999),
                format!("symbol {index} (`x`): it is in section 999, the file has {sections} sections"),
            ),
            (
                |file| file.set(x(file), ST_SHNDX, SHN_XINDEX),
                format!("symbol {index} (`x`): its section's index is in a table of its own (SHN_XINDEX), which has no entry for it"),
            ),
            (
                |file| {
                    *file = file.extended();
                    file.set(file.section_of(SHT_SYMTAB_SHNDX).1, SH_SIZE, 4);
                },
                "its section's index is in a table of its own (SHN_XINDEX), which has no entry for it".to_owned(),
            ),
            (
                |file| {
                    *file = file.extended();
                    file.set(file.section_of(SHT_SYMTAB_SHNDX).1, SH_SIZE, 5);
                },
                format!("the table of symbols' sections, section {sections}: its 5 bytes are no multiple of the 4 of an entry"),
            ),
            (
                |file| {
                    *file = file.extended();
                    let table = file.data(file.section_of(SHT_SYMTAB_SHNDX).1);
                    file.bytes[table].fill(0x10);
                },
                format!("it is in section {}, the file has {} sections", 0x1010_1010, sections + 1),
            ),
        ];
        for (change, expected) in cases {
            let mut file = file.clone();
            change(&mut file);
            match Elf::parse(&file.bytes) {
                Err(ElfError::Malformed(what)) => {
                    assert!(what.contains(expected), "{what}\n{expected}")
                }
                other => panic!("{other:?}, expected {expected}"),
            }
        }
    }
}

/// Names are part of the file, but may be so many times.
#[test]
fn names_that_share_bytes_take_no_more_than_the_file() {
    let mut file = small("bpfel");
    let names = file.bytes.len();
    file.bytes.extend([b'n'; 10_000]);
    file.bytes.push(0);
    let (_, header) = file.section_of(SHT_STRTAB);
    let start = file.get(header, SH_OFFSET);
    let end = file.bytes.len() as u64;
    file.set(header, SH_SIZE, end - start);
    let (_, symtab) = file.section_of(SHT_SYMTAB);
    let symbols = file.bytes[file.data(symtab)].to_vec();
    file.set(symtab, SH_OFFSET, end);
    file.set(symtab, SH_SIZE, 100 * symbols.len() as u64);
    for _ in 0..100 {
        file.bytes.extend_from_slice(&symbols);
    }
    assert!(Elf::parse(&file.bytes).is_ok());
    for symbol in file.symbols() {
        file.set(symbol, ST_NAME, names as u64 - start);
    }
    let error = Elf::parse(&file.bytes).unwrap_err().to_string();
    assert!(error.contains("are far longer than the file"), "{error}");
}

use bpf_subskeleton_object::elf::Elf;
use bpf_subskeleton_tests::objects::compile_c;

use super::*;

#[test]
fn what_is_not_a_path_says_what_was_expected() {
    for (text, expected) in [
        ("", "expected a name, found ``"),
        ("3x", "expected a name, found `3x`"),
        ("a.", "expected a name, found ``"),
        ("a..b", "expected a name, found `.b`"),
        ("a[", "expected `.member` or `[index]`, found `[`"),
        ("a]", "expected `.member` or `[index]`, found `]`"),
        ("a[1]b", "expected `.member` or `[index]`, found `b`"),
        ("a->b", "pointers can't be followed from outside of BPF"),
        ("*a", "expected a name, found `*a`"),
        ("a b", "expected `.member` or `[index]`, found ` b`"),
    ] {
        assert_eq!(Path::parse(text), Err(expected.to_owned()), "{text}");
    }
}

/// Offsets are clang's own.
#[test]
fn places_are_those_of_the_compiler() {
    let source = "
        enum which { FIRST, SECOND, THIRD };
        struct inner { char tag; union { long wide; struct { short low, high; }; }; };
        struct outer { int head; struct inner table[2][3]; unsigned a : 3, b : 9; char tail[]; };
        enum which which; 
        struct outer variable = { .tail = \"tail\" };
        #define OFFSET(member) __builtin_offsetof(struct outer, member)
        unsigned long offsets[] = { OFFSET(table[1][2].high), OFFSET(table[0][1].wide), OFFSET(tail[3]) };";
    let object = std::fs::read(compile_c("path_places", source)).unwrap();
    let elf = Elf::parse(&object).unwrap();
    let btf = Btf::parse(elf.btf().unwrap(), elf.endian).unwrap();
    let variable = |name: &str| {
        let mut types = btf.iter();
        types
            .find_map(|(_, ty)| match ty {
                Type::Variable {
                    name: found, ty, ..
                } if *found == name => Some(*ty),
                _ => None,
            })
            .unwrap()
    };
    let symbol = |name: &str| {
        elf.symbols
            .iter()
            .find(|symbol| symbol.name == name)
            .unwrap()
    };
    let offsets = symbol("offsets");
    let data = elf.sections[offsets.section.unwrap()].data;
    let offsets = data[offsets.value as usize..].chunks(8);
    let offsets: Vec<_> = offsets
        .map(|bytes| u64::from_le_bytes(bytes.try_into().unwrap()) as usize)
        .collect();
    let (ty, size) = (variable("variable"), symbol("variable").size as usize);
    let place = |path: &str| Path::parse(path).unwrap().resolve(&btf, ty, size);
    for (path, offset) in [
        ("variable.table[1][2].high", offsets[0]),
        ("variable.table[0][SECOND].wide", offsets[1]),
        ("variable.table[ 0 ][ SECOND ].wide", offsets[1]),
        ("variable.tail[3]", offsets[2]),
    ] {
        assert_eq!(place(path).unwrap().offset, offset, "{path}");
    }
    let bits = place("variable.b").unwrap();
    assert_eq!(bits.bits, Some((3, 9)));
    for (path, expected) in [
        (
            "variable.table[2]",
            "`variable.table` has 2 elements, so there is no [2]",
        ),
        (
            "variable.table[0][THIRD].low.x",
            "`variable.table[0][THIRD].low` has no `.x`: it is `short`",
        ),
        (
            "variable.head[0]",
            "`variable.head` has no `[0]`: it is `int`",
        ),
        (
            "variable.hedd",
            "`variable` has no member `hedd`; did you mean `head`?",
        ),
        (
            "variable.table[FOURTH]",
            "`variable.table`: `FOURTH` is neither a number nor a constant of an enum",
        ),
        (
            "variable.table[-1]",
            "`variable.table`: `-1` is neither a number nor a constant of an enum",
        ),
    ] {
        assert_eq!(place(path), Err(expected.to_owned()), "{path}");
    }
    // As many as the compiler made room for: "tail" and a NUL.
    let room = size - place("variable.tail[0]").unwrap().offset;
    assert!(room > 4 && place(&format!("variable.tail[{}]", room - 1)).is_ok());
    assert_eq!(
        place(&format!("variable.tail[{room}]")),
        Err(format!(
            "`variable.tail` has {room} elements, so there is no [{room}]"
        ))
    );
}

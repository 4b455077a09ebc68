use bpf_subskeleton_object::elf::{Elf, SectionKind};
use bpf_subskeleton_tests::objects::{compile_c, compile_c_with};

use super::*;

/// All variables of an object, read from its bytes.
fn values(object: &[u8]) -> Vec<(String, String)> {
    let elf = Elf::parse(object).unwrap();
    let btf = Btf::parse(elf.btf().unwrap(), elf.endian).unwrap();
    let variables = btf.iter().filter_map(|(_, ty)| match ty {
        Type::Variable { name, ty, .. } => Some((*name, *ty)),
        _ => None,
    });
    variables
        .map(|(name, ty)| {
            let symbol = elf
                .symbols
                .iter()
                .find(|symbol| symbol.name == name)
                .unwrap();
            let section = &elf.sections[symbol.section.unwrap()];
            let start = symbol.value as usize;
            let bytes = match section.kind {
                SectionKind::NoBits => &[][..],
                _ => &section.data[start..start + symbol.size as usize],
            };
            let value = Value::read(&btf, ty, elf.endian, bytes);
            (name.to_owned(), value.to_string())
        })
        .collect()
}

const SOURCE: &str = "
    enum mode { OFF, ON = 3 };
    struct bits { int a : 3; unsigned b : 17; enum mode c : 2; long d : 40; } bits = { -2, 70000, ON, -5 };
    struct __attribute__((packed)) tight { char tag; int number; } tight[2] = {{ 1, -7 }, { 2, 8 }};
    unsigned __int128 huge = ~(unsigned __int128)0;
    __int128 low = -1;
    struct { int len; short items[]; } tail = { 2, { 5, 6 } };
    float single = 1.5; double wide = -2e300;
    _Bool yes = 1; char text[6] = \"a\\n\\\"\\xff\"; enum mode unknown = (enum mode)7;
    int zeros[100] = { 1 };
    enum side { LEFT = -1, RIGHT = 1 } side = LEFT;
    struct { union { int first; }; int second; } nameless = { { 1 }, 2 };";

const VALUES: [(&str, &str); 13] = [
    ("bits", "{ .a = -2, .b = 70000, .c = ON, .d = -5 }"),
    (
        "tight",
        "{ { .tag = 1, .number = -7 }, { .tag = 2, .number = 8 } }",
    ),
    ("huge", "340282366920938463463374607431768211455"),
    ("low", "-1"),
    ("tail", "{ .len = 2, .items = { 5, 6 } }"),
    ("single", "1.5"),
    ("wide", "-2e300"),
    ("yes", "true"),
    ("text", r#""a\n\"\xff""#),
    ("unknown", "7"),
    ("zeros", "{ 1, 0 <repeats 99 times> }"),
    ("side", "LEFT"),
    ("nameless", "{ .first = 1, .second = 2 }"),
];

#[test]
fn values_are_what_the_compiler_wrote() {
    let object = std::fs::read(compile_c("values", SOURCE)).unwrap();
    assert_eq!(
        values(&object),
        VALUES.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

/// Bytes and bitfields are counted from the other end.
#[test]
fn and_so_are_those_of_big_endian_machines() {
    let object = compile_c_with("values_big", SOURCE, &["-target", "bpfeb"]);
    let object = std::fs::read(object).unwrap();
    assert_eq!(Elf::parse(&object).unwrap().endian, Endianness::Big);
    assert_eq!(
        values(&object),
        VALUES.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

/// What is in BPF's memory can't move the cursor, change colours or turn text around.
#[test]
fn text_does_nothing_to_the_terminal() {
    let text = Value::Text("né'\u{1b}[2J\u{202e}x".into());
    assert_eq!(text.to_string(), r#""né'\x1b[2J\xe2\x80\xaex""#);
}

/// Two to the power of 40 members in a few bytes.
#[test]
fn unions_within_unions_end() {
    let unions: String = (1..40)
        .map(|depth| {
            let inner = depth - 1;
            format!("union u{depth} {{ union u{inner} a; union u{inner} b; }};\n")
        })
        .collect();
    let source = format!("union u0 {{ int x; }};\n{unions} union u39 variable = {{}};");
    let object = std::fs::read(compile_c("values_unions", &source)).unwrap();
    let values = values(&object);
    assert!(values[0].1.contains('…') && values[0].1.len() < 1_000_000);
}

#[test]
fn what_is_written_must_fit() {
    let object = std::fs::read(compile_c("values", SOURCE)).unwrap();
    let elf = Elf::parse(&object).unwrap();
    let btf = Btf::parse(elf.btf().unwrap(), elf.endian).unwrap();
    let ty = |name: &str| {
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
    let bits = |value: u128| Ok(Scalar::Bits(value));
    for (name, width, text, expected) in [
        (
            "zeros",
            None,
            "1",
            Err("it is an array of 100: set its elements, such as `[0]`"),
        ),
        (
            "bits",
            None,
            "1",
            Err("it is a struct: set its members, such as `.a`"),
        ),
        (
            "nameless",
            None,
            "1",
            Err("it is a struct: set its members, such as `.second`"),
        ),
        (
            "huge",
            None,
            "0xffffffffffffffffffffffffffffffff",
            bits(u128::MAX),
        ),
        (
            "huge",
            None,
            "-1",
            Err(
                "-1 does not fit: expected 0 to 340282366920938463463374607431768211455 (unsigned __int128)",
            ),
        ),
        ("low", None, "-1", bits(u128::MAX)),
        ("low", Some(3), "3", bits(3)),
        ("low", Some(3), "-4", bits(4)),
        (
            "low",
            Some(3),
            "4",
            Err("4 does not fit: expected -4 to 3 (__int128, 3 bits of it)"),
        ),
        ("low", None, "'a'", bits(97)),
        ("low", None, "0b101", bits(5)),
        ("low", None, "0X1f", bits(31)),
        ("low", None, "0o17", bits(15)),
        (
            "low",
            None,
            "--1",
            Err("`--1` is not an integer (__int128)"),
        ),
        (
            "low",
            None,
            "0x+1",
            Err("`0x+1` is not an integer (__int128)"),
        ),
        ("low", None, "+1", Err("`+1` is not an integer (__int128)")),
        ("low", None, "", Err("`` is not an integer (__int128)")),
        ("low", None, "é", Err("`é` is not an integer (__int128)")),
        ("yes", None, "true", bits(1)),
        ("yes", None, "1", bits(1)),
        ("yes", None, "0", bits(0)),
        ("yes", None, "2", Err("`2` is neither `true` nor `false`")),
        ("unknown", None, "ON", bits(3)),
        ("unknown", None, "ON|OFF", bits(3)),
        ("unknown", None, "0x4", bits(4)),
        ("side", None, "LEFT", bits(u32::MAX.into())),
        (
            "side",
            None,
            "LEFT|RIGHT",
            Err("`LEFT|RIGHT`: negative constants are not flags"),
        ),
        (
            "side",
            None,
            "RIGHT|LEFT",
            Err("`RIGHT|LEFT`: negative constants are not flags"),
        ),
        (
            "unknown",
            None,
            "OF",
            Err("no constant of the enum is called `OF`; did you mean `OFF`?"),
        ),
        ("single", None, "-0.5", bits((-0.5_f32).to_bits().into())),
        ("single", None, "1e39", Err("1e39 is too large (float)")),
        ("wide", None, "1e309", Err("1e309 is too large (double)")),
        ("wide", None, "inf", bits(f64::INFINITY.to_bits().into())),
        ("wide", None, "x", Err("`x` is not a number (double)")),
        ("text", None, "ab", Ok(Scalar::Text(b"ab\0\0\0\0".to_vec()))),
        (
            "text",
            None,
            r#""a\x41\"""#,
            Ok(Scalar::Text(b"aA\"\0\0\0".to_vec())),
        ),
        (
            "text",
            None,
            r#""\t\r\n\\'""#,
            Ok(Scalar::Text(b"\t\r\n\\'\0".to_vec())),
        ),
        (
            "text",
            None,
            "abcdef",
            Err("6 characters and a NUL do not fit into `char[6]`"),
        ),
        (
            "text",
            None,
            r#""\q""#,
            Err("`\\q` is no escape of C that is known here"),
        ),
        ("text", None, r#""a\0b""#, Err("a NUL ends the text")),
    ] {
        let expected = expected.map_err(str::to_owned);
        assert_eq!(
            parse(&btf, ty(name), width, text),
            expected,
            "{name}={text}"
        );
    }
}

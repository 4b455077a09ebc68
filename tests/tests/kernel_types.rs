//! Every kind of C type, read from a loaded object: each variable of `types.bpf.c` has the
//! value that it is initialised with in that file.

use bpf_subskeleton::{Bool, BpfPtr, subskeleton};
use bpf_subskeleton_tests::objects::object;
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::{ObjectBuilder, OpenObject};

// By name: a glob would bring C's own `u32` and `Option`.
use types::{
    aliased, byte_enum, callback_t, color, data_anonymous_enum, dual, dual_typedef, empty,
    far_away, r#fn, id_t_last, list, long_arrays, nested_named_mode, opaque, opaque_union, point,
    point_t, pointers, signed_level, state_t, tree, trit, unsigned_mask, wide_signed,
    wide_unsigned,
};

/// One variable of each type.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/types.bpf.o"))]
pub struct Types;

fn bind() -> Types {
    require_bpf();
    let object = ObjectBuilder::default()
        .open_file(object("types"))
        .and_then(OpenObject::load)
        .unwrap();
    Types::bind(&object).unwrap()
}

/// C's text up to its end.
fn text(chars: &[i8]) -> String {
    let bytes = chars.iter().map(|char| *char as u8);
    String::from_utf8(bytes.take_while(|byte| *byte != 0).collect()).unwrap()
}

#[test]
fn every_variable_is_described() {
    assert!(Types::VARIABLES.len() > 80);
    let described = |name: &str| {
        let mut variables = Types::VARIABLES.iter();
        let variable = variables.find(|variable| variable.name() == name).unwrap();
        (variable.section(), variable.declaration())
    };
    assert_eq!(described("data_i8"), (".data", "signed char data_i8"));
    assert_eq!(described("match"), (".bss", "int match"));
    assert_eq!(
        described("rodata_id_last"),
        (".rodata", "id_t_last rodata_id_last")
    );
    assert_eq!(
        described("bss_function_pointers"),
        (".bss", "int (*bss_function_pointers[3])(struct point *)")
    );
}

#[test]
fn integers() {
    let Types { data, .. } = bind();
    assert_eq!(data.data_i8.get(), -100i8);
    assert_eq!(data.data_i16.get(), -30000i16);
    assert_eq!(data.data_i32.get(), -2_000_000_000i32);
    assert_eq!(data.data_i64.get(), -9_000_000_000_000_000_000i64);
    assert_eq!(data.data_i128.get(), -(7i128 << 96));
    assert_eq!(data.data_u8.get(), 200u8);
    assert_eq!(data.data_u16.get(), 60000u16);
    assert_eq!(data.data_u32.get(), 4_000_000_000u32);
    assert_eq!(data.data_u64.get(), 18_000_000_000_000_000_000u64);
    assert_eq!(data.data_u128.get(), 9u128 << 96 | 1);
    assert_eq!(data.data_long.get(), -1i64);
    assert_eq!(data.data_ulong.get(), 1u64);
    assert_eq!(data.data_char.get(), b'c' as i8);

    let ints = &data.data_signed;
    assert_eq!(ints.i8.get(), -8);
    assert_eq!(ints.i16.get(), -1616);
    assert_eq!(ints.i32.get(), -32_323_232);
    assert_eq!(ints.i64_long.get(), -6_464_646_464_646_464);
    assert_eq!(ints.i64.get(), -6_565_656_565_656_565);
    assert_eq!(ints.i128.get(), -(1 << 100));
    let ints = data.data_unsigned.get();
    assert_eq!((ints.u8, ints.u16, ints.u32), (0xf8, 0xf016, 0xf000_0032));
    assert_eq!(ints.u64_long, 0xf000_0000_0000_0064);
    assert_eq!(ints.u64, 0xf000_0000_0000_0065);
    assert_eq!(ints.u128, 0xf0 << 120 | 0x128);

    let padded = data.data_padded.get();
    assert_eq!(
        (padded.first, padded.middle, padded.last),
        (1, 0x2222_2222, 3)
    );
    let wide = &data.data_byte_then_int128;
    assert_eq!(
        (wide.tag.get(), wide.wide.get(), wide.end.get()),
        (1, -2, 3)
    );
}

#[test]
fn chars_bools_and_floats() {
    let Types { data, .. } = bind();
    let chars = data.data_chars.get();
    assert_eq!(
        (chars.plain, chars.minus, chars.byte),
        (b'p' as i8, -1, 0xff)
    );
    assert_eq!(text(&chars.text), "hello");

    assert!(data.data_bool.get().as_bool());
    let truths = data.data_truths.get();
    assert_eq!((truths.yes, truths.no), (Bool::TRUE, Bool::FALSE));
    assert_eq!(truths.many.map(bool::from), [true, false, true]);
    assert!(!data.data_truths.many[1].get());

    assert_eq!(data.data_float.get(), 3.5f32);
    assert_eq!(data.data_double.get(), -0.0625f64);
    let floats = data.data_floats.get();
    assert_eq!((floats.single, floats.wide), (1.5, -2.25));
    assert_eq!(floats.pair, [0.5, -0.125]);
}

#[test]
fn enums() {
    let Types { data, .. } = bind();
    assert_eq!(data.data_color.get(), color::COLOR_GREEN);
    assert_eq!(data.data_level.get(), signed_level::LEVEL_LOW);
    assert_eq!(data.data_trit.get(), trit::TRIT_MINUS);
    assert_eq!(data.data_mask.get(), unsigned_mask::MASK_ALL);
    assert_eq!(data.data_wide.get(), wide_unsigned::WIDE_TOP);
    assert_eq!(data.data_deep.get(), wide_signed::DEEP_MIN);
    assert_eq!(data.data_byte_enum.get(), byte_enum::BYTE_B);
    assert_eq!(data.data_aliased.get(), aliased::ALIAS_NEXT);
    assert_eq!(data.data_anonymous_enum.get(), data_anonymous_enum::LOOSE_B);

    assert_eq!(color::COLOR_BLUE.0, 6u32);
    assert_eq!(signed_level::LEVEL_LOW.0, -2i32);
    assert_eq!(signed_level::LEVEL_HIGH.0, i32::MAX);
    assert_eq!(unsigned_mask::MASK_ALL.0, u32::MAX);
    assert_eq!(wide_unsigned::WIDE_TOP.0, 0x8000_0000_0000_0001u64);
    assert_eq!(wide_signed::DEEP_MIN.0, i64::MIN);
    assert_eq!(wide_signed::DEEP_MAX.0, i64::MAX);
    assert_eq!(byte_enum::BYTE_B.0, 200u8);
    assert_eq!(aliased::ALIAS_SAME, aliased::ALIAS_FIRST);

    let enums = data.data_enums.get();
    assert_eq!(
        (enums.color, enums.level),
        (color::COLOR_BLUE, signed_level::LEVEL_NONE)
    );
    assert_eq!(enums.mask, unsigned_mask::MASK_ALL);
    assert_eq!(enums.wide, wide_unsigned::WIDE_ONE);
    assert_eq!(data.data_enums.deep.get(), wide_signed::DEEP_MAX);
    assert_eq!(data.data_enums.byte.get(), byte_enum::BYTE_A);
}

#[test]
fn constants_have_names() {
    use bpf_subskeleton::Enumeration as _;
    use types::{aliased, color, signed_level, wide_unsigned};

    let expected = [
        ("COLOR_RED", color::COLOR_RED),
        ("COLOR_GREEN", color(5)),
        ("COLOR_BLUE", color(6)),
    ];
    assert_eq!(color::CONSTANTS, expected);
    assert_eq!(color::from_name("COLOR_BLUE"), Some(color(6)));
    assert_eq!(color::from_name("blue"), None);
    assert_eq!(color(5).name(), Some("COLOR_GREEN"));
    assert_eq!(color(4).name(), None);
    assert_eq!(color::try_from(6), Ok(color::COLOR_BLUE));
    let error = color::try_from(7).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`enum color` has no constant of the value 7"
    );
    assert_eq!(error.value(), 7);
    // Of two names for one value, the first.
    assert_eq!(aliased::ALIAS_SAME.name(), Some("ALIAS_FIRST"));
    assert_eq!(aliased::CONSTANTS.len(), 3);
    assert_eq!(signed_level::try_from(-2), Ok(signed_level::LEVEL_LOW));
    assert_eq!(wide_unsigned(0x8000_0000_0000_0001).to_string(), "WIDE_TOP");
    assert_eq!(format!("[{:>12}]", color(5)), "[ COLOR_GREEN]");
    assert_eq!(format!("[{:>4}]", color(7)), "[   7]");
}

#[test]
fn handles_of_scalars_are_displayed() {
    let types = bind();
    let data = &types.data;
    let text = format!("{} {} {}", data.data_i16, data.data_color, data.data_bool);
    assert_eq!(text, "-30000 COLOR_GREEN true");
    let members = format!("{:>5} {:.1}", data.data_rect.max.y, data.data_floats.wide);
    assert_eq!(members, "    4 -2.2");
}

/// A `char[]` is text; `unsigned char` is a number.
#[test]
fn text_is_read_written_and_shown() {
    use bpf_subskeleton::Text as _;

    let types = bind();
    let data = &types.data;
    let shown = format!("{:?}", data.data_chars.get());
    assert_eq!(
        shown,
        r#"chars { plain: 112, minus: -1, byte: 255, text: "hello" }"#
    );
    // A member of a union.
    let shown = format!("{:?}", data.data_nested_named.get());
    assert!(shown.contains(r#"letters: "abcde""#), "{shown}");

    let text = &data.data_chars.text;
    assert_eq!(text.text(), "hello");
    text.set_text("a").unwrap();
    assert_eq!(data.data_chars.get().text.to_c_str(), Some(c"a"));
    assert_eq!(text.get()[1..], [0; 15]);
    text.set_text("0123456789abcdef").unwrap_err();
    assert_eq!(text.text(), "a");
    text.set_text("hello").unwrap();
}

#[test]
fn debug_shows_what_c_calls_it() {
    let types = bind();
    let data = &types.data;
    assert_eq!(format!("{:?}", data.data_color), "COLOR_GREEN");
    assert_eq!(format!("{:?}", color(7)), "color(7)");
    assert_eq!(format!("{:?}", aliased::ALIAS_SAME), "ALIAS_FIRST");
    assert_eq!(format!("{:?}", data.data_deep), "DEEP_MIN");
    assert_eq!(format!("{:?}", types.bss.bss_fn), "fn_none");
    assert_eq!(format!("{:?}", r#fn(9)), "fn(9)");
    assert_eq!(
        format!("{:?}", data.data_rect),
        "rect { min: point { x: 1, y: 2 }, max: point { x: 3, y: 4 } }"
    );
    assert_eq!(
        format!("{:?}", types.data_custom.custom_bits_kinds),
        "bits_kinds { flag: true, other: false, color: COLOR_BLUE, sign: TRIT_MINUS, small: 33 }"
    );
    assert_eq!(
        format!("{:?}", types.data_custom.custom_packed),
        "packed { tag: 1, misaligned: 1234605616436508552, tail: 39168 }"
    );
    assert_eq!(format!("{:?}", types.bss.bss_type), "type { a: 0 }");
    assert_eq!(format!("{:?}", types.bss.bss_void_pointer), "0x0");
    assert_eq!(format!("{:?}", data.data_bool), "true");
}

#[test]
fn structs_and_unions() {
    let Types { data, .. } = bind();
    assert_eq!(
        (data.data_rect.min.x.get(), data.data_rect.max.y.get()),
        (1, 4)
    );

    let anonymous = &data.data_nested_anonymous;
    assert_eq!((anonymous.kind.get(), anonymous.tail.get()), (1, -9));
    assert_eq!((anonymous.port(), anonymous.flags()), (8080, 0x80));
    let both = u32::from_ne_bytes(anonymous.bytes());
    assert_eq!(
        (anonymous.both(), anonymous.real()),
        (both, f32::from_bits(both))
    );
    let value = anonymous.get();
    assert_eq!(
        (value.port(), value.flags(), value.both()),
        (8080, 0x80, both)
    );

    let named = &data.data_nested_named;
    assert_eq!(named.inner.a.get(), 1);
    let deep = |i: usize| (named.inner.deep[i].b.get(), named.inner.deep[i].c.get());
    assert_eq!((deep(0), deep(1)), ((2, 3), (4, 5)));
    assert_eq!(text(&named.either.letters()), "abcde");
    assert_eq!(named.either.number(), i32::from_ne_bytes(*b"abcd"));
    assert_eq!(named.mode.get(), nested_named_mode::MODE_ON);

    let number = 0x1122_3344_5566_7788u64;
    assert_eq!(data.data_value.number(), number);
    assert_eq!(data.data_value.byte(), number.to_ne_bytes()[0]);
    assert_eq!(data.data_value.real(), f64::from_bits(number));
    let value = data.data_value.get();
    assert_eq!(value.number(), number);
    assert_eq!(
        value.text()[..8],
        number.to_ne_bytes().map(|byte| byte as i8)
    );
    let x = i32::from_ne_bytes(number.to_ne_bytes()[..4].try_into().unwrap());
    assert_eq!(data.data_value.point().x, x);

    assert_eq!(data.data_anonymous_t.id.get(), 42);
    assert_eq!(text(&data.data_anonymous_t.name.get()), "anon");
    assert_eq!(data.data_anonymous_union_t.f(), 1.0);
    assert_eq!(data.data_anonymous_union_t.i(), 1.0f32.to_bits() as i32);
    assert_eq!(data.data_state_t.get(), state_t::STATE_BUSY);
    let with_empty = data.data_with_empty.get();
    assert_eq!((with_empty.before, with_empty.after), (1, 2));
    let _: empty = data.data_with_empty.nothing.get();
    assert_eq!(data.data_anonymous.first.get(), 1);
    let second = data
        .data_anonymous
        .inner
        .iter()
        .map(|inner| inner.second.get());
    assert_eq!(second.collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn bitfields() {
    let Types {
        data_custom: custom,
        ..
    } = bind();
    let bits = &custom.custom_bits_unsigned;
    assert_eq!((bits.a(), bits.b(), bits.c()), (1u32, 5, 0xabc_def1));
    let bits = &custom.custom_bits_signed;
    assert_eq!((bits.a(), bits.b(), bits.c()), (-1i32, -60, -8_000_000));
    assert_eq!((bits.d(), bits.e()), (-16i16, 3i8));
    let bits = &custom.custom_bits_kinds;
    assert_eq!((bits.flag(), bits.other()), (Bool::TRUE, Bool::FALSE));
    assert_eq!(
        (bits.color(), bits.sign()),
        (color::COLOR_BLUE, trit::TRIT_MINUS)
    );
    assert_eq!(bits.small(), 33u8);
    let bits = &custom.custom_bits_crossing;
    assert_eq!((bits.a(), bits.b()), (0xabcde, 0xf1));
    assert_eq!((bits.c(), bits.d()), (0x2aa, 0xabcu16));
    let bits = &custom.custom_bits_zero_width;
    assert_eq!((bits.a(), bits.b(), bits.c()), (5, 6, 3));
    let bits = &custom.custom_bits_mixed;
    assert_eq!((bits.head.get(), bits.a(), bits.b()), (b'h' as i8, 9, 300));
    assert_eq!(
        (bits.plain.get(), bits.c(), bits.tail.get()),
        (0xbeef, 0x7ead_beef, -1)
    );
    let bits = &custom.custom_bits_wide;
    assert_eq!((bits.a(), bits.b()), (0xab_cdef_1234, 0x56_7890));
    assert_eq!((bits.c(), bits.d()), (-2, 1));
    assert_eq!(bits.whole(), 0xfedc_ba98_7654_3210);
    let bits = &custom.custom_bits_packed;
    assert_eq!((bits.a(), bits.b()), (5, 0x7abc_def1));
    assert_eq!((bits.c(), bits.d()), (0x2bcd_ef01_2345_6789, -9));
    let bits = &custom.custom_bits_nested;
    assert_eq!((bits.head.get(), bits.low(), bits.high()), (1, 17, -5));
    let overlay = &custom.custom_overlay;
    assert_eq!(overlay.raw(), 0xabcd_e123);
    #[cfg(target_endian = "little")]
    assert_eq!(
        (overlay.parts().low(), overlay.parts().high()),
        (0x123, 0xabcde)
    );

    // The same for a copy.
    let bits = custom.custom_bits_packed.get();
    assert_eq!((bits.a(), bits.b(), bits.d()), (5, 0x7abc_def1, -9));
    let bits = custom.custom_bits_signed.get();
    assert_eq!((bits.a(), bits.c(), bits.e()), (-1, -8_000_000, 3));
}

#[test]
fn packed_and_aligned() {
    let types = bind();
    let custom = &types.data_custom;
    let packed = &custom.custom_packed;
    assert_eq!(packed.tag.get(), 1);
    assert_eq!(packed.misaligned.get(), 0x1122_3344_5566_7788);
    assert_eq!(packed.tail.get(), 0x9900);
    let inside = &custom.custom_packed_inside;
    assert_eq!((inside.head.get(), inside.inner.tag.get()), (1, 2));
    assert_eq!(inside.inner.misaligned.get(), 3);
    assert_eq!((inside.inner.tail.get(), inside.tail.get()), (4, 5));
    let around = &custom.custom_packed_around;
    let normal = around.normal.get();
    assert_eq!((around.head.get(), normal.first), (1, 2));
    assert_eq!((normal.middle, normal.last), (3, 4));
    let rects = around.rects.get();
    assert_eq!((rects[0].min.x, rects[1].max.y), (5, 12));
    assert_eq!(around.misaligned.get(), -13);
    let two = custom.custom_packed_two.get();
    assert_eq!((two.head, { two.number }, { two.wide }), (1, 2, 3));
    assert_eq!(custom.custom_packed_union.number(), 0x0102_0304);
    let text = 0x0102_0304u32.to_ne_bytes();
    assert_eq!(
        custom.custom_packed_union.text()[..4],
        text.map(|byte| byte as i8)
    );
    let aligned = custom.custom_packed_aligned.get();
    assert_eq!((aligned.head, { aligned.number }), (1, 2));

    let rodata = &types.rodata;
    let aligned = &rodata.rodata_aligned_32;
    assert_eq!((aligned.a.get(), aligned.b.get()), (32, b'b' as i8));
    assert_eq!(rodata.rodata_aligned_64.count.get(), 64);
    let member = rodata.rodata_aligned_member.get();
    assert_eq!((member.head, member.value, member.tail), (1, 16, 2));
}

#[test]
fn arrays() {
    let types = bind();
    let data = &types.data;
    assert_eq!(data.data_array.get(), [1, 2, 3, 4, 5]);
    assert_eq!(
        data.data_array.iter().map(|item| item.get()).sum::<i32>(),
        15
    );
    assert_eq!(data.data_matrix.get(), [[1, 2, 3], [4, 5, 6]]);
    assert_eq!(data.data_matrix[1][0].get(), 4);
    assert_eq!(data.data_flexible.len.get(), 3);
    assert_eq!(data.data_flexible.items.get(), [10, 20, 30]);

    let matrix = &types.rodata_cfg.cfg_matrix;
    assert_eq!(matrix.cells.get(), [[1, 2, 3], [4, 5, 6]]);
    assert_eq!(matrix.cube[1][2][3].get(), 123);
    let sum = matrix
        .cube
        .get()
        .as_flattened()
        .as_flattened()
        .iter()
        .sum::<u8>();
    assert_eq!(sum, 123);
    assert_eq!(matrix.grid[1][0].y.get(), 6);
    assert_eq!(matrix.grid.get()[0][1].x, 3);

    let rodata = &types.rodata;
    assert_eq!(rodata.rodata_row.get(), [1, 2, 3, 4]);
    assert_eq!(rodata.rodata_table[2].get(), [9, 10, 11, 12]);
    assert_eq!(text(&rodata.rodata_text.get()), "read only");
    // Longer than any array that implements `Default` in Rust.
    assert_eq!(long_arrays::default().text, [0; 100]);
    assert_eq!(types.bss_big.big_bytes.get(), [0; 4096]);
}

#[test]
fn typedefs_and_qualifiers() {
    let Types { rodata, .. } = bind();
    assert_eq!(rodata.rodata_id_base.get(), 21);
    assert_eq!(rodata.rodata_id_next.get(), 22);
    assert_eq!(rodata.rodata_id_const.get(), 23);
    let last: id_t_last = rodata.rodata_id_last.get();
    assert_eq!(last, 24u32);
    let typedefs = rodata.rodata_typedefs.get();
    assert_eq!((typedefs.base, typedefs.last), (1, 2));
    assert_eq!(typedefs.row, [3, 4, 5, 6]);
    assert_eq!(typedefs.table, [[7, 0, 0, 0], [8, 0, 0, 0], [9, 0, 0, 0]]);
    let point_t { x, y } = typedefs.point;
    assert_eq!((x, y), (10, 11));
    assert!(typedefs.pointer.is_null());
    assert_eq!(
        (typedefs.anonymous.id, text(&typedefs.anonymous.name)),
        (12, "typedef".into())
    );
    let qualified = &rodata.rodata_qualified;
    assert_eq!((qualified.fixed.get(), qualified.moving.get()), (1, 2));
    assert_eq!((qualified.both.get(), qualified.place.y.get()), (3, 5));
    assert_eq!(text(&qualified.letters.get()), "abc");
}

/// Each has the type that the C author wrote, and starts as null.
#[test]
fn pointers() {
    let Types { bss, .. } = bind();
    let pointers: pointers = bss.bss_pointers.get();
    let data: BpfPtr<i32> = pointers.data;
    let text: BpfPtr<i8> = pointers.text;
    let array: BpfPtr<[i32; 8]> = pointers.array;
    let opaque: BpfPtr<opaque> = pointers.opaque;
    let union: BpfPtr<opaque_union> = pointers.opaque_union;
    let far: BpfPtr<far_away> = pointers.far_away;
    let twice: BpfPtr<BpfPtr<point>> = pointers.twice;
    let function: BpfPtr<bpf_subskeleton::Function> = pointers.function;
    let callback: callback_t = pointers.callback;
    let anything: BpfPtr<std::ffi::c_void> = pointers.anything;
    let many: [BpfPtr<i32>; 3] = pointers.many;
    assert!(data.is_null() && text.is_null() && array.is_null() && opaque.is_null());
    assert!(union.is_null() && far.is_null() && twice.is_null() && function.is_null());
    assert!(callback.is_null() && anything.is_null() && many[2].is_null());
    let next: BpfPtr<list> = bss.bss_list.next.get();
    let tree: BpfPtr<tree> = bss.bss_forest.trees[1].get();
    assert!(next.is_null() && tree.is_null());
    let list: BpfPtr<BpfPtr<list>> = bss.bss_list_pointer_pointer.get();
    assert!(list.is_null());
}

#[test]
fn names() {
    let types = bind();
    let dual: dual = types.data.data_dual.get();
    assert_eq!((dual.a, dual.b), (1, 2));
    let typedef: dual_typedef = types.data.data_dual_typedef.get();
    assert_eq!(typedef, 3i32);
    let duals = &types.rodata_cfg.cfg_duals;
    assert_eq!(
        (duals.tagged.a.get(), duals.tagged.b.get()),
        (b'd' as i8, -2)
    );
    assert_eq!(duals.plain.get(), 3);
    let point: point_t = types.rodata_cfg.cfg_point.get();
    assert_eq!((point.x, point.y), (-1, -2));

    let names = types.rodata.rodata_rust_names.get();
    assert_eq!((names.u32.value, names.u32.more), (1, 2));
    assert_eq!((names.option.some, names.core.number), (3, 4));
    assert_eq!((names.i8, names.u64), (-500i16, 5u64));
    assert_eq!((names.bss.a, names.maps.a, names.me.a), (6, 7, 8));
    assert_eq!((names.kind.a, names.function), (9, r#fn::fn_one));
    assert_eq!(names.shared.a, 10);
    // The section takes the name, and the C type stays in `types`.
    let _: &types::Bss = &types.bss;
    let _: types::types::Bss = types.bss.bss_bss.get();

    let words = &types.rodata_cfg.cfg_keywords;
    assert_eq!((words.r#type.get(), words.r#fn.get()), (1, 2));
    assert_eq!((words.self_.get(), words.Self_.get()), (3, 4));
    assert_eq!((words.super_.get(), words.crate_.get()), (5, 6));
    assert_eq!((words.r#async.get(), words.r#match.get()), (7, 8));
    assert_eq!(
        (words.__.get(), words.get.get(), words.set.get()),
        (9, 10, 11)
    );
    assert_eq!(
        (words.default_.get(), words.r#mod(), words.r#impl()),
        (12, 13, 14)
    );
    let zeroes = [
        &types.bss.r#match,
        &types.bss.crate_,
        &types.bss.self_,
        &types.bss.String,
    ];
    assert_eq!(zeroes.map(|zero| zero.get()), [0; 4]);
}

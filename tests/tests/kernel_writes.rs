//! Every kind of value written, before load and after, and judged by clang: what the kernel
//! then holds are the bytes that clang gives a variable that is initialised with the value.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::Ordering;
use std::thread;

use bpf_subskeleton::{Bool, BpfPtr, subskeleton};
use bpf_subskeleton_tests::image::Image;
use bpf_subskeleton_tests::objects::{compile_c, object};
use bpf_subskeleton_tests::require_bpf;
use libbpf_rs::{Object, ObjectBuilder, OpenObject};

// By name: a glob would bring C's own `u32` and `Option`.
use types::{
    anonymous_t, byte_enum, color, data_anonymous_enum, dual, list, nested_named_mode, padded,
    point, rect, signed_level, state_t, trit, unsigned_mask, value, wide_signed, wide_unsigned,
};

/// One variable of each type.
#[subskeleton(obj = concat!(env!("OUT_DIR"), "/types.bpf.o"))]
pub struct Types;

/// What [`write`] writes, in C. Members that it leaves alone have the values of types.bpf.c.
const WRITTEN: &str = r#"
#include "types.h"
#define SEC(name) __attribute__((section(name)))

signed char data_i8 = 101;
short data_i16 = -30001;
int data_i32 = 2000000001;
long long data_i64 = -0x7fffffffffffffffLL - 1;
__int128 data_i128 = ((__int128)0x7123456789abcdef << 64) | 0xfedcba9876543210;
unsigned char data_u8 = 0xa5;
unsigned short data_u16 = 0xa5b6;
unsigned int data_u32 = 0xa5b6c7d8;
unsigned long long data_u64 = 0xa5b6c7d8e9fa0b1c;
unsigned __int128 data_u128 = ~(unsigned __int128)1;
char data_char = 'z';
_Bool data_bool = 0;
float data_float = -1.25f;
double data_double = 1e100;

enum color data_color = COLOR_BLUE;
enum signed_level data_level = LEVEL_NONE;
enum trit data_trit = TRIT_PLUS;
enum unsigned_mask data_mask = MASK_NONE;
enum wide_unsigned data_wide = WIDE_ONE;
enum wide_signed data_deep = DEEP_MAX;
enum byte_enum data_byte_enum = BYTE_A;
enum { LOOSE_A = 4, LOOSE_B } data_anonymous_enum = LOOSE_A;

struct signed_ints data_signed = {
	.i8 = -8, .i16 = 1616, .i32 = -32323232, .i64_long = -6464646464646464,
	.i64 = 65, .i128 = -((__int128)3 << 70),
};
struct chars data_chars = { .plain = 'q', .minus = -1, .byte = 0xff, .text = "help!" };
struct truths data_truths = { .yes = 0, .no = 1, .many = { 1, 1, 1 } };
struct floats data_floats = { .single = 1.5f, .wide = 8.5, .pair = { 0.5f, 4.0f } };
struct byte_then_int128 data_byte_then_int128 = { .tag = 1, .wide = 5, .end = 7 };
struct rect data_rect = { .min = { -1, -2 }, .max = { 3, 44 } };
struct nested_anonymous data_nested_anonymous = { .kind = -1, .port = 8080, .flags = 0xbeef, .tail = -9 };
struct nested_named data_nested_named = {
	.inner = { .a = 1, .deep = { { 2, 3 }, { 4, -5 } } },
	.either = { .letters = "vwxyz" },
	.mode = MODE_OFF,
};
union value data_value = { .real = -0.5 };
anonymous_t data_anonymous_t = { .id = 7, .name = "other" };
anonymous_union_t data_anonymous_union_t = { .i = -77 };
state_t data_state_t = STATE_IDLE;
struct flexible data_flexible = { .len = 3, .items = { 10, -20, 30 } };
int data_array[5] = { 1, 2, 33, 4, 5 };
int data_matrix[2][3] = { { 11, 12, 13 }, { 4, 55, 6 } };
struct dual data_dual = { .a = -1, .b = -2 };

struct bits_unsigned custom_bits_unsigned SEC(".data.custom") = { .a = 0, .b = 2, .c = 0x1234567 };
struct bits_signed custom_bits_signed SEC(".data.custom") = { .a = 0, .b = 63, .c = -1, .d = 15, .e = -4 };
struct bits_kinds custom_bits_kinds SEC(".data.custom") = {
	.flag = 0, .other = 1, .color = COLOR_GREEN, .sign = TRIT_PLUS, .small = 21,
};
struct bits_crossing custom_bits_crossing SEC(".data.custom") = { .a = 0x54321, .b = 0xf1, .c = 0x155, .d = 0x543 };
struct bits_zero_width custom_bits_zero_width SEC(".data.custom") = { .a = 2, .b = 1, .c = 0 };
struct bits_mixed custom_bits_mixed SEC(".data.custom") = {
	.head = 'h', .a = 6, .b = 211, .plain = 0xbeef, .c = 1, .tail = -1,
};
struct bits_wide custom_bits_wide SEC(".data.custom") = {
	.a = 0x5432105432, .b = 0x567890, .c = 1, .d = 0, .whole = 1,
};
struct bits_packed custom_bits_packed SEC(".data.custom") = {
	.a = 2, .b = 0x05432105, .c = 0x1432105432105432, .d = 9,
};
struct bits_nested custom_bits_nested SEC(".data.custom") = { .head = 1, .low = 17, .high = 1000 };
union overlay custom_overlay SEC(".data.custom") = { .raw = 1 };
struct packed custom_packed SEC(".data.custom") = { .tag = 1, .misaligned = 0xfedcba9876543210, .tail = 3 };
struct packed_inside custom_packed_inside SEC(".data.custom") = {
	.head = 1, .inner = { .tag = 2, .misaligned = 33, .tail = 4 }, .tail = 55,
};
struct packed_around custom_packed_around SEC(".data.custom") = {
	.head = 1,
	.normal = { .first = 2, .middle = -3, .last = 4 },
	.rects = { { { 5, 6 }, { 7, 8 } }, { { 9, 10 }, { 11, -12 } } },
	.misaligned = 13,
};
struct packed_two custom_packed_two SEC(".data.custom") = { .head = 1, .number = 22, .wide = 33 };
union packed_union custom_packed_union SEC(".data.custom") = { .number = 0x0a0b0c0d };
struct packed_aligned custom_packed_aligned SEC(".data.custom") = { .head = 11, .number = 22 };

struct pointers bss_pointers = { .many = { 0, (int *)0x1122334455667788, 0 }, .function = (void *)1 };
struct list bss_list = { .value = 5, .next = (struct list *)0xffff888000000000 };
void *bss_void_pointer = (void *)8;
struct aligned_array bss_aligned_array = { .slots = { [2] = { .count = 9 } } };
int bss_aligned_variable = 6;
struct Option bss_option = { .some = 1 };
int match = 5;
struct rect big_rects[100] = { [99] = { .max = { .y = 1 } } };
struct long_arrays big_long_arrays = { .slots = { [63] = 64 }, .points = { [32] = { 1, 2 } } };
union value big_values[40] = { [39] = { .point = { 3, 4 } } };
"#;

/// `live`: a cell is set. `initial`: a place is assigned.
macro_rules! put {
    (live, $place:expr, $value:expr) => {
        ($place).set($value)
    };
    (initial, $place:expr, $value:expr) => {
        $place = $value
    };
}

/// Writes scalars, whole structs, fields, elements, bitfields and union members. It reads
/// the same before load and after, but for the assignment.
macro_rules! write {
    ($mode:ident, $types:ident) => {{
        let data = $types.data;
        put!($mode, *data.data_i8, 101);
        put!($mode, *data.data_i16, -30001);
        put!($mode, *data.data_i32, 2_000_000_001);
        put!($mode, *data.data_i64, i64::MIN);
        put!(
            $mode,
            *data.data_i128,
            0x7123_4567_89ab_cdef_fedc_ba98_7654_3210
        );
        put!($mode, *data.data_u8, 0xa5);
        put!($mode, *data.data_u16, 0xa5b6);
        put!($mode, *data.data_u32, 0xa5b6_c7d8);
        put!($mode, *data.data_u64, 0xa5b6_c7d8_e9fa_0b1c);
        put!($mode, *data.data_u128, !1);
        put!($mode, *data.data_char, b'z' as i8);
        put!($mode, *data.data_bool, false.into());
        put!($mode, *data.data_float, -1.25);
        put!($mode, *data.data_double, 1e100);

        put!($mode, *data.data_color, color::COLOR_BLUE);
        put!($mode, *data.data_level, signed_level::LEVEL_NONE);
        put!($mode, *data.data_trit, trit::TRIT_PLUS);
        put!($mode, *data.data_mask, unsigned_mask::MASK_NONE);
        put!($mode, *data.data_wide, wide_unsigned::WIDE_ONE);
        put!($mode, *data.data_deep, wide_signed::DEEP_MAX);
        put!($mode, *data.data_byte_enum, byte_enum::BYTE_A);
        put!(
            $mode,
            *data.data_anonymous_enum,
            data_anonymous_enum::LOOSE_A
        );

        put!($mode, data.data_signed.i16, 1616);
        put!($mode, data.data_signed.i64, 65);
        put!($mode, data.data_signed.i128, -(3 << 70));
        put!($mode, data.data_chars.plain, b'q' as i8);
        put!($mode, data.data_chars.text[3], b'p' as i8);
        put!($mode, data.data_chars.text[4], b'!' as i8);
        put!($mode, data.data_truths.yes, Bool::FALSE);
        put!($mode, data.data_truths.no, Bool::TRUE);
        put!($mode, data.data_truths.many, [Bool::TRUE; 3]);
        put!($mode, data.data_floats.wide, 8.5);
        put!($mode, data.data_floats.pair[1], 4.0);
        put!($mode, data.data_byte_then_int128.wide, 5);
        put!($mode, data.data_byte_then_int128.end, 7);
        put!($mode, data.data_rect.min, point { x: -1, y: -2 });
        put!($mode, data.data_rect.max.y, 44);
        put!($mode, data.data_nested_anonymous.kind, -1);
        data.data_nested_anonymous.set_flags(0xbeef);
        put!($mode, data.data_nested_named.inner.deep[1].c, -5);
        data.data_nested_named
            .either
            .set_letters(b"vwxyz\0".map(|byte| byte as i8));
        put!(
            $mode,
            data.data_nested_named.mode,
            nested_named_mode::MODE_OFF
        );
        data.data_value.set_real(-0.5);
        let mut anonymous = anonymous_t {
            id: 7,
            ..Default::default()
        };
        anonymous.name[..5].copy_from_slice(&b"other".map(|byte| byte as i8));
        put!($mode, *data.data_anonymous_t, anonymous);
        data.data_anonymous_union_t.set_i(-77);
        put!($mode, *data.data_state_t, state_t::STATE_IDLE);
        put!($mode, data.data_flexible.items[1], -20);
        put!($mode, data.data_array[2], 33);
        put!($mode, data.data_matrix[0], [11, 12, 13]);
        put!($mode, data.data_matrix[1][1], 55);
        put!(
            $mode,
            *data.data_dual,
            dual {
                a: -1,
                b: -2,
                ..Default::default()
            }
        );

        let custom = $types.data_custom;
        custom.custom_bits_unsigned.set_a(0);
        custom.custom_bits_unsigned.set_b(2);
        custom.custom_bits_unsigned.set_c(0x123_4567);
        custom.custom_bits_signed.set_a(0);
        custom.custom_bits_signed.set_b(63);
        custom.custom_bits_signed.set_c(-1);
        custom.custom_bits_signed.set_d(15);
        custom.custom_bits_signed.set_e(-4);
        custom.custom_bits_kinds.set_flag(Bool::FALSE);
        custom.custom_bits_kinds.set_other(Bool::TRUE);
        custom.custom_bits_kinds.set_color(color::COLOR_GREEN);
        custom.custom_bits_kinds.set_sign(trit::TRIT_PLUS);
        custom.custom_bits_kinds.set_small(21);
        // The bits that do not fit are cut off, as in C.
        custom.custom_bits_crossing.set_a(0xfff5_4321);
        custom.custom_bits_crossing.set_c(0x155);
        custom.custom_bits_crossing.set_d(0x543);
        custom.custom_bits_zero_width.set_a(2);
        custom.custom_bits_zero_width.set_b(1);
        custom.custom_bits_zero_width.set_c(0);
        custom.custom_bits_mixed.set_a(6);
        custom.custom_bits_mixed.set_b(211);
        custom.custom_bits_mixed.set_c(1);
        custom.custom_bits_wide.set_a(0x54_3210_5432);
        custom.custom_bits_wide.set_c(1);
        custom.custom_bits_wide.set_d(0);
        custom.custom_bits_wide.set_whole(1);
        custom.custom_bits_packed.set_a(2);
        custom.custom_bits_packed.set_b(0x0543_2105);
        custom.custom_bits_packed.set_c(0x1432_1054_3210_5432);
        custom.custom_bits_packed.set_d(9);
        custom.custom_bits_nested.set_high(1000);
        custom.custom_overlay.set_raw(1);
        put!(
            $mode,
            custom.custom_packed.misaligned,
            0xfedc_ba98_7654_3210
        );
        put!($mode, custom.custom_packed.tail, 3);
        put!($mode, custom.custom_packed_inside.inner.misaligned, 33);
        put!($mode, custom.custom_packed_inside.tail, 55);
        let normal = padded {
            first: 2,
            middle: -3,
            last: 4,
            ..Default::default()
        };
        put!($mode, custom.custom_packed_around.normal, normal);
        let mut rects = [rect::default(); 2];
        rects[0] = rect {
            min: point { x: 5, y: 6 },
            max: point { x: 7, y: 8 },
        };
        rects[1] = rect {
            min: point { x: 9, y: 10 },
            max: point { x: 11, y: -12 },
        };
        put!($mode, custom.custom_packed_around.rects, rects);
        put!($mode, custom.custom_packed_around.misaligned, 13);
        put!($mode, custom.custom_packed_two.number, 22);
        put!($mode, custom.custom_packed_two.wide, 33);
        custom.custom_packed_union.set_number(0x0a0b_0c0d);
        put!($mode, custom.custom_packed_aligned.head, 11);
        put!($mode, custom.custom_packed_aligned.number, 22);

        let bss = $types.bss;
        put!(
            $mode,
            bss.bss_pointers.many[1],
            BpfPtr::from_address(0x1122_3344_5566_7788)
        );
        put!($mode, bss.bss_pointers.function, BpfPtr::from_address(1));
        let next = BpfPtr::from_address(0xffff_8880_0000_0000);
        put!(
            $mode,
            *bss.bss_list,
            list {
                value: 5,
                next,
                ..Default::default()
            }
        );
        put!($mode, *bss.bss_void_pointer, BpfPtr::from_address(8));
        put!($mode, bss.bss_aligned_array.slots[2].count, 9);
        put!($mode, *bss.bss_aligned_variable, 6);
        put!($mode, bss.bss_option.some, 1);
        put!($mode, *bss.r#match, 5);

        let big = $types.bss_big;
        put!($mode, big.big_rects[99].max.y, 1);
        put!($mode, big.big_long_arrays.slots[63], 64);
        put!($mode, big.big_long_arrays.points[32], point { x: 1, y: 2 });
        let mut last = value::default();
        last.set_point(point { x: 3, y: 4 });
        put!($mode, big.big_values[39], last);
    }};
}

/// Those of `.rodata` that only `configure` writes.
const WRITTEN_BEFORE_LOAD: &str = r#"
const struct aligned_32 rodata_aligned_32 = { .a = 33, .b = 'c' };
const struct aligned_member rodata_aligned_member = { .head = 1, .value = 17, .tail = 2 };
const unsigned int rodata_id_last = 25;
const char rodata_text[] = "READ only";
const table_t rodata_table = { { 1, 2, 3, 4 }, { 5, -6, 7, 8 }, { 9, 10, 11, 12 } };
const struct qualified rodata_qualified = {
	.fixed = 11, .moving = 2, .both = 3, .place = { 4, 55 }, .letters = "abc",
};
const struct matrix cfg_matrix = {
	.cells = { { 1, 2, 3 }, { 4, 5, 6 } },
	.cube = { [1] = { [0] = { [1] = 7 }, [2] = { [3] = 123 } } },
	.grid = { { { 1, 2 }, { 3, 4 } }, { { 5, 6 }, { 7, 88 } } },
};
const struct keywords cfg_keywords = {
	.type = 1, .fn = 22, .self = 3, .Self = 4, .super = 5, .crate = 6, .async = 7,
	.match = 8, ._ = 9, .get = 10, .set = 11, .default_ = 12, .mod = 3, .impl = 14,
};
"#;

fn open() -> OpenObject {
    require_bpf();
    ObjectBuilder::default().open_file(object("types")).unwrap()
}

/// Compares every variable: those of `written` with clang's bytes for them, all others with
/// what they start with.
fn judge(loaded: &Object, written: &str) {
    let types = Image::of(&object("types"));
    let written = Image::of(&compile_c("written", written));
    let names: BTreeSet<_> = types.variables().map(|variable| &variable.name).collect();
    let mut seen = 0;
    for variable in written.variables() {
        assert!(names.contains(&variable.name), "{}", variable.name);
        assert_ne!(
            variable.bytes,
            types.variable(&variable.name).bytes,
            "{}",
            variable.name
        );
    }
    for variable in types.variables() {
        if variable.section == "license" {
            continue;
        }
        let expected = written
            .variables()
            .find(|other| other.name == variable.name);
        seen += usize::from(expected.is_some());
        let expected = expected.unwrap_or(variable);
        assert_eq!(
            variable.in_kernel(loaded),
            expected.bytes,
            "{}",
            variable.name
        );
    }
    assert_eq!(seen, written.variables().count());
    assert!(seen > 60, "{seen}");
}

#[test]
fn after_load() {
    let object = open().load().unwrap();
    let types = Types::bind(&object).unwrap();
    write!(live, types);
    judge(&object, WRITTEN);
}

#[test]
fn before_load() {
    let mut open = open();
    let config = Types::configure(&mut open).unwrap();
    let rodata = config.rodata;
    rodata.rodata_aligned_32.a = 33;
    rodata.rodata_aligned_32.b = b'c' as i8;
    rodata.rodata_aligned_member.value = 17;
    *rodata.rodata_id_last = 25;
    rodata.rodata_text[..4].copy_from_slice(&b"READ".map(|byte| byte as i8));
    rodata.rodata_table[1][1] = -6;
    rodata.rodata_qualified.fixed = 11;
    rodata.rodata_qualified.place.y = 55;
    config.rodata_cfg.cfg_matrix.cube[1][0][1] = 7;
    config.rodata_cfg.cfg_matrix.grid[1][1].y = 88;
    config.rodata_cfg.cfg_keywords.r#fn = 22;
    config.rodata_cfg.cfg_keywords.set_mod(3);
    write!(initial, config);
    let object = open.load().unwrap();
    judge(&object, &format!("{WRITTEN}{WRITTEN_BEFORE_LOAD}"));

    let Types { rodata, .. } = Types::bind(&object).unwrap();
    assert_eq!(rodata.rodata_table[1].get(), [5, -6, 7, 8]);
}

#[test]
fn atomics() {
    let object = open().load().unwrap();
    let Types { data, bss, .. } = Types::bind(&object).unwrap();
    data.data_i8.as_atomic().fetch_sub(100, Ordering::Relaxed);
    data.data_u16.as_atomic().fetch_and(0xff, Ordering::Relaxed);
    data.data_i32.as_atomic().fetch_max(-1, Ordering::Relaxed);
    data.data_u64.as_atomic().fetch_add(1, Ordering::Relaxed);
    data.data_matrix[1][2]
        .as_atomic()
        .fetch_xor(6 ^ 60, Ordering::Relaxed);
    let count = &bss.bss_aligned_array.slots[1].count;
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10_000 {
                    count.as_atomic().fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let image = Image::of(&self::object("types"));
    let bytes = |name: &str| image.variable(name).in_kernel(&object);
    assert_eq!(bytes("data_i8"), [56], "wraps around as in C");
    assert_eq!(bytes("data_u16"), (60000u16 & 0xff).to_ne_bytes());
    assert_eq!(bytes("data_i32"), (-1i32).to_ne_bytes());
    assert_eq!(
        bytes("data_u64"),
        18_000_000_000_000_000_001u64.to_ne_bytes()
    );
    assert_eq!(bytes("data_matrix")[20..], 60i32.to_ne_bytes());
    assert_eq!(count.get(), 40_000);
}

/// Bitfields of one word are written by two threads: neither loses what the other wrote.
#[test]
fn neighbours_in_a_word() {
    let object = open().load().unwrap();
    let Types { data_custom, .. } = Types::bind(&object).unwrap();
    let start = Barrier::new(2);
    let bits = &data_custom.custom_bits_unsigned;
    let packed = &data_custom.custom_bits_packed;
    thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            for i in 0..50_000 {
                bits.set_b(i);
                assert_eq!(bits.b(), i & 7);
                // Shares its last byte with the first of `c`.
                packed.set_b(i);
                assert_eq!(packed.b(), i);
            }
        });
        scope.spawn(|| {
            start.wait();
            for i in 0..50_000 {
                bits.set_c(i);
                assert_eq!(bits.c(), i);
                packed.set_c(u64::from(i));
                assert_eq!(packed.c(), u64::from(i));
            }
        });
    });
    assert_eq!(bits.a(), 1);
    assert_eq!((packed.a(), packed.d()), (5, -9));
}

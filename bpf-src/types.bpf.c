// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A global for every type of types.h, over every section that holds variables. Those
 * of .data* and .rodata* start with values that a test can recognise.
 */
#include "types.h"
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* --- .data --------------------------------------------------------------- */

struct signed_ints data_signed = {
	.i8 = -8,
	.i16 = -1616,
	.i32 = -32323232,
	.i64_long = -6464646464646464,
	.i64 = -6565656565656565,
	.i128 = -((__int128)1 << 100),
};
struct unsigned_ints data_unsigned = {
	.u8 = 0xf8,
	.u16 = 0xf016,
	.u32 = 0xf0000032,
	.u64_long = 0xf000000000000064,
	.u64 = 0xf000000000000065,
	.u128 = ((unsigned __int128)0xf0 << 120) | 0x128,
};
struct chars data_chars = { .plain = 'p', .minus = -1, .byte = 0xff, .text = "hello" };
struct truths data_truths = { .yes = 1, .no = 0, .many = { 1, 0, 1 } };
struct floats data_floats = { .single = 1.5f, .wide = -2.25, .pair = { 0.5f, -0.125f } };
struct padded data_padded = { .first = 1, .middle = 0x22222222, .last = 3 };
struct byte_then_int128 data_byte_then_int128 = { .tag = 1, .wide = -2, .end = 3 };

signed char data_i8 = -100;
short data_i16 = -30000;
int data_i32 = -2000000000;
long long data_i64 = -9000000000000000000LL;
__int128 data_i128 = -((__int128)7 << 96);
unsigned char data_u8 = 200;
unsigned short data_u16 = 60000;
unsigned int data_u32 = 4000000000U;
unsigned long long data_u64 = 18000000000000000000ULL;
unsigned __int128 data_u128 = ((unsigned __int128)9 << 96) | 1;
long data_long = -1;
unsigned long data_ulong = 1;
char data_char = 'c';
_Bool data_bool = 1;
float data_float = 3.5f;
double data_double = -0.0625;

enum color data_color = COLOR_GREEN;
enum signed_level data_level = LEVEL_LOW;
enum trit data_trit = TRIT_MINUS;
enum unsigned_mask data_mask = MASK_ALL;
enum wide_unsigned data_wide = WIDE_TOP;
enum wide_signed data_deep = DEEP_MIN;
enum byte_enum data_byte_enum = BYTE_B;
enum aliased data_aliased = ALIAS_NEXT;
enum { LOOSE_A = 4, LOOSE_B } data_anonymous_enum = LOOSE_B;
struct enums data_enums = {
	.color = COLOR_BLUE,
	.level = LEVEL_NONE,
	.mask = MASK_ALL,
	.wide = WIDE_ONE,
	.deep = DEEP_MAX,
	.byte = BYTE_A,
};

struct rect data_rect = { .min = { 1, 2 }, .max = { 3, 4 } };
struct nested_anonymous data_nested_anonymous = { .kind = 1, .port = 8080, .flags = 0x80, .tail = -9 };
struct nested_named data_nested_named = {
	.inner = { .a = 1, .deep = { { 2, 3 }, { 4, 5 } } },
	.either = { .letters = "abcde" },
	.mode = MODE_ON,
};
union value data_value = { .number = 0x1122334455667788 };
anonymous_t data_anonymous_t = { .id = 42, .name = "anon" };
anonymous_union_t data_anonymous_union_t = { .f = 1.0f };
state_t data_state_t = STATE_BUSY;
struct with_empty data_with_empty = { .before = 1, .after = 2 };

/* Three items more than the type knows of. */
struct flexible data_flexible = { .len = 3, .items = { 10, 20, 30 } };

int data_array[5] = { 1, 2, 3, 4, 5 };
int data_matrix[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
struct dual data_dual = { .a = 1, .b = 2 };
dual data_dual_typedef = 3;
struct {
	int first;
	struct {
		int second;
	} inner[2];
} data_anonymous = { .first = 1, .inner = { { 2 }, { 3 } } };

/* --- .data.custom -------------------------------------------------------- */

struct bits_unsigned custom_bits_unsigned SEC(".data.custom") = { .a = 1, .b = 5, .c = 0xabcdef1 };
struct bits_signed custom_bits_signed SEC(".data.custom") = { .a = -1, .b = -60, .c = -8000000, .d = -16, .e = 3 };
struct bits_kinds custom_bits_kinds SEC(".data.custom") = {
	.flag = 1, .other = 0, .color = COLOR_BLUE, .sign = TRIT_MINUS, .small = 33,
};
struct bits_crossing custom_bits_crossing SEC(".data.custom") = { .a = 0xabcde, .b = 0xf1, .c = 0x2aa, .d = 0xabc };
struct bits_zero_width custom_bits_zero_width SEC(".data.custom") = { .a = 5, .b = 6, .c = 3 };
struct bits_mixed custom_bits_mixed SEC(".data.custom") = {
	.head = 'h', .a = 9, .b = 300, .plain = 0xbeef, .c = 0x7eadbeef, .tail = -1,
};
struct bits_wide custom_bits_wide SEC(".data.custom") = {
	.a = 0xabcdef1234, .b = 0x567890, .c = -2, .d = 1, .whole = 0xfedcba9876543210,
};
struct bits_packed custom_bits_packed SEC(".data.custom") = {
	.a = 5, .b = 0x7abcdef1, .c = 0x2bcdef0123456789, .d = -9,
};
struct bits_nested custom_bits_nested SEC(".data.custom") = { .head = 1, .low = 17, .high = -5 };
union overlay custom_overlay SEC(".data.custom") = { .raw = 0xabcde123 };
struct packed custom_packed SEC(".data.custom") = { .tag = 1, .misaligned = 0x1122334455667788, .tail = 0x9900 };
struct packed_inside custom_packed_inside SEC(".data.custom") = {
	.head = 1, .inner = { .tag = 2, .misaligned = 3, .tail = 4 }, .tail = 5,
};
struct packed_around custom_packed_around SEC(".data.custom") = {
	.head = 1,
	.normal = { .first = 2, .middle = 3, .last = 4 },
	.rects = { { { 5, 6 }, { 7, 8 } }, { { 9, 10 }, { 11, 12 } } },
	.misaligned = -13,
};
struct packed_two custom_packed_two SEC(".data.custom") = { .head = 1, .number = 2, .wide = 3 };
union packed_union custom_packed_union SEC(".data.custom") = { .number = 0x01020304 };
struct packed_aligned custom_packed_aligned SEC(".data.custom") = { .head = 1, .number = 2 };

/* --- .rodata ------------------------------------------------------------- */

const volatile struct aligned_32 rodata_aligned_32 = { .a = 32, .b = 'b' };
const volatile struct aligned_64 rodata_aligned_64 = { .count = 64 };
const volatile struct aligned_member rodata_aligned_member = { .head = 1, .value = 16, .tail = 2 };
const volatile struct typedefs rodata_typedefs = {
	.base = 1,
	.last = 2,
	.row = { 3, 4, 5, 6 },
	.table = { { 7 }, { 8 }, { 9 } },
	.point = { 10, 11 },
	.anonymous = { .id = 12, .name = "typedef" },
};
const volatile struct qualified rodata_qualified = {
	.fixed = 1, .moving = 2, .both = 3, .place = { 4, 5 }, .letters = "abc",
};
const volatile id_t_base rodata_id_base = 21;
const volatile id_t_next rodata_id_next = 22;
id_t_const rodata_id_const = 23;
id_t_last rodata_id_last = 24;
const row_t rodata_row = { 1, 2, 3, 4 };
const volatile table_t rodata_table = { { 1, 2, 3, 4 }, { 5, 6, 7, 8 }, { 9, 10, 11, 12 } };
const volatile char rodata_text[] = "read only";
const volatile struct rust_names rodata_rust_names = {
	.u32 = { 1, 2 }, .option = { 3 }, .core = { 4 }, .i8 = -500, .u64 = 5,
	.bss = { 6 }, .maps = { 7 }, .me = { 8 }, .kind = { 9 }, .function = fn_one, .shared = { 10 },
};

/* --- .rodata.cfg --------------------------------------------------------- */

const volatile struct matrix cfg_matrix SEC(".rodata.cfg") = {
	.cells = { { 1, 2, 3 }, { 4, 5, 6 } },
	.cube = { [1] = { [2] = { [3] = 123 } } },
	.grid = { { { 1, 2 }, { 3, 4 } }, { { 5, 6 }, { 7, 8 } } },
};
const volatile struct duals cfg_duals SEC(".rodata.cfg") = { .tagged = { 'd', -2 }, .plain = 3 };
const volatile struct keywords cfg_keywords SEC(".rodata.cfg") = {
	.type = 1, .fn = 2, .self = 3, .Self = 4, .super = 5, .crate = 6, .async = 7,
	.match = 8, ._ = 9, .get = 10, .set = 11, .default_ = 12, .mod = 13, .impl = 14,
};
const volatile point_t cfg_point SEC(".rodata.cfg") = { -1, -2 };

/* --- .bss ---------------------------------------------------------------- */

struct pointers bss_pointers;
struct list bss_list;
struct forest bss_forest;
struct tree bss_tree;
struct zero_array bss_zero_array;
struct flexible_struct bss_flexible_struct;
struct aligned_array bss_aligned_array;
point_ptr_t bss_point_ptr;
callback_t bss_callback;
int *bss_data_pointer;
void *bss_void_pointer;
const char *bss_text_pointer;
int *restrict bss_restrict_pointer;
struct opaque *bss_opaque_pointer;
struct far_away *bss_far_pointer;
struct list **bss_list_pointer_pointer;
int (*bss_array_pointer)[8];
int (*bss_function_pointer)(int);
void (**bss_function_pointer_pointer)(void);
int (*bss_function_pointers[3])(struct point *);

/* Aligned by the variable, not the type: BTF does not say so. */
int bss_before_aligned;
int bss_aligned_variable __attribute__((aligned(64)));

/* One variable for each type whose name Rust has too. */
struct u32 bss_u32;
struct Option bss_option;
struct core bss_core;
struct Bss bss_bss;
struct Maps bss_maps;
struct Self bss_self;
struct type bss_type;
enum fn bss_fn;
struct Shared bss_shared;
i8 bss_i8;
u64 bss_u64;

/* Variables whose own names are Rust's keywords, or its types. */
int match;
int crate;
int self;
int String;

/* --- .bss.big ------------------------------------------------------------ */

struct long_arrays big_long_arrays SEC(".bss.big");
struct rect big_rects[100] SEC(".bss.big");
unsigned char big_bytes[4096] SEC(".bss.big");
union value big_values[40] SEC(".bss.big");

char LICENSE[] SEC("license") = "Dual MIT/GPL";

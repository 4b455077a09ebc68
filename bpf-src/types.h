/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * C's data types, as BPF libraries use them, and those that are hard to get right.
 * Needs no other header: BPF units and host programs include it alike, so that a test
 * can ask the compiler for sizes and offsets. types.bpf.c has a variable of each type.
 */
#ifndef TYPES_H
#define TYPES_H

/* --- Scalars ------------------------------------------------------------- */

struct signed_ints {
	signed char i8;
	short i16;
	int i32;
	long i64_long;
	long long i64;
	__int128 i128;
};

struct unsigned_ints {
	unsigned char u8;
	unsigned short u16;
	unsigned int u32;
	unsigned long u64_long;
	unsigned long long u64;
	unsigned __int128 u128;
};

struct chars {
	char plain;
	signed char minus;
	unsigned char byte;
	char text[16];
};

struct truths {
	_Bool yes;
	_Bool no;
	_Bool many[3];
};

struct floats {
	float single;
	double wide;
	float pair[2];
};

/* An int between bytes: padding before it and after the last byte. */
struct padded {
	char first;
	int middle;
	char last;
};

struct byte_then_int128 {
	char tag;
	__int128 wide;
	char end;
};

/* --- Enums --------------------------------------------------------------- */

enum color { COLOR_RED, COLOR_GREEN = 5, COLOR_BLUE };

enum signed_level { LEVEL_LOW = -2, LEVEL_NONE, LEVEL_ZERO, LEVEL_HIGH = 0x7fffffff };

enum trit { TRIT_MINUS = -1, TRIT_ZERO, TRIT_PLUS };

enum unsigned_mask { MASK_NONE = 0, MASK_ALL = 0xffffffffU };

enum wide_unsigned { WIDE_ONE = 1, WIDE_TOP = 0x8000000000000001ULL };

enum wide_signed { DEEP_MIN = -0x7fffffffffffffffLL - 1, DEEP_MAX = 0x7fffffffffffffffLL };

enum __attribute__((packed)) byte_enum { BYTE_A = 1, BYTE_B = 200 };

/* Two names for one value. */
enum aliased { ALIAS_FIRST = 1, ALIAS_SAME = 1, ALIAS_NEXT };

struct enums {
	enum color color;
	enum signed_level level;
	enum unsigned_mask mask;
	enum wide_unsigned wide;
	enum wide_signed deep;
	enum byte_enum byte;
};

/* --- Anonymous and nested types ------------------------------------------ */

struct point {
	int x;
	int y;
};

struct rect {
	struct point min;
	struct point max;
};

/* struct in union in struct, none with a name. */
struct nested_anonymous {
	int kind;
	union {
		struct {
			unsigned short port;
			unsigned short flags;
		};
		unsigned int both;
		union {
			unsigned char bytes[4];
			float real;
		};
	};
	long long tail;
};

/* The types have no name, the members do. */
struct nested_named {
	struct {
		int a;
		struct {
			short b;
			char c;
		} deep[2];
	} inner;
	union {
		int number;
		char letters[6];
	} either;
	enum { MODE_OFF, MODE_ON = 3 } mode;
};

union value {
	unsigned char byte;
	unsigned long long number;
	double real;
	struct point point;
	char text[12];
};

union overlay {
	unsigned int raw;
	struct {
		unsigned int low : 12;
		unsigned int high : 20;
	} parts;
};

typedef struct {
	unsigned int id;
	char name[8];
} anonymous_t;

typedef union {
	int i;
	float f;
} anonymous_union_t;

typedef enum { STATE_IDLE = 10, STATE_BUSY } state_t;

struct empty {};

/* No byte of its own, but a place: `after` starts where `nothing` does. */
struct with_empty {
	int before;
	struct empty nothing;
	int after;
};

/* --- Bitfields ----------------------------------------------------------- */

struct bits_unsigned {
	unsigned int a : 1;
	unsigned int b : 3;
	unsigned int c : 28;
};

struct bits_signed {
	int a : 1;
	int b : 7;
	int c : 24;
	short d : 5;
	signed char e : 3;
};

struct bits_kinds {
	_Bool flag : 1;
	_Bool other : 1;
	enum color color : 3;
	enum trit sign : 2;
	unsigned char small : 6;
};

/* `c` does not fit what `b` leaves of its unit, and starts the next one. */
struct bits_crossing {
	unsigned int a : 20;
	unsigned int b : 8;
	unsigned int c : 10;
	unsigned short d : 12;
};

struct bits_zero_width {
	unsigned char a : 3;
	unsigned char : 0;
	unsigned char b : 3;
	unsigned int : 0;
	unsigned char c : 2;
};

struct bits_mixed {
	char head;
	unsigned int a : 4;
	unsigned int : 3;
	unsigned int b : 9;
	unsigned short plain;
	unsigned int c : 31;
	long long tail;
};

struct bits_wide {
	unsigned long long a : 40;
	unsigned long long b : 24;
	long long c : 63;
	unsigned long long d : 1;
	unsigned long long whole : 64;
};

/* Packed: `b` and `c` straddle every unit of their type. */
struct bits_packed {
	unsigned char a : 3;
	unsigned int b : 31;
	unsigned long long c : 62;
	int d : 5;
} __attribute__((packed));

/* Bitfields inside an anonymous struct inside a union. */
struct bits_nested {
	int head;
	union {
		struct {
			unsigned short low : 5;
			short high : 11;
		};
		unsigned short raw;
	};
};

/* --- Packed and aligned -------------------------------------------------- */

struct packed {
	unsigned char tag;
	unsigned long long misaligned;
	unsigned short tail;
} __attribute__((packed));

/* Normal around packed: size 24, `inner` at 1. */
struct packed_inside {
	char head;
	struct packed inner;
	long long tail;
};

struct packed_around {
	char head;
	struct padded normal;
	struct rect rects[2];
	long long misaligned;
} __attribute__((packed));

/* Packed to 2: neither its natural alignment nor 1. */
#pragma pack(push, 2)
struct packed_two {
	char head;
	int number;
	long long wide;
};
#pragma pack(pop)

union packed_union {
	unsigned char tag;
	unsigned int number;
	char text[5];
} __attribute__((packed));

struct aligned_32 {
	int a;
	char b;
} __attribute__((aligned(32)));

struct aligned_64 {
	unsigned long long count;
} __attribute__((aligned(64)));

struct aligned_member {
	char head;
	int value __attribute__((aligned(16)));
	char tail;
};

/* One slot for each CPU, none shares a cache line. */
struct aligned_array {
	char head;
	struct aligned_64 slots[3];
};

struct packed_aligned {
	char head;
	int number;
} __attribute__((packed, aligned(4)));

/* --- Arrays -------------------------------------------------------------- */

struct matrix {
	int cells[2][3];
	unsigned char cube[2][3][4];
	struct point grid[2][2];
};

/* Longer than the arrays for which Rust has `Default`. */
struct long_arrays {
	unsigned long long slots[64];
	char text[100];
	struct point points[33];
};

struct flexible {
	unsigned int len;
	int items[];
};

struct flexible_struct {
	unsigned char len;
	struct point items[];
};

/* The older spelling. */
struct zero_array {
	unsigned int len;
	unsigned short items[0];
};

/* --- Typedefs and qualifiers --------------------------------------------- */

typedef unsigned int id_t_base;
typedef id_t_base id_t_next;
typedef const id_t_next id_t_const;
typedef volatile id_t_const id_t_last;

typedef int row_t[4];
typedef row_t table_t[3];

typedef struct point point_t;
typedef point_t *point_ptr_t;

struct typedefs {
	id_t_base base;
	id_t_last last;
	row_t row;
	table_t table;
	point_t point;
	point_ptr_t pointer;
	anonymous_t anonymous;
};

struct qualified {
	const int fixed;
	volatile int moving;
	const volatile unsigned long long both;
	volatile struct point place;
	const char letters[4];
};

/* --- Pointers ------------------------------------------------------------ */

/* Declared, defined nowhere. */
struct opaque;
union opaque_union;

/* Defined, but no variable holds one. */
struct far_away {
	struct rect area;
	struct far_away *next;
};

typedef int (*callback_t)(struct point *where, const char *name, ...);

struct pointers {
	int *data;
	const char *text;
	void *anything;
	const void *anything_const;
	int (*function)(int left, long right);
	callback_t callback;
	int (*array)[8];
	void (**function_pointer)(void);
	struct opaque *opaque;
	union opaque_union *opaque_union;
	struct far_away *far_away;
	struct point **twice;
	int *restrict exclusive;
	int *const fixed;
	int *many[3];
};

struct list {
	int value;
	struct list *next;
	struct list *previous;
};

/* Each reaches the other. */
struct tree;
struct forest {
	struct tree *trees[2];
	int count;
};
struct tree {
	struct forest *home;
	struct tree *left, *right;
};

/* --- Names --------------------------------------------------------------- */

/* A tag and a typedef of one name are two types. */
struct dual {
	char a;
	long long b;
};
typedef int dual;

struct duals {
	struct dual tagged;
	dual plain;
};

/* Rust's own type names, with other meanings. */
struct u32 {
	unsigned int value;
	char more;
};
struct Option {
	int some;
};
struct core {
	int number;
};
typedef short i8;
typedef unsigned long long u64;
struct Bss {
	int a;
};
struct Maps {
	int a;
};
struct Self {
	int a;
};
struct type {
	int a;
};
enum fn { fn_none, fn_one };
struct Shared {
	int a;
};

struct rust_names {
	struct u32 u32;
	struct Option option;
	struct core core;
	i8 i8;
	u64 u64;
	struct Bss bss;
	struct Maps maps;
	struct Self me;
	struct type kind;
	enum fn function;
	struct Shared shared;
};

/* Rust's keywords, those that take `r#` and those that cannot, and common methods. */
struct keywords {
	int type;
	int fn;
	int self;
	int Self;
	int super;
	int crate;
	int async;
	int match;
	int _;
	int get;
	int set;
	int default_;
	unsigned int mod : 4;
	unsigned int impl : 4;
};

#endif

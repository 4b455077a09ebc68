// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Layouts and names that code which is generated from them may trip over. Each of these
 * was once a type that did not compile, or did not bind.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* --- Names that the generated code has itself ---------------------------- */

struct A {
	int A;
	unsigned int T : 3;
};
struct types {
	int types;
};
struct fields {
	int fields;
};
struct config {
	int config;
};
struct btf {
	int btf;
};
struct LIBRARY {
	int library;
};
/* An enum is a function too: these would be patterns where a parameter has the name. */
enum value { VALUE = 1 };
enum storage { STORAGE = 2 };
enum f { F = 3 };

struct A odd_a = { .A = 1, .T = 2 };
struct types odd_types = { 1 };
struct fields odd_fields = { 2 };
struct config odd_config = { 3 };
struct btf odd_btf = { 4 };
struct LIBRARY odd_library = { 5 };
enum value odd_value = VALUE;
enum storage odd_storage = STORAGE;
enum f odd_f = F;

/* --- Bitfields in the storage of unions of several words ------------------ */

struct words_32 {
	int head;
	union {
		struct {
			unsigned int low : 5;
			unsigned int high : 20;
			unsigned int more : 30;
		};
		unsigned int raw[2];
	};
};
union words_64 {
	struct {
		unsigned long long first : 40;
		unsigned long long second : 60;
	};
	unsigned char bytes[16];
};
union word_128 {
	struct {
		unsigned long long first : 40;
		unsigned long long second : 60;
	};
	__int128 whole;
};

struct words_32 odd_words_32 = { .low = 1, .high = 2, .more = 3 };
union words_64 odd_words_64 = { .first = 1, .second = 2 };
union word_128 odd_word_128 = { .first = 1, .second = 2 };

/* --- Alignment ----------------------------------------------------------- */

/* Aligned like its bitfield, which takes only the first byte. */
struct bit_then_char {
	unsigned int bits : 4;
	char rest;
};
struct bit_then_char_packed {
	char head;
	struct bit_then_char inner;
} __attribute__((packed));

/* The array ends where no `struct flexible_end` can. */
struct flexible_end {
	unsigned long long first;
	char len;
	char items[];
};

struct bit_then_char odd_bit_then_char = { 3, 4 };
struct bit_then_char_packed odd_bit_then_char_packed = { 1, { 2, 3 } };
struct flexible_end odd_flexible_end = { .first = 1, .len = 11, .items = "0123456789" };
char odd_behind_flexible_end = 7;

/* Packed, but with each member in its natural place: only the address tells. */
struct packed_like_any {
	unsigned long long first;
	unsigned int second;
	unsigned int third;
} __attribute__((packed));
struct packed_by_member {
	struct packed_like_any inner;
};

char odd_before_packed SEC(".data.packed") = 1;
struct packed_like_any odd_packed_like_any SEC(".data.packed") = { 1, 2, 3 };
struct packed_by_member odd_packed_by_member[2] SEC(".data.packed") = { { { 4, 5, 6 } }, { { 7, 8, 9 } } };

/* --- Types without a name, named after their path ------------------------ */

struct odd_modes {
	enum { ODD_OFF, ODD_ON } mode : 2;
	union {
		enum { ODD_LEFT, ODD_RIGHT } side : 2;
		int raw;
	};
};

struct odd_modes odd_modes = { .mode = ODD_ON, .side = ODD_RIGHT };

/* --- Members named as methods of a handle -------------------------------- */

struct odd_methods {
	__u32 get : 4;
	__u32 set : 4;
	__u32 iter : 4;
	__u32 as_atomic : 4;
	__u32 project : 4;
	__u32 clone : 4;
	__u32 into : 4;
	union {
		__u32 from;
		__u32 get_boxed;
		__u32 text;
	};
};

struct odd_methods odd_methods = { .get = 1, .set = 2, .iter = 3, .as_atomic = 4, .project = 5, .clone = 6, .into = 7, .from = 8 };

/* --- Arrays whose length is not known ------------------------------------ */

extern int odd_length[];

/* A use, for the compiler describes no other extern. */
SEC("raw_tp")
int odd_use(void *ctx)
{
	return odd_length[1];
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";

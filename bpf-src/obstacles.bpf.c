// SPDX-License-Identifier: MIT OR Apache-2.0
/* Types that can't have every trait. */
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

union value {
	__u32 number;
	__u8 bytes[4];
};

struct sample {
	double mean;
};

struct either {
	__u32 kind;
	union {
		__u32 cpu;
		__u32 node;
	};
};

struct holder {
	union value value;
};

struct inner {
	__u64 count;
};

struct outer {
	struct inner inner;
	__u8 last;
};

double load;
struct sample sample;
struct either either;
struct holder holder;
struct inner inner;
struct outer outer;

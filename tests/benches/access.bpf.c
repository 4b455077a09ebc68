// SPDX-License-Identifier: MIT OR Apache-2.0
/* What benches/access.rs reads and writes: all in .bss. */
#include <linux/types.h>

struct stats {
	__u64 packets;
	__u64 bytes;
	__u32 errors;
};

__u8 byte;
__u16 half;
__u32 word;
__u64 count;
struct stats stats;
__u64 slots[64];

struct block {
	__u64 words[512];
};

struct block block;

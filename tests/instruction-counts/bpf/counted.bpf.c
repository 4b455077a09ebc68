// SPDX-License-Identifier: MIT OR Apache-2.0
/* A hundred variables, all in .bss, of which src/main.rs reads and writes the first three. */
#include <linux/types.h>

struct stats {
	__u64 packets;
	__u64 bytes;
	__u32 errors[2];
};

__u64 count;
struct stats stats;
__u64 slots[64];
__u32 last;

/* Eight variables of different types. */
#define EIGHT(n)                                                                                   \
	__u64 u64_##n;                                                                             \
	__u32 u32_##n;                                                                             \
	__u64 array_##n[4];                                                                        \
	struct stats stats_##n;                                                                    \
	__s64 s64_##n;                                                                             \
	__u16 u16_##n;                                                                             \
	struct point_##n {                                                                         \
		__u32 x, y;                                                                        \
		__s64 stamp;                                                                       \
	} point_##n;                                                                               \
	struct point_##n points_##n[3]

EIGHT(0);
EIGHT(1);
EIGHT(2);
EIGHT(3);
EIGHT(4);
EIGHT(5);
EIGHT(6);
EIGHT(7);
EIGHT(8);
EIGHT(9);
EIGHT(10);
EIGHT(11);

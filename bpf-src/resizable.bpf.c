// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library whose arrays are made as long as user space wants before load: those that are
 * alone in sections of their own, and one that is the last of two.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct cell {
	__u32 value;
	__u8 tag;
};

/* How many elements user space gave the arrays. */
const volatile __u32 table_len = 1;

struct cell table[1] SEC(".data.table") = { { .value = 3, .tag = 4 } };
const volatile __u64 limits[1] SEC(".rodata.limits") = { 100 };
__u16 pool[1] SEC(".bss.pool");

__u32 shared_front SEC(".data.shared") = 5;
__u32 shared_tail[4] SEC(".data.shared") = { 1, 2, 3, 4 };

/* Alone as well, but of a length that its author chose. */
__u32 fixed[8] SEC(".data.fixed");

struct put {
	__u32 index;
	__u32 value;
};

/* Writes to all arrays; 0, or -1 past their end, or 1 above the limit. */
SEC("syscall")
int put(struct put *args)
{
	__u32 index = args->index;

	if (index >= table_len)
		return -1;
	if (args->value > limits[index])
		return 1;
	table[index].value = args->value;
	pool[index] = args->value;
	shared_tail[0] = shared_front;
	fixed[0] = args->value;
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";

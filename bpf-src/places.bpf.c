// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * Variables in sections that an application may resize, replace or leave out, and two maps
 * that only their names tell apart. place_step() adds 1 to each variable, and stores 1 in
 * place_left and 2 in place_right.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile int place_limit = 100;

__u64 place_wide = 10;
int place_narrow = 20;
/* Keeps a hole in front of itself, so that place_narrow can be moved into it. */
__u64 place_last = 40;

__u64 place_zero;

/* The array is last: set_value_size() makes it longer. */
int place_head SEC(".data.ring") = 30;
__u32 place_ring[3] SEC(".data.ring") = { 1, 2, 3 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} place_left SEC(".maps"), place_right SEC(".maps");

SEC("raw_tp")
int place_step(void *ctx)
{
	__u64 left = 1, right = 2;
	__u32 key = 0;

	if (place_narrow >= place_limit)
		return 1;
	place_wide++;
	place_narrow++;
	place_last++;
	place_zero++;
	place_head++;
	place_ring[2]++;
	bpf_map_update_elem(&place_left, &key, &left, BPF_ANY);
	bpf_map_update_elem(&place_right, &key, &right, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";

// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library with a map of each kind that came after Linux 5.10, each with another version.
 * And a program that uses one when user space asks.
 */
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* Newer than some distributions' headers. */
#define BPF_MAP_TYPE_CGRP_STORAGE 32

struct total {
	__u64 count;
	__u64 sum;
};

struct record {
	__u64 sequence;
	__u32 kind;
	__u32 length;
};

/* Since 5.11. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct total);
} of_task SEC(".maps");

/* Since 5.16. */
struct {
	__uint(type, BPF_MAP_TYPE_BLOOM_FILTER);
	__uint(max_entries, 100);
	__type(value, __u32);
} bloom SEC(".maps");

/* Since 6.1. */
struct {
	__uint(type, BPF_MAP_TYPE_USER_RINGBUF);
	__uint(max_entries, 4096);
} user_ring SEC(".maps");

/* Since 6.2. */
struct {
	__uint(type, BPF_MAP_TYPE_CGRP_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct total);
} of_cgroup SEC(".maps");

__u64 received;

static long receive(struct bpf_dynptr *sample, void *context)
{
	struct record record = {};

	if (bpf_dynptr_read(&record, sizeof(record), sample, 0, 0) == 0)
		received += record.sequence;
	return 0;
}

/* Takes what user space has sent; returns how many records that were. */
SEC("?syscall")
int drain(void *context)
{
	return bpf_user_ringbuf_drain(&user_ring, receive, NULL, 0);
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";

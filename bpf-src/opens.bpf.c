// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * One of two libraries that each have a ring buffer: what an application polls together.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct open_event {
	__u64 sequence;
	__u32 pid;
	__u32 flags;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} opens SEC(".maps");

/* The last one sent; it also puts the type of the records into BTF. */
struct open_event last_open;

/* Sends one record. */
SEC("raw_tp")
int send_open(void *context)
{
	last_open.sequence++;
	return bpf_ringbuf_output(&opens, &last_open, sizeof(last_open), 0);
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";

// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * One of two libraries that each have a ring buffer: what an application polls together.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct exit_event {
	__u64 sequence;
	__u32 pid;
	__s32 status;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} exits SEC(".maps");

/* The last one sent; it also puts the type of the records into BTF. */
struct exit_event last_exit;

/* Sends one record. */
SEC("raw_tp")
int send_exit(void *context)
{
	last_exit.sequence++;
	return bpf_ringbuf_output(&exits, &last_exit, sizeof(last_exit), 0);
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";

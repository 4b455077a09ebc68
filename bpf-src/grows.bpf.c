// SPDX-License-Identifier: MIT OR Apache-2.0
/*
 * A library that grows: compiled with NEWER, its structs have members that they had not
 * before, all at their ends.
 */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#ifdef NEWER
#define newer(member) member;
#else
#define newer(member)
#endif

enum kind {
	KIND_READ,
	KIND_WRITE,
#ifdef NEWER
	KIND_SYNC,
#endif
};

struct stats {
	__u64 packets;
	__u64 bytes;
	newer(__u64 drops)
};

struct limits {
	__u32 rate;
	__u32 burst;
	newer(__u64 window)
};

/* Grows with what is at its end. */
struct worker {
	__u64 id;
	struct stats stats;
};

/* With padding, into which nothing may grow. */
struct last {
	__u64 when;
	__u32 pid;
	newer(__u64 count)
};

struct event {
	__u32 pid;
	enum kind kind;
	newer(__u64 when)
};

/* One after the other, so that whoever takes them for shorter ones meets another. */
struct stats total;
struct stats by_cpu[4];
struct worker worker;
enum kind last_kind;
struct last last;
__u64 calls;

struct stats seeded[3] = { { 1, 10 }, { 2, 20 }, { 3, 30 } };
const volatile struct limits limits = { .rate = 100, .burst = 10 };

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

static void count(struct stats *stats, __u64 bytes)
{
	stats->packets++;
	stats->bytes += bytes;
#ifdef NEWER
	stats->drops += limits.window;
#endif
}

/* Counts 1 byte in the first element, 2 in the next one, and so on. */
SEC("syscall")
int run(void *ctx)
{
	struct event event = { .pid = 7, .kind = KIND_WRITE };

	calls++;
	last_kind = event.kind;
	count(&total, limits.rate);
	count(&worker.stats, limits.burst);
	for (int i = 0; i < 4; i++)
		count(&by_cpu[i], i + 1);
	for (int i = 0; i < 3; i++)
		count(&seeded[i], 100);
#ifdef NEWER
	event.when = 9;
#endif
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";

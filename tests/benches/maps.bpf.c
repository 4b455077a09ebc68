// SPDX-License-Identifier: MIT OR Apache-2.0
/* What benches/maps.rs looks up, updates, iterates over and consumes. */
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

struct flow {
	__u64 packets;
	__u64 bytes;
};

struct event {
	__u64 stamp;
	__u32 pid;
	__u32 kind;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1 << 20);
	__type(key, __u64);
	__type(value, struct flow);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events SEC(".maps");

/* aya remembers how far it has read, so nobody else may read here. */
struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} events_of_aya SEC(".maps");

/* Tells user space the type of the records. */
struct event last_event;

static int submit_to(void *ring)
{
	struct event event = { .kind = 1, .bytes = 64 };
	int i;

	for (i = 0; i < 1024; i++) {
		event.stamp = i;
		if (bpf_ringbuf_output(ring, &event, sizeof(event), BPF_RB_NO_WAKEUP))
			return 1;
	}
	return 0;
}

SEC("syscall")
int submit(void *context)
{
	return submit_to(&events);
}

SEC("syscall")
int submit_for_aya(void *context)
{
	return submit_to(&events_of_aya);
}

char LICENSE[] SEC("license") = "GPL";

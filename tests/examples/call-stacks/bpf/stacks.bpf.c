// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "stacks.bpf.h"

#define STACKS_MAX_FRAMES 32

/* Set while programs run: in .bss, as user space changes it at any time. */
struct stacks_config {
	bool enabled;
	__u32 max_frames; /* 0: as many as there is room for */
	__u64 min_interval; /* ns between two stacks of a process */
};

struct stacks_config stacks_config;

struct stacks_stats {
	__u64 collected;
	__u64 dropped; /* the ring buffer was full */
	__u64 truncated; /* deeper than max_frames */
};

struct stacks_stats stacks_stats;

struct stacks_target {
	__u64 last; /* ns since boot */
	__u64 stacks;
};

/* The processes whose stacks are wanted. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct stacks_target);
} stacks_targets SEC(".maps");

struct stacks_sample {
	__u32 pid;
	__u32 tid;
	__u64 when;
	__u32 frame_count;
	char comm[16];
	__u64 frames[STACKS_MAX_FRAMES];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 256 * 1024);
} stacks_samples SEC(".maps");

/* Never written: it brings the type of the records into BTF, where a ring buffer's definition has no place for
 * it. So the type can be compared with that of the companion crate. */
struct stacks_sample stacks_record;

static __always_inline void walk(struct stacks_sample *sample, __u64 fp)
{
	/* What a frame pointer points to: the caller's frame pointer, and the return address. */
	struct {
		__u64 next, ret;
	} frame;
	__u32 limit = stacks_config.max_frames;

	for (int i = 1; i < STACKS_MAX_FRAMES; i++) {
		if (!fp || bpf_probe_read_user(&frame, sizeof(frame), (void *)fp) || !frame.ret)
			return;
		if (limit && i >= limit) {
			__sync_fetch_and_add(&stacks_stats.truncated, 1);
			return;
		}
		sample->frames[i] = frame.ret;
		sample->frame_count = i + 1;
		/* Stacks grow down: anything else is no frame. */
		if (frame.next <= fp)
			return;
		fp = frame.next;
	}
	__sync_fetch_and_add(&stacks_stats.truncated, 1);
}

int stacks_collect(__u64 ip, __u64 fp)
{
	__u64 id = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();
	__u32 pid = id >> 32, frames;
	struct stacks_target *target;
	struct stacks_sample *sample;

	if (!stacks_config.enabled)
		return 0;
	target = bpf_map_lookup_elem(&stacks_targets, &pid);
	if (!target || now - target->last < stacks_config.min_interval)
		return 0;
	sample = bpf_ringbuf_reserve(&stacks_samples, sizeof(*sample), 0);
	if (!sample) {
		__sync_fetch_and_add(&stacks_stats.dropped, 1);
		return 0;
	}
	target->last = now;
	__sync_fetch_and_add(&target->stacks, 1);
	sample->pid = pid;
	sample->tid = id;
	sample->when = now;
	bpf_get_current_comm(sample->comm, sizeof(sample->comm));
	sample->frames[0] = ip;
	sample->frame_count = 1;
	walk(sample, fp);
	frames = sample->frame_count;
	bpf_ringbuf_submit(sample, 0);
	__sync_fetch_and_add(&stacks_stats.collected, 1);
	return frames;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "histogram.bpf.h"

#define HIST_SLOTS 64

/* The part of the kernel's struct that is used here; offsets are adjusted at load. */
struct task_struct {
	int pid;
	int tgid;
} __attribute__((preserve_access_index));

/* Smaller values are not counted. */
const volatile __u64 hist_min = 0;

bool hist_enabled = true;

/* Not in .bss, where zeros would go: a definition that overrides it must be in the same section. */
__weak char hist_unit[16] SEC(".data") = "";

/* Slot i holds the values of [2^i, 2^(i+1)), slot 0 also the value 0. */
struct hist_slot hist_slots[HIST_SLOTS];

/* Values missing from `hist_tasks` because it was full. */
__u64 hist_tasks_lost;

struct hist_tasks hist_tasks SEC(".maps");

static __always_inline __u32 log2_of(__u64 value)
{
	__u32 log2 = 0;

#pragma unroll
	for (int shift = 32; shift; shift /= 2) {
		if (value >> shift) {
			value >>= shift;
			log2 += shift;
		}
	}
	return log2;
}

static __always_inline void add(struct hist_slot *slot, __u64 value)
{
	__sync_fetch_and_add(&slot->count, 1);
	__sync_fetch_and_add(&slot->sum, value);
}

static __always_inline void record_task(__u64 value)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct hist_task *task = bpf_map_lookup_elem(&hist_tasks, &tgid);

	if (!task) {
		struct hist_task new = {};

		bpf_get_current_comm(new.comm, sizeof(new.comm));
		/* Another thread of the process may be first: its entry will do. */
		bpf_map_update_elem(&hist_tasks, &tgid, &new, BPF_NOEXIST);
		task = bpf_map_lookup_elem(&hist_tasks, &tgid);
	}
	if (task)
		add(&task->total, value);
	else
		__sync_fetch_and_add(&hist_tasks_lost, 1);
}

int hist_record(__u64 value)
{
	__u32 bucket;

	if (!hist_enabled || value < hist_min)
		return -1;
	bucket = log2_of(value) & (HIST_SLOTS - 1);
	add(&hist_slots[bucket], value);
	record_task(value);
	return bucket;
}

/* A process that is gone leaves the map, so that it never fills up with them. */
SEC("tp_btf/sched_process_free")
int BPF_PROG(hist_task_free, struct task_struct *task)
{
	__u32 tgid = task->tgid;

	if (task->pid == task->tgid)
		bpf_map_delete_elem(&hist_tasks, &tgid);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

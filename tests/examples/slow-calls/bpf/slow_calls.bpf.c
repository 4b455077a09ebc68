// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/*
 * Uses another library, `histogram`: a function, a variable and a map of it. It is compiled without that one, and
 * linked with it wherever an application uses it.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <histogram.bpf.h>
#include "slow_calls.bpf.h"

/* Calls that take at least this long are slow. */
const volatile __u64 slow_threshold = 1000000; /* ns */

__u64 slow_count;
__u64 slow_lost; /* the ring buffer was full */

struct slow_start {
	__u64 when; /* 0: in no call */
	__u64 number;
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct slow_start);
} slow_started SEC(".maps");

struct slow_call {
	__u32 pid;
	__u32 tid;
	__u64 number;
	__u64 duration; /* ns */
	/* What the process has spent in slow calls, this one included: from the histogram's map. */
	__u64 total; /* ns */
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 64 * 1024);
} slow_calls SEC(".maps");

/* Never written: it brings the type of the records into BTF, so that it can be compared. */
struct slow_call slow_record;

int slow_begin(__u64 number)
{
	struct slow_start *start;

	/* Without the histogram, nothing uses the times. */
	if (!hist_enabled)
		return 0;
	start = bpf_task_storage_get(&slow_started, bpf_get_current_task_btf(), NULL,
				     BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (start) {
		start->number = number;
		start->when = bpf_ktime_get_ns();
	}
	return 0;
}

int slow_end(void)
{
	struct slow_start *start =
		bpf_task_storage_get(&slow_started, bpf_get_current_task_btf(), NULL, 0);
	__u64 id = bpf_get_current_pid_tgid(), duration;
	struct slow_call *call;
	struct hist_task *task;
	__u32 pid = id >> 32;

	if (!start || !start->when)
		return 0;
	duration = bpf_ktime_get_ns() - start->when;
	start->when = 0;
	if (duration < slow_threshold || hist_record(duration) < 0)
		return 0;
	__sync_fetch_and_add(&slow_count, 1);
	call = bpf_ringbuf_reserve(&slow_calls, sizeof(*call), 0);
	if (!call) {
		__sync_fetch_and_add(&slow_lost, 1);
		return 1;
	}
	task = bpf_map_lookup_elem(&hist_tasks, &pid);
	call->pid = pid;
	call->tid = id;
	call->number = start->number;
	call->duration = duration;
	call->total = task ? task->total.sum : duration;
	bpf_get_current_comm(call->comm, sizeof(call->comm));
	bpf_ringbuf_submit(call, 0);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

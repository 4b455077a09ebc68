// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <histogram.bpf.h>

/* Overrides the library's weak "". */
char hist_unit[16] = "us";

/* The process to look at, 0 for all. */
const volatile __u32 only_tgid = 0;

__u64 switches;

/* When this CPU last switched tasks. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} switched SEC(".maps");

SEC("raw_tp/sched_switch")
int task_leaves(void *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), now = bpf_ktime_get_ns();
	__u64 *since = bpf_map_lookup_elem(&switched, &(__u32){0});
	__u64 start;

	if (!since)
		return 0;
	start = *since;
	*since = now;
	__sync_fetch_and_add(&switches, 1);

	/* The current task is still the one that leaves. Process 0 is an idle CPU. */
	if (start && id && (!only_tgid || only_tgid == id >> 32))
		hist_record((now - start) / 1000);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <histogram.bpf.h>

/* Overrides the library's weak "". */
char hist_unit[16] = "ns";

/* When a thread's system call began; the kernel frees it with the thread. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} started SEC(".maps");

SEC("raw_tp/sys_enter")
int call_begins(void *ctx)
{
	__u64 *start = bpf_task_storage_get(&started, bpf_get_current_task_btf(), NULL,
					    BPF_LOCAL_STORAGE_GET_F_CREATE);

	if (start)
		*start = bpf_ktime_get_ns();
	return 0;
}

SEC("raw_tp/sys_exit")
int call_ends(void *ctx)
{
	__u64 *start = bpf_task_storage_get(&started, bpf_get_current_task_btf(), NULL, 0);

	/* None: the call was under way before this program was attached. */
	if (start && *start) {
		hist_record(bpf_ktime_get_ns() - *start);
		*start = 0;
	}
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

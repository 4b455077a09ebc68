// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* How often tasks move away from their cache. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <topology.bpf.h>

/* The CPU that a thread was on last; the kernel frees it with the thread. */
struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u32);
} last_cpu SEC(".maps");

__u64 by_domain[TOPO_MAX_DOMAINS];

SEC("raw_tp/sys_enter")
int on_call(void *ctx)
{
	__u64 cpu = bpf_get_smp_processor_id();
	__u32 *last = bpf_task_storage_get(&last_cpu, bpf_get_current_task_btf(), NULL,
					   BPF_LOCAL_STORAGE_GET_F_CREATE);
	__u64 domain = topo_domain(cpu);

	if (!last)
		return 0;
	if (domain < TOPO_MAX_DOMAINS)
		__sync_fetch_and_add(&by_domain[domain], 1);
	/* One more than the CPU: 0 is a thread that was not seen yet. */
	if (*last && *last != cpu + 1)
		topo_migration(*last - 1, cpu);
	*last = cpu + 1;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

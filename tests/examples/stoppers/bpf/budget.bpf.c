// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Counts system calls until a budget is used up. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <exit_info.bpf.h>

const volatile __u64 budget = 1000;
__u64 calls;

SEC("raw_tp/sys_enter")
int on_call(void *ctx)
{
	if (!exit_recorded() && __sync_fetch_and_add(&calls, 1) >= budget)
		exit_record(EXIT_DONE, budget, "the budget is used up");
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";

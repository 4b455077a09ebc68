// SPDX-License-Identifier: GPL-2.0 OR BSD-2-Clause
/* Slow system calls. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <slow_calls.bpf.h>

/* Overrides the histogram's weak "": this application uses that library too. */
char hist_unit[16] = "ns";

SEC("raw_tp/sys_enter")
int call_begins(struct bpf_raw_tracepoint_args *ctx)
{
	return slow_begin(ctx->args[1]);
}

SEC("raw_tp/sys_exit")
int call_ends(void *ctx)
{
	return slow_end();
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
